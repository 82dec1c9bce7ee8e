"""Nothing buys off a floor, and what is out of reach is said to be."""

from hypothesis import given
from hypothesis import strategies as st

from policy.selection import Reading, best, floors_out_of_reach, shortfall
from policy.task import Requirement

FLOOR = (Requirement("bread", 0.9),)
shares = st.floats(0, 1)
readings = st.lists(
    st.builds(lambda value, kept: Reading(value, (kept,), 1.0, 1000), st.floats(-1e9, 1e9), shares),
    min_size=1,
    max_size=8,
)


def test_no_objective_makes_up_for_a_broken_floor() -> None:
    rich, safe = Reading(1e12, (0.5,), 1.0, 1000), Reading(-1e12, (0.91,), 1.0, 1000)
    assert best([rich, safe], FLOOR) == 1


@given(readings, st.floats(0, 1e12))
def test_raising_the_objective_of_a_policy_that_breaks_floors_never_makes_it_win(
    found: list[Reading], more: float
) -> None:
    kept = best(found, FLOOR)
    if shortfall(found[kept], FLOOR) > 0:
        return
    for place, reading in enumerate(found):
        if shortfall(reading, FLOOR) > 0:
            richer = [*found[:place], Reading(reading.objective + more, reading.kept, 1.0, 1000), *found[place + 1 :]]
            assert best(richer, FLOOR) == kept


def test_among_those_that_keep_the_floors_the_objective_decides() -> None:
    assert (
        best([Reading(1, (0.9,), 1.0, 1000), Reading(2, (0.9,), 1.0, 1000), Reading(9, (0.8,), 1.0, 1000)], FLOOR) == 1
    )


def test_the_least_shortfall_wins_where_the_floor_is_out_of_reach() -> None:
    found = [Reading(5, (0.5,), 1.0, 10_000), Reading(1, (0.7,), 1.0, 10_000), Reading(2, (0.697,), 1.0, 10_000)]
    assert best(found, FLOOR) == 2
    assert floors_out_of_reach(found, FLOOR) == ("bread",)
    assert floors_out_of_reach([*found, Reading(0, (0.95,), 1.0, 10_000)], FLOOR) == ()


def test_a_trajectory_that_leaves_its_support_counts_against_a_policy() -> None:
    assert best([Reading(9, (0.95,), 0.9, 1000), Reading(1, (0.95,), 1.0, 1000)], FLOOR) == 1
