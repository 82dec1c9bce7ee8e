"""Scenarios from a CSV file: what exogenous variables are set to at each step, under one name or several.

The first row names the columns: variables of the world, and optionally `scenario` (rows of one name belong together)
and `step` (counted from 1; without it, the rows of a scenario are steps 1, 2, …). An empty cell leaves the variable to
its own law at that step, and so do the steps beyond the last row.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.simulation.intervention import Intervention, check_interventions
from worldmodel.world import World

_MOST_ROWS = 100_000


def read_scenarios(content: bytes, world: World, where: str) -> dict[str, tuple[Intervention, ...]]:
    """Interventions by the name of their scenario, `` where it has none; InputError with everything that is wrong."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(_problem(where, str(error), "a CSV file in UTF-8", "save it as CSV")) from error
    if not rows or len(rows) > _MOST_ROWS:
        raise InputError(_problem(where, f"{len(rows)} rows", f"1 to {_MOST_ROWS:,} rows", "correct the file"))
    problems = list(_columns(rows[0], ground(world), where))
    found: dict[str, list[Intervention]] = {}
    counted: Counter[str] = Counter()
    for number, row in enumerate(rows, start=2) if not problems else ():
        name = str(row.get("scenario") or "")
        counted[name] += 1
        step = _step(row, counted[name], where, number, problems)
        own = found.setdefault(name, [])
        own += _row(row, step, ground(world), f"{where}, row {number}", problems)
    if not problems:
        return _checked(world, found)
    raise InputError(problems[:100])


def _checked(world: World, found: Mapping[str, Sequence[Intervention]]) -> dict[str, tuple[Intervention, ...]]:
    for own in found.values():
        check_interventions(ground(world), own)
    return {name: tuple(own) for name, own in found.items()}


def _columns(row: Mapping[str | None, object], world: World, where: str) -> Iterator[Problem]:
    for name in row:
        if name is None or (name not in ("scenario", "step") and name not in world.variables):
            wanted = f"scenario, step, or one of {', '.join(sorted(world.variables)[:30])}"
            yield _problem(where, f"the column “{name}”", wanted, "correct the first row")


def _step(row: Mapping[str, str | None], counted: int, where: str, number: int, problems: list[Problem]) -> int:
    text = row.get("step")
    if text is None:
        return counted
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= 10**6:
        return int(text[:9])
    problems.append(
        _problem(f"{where}, row {number}", f"the step “{text[:40]}”", "a whole number from 1", "correct it")
    )
    return 1


def _row(
    row: Mapping[str, str | None], step: int, world: World, where: str, problems: list[Problem]
) -> Iterator[Intervention]:
    for name, cell in row.items():
        if name in ("scenario", "step") or not (cell or "").strip():
            continue
        value = _value(str(cell).strip(), world.variables[name].file.support.values)
        if value is None:
            wanted = ", ".join(world.variables[name].file.support.values) or "a number"
            problems.append(_problem(where, f"“{str(cell)[:40]}” for {name}", wanted, "correct the cell"))
        else:
            yield Intervention(name, value, step, step)


def _value(text: str, values: tuple[str, ...]) -> float | None:
    if values:
        return float(values.index(text)) if text in values else None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _problem(where: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="bad-scenario", where=where, found=found, wanted=wanted, mend=mend)
