"""What happened: a trajectory of which all or some was observed, and its file.

The file is CSV: a column `step` that counts on by one, and a column for each variable that was observed, with empty
cells where it was not. Rows up to step 0 are the values from which the world was taken up. Finite variables have the
names of their values.
"""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.simulation.support import Within
from worldmodel.world import World

_MOST_BYTES = 64 * 1024 * 1024
_MOST_PROBLEMS = 50
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_STEP = re.compile(r"-?[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True)
class Factual:
    """Observed values by variable and step; what is not there was not observed. Steps 1 to `horizon` happened."""

    values: Mapping[str, Mapping[int, float]]
    horizon: int

    def at(self, name: str, step: int) -> float | None:
        """A value, where it was observed."""
        return self.values.get(name, {}).get(step)

    def whole(self, name: str) -> bool:
        """Whether a variable was observed at every step from 1 on."""
        return all(self.at(name, step) is not None for step in range(1, self.horizon + 1))


def read_factual(world: World, path: Path) -> Factual:
    """The factual trajectory of a file; raises InputError with all that is wrong with it."""
    where = path.name
    rows = _rows(path, where)
    header, body = [title.strip() for title in rows[0]], rows[1:]
    problems = list(_shape_problems(header, body, where))
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    steps = [int(row[0]) for row in body]
    world = ground(world)
    values: dict[str, dict[int, float]] = {}
    for place, name in enumerate(header[1:], start=1):
        cells = {step: row[place].strip() for step, row in zip(steps, body, strict=True) if row[place].strip()}
        names = world.variables[name].file.support.values if name in world.variables else ()
        values[name] = {step: number for step, cell in cells.items() if (number := _number(cell, names)) is not None}
        problems += [_cell(where, name, step, cell) for step, cell in cells.items() if step not in values[name]]
    factual = Factual(values, steps[-1])
    problems += _problems(world, factual, where)
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return factual


def check_factual(world: World, factual: Factual, where: str = "factual") -> None:
    """Raises InputError for variables that are not there and values outside their supports."""
    problems = _problems(ground(world), factual, where)
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])


def _problems(world: World, factual: Factual, where: str) -> list[Problem]:
    found = [_unknown(name, where) for name in factual.values if name not in world.variables]
    for name, series in factual.values.items():
        if name in world.variables:
            support = Within.of(world.variables[name].file.support)
            wrong = {
                step: value for step, value in series.items() if not (math.isfinite(value) and support.holds(value))
            }
            found += [_outside(name, step, value, support, where) for step, value in wrong.items()]
    return found


def _unknown(name: str, where: str) -> Problem:
    return Problem(
        code="unknown-name",
        where=where,
        found=f"the variable “{name[:200]}”",
        wanted="a variable of this world",
        mend="correct the name of the column",
    )


def _outside(name: str, step: int, value: float, support: Within, where: str) -> Problem:
    return Problem(
        code="data-outside-support",
        where=where,
        part=f"{name}, step {step}",
        found=f"{value:g}",
        wanted=str(support),
        mend="correct the cell or widen the support",
    )


def _rows(path: Path, where: str) -> list[list[str]]:
    content = path.read_bytes()
    if len(content) > _MOST_BYTES:
        raise InputError(_too_large(where, len(content)))
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(_malformed(where, str(error)[:200])) from error
    return [row for row in rows if any(cell.strip() for cell in row)] or [[]]


def _shape_problems(header: Sequence[str], body: Sequence[Sequence[str]], where: str) -> Iterator[Problem]:
    if header[:1] != ["step"] or len(header) < 2 or len(set(header)) < len(header) or not body:
        yield _malformed(where, f"a header {','.join(header)[:200]} and {len(body)} rows")
    elif any(len(row) != len(header) for row in body):
        yield _malformed(where, f"rows that have not {len(header)} cells")
    elif not all(_STEP.fullmatch(row[0].strip()) for row in body):
        yield _malformed(where, "steps that are no whole numbers")
    else:
        steps = [int(row[0]) for row in body]
        if steps != list(range(steps[0], steps[0] + len(steps))) or steps[0] > 1 or steps[-1] < 1:
            yield _malformed(where, f"steps from {steps[0]} to {steps[-1]} in {len(steps)} rows")


def _number(cell: str, names: Sequence[str]) -> float | None:
    if names:
        return float(names.index(cell)) if cell in names else None
    return float(cell) if _NUMBER.fullmatch(cell) else None


def _too_large(where: str, size: int) -> Problem:
    return Problem(
        code="too-large",
        where=where,
        found=f"{size:,} bytes",
        wanted=f"at most {_MOST_BYTES:,}",
        mend="leave out columns that are not needed",
    )


def _cell(where: str, name: str, step: int, cell: str) -> Problem:
    return Problem(
        code="malformed-factual",
        where=where,
        part=f"{name}, step {step}",
        found=cell[:100],
        wanted="a plain decimal number, the name of a value, or an empty cell",
        mend="correct the cell",
    )


def _malformed(where: str, found: str) -> Problem:
    return Problem(
        code="malformed-factual",
        where=where,
        found=found,
        wanted="CSV with a column step that counts on by one, from 1 or before, and columns named for variables",
        mend="see docs/how-to/questions.md",
    )
