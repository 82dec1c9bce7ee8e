import baycomp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.behaviour.signed_rank import PRIOR, signed_rank


def _brute(z: np.ndarray, region: float) -> list[float]:
    """The posterior means from the moments of the Dirichlet law, pair by pair."""
    points, weights = np.concatenate(([0.0], z)), np.concatenate(([PRIOR], np.ones(len(z))))
    total = weights.sum()
    found = np.zeros(3)
    for i, one in enumerate(points):
        for j, other in enumerate(points):
            moment = weights[i] * (weights[j] + (i == j)) / (total * (total + 1))
            both = one + other
            low = (both < -2 * region) + 0.5 * (both == -2 * region)
            high = (both > 2 * region) + 0.5 * (both == 2 * region)
            found += moment * np.array([low, 1 - low - high, high])
    return [float(share) for share in found]


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=12), st.integers(0, 3))
def test_shares_are_the_exact_dirichlet_moments(z: list[int], region: int) -> None:
    test = signed_rank(np.array(z) / 2, region / 2, draws=10)
    assert [test.share.below, test.share.inside, test.share.above] == pytest.approx(
        _brute(np.array(z) / 2, region / 2), abs=1e-12
    )


@pytest.mark.parametrize("region", [0.05, 0.3])
def test_agrees_with_baycomp(region: float) -> None:
    z = np.random.default_rng(3).normal(0.15, 0.4, 30)
    test = signed_rank(z, region, draws=20_000, seed=2)
    sampled = baycomp.SignedRankTest.sample(np.zeros(30), z, region, nsamples=4000, random_state=1)
    assert [test.share.below, test.share.inside, test.share.above] == pytest.approx(sampled.mean(axis=0), abs=0.01)
    peer = baycomp.SignedRankTest(np.zeros(30), z, region, nsamples=20_000, random_state=1).probs()
    ours = [test.probability.below, test.probability.inside, test.probability.above]
    assert ours == pytest.approx(peer, abs=0.02)


def test_a_clear_gain_is_above_and_equal_scores_are_inside() -> None:
    assert signed_rank(np.full(40, 1.0), 0.1).probability.above == 1.0
    assert signed_rank(np.zeros(40), 0.1).probability.inside == 1.0


@pytest.mark.parametrize("bad", [[], [float("nan")], [[1.0]]])
def test_refuses_what_is_no_row_of_numbers(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        signed_rank(bad, 0.1)
