"""A data file to a world that checks, fits and simulates at once: for each column a variable and an AR(1) mechanism.

A beginning to be argued with, not a model: no column affects another. From the data it takes the columns' names,
whether all values are above zero, each column's median to one digit and its order of magnitude, the names that a column
of names holds, and the last value before the held-out part (where simulation begins). Each file says so.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from worldmodel.data.named_columns import NamedColumn, named_column
from worldmodel.data.starting_files import ColumnFacts, WorldFacts, mechanism_file, variable_file, world_file
from worldmodel.data.table import parse_number
from worldmodel.data.text import Text, capped, read_text
from worldmodel.data.times import Grid, read_times
from worldmodel.errors import InputError, Problem
from worldmodel.units import parse_unit

FEWEST_ROWS = 12
HELD_OUT_SHARE = 0.2
_TIME_WORDS = frozenset({"time", "date", "day", "week", "month", "quarter", "year", "period", "step", "index"})


def starting_columns(path: Path) -> dict[str, str]:
    """The columns that will be variables, whose units are to be asked for: identifier to title; raises InputError."""
    text = read_text(path, path.name)
    clock, _ = _time_column(text)
    columns, _ = _columns(text, clock, len(text.rows) - math.floor(HELD_OUT_SHARE * len(text.rows)))
    return {column.name: column.title for column in columns if isinstance(column, ColumnFacts)}


def starting_world(path: Path, units: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The component files for a CSV or Parquet file that will stand at `data/` under its own name; raises InputError.

    `units` are by the columns' identifiers; a column without one is marked as to be filled in.
    """
    text = read_text(path, path.name)
    clock, grid = _time_column(text)
    holdout = math.floor(HELD_OUT_SHARE * len(text.rows))
    columns, left_out = _columns(text, clock, len(text.rows) - holdout)
    known = _units(units or {}, [column.name for column in columns if isinstance(column, ColumnFacts)])
    facts = WorldFacts(path.name, clock, _step(grid), holdout, tuple(left_out))
    files = {"world.toml": world_file(facts)}
    for column in columns:
        own = replace(column, unit=known.get(column.name)) if isinstance(column, ColumnFacts) else column
        files[f"variables/{column.name}.toml"] = variable_file(own)
        files[f"mechanisms/{column.name}_persistence.toml"] = mechanism_file(own)
    return {path: content.encode("utf-8") for path, content in sorted(files.items())}


def _units(units: Mapping[str, str], columns: Collection[str]) -> Mapping[str, str]:
    """The units after checking that each can be read and belongs to a column."""
    problems = [
        Problem(
            code="data-unknown-unit",
            where="--unit",
            part=name,
            found=f"a unit for “{name}”, which is no variable of the file",
            wanted=f"one of {', '.join(columns)}",
            mend="correct the name; names are read in lower case, with _ for what is no letter or digit",
        )
        for name in units
        if name not in columns
    ]
    for name, unit in units.items():
        try:
            parse_unit(unit)
        except InputError as error:
            problems.extend(replace(problem, where="--unit", part=name) for problem in error.problems)
    if problems:
        raise InputError(problems)
    return units


def _time_column(text: Text) -> tuple[str, Grid]:
    """The first column with a name of time that reads as a grid, else the first column if it does."""
    named = [name for name in text.header if _TIME_WORDS & set(name.split("_"))]
    problems: list[Problem] = []
    for name in (*named, text.header[0]):
        try:
            return name, read_times(text.column(name), text.where, name)
        except InputError as error:
            problems.extend(error.problems)
    if named:
        raise InputError(capped(dict.fromkeys(problems)))
    raise InputError(
        Problem(
            code="data-no-time",
            where=text.where,
            found=f"no column that reads as time; there are {', '.join(text.header[:30])}",
            wanted="a column named date, quarter, month, year or time, such as 1959Q1, 1959Q2, …",
            mend="add one; rows need an order and a distance",
        )
    )


def _columns(text: Text, clock: str, fitted: int) -> tuple[list[ColumnFacts | NamedColumn], list[str]]:
    """The columns to model, and those left out because they hold no number and no names, or run evenly."""
    problems = list(_too_short(text, fitted))
    columns: list[ColumnFacts | NamedColumn] = []
    left_out = []
    for name, title in zip(text.header, text.titles, strict=True):
        cells = text.column(name)
        numbers = [parse_number(cell) for cell in cells]
        known = [number for number in numbers if number is not None]
        if name == clock:
            continue
        if not known and (named := named_column(name, title, cells, fitted)) is not None:
            columns.append(named)
        elif not known or (len(known) == len(cells) and _runs_evenly(known[:fitted])):
            left_out.append(title)
        elif len(known) < len(cells):
            problems.extend(_bad_cells(text.where, name, cells, numbers))
        else:
            last = known[fitted - 1]
            typical, size = _usual(known[:fitted]), _magnitude(known[:fitted])
            columns.append(ColumnFacts(name, title, min(known) > 0, typical, size, last))
    if problems:
        raise InputError(capped(problems))
    if not columns:
        raise InputError(_no_numbers(text))
    return columns, left_out


def _runs_evenly(values: list[float]) -> bool:
    """Whether a column never changes or counts in equal steps, which leaves a law nothing to learn."""
    steps = [after - before for before, after in pairwise(values)]
    return max(steps, default=0.0) - min(steps, default=0.0) <= 1e-9 * max(map(abs, steps), default=0.0)


def _usual(values: list[float]) -> float:
    """The median to one digit."""
    return float(f"{sorted(values)[len(values) // 2]:.0e}")


def _magnitude(values: list[float]) -> int:
    """The power of ten of the typical size of what is not zero."""
    sizes = sorted(abs(value) for value in values if value)
    return round(math.log10(sizes[len(sizes) // 2])) if sizes else 0


def _step(grid: Grid) -> str:
    """The step's unit of time. Plain numbers are taken for years, which the user corrects where they are not."""
    return grid.step or ("year" if grid.kind == "number" else grid.kind)


def _bad_cells(where: str, name: str, cells: tuple[str, ...], numbers: list[float | None]) -> Iterator[Problem]:
    for row, (cell, number) in enumerate(zip(cells, numbers, strict=True), start=2):
        if number is None:
            yield Problem(
                code="data-bad-cell",
                where=where,
                part=f"row {row}, column {name}",
                found=f"“{cell[:80]}”" if cell else "an empty cell",
                wanted="a finite number such as 4.2 or -1.5e3, as in the column's other rows",
                mend="correct the cell, or take the column out of the file",
            )


def _too_short(text: Text, fitted: int) -> Iterator[Problem]:
    if len(text.rows) < FEWEST_ROWS:
        yield Problem(
            code="data-too-short",
            where=text.where,
            found=f"{len(text.rows)} rows, of which {fitted} would be fitted",
            wanted=f"at least {FEWEST_ROWS}",
            mend="use more data",
        )


def _no_numbers(text: Text) -> Problem:
    return Problem(
        code="data-no-numbers",
        where=text.where,
        found="no column of numbers that change, besides the time",
        wanted="one or more",
        mend="write numbers as 4.2 or -1.5e3",
    )
