"""A CSV file to a table of numbers on a regular time grid: what assistants read, and nobody else.

Strict: a number is a plain decimal number, and an empty cell, `NaN`, `1,234` or `n/a` is a problem with its row and
column. All problems of a file are reported at once. Columns that nobody asks for are not looked at.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldmodel.data.text import Text, capped, identifier, read_text
from worldmodel.data.times import Grid, read_times
from worldmodel.errors import InputError, Problem

Column = NDArray[np.float64]

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


@dataclass(frozen=True)
class Table:
    """Columns of finite numbers, one row a step; arrays are read-only. `digest` is of the file's bytes.

    Rows without a time column are cases of a static world; `grid` is then None and `times` are their numbers.
    """

    where: str
    digest: str
    times: tuple[str, ...]
    grid: Grid | None
    columns: Mapping[str, Column]


@dataclass
class _Problems:
    """What is wrong with a file so far, so that one bad column does not hide the next."""

    found: list[Problem] = field(default_factory=list)

    def finish(self) -> None:
        if self.found:
            raise InputError(capped(self.found))


def read_table(
    path: Path,
    time: str | None,
    columns: Collection[str] | None = None,
    names: Mapping[str, tuple[str, ...]] | None = None,
    where: str | None = None,
) -> Table:
    """The named columns of a CSV file, all but the time column if none are named.

    `names` lists the named values of columns that hold such; each is read as its place in the list. The element
    `infected[north]` of a family stands in the column `infected_north`. Raises InputError.
    """
    text = read_text(path, where or str(path))
    clock = None if time is None else identifier(time)
    wanted = [name for name in text.header if name != clock] if columns is None else list(columns)
    needed = [*([clock] if clock else []), *wanted]
    problems = _Problems([_missing(text, name) for name in needed if identifier(name) not in text.header])
    grid = _grid(text, clock, problems) if clock in text.header else None
    arrays = {
        name: _column(text, identifier(name), (names or {}).get(name), problems)
        for name in sorted(wanted)
        if identifier(name) in text.header
    }
    problems.finish()
    rows = len(next(iter(arrays.values()), ()))
    times = text.column(clock) if clock else tuple(map(str, range(1, rows + 1)))
    return Table(text.where, text.digest, times, grid, arrays)


def parse_number(cell: str) -> float | None:
    """A finite number in plain decimal or scientific writing; None for anything else."""
    value = float(cell) if len(cell) <= 60 and _NUMBER.fullmatch(cell) else math.nan
    return value if math.isfinite(value) else None


def _missing(text: Text, name: str) -> Problem:
    return Problem(
        code="data-missing-column",
        where=text.where,
        found=f"no column “{name}”; there are {', '.join(text.header[:30])}",
        wanted=f"a column named {name}",
        mend=f"rename the column, or say observed = false in variables/{name}.toml and give it a measurement",
    )


def _grid(text: Text, clock: str | None, problems: _Problems) -> Grid | None:
    if clock is None:
        return None
    try:
        return read_times(text.column(clock), text.where, clock)
    except InputError as error:
        problems.found.extend(error.problems)
        return None


def _column(text: Text, name: str, values: tuple[str, ...] | None, problems: _Problems) -> Column:
    cells = text.column(name)
    numbers = [values.index(cell) if cell in values else None for cell in cells] if values else map(parse_number, cells)
    read = list(numbers)
    problems.found.extend(_bad_cells(text, name, cells, read, values))
    array = np.array([math.nan if number is None else number for number in read], dtype=np.float64)
    array.flags.writeable = False
    return array


def _bad_cells(
    text: Text, name: str, cells: tuple[str, ...], read: list[float | None], values: tuple[str, ...] | None
) -> Iterator[Problem]:
    for row, (cell, number) in enumerate(zip(cells, read, strict=True), start=2):
        if number is None:
            yield Problem(
                code="data-bad-cell",
                where=text.where,
                part=f"row {row}, column {name}",
                found=f"“{cell[:80]}”" if cell else "an empty cell",
                wanted=f"one of {', '.join(values)}" if values else "a finite number such as 4.2 or -1.5e3",
                mend="correct the cell; a value that is not known has no place in a fit",
            )
