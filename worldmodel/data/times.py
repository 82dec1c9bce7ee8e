"""The time column: texts to a regular grid without duplicates or gaps.

Laws speak of `x[t-1]`, so that row t−1 must be one step before row t, everywhere. Read are quarters (1959Q1), months
(1959-01, 1959M1), days (1959-01-31) and whole numbers (years or a count of steps). Dates that all fall on the same day
of a month, or on its last day, are months.
"""

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, assert_never

from worldmodel.errors import InputError, Problem

Kind = Literal["quarter", "month", "day", "number"]

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("quarter", re.compile(r"([0-9]{4})[- ]?[Qq]([1-4])")),
    ("month", re.compile(r"([0-9]{4})(?:-|[Mm])(0?[1-9]|1[0-2])")),
    ("day", re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")),
    ("number", re.compile(r"([+-]?[0-9]{1,9})")),
)
_WORDS = {("quarter", 1): "quarter", ("quarter", 4): "year", ("month", 1): "month", ("month", 3): "quarter"}
_WORDS |= {("month", 12): "year", ("day", 1): "day", ("day", 7): "week"}


@dataclass(frozen=True)
class Grid:
    """A regular time grid: what its times count, and how many of those one step is."""

    kind: Kind
    stride: int

    @property
    def step(self) -> str | None:
        """The step as a unit of time; None where the times are plain numbers or the step has no name of its own."""
        return _WORDS.get((self.kind, self.stride))


def read_times(cells: Sequence[str], where: str, column: str) -> Grid:
    """The grid that a time column makes; InputError with every cell that is not on it. Rows count from 2."""
    moments = [_moment(cell) for cell in cells]
    kind = Counter(moment[0] for moment in moments if moment).most_common(1)[0][0] if any(moments) else None
    problems = [
        _unread(cell, where, row, column, kind)
        for row, (cell, moment) in enumerate(zip(cells, moments, strict=True), start=2)
        if moment is None or moment[0] != kind
    ]
    if problems or kind is None:
        raise InputError(problems)
    kind, places = _as_months(kind, [moment[1] for moment in moments if moment])
    problems = list(_irregular(cells, places, where, column))
    if problems:
        raise InputError(problems)
    return Grid(kind, places[1] - places[0] if len(places) > 1 else 1)


def _moment(cell: str) -> tuple[Kind, int] | None:
    for kind, pattern in _PATTERNS:
        match = pattern.fullmatch(cell)
        if match:
            return _place(kind, [int(group) for group in match.groups()])
    return None


def _place(kind: Kind, numbers: list[int]) -> tuple[Kind, int] | None:
    match kind:
        case "quarter":
            return kind, numbers[0] * 4 + numbers[1] - 1
        case "month":
            return kind, numbers[0] * 12 + numbers[1] - 1
        case "number":
            return kind, numbers[0]
        case "day":
            try:
                return kind, dt.date(*numbers).toordinal()
            except ValueError:
                return None
        case _:
            assert_never(kind)


def _as_months(kind: Kind, places: list[int]) -> tuple[Kind, list[int]]:
    """Days that are the same day of each month, or each month's last, count months."""
    if kind != "day" or len(places) < 2:
        return kind, places
    dates = [dt.date.fromordinal(place) for place in places]
    same = len({date.day for date in dates}) == 1
    last = all(date.day == calendar.monthrange(date.year, date.month)[1] for date in dates)
    return ("month", [date.year * 12 + date.month - 1 for date in dates]) if same or last else (kind, places)


def _unread(cell: str, where: str, row: int, column: str, kind: Kind | None) -> Problem:
    return Problem(
        code="data-bad-time",
        where=where,
        part=f"row {row}, column {column}",
        found=f"“{cell[:80]}”" if cell else "an empty cell",
        wanted="a quarter (1959Q1), month (1959-01), day (1959-01-31) or whole number"
        + (f", all {kind}s" if kind else ""),
        mend="write every time in one of these ways",
    )


def _irregular(cells: Sequence[str], places: list[int], where: str, column: str) -> Iterator[Problem]:
    """Times twice, times out of order, and gaps; the step is the commonest distance."""
    distances = Counter(after - before for before, after in pairwise(places) if after > before)
    stride = min(distances, key=lambda distance: (-distances[distance], distance), default=1)
    first_row: dict[int, int] = {}
    for row, (cell, place) in enumerate(zip(cells, places, strict=True), start=2):
        before = places[row - 3] if row > 2 else None
        part = f"row {row}, column {column}"
        if place in first_row:
            found, wanted = f"“{cell}” a second time, first in row {first_row[place]}", "each time once"
            yield Problem(
                code="data-duplicate-time",
                where=where,
                part=part,
                found=found,
                wanted=wanted,
                mend="remove one of the rows",
            )
        elif before is not None and place < before:
            found, wanted = f"“{cell}” after “{cells[row - 3]}”", "rows in the order of time"
            yield Problem(
                code="data-time-order", where=where, part=part, found=found, wanted=wanted, mend="sort the rows by time"
            )
        elif before is not None and place != before + stride:
            yield _gap(where, part, f"“{cell}” after “{cells[row - 3]}”", place - before, stride)
        first_row.setdefault(place, row)


def _gap(where: str, part: str, found: str, distance: int, stride: int) -> Problem:
    missing = (
        f", {distance // stride - 1} step(s) missing"
        if distance % stride == 0
        else ", which is no whole number of steps"
    )
    return Problem(
        code="data-gap",
        where=where,
        part=part,
        found=found + missing,
        wanted="one row for every step",
        mend="add the missing rows, or begin after the gap; a gap is never filled in silently",
    )
