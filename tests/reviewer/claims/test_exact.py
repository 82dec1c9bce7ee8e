"""Intervals that need no shape of a distribution cover what they say, counted out and not sampled."""

import numpy as np
import pytest
from scipy import stats

from reviewer.claims.exact import mean_bounds, share_bounds


@pytest.mark.parametrize(("count", "total"), [(0, 10), (3, 10), (10, 10), (17, 400)])
def test_the_interval_is_that_of_clopper_and_pearson(count: int, total: int) -> None:
    wanted = stats.binomtest(count, total).proportion_ci(0.999, method="exact")
    assert share_bounds(count, total, 0.999) == pytest.approx((wanted.low, wanted.high), abs=1e-12)


@pytest.mark.parametrize("probability", [0.01, 0.3, 0.5, 0.97])
def test_the_interval_of_a_share_covers(probability: float) -> None:
    total = 40
    counts = np.arange(total + 1)
    inside = [low <= probability <= high for low, high in (share_bounds(int(k), total, 0.9) for k in counts)]
    assert stats.binom.pmf(counts, total, probability)[inside].sum() >= 0.9


@pytest.mark.parametrize("probability", [0.02, 0.5])
def test_the_interval_of_a_mean_covers(probability: float) -> None:
    """For numbers that are 0 or 1 the coverage is a finite sum."""
    total = 60
    inside = []
    for count in range(total + 1):
        low, high = mean_bounds(np.repeat([1.0, 0.0], [count, total - count]), 0.0, 1.0, 0.9)
        inside.append(low <= probability <= high)
    assert stats.binom.pmf(np.arange(total + 1), total, probability)[inside].sum() >= 0.9


def test_the_interval_of_a_mean_narrows() -> None:
    values = np.tile([0.4, 0.6], 50_000)
    low, high = mean_bounds(values, 0.0, 1.0, 0.999)
    assert low < 0.5 < high
    assert high - low < 0.004
