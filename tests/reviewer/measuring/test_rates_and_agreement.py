import pytest

from reviewer.measuring.agreement import agreement, fleiss
from reviewer.measuring.rates import miss_rate


def test_no_misses_bound_the_rate() -> None:
    assert [round(100 * miss_rate(0, shown).at_most, 1) for shown in (20, 60, 100)] == [13.9, 4.9, 3.0]
    assert miss_rate(0, 0).at_most == 1.0


@pytest.mark.parametrize(("misses", "shown"), [(1, 10), (5, 10), (10, 10)])
def test_the_interval_holds_the_rate(misses: int, shown: int) -> None:
    rate = miss_rate(misses, shown)
    assert 0 <= rate.low <= misses / shown <= rate.high <= 1


def test_fleiss_of_the_textbook_table() -> None:
    # Ten subjects, fourteen raters, five categories: kappa .210.
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    assert fleiss(counts) == pytest.approx(0.210, abs=5e-4)


def test_all_alike_leaves_kappa_undefined() -> None:
    assert fleiss([[3, 0], [3, 0]]) is None


def test_agreement_by_groups_and_pairs() -> None:
    ballots = {
        1: {"ada": "approve", "bea": "approve"},
        2: {"ada": "object", "bea": "object"},
        3: {"ada": "approve", "bea": "object", "cem": "approve"},
        4: {"ada": "object", "bea": "object", "cem": "approve"},
    }
    found = {entry.who: entry for entry in agreement(ballots)}
    assert found["requests with 2 voters"].kappa == pytest.approx(1.0)
    assert found["ada and bea"].subjects == 4
    assert found["ada and bea"].kappa == pytest.approx(0.5)
