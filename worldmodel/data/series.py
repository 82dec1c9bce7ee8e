"""A world's data: a table held against the world's variables, and cut into the part to fit and the part to judge by.

Reads the file that `world.toml` names. Only assistants may open it; what they learn leaves as posteriors of limited
precision.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldmodel.components.variable import Support, VariableFile
from worldmodel.components.world import DataSource
from worldmodel.data.table import Column, Table, read_table
from worldmodel.data.text import capped
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.units import parse_unit
from worldmodel.world import World


@dataclass(frozen=True)
class Series:
    """The observed variables step by step. Steps from `split` on are held out: fit on those before, judge by these.

    `values` has all steps, since the first held-out step needs the lags before it.
    """

    times: tuple[str, ...]
    values: Mapping[str, Column]
    split: int
    digest: str

    @property
    def fit(self) -> Mapping[str, Column]:
        """The part that parameters may be fitted to."""
        return {name: column[: self.split] for name, column in self.values.items()}

    @property
    def held_out(self) -> Mapping[str, Column]:
        """The part that forecasts are judged by."""
        return {name: column[self.split :] for name, column in self.values.items()}


def read_series(world: World, folder: Path) -> Series:
    """The data of the world in a folder; raises InputError with all that is wrong with them."""
    source = _source(world)
    path = _inside(folder, source.file)
    observed = {name: entry.file for name, entry in ground(world).variables.items() if entry.file.observed}
    names = {name: file.support.values for name, file in observed.items() if file.support.kind == "finite"}
    return to_series(read_table(path, source.time, list(observed), names, where=source.file), world)


def to_series(table: Table, world: World) -> Series:
    """A table's columns for the world's observed variables, within their supports, split where `holdout` says."""
    source = _source(world)
    observed = {name: entry.file for name, entry in ground(world).variables.items() if entry.file.observed}
    steps = len(table.times)
    problems = [
        *_missing_variables(table, observed),
        *(_step_problems(table, world.header.step) if world.header.step is not None else ()),
        *_holdout_problems(steps, source.holdout, world.longest_lag),
        *(p for name, file in observed.items() if name in table.columns for p in _outside(table, name, file.support)),
    ]
    if problems:
        raise InputError(capped(problems))
    values = {name: table.columns[name] for name in sorted(observed)}
    return Series(table.times, values, steps - source.holdout, table.digest)


def _source(world: World) -> DataSource:
    if world.header.data is None:
        raise InputError(
            Problem(
                code="data-no-source",
                where="world.toml",
                part="data",
                found="no [data]",
                wanted="the data file, its time column, and how many last rows are held out",
                mend='add [data] with file = "data/NAME.csv", time = "COLUMN", holdout = 40',
            )
        )
    return world.header.data


def _inside(folder: Path, file: str) -> Path:
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputError(
            Problem(
                code="data-outside-world",
                where="world.toml",
                part="data.file",
                found=f"“{file[:200]}”, which is not in the world's folder",
                wanted="a relative path such as data/macro.csv",
                mend="copy the data into the world's folder data/",
            )
        )
    return path


def _missing_variables(table: Table, observed: Mapping[str, VariableFile]) -> Iterator[Problem]:
    for name in sorted(set(observed) - set(table.columns)):
        yield Problem(
            code="data-missing-column",
            where=table.where,
            found=f"no column “{name}”; there are {', '.join(list(table.columns)[:30])}",
            wanted=f"a column for variables/{name}.toml, which is observed",
            mend="add or rename the column",
        )


def _step_problems(table: Table, step: str) -> Iterator[Problem]:
    found = None if table.grid is None else table.grid.step
    if found is not None and not parse_unit(found).agrees(parse_unit(step)):
        yield Problem(
            code="data-wrong-step",
            where=table.where,
            found=f"one row a {found}",
            wanted=f"one row a {step}, as world.toml says",
            mend="correct `step` in world.toml, or add up the rows",
        )


def _holdout_problems(steps: int, holdout: int, lag: int) -> Iterator[Problem]:
    if steps - holdout <= lag:
        yield Problem(
            code="data-too-short",
            where="world.toml",
            part="data.holdout",
            found=f"{holdout} of {steps} rows are held out",
            wanted=f"more than {lag} rows left to fit, since laws look back {lag} step(s)",
            mend="hold out fewer, or use more data",
        )


def _outside(table: Table, name: str, support: Support) -> Iterator[Problem]:
    """Values that the variable's own file rules out."""
    column = table.columns[name]
    outside = np.zeros(len(column), dtype=bool)
    outside |= (column < support.lower) if support.lower is not None else False
    outside |= (column > support.upper) if support.upper is not None else False
    outside |= (column != np.round(column)) if support.kind == "integer" else False
    for place in np.flatnonzero(outside):
        yield Problem(
            code="data-outside-support",
            where=table.where,
            part=f"row {place + 2}, column {name}",
            found=f"{column[place]:g}",
            wanted=f"a value of the support in variables/{name}.toml ({_words(support)})",
            mend="correct the cell or widen the support",
        )


def _words(support: Support) -> str:
    lower = "−∞" if support.lower is None else f"{support.lower:g}"
    upper = "∞" if support.upper is None else f"{support.upper:g}"
    return f"{support.kind}, {lower} to {upper}"
