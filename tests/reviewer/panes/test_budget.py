"""How much a review runs: never more than it may, never nothing."""

from hypothesis import given
from hypothesis import strategies as st

from reviewer.panes.budget import budget


@given(st.integers(1, 10**7), st.integers(1, 10**6), st.integers(1, 10_000), st.integers(1, 2))
def test_all_runs_together_stay_within_the_work(work: int, operations: int, horizon: int, sources: int) -> None:
    own = budget(work, operations, horizon, sources)
    assert 1 <= own.horizon <= max(horizon, 4)
    steps = own.horizon * sources + own.resting + own.pushes * own.push_steps
    assert steps <= max(0.9 * work / operations, 0) + 4 * sources + 1 + 4
    assert own.states >= 4


def test_a_small_world_is_run_as_far_as_was_asked_for() -> None:
    own = budget(400_000, 300, 40, 2)
    assert (own.horizon, own.pushes, own.push_steps) == (40, 4, 20)
