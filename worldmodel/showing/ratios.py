"""Two numbers compared in words: how much one changed, with as many digits as it takes to tell them apart."""

from collections.abc import Sequence
from math import isclose

_WORDS = {2.0: "doubled", 3.0: "tripled", 4.0: "quadrupled", 0.5: "halved", 0.25: "fell to a quarter"}


def change_in_words(before: float, after: float) -> str:
    """What happened to a number, as a verb.

    >>> [change_in_words(*pair) for pair in ((1, 2), (2, 1.5), (1, 7), (1, -1), (0, 3), (5, 0.5))]
    ['doubled', 'fell by 25 %', 'became 7 times as large', 'CHANGED SIGN', 'rose from zero', 'fell by 90 %']
    """
    if before * after < 0:
        return "CHANGED SIGN"
    if before == 0 or after == 0:
        up = after > before
        return f"{'rose' if up else 'fell'} {'from' if before == 0 else 'to'} zero"
    ratio = after / before
    for known, word in _WORDS.items():
        if isclose(ratio, known, rel_tol=1e-6):
            return word if after > 0 else f"{word} in size"
    if ratio > 2:
        return f"became {ratio:.3g} times as large"
    if 0 < ratio < 0.01:
        return f"fell to {ratio:.2g} of what it was" if after > 0 else f"shrank to {ratio:.2g} of its size"
    # Of negative numbers the one of smaller size is the larger one.
    verb = "rose" if after > before else "fell"
    return f"{verb} by {_percent(abs(ratio - 1))}"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.3g} %"


def told_apart(before: Sequence[float], after: Sequence[float]) -> tuple[list[str], list[str]]:
    """Both rows of numbers as texts, with the fewest digits (3 at least) that show every difference.

    >>> told_apart([0.1234567], [0.1234599])
    (['0.123457'], ['0.12346'])
    """
    for digits in (*range(3, 17), 17):
        texts = [f"{value:.{digits}g}" for value in before], [f"{value:.{digits}g}" for value in after]
        if all(a != b or x == y for a, b, x, y in zip(*texts, before, after, strict=True)):
            break
    return texts


def from_to(before: float, after: float, unit: str = "1") -> str:
    """`0.12 → 0.24 per year`."""
    (old,), (new,) = told_apart([before], [after])
    return f"{old} → {new}{spelled(unit)}"


def spelled(unit: str) -> str:
    """A unit as it is spoken behind a number.

    >>> [spelled(unit) for unit in ("1", "1/year", "percent/year", "m**3")]
    ['', ' per year', ' percent per year', ' m^3']
    """
    if unit == "1":
        return ""
    words = unit.removeprefix("1").replace("**", "^").replace("*", "·").replace("/", " per ")
    return f" {words.strip()}"
