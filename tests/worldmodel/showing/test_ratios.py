"""Changes of numbers are said as they are: never a doubling that is none, never a flip of sign in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.showing.ratios import change_in_words, from_to, spelled, told_apart

numbers = st.floats(-1e6, 1e6, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-6)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (0.12, 0.24, "doubled"),
        (1.0, 2.01, "became 2.01 times as large"),
        (4, 2, "halved"),
        (1, 1.3, "rose by 30 %"),
        (1, 1.004, "rose by 0.4 %"),
        (10, 0.2, "fell by 98 %"),
        (10, 1e-8, "fell to 1e-09 of what it was"),
        (-10, -1e-8, "shrank to 1e-09 of its size"),
        (-1, -2, "doubled in size"),
        (-2, -1.5, "rose by 25 %"),
        (0.1, -0.1, "CHANGED SIGN"),
        (0, -3, "fell from zero"),
        (-3, 0, "rose to zero"),
    ],
)
def test_the_words_fit_the_numbers(before: float, after: float, words: str) -> None:
    assert change_in_words(before, after) == words


@given(numbers, numbers)
def test_signs_and_directions_are_never_wrong(before: float, after: float) -> None:
    words = change_in_words(before, after)
    assert (words == "CHANGED SIGN") == (before * after < 0)
    if words.startswith("rose"):
        assert after >= before
    if words.startswith("fell"):
        assert after <= before
    if words == "doubled":
        assert after == pytest.approx(2 * before)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_numbers_that_differ_look_different(pairs: list[tuple[float, float]]) -> None:
    before, after = told_apart([a for a, _ in pairs], [b for _, b in pairs])
    for (a, b), x, y in zip(pairs, before, after, strict=True):
        assert (x == y) == (a == b)


def test_units_are_spoken() -> None:
    assert from_to(0.12, 0.24, "1/year") == "0.12 → 0.24 per year"
    assert spelled("dollar/person/year") == " dollar per person per year"
