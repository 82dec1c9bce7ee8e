"""Exact and resampled intervals against known answers."""

import pytest
import torch
from scipy.stats import binomtest

from policy.intervals import bootstrap, clopper_pearson, mean_interval


def test_nothing_in_sixty_trials_leaves_4_9_percent() -> None:
    lower, upper = clopper_pearson(0, 60)
    assert lower == 0
    assert upper == pytest.approx(0.0487, abs=5e-5)


@pytest.mark.parametrize(("events", "trials"), [(1, 10), (5, 10), (37, 1000), (999, 1000)])
def test_bounds_agree_with_scipy(events: int, trials: int) -> None:
    two_sided = binomtest(events, trials).proportion_ci(confidence_level=0.90, method="exact")
    assert clopper_pearson(events, trials) == pytest.approx((two_sided.low, two_sided.high))


def test_everything_and_nonsense() -> None:
    assert clopper_pearson(7, 7).upper == 1
    with pytest.raises(ValueError, match="8 events in 7 trials"):
        clopper_pearson(8, 7)


def test_the_bootstrap_of_a_mean_is_the_interval_of_a_mean() -> None:
    values = torch.randn(400, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    resampled, exact = bootstrap(values, lambda rows: float(rows.mean()), seed=1), mean_interval(values)
    assert resampled == pytest.approx(exact, abs=0.02)
    assert bootstrap(values, lambda rows: float(rows.mean()), seed=1) == resampled
