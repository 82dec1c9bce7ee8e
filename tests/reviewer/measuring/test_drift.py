import pytest

from reviewer.measuring.drift import Reviewed, drift


def test_a_reviewer_who_stops_asking_is_seen() -> None:
    careful = [Reviewed(number, number % 2 == 0, 4) for number in range(20)]
    tired = [Reviewed(number, True, 0) for number in range(20, 40)]
    found = drift(careful + tired)
    assert found is not None
    assert (found.early.approved, found.late.approved) == (0.5, 1.0)
    assert (found.early.remarks, found.late.remarks) == (4.0, 0.0)
    assert found.approved_p < 0.01
    assert found.remarks_p < 0.001


def test_a_steady_reviewer_is_not() -> None:
    found = drift([Reviewed(number, number % 3 > 0, 2) for number in range(30)])
    assert found is not None
    assert found.approved_p > 0.5
    assert found.remarks_p == 1.0


@pytest.mark.parametrize("count", [0, 5])
def test_few_requests_say_nothing(count: int) -> None:
    assert drift([Reviewed(number, True, 0) for number in range(count)]) is None
