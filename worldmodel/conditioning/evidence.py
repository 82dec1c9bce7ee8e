"""What is known and what is asked, read against a world: cells and numbers, or every problem at once."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from worldmodel.conditioning.cells import Cell
from worldmodel.errors import InputError, Problem
from worldmodel.simulation.support import Within
from worldmodel.world import World

Evidence = Mapping[Cell, float | str]
Wanted = Sequence[Cell | str]

_NAME = r"(?P<name>[a-z][a-z0-9_]{0,63}(\[[a-z0-9_,]{1,400}\])?)"
_STEP = r"(@(?P<step>-?\d{1,6}))?"
_GIVEN = re.compile(
    _NAME + r"=(?P<value>[a-z][a-z0-9_]{0,63}|[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,3})?)" + _STEP,
    re.ASCII,
)
_WANTED = re.compile(_NAME + _STEP, re.ASCII)
_MOST_CELLS = 200_000


def parse_evidence(world: World, texts: Iterable[str]) -> dict[Cell, float | str]:
    """Reads `smoke=yes`, `inflation=3@2`, `infected[north]=10@1`; a static world's steps need not be given."""
    found: dict[Cell, float | str] = {}
    problems = []
    for text in texts:
        match = _GIVEN.fullmatch(text.replace(" ", "")) if len(text) <= 600 else None
        if match is None:
            problems.append(_malformed("--given", text, "VARIABLE=VALUE, with @STEP in a world with time"))
        elif match["step"] is None and not world.static:
            problems.append(_no_step("--given", match["name"]))
        else:
            found[match["name"], int(match["step"] or 1)] = _value(match["value"])
    if problems:
        raise InputError(problems)
    return found


def parse_wanted(texts: Iterable[str]) -> list[Cell | str]:
    """Reads `cancer`, `inflation@3`."""
    found: list[Cell | str] = []
    problems = []
    for text in texts:
        match = _WANTED.fullmatch(text.replace(" ", "")) if len(text) <= 600 else None
        if match is None:
            problems.append(_malformed("--of", text, "VARIABLE or VARIABLE@STEP"))
        else:
            found.append(match["name"] if match["step"] is None else (match["name"], int(match["step"])))
    if problems:
        raise InputError(problems)
    return found


def evidence_of_series(values: Mapping[str, Sequence[float] | np.ndarray], first: int = 1) -> dict[Cell, float | str]:
    """A series as evidence: its rows are steps `first`, `first + 1`, …; a NaN is not known."""
    return {
        (name, first + place): float(value)
        for name, column in values.items()
        for place, value in enumerate(column)
        if not np.isnan(value)
    }


def checked_evidence(world: World, evidence: Evidence) -> dict[Cell, float]:
    """The evidence as numbers within the supports of a grounded world's variables; raises InputError otherwise."""
    known, problems = {}, []
    for cell, value in evidence.items():
        found = _cell_problems(world, "--given", cell) or _number(world, cell, value)
        if isinstance(found, list):
            problems.extend(found)
        else:
            known[cell] = found
    if problems:
        raise InputError(problems)
    return known


def checked_wanted(world: World, wanted: Wanted, horizon: int) -> list[Cell]:
    """The cells that are asked for, each once; a bare name means every step up to the horizon."""
    steps = range(1, (1 if world.static else horizon) + 1)
    cells = list(
        dict.fromkeys(
            cell
            for entry in wanted
            for cell in ([(entry, step) for step in steps] if isinstance(entry, str) else [entry])
        )
    )
    problems = [problem for cell in cells for problem in _cell_problems(world, "--of", cell)]
    if not cells:
        problems.append(_malformed("--of", "nothing", "at least one variable that is asked for"))
    if len(cells) > _MOST_CELLS:
        problems.append(_malformed("--of", f"{len(cells):,} values", f"at most {_MOST_CELLS:,}"))
    if problems:
        raise InputError(dict.fromkeys(problems))
    return cells


def value_names(world: World) -> dict[str, tuple[str, ...]]:
    """The names of each finite variable's values."""
    supports = {name: entry.file.support for name, entry in world.variables.items()}
    return {name: support.values for name, support in supports.items() if support.kind == "finite"}


def _value(text: str) -> float | str:
    return text if text[0].isalpha() else float(text)


def _cell_problems(world: World, where: str, cell: Cell) -> list[Problem]:
    name, step = cell
    if name not in world.variables:
        return [
            Problem(
                code="unknown-name",
                where=where,
                found=f"the variable “{name[:200]}”",
                wanted=f"one of {', '.join(sorted(world.variables)[:40])}",
                mend="name a variable of this world, with its element as in infected[north]",
            )
        ]
    if (world.static and step != 1) or (step < 1 and abs(step) >= 64):
        return [
            Problem(
                code="no-such-step",
                where=where,
                part=name,
                found=f"step {step}",
                wanted="no step, since this world has no time" if world.static else "a step from −63 on",
                mend="leave the step out" if world.static else "name a step of the horizon, or a start value",
            )
        ]
    return []


def _number(world: World, cell: Cell, value: float | str) -> float | list[Problem]:
    support = world.variables[cell[0]].file.support
    if isinstance(value, str) and value in support.values:
        return float(support.values.index(value))
    number = float("nan") if isinstance(value, str) else float(value)
    if Within.of(support).holds(number):
        return number
    named = " or ".join(support.values) if support.values else str(Within.of(support))
    return [
        Problem(
            code="evidence-outside-support",
            where=f"variables/{cell[0].partition('[')[0]}.toml",
            part="support",
            found=f"{cell[0]} = {value if isinstance(value, str) else format(value, 'g')}",
            wanted=named,
            mend="give a value that the variable can take",
        )
    ]


def _malformed(where: str, text: str, wanted: str) -> Problem:
    example = "cancer or inflation@3" if where == "--of" else "smoke=yes or inflation=3@2"
    return Problem(
        code="malformed-evidence", where=where, found=text[:200], wanted=wanted, mend=f"write for example {example}"
    )


def _no_step(where: str, name: str) -> Problem:
    return Problem(
        code="no-such-step",
        where=where,
        part=name,
        found="no step",
        wanted="@STEP, since this world has time",
        mend=f"write {name}=…@1 for the first step",
    )
