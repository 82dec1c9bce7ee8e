"""`do`: setting a variable to a number at chosen steps, in place of whatever assigns it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from worldmodel.errors import InputError, Problem
from worldmodel.simulation.support import Within
from worldmodel.world import World

_PATTERN = re.compile(
    r"(?P<name>[a-z][a-z0-9_]{0,63})=(?P<value>[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,3})?)"
    r"(@(?P<first>\d{1,9})(?P<range>\.\.(?P<last>\d{1,9})?)?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Intervention:
    """`variable` is `value` from step `first` to step `last`, both included; steps count from 1; no `last`, no end."""

    variable: str
    value: float
    first: int = 1
    last: int | None = None

    def holds(self, step: int) -> bool:
        """Whether it sets the variable at this step."""
        return self.first <= step and (self.last is None or step <= self.last)


def parse_intervention(text: str) -> Intervention:
    """Reads `rate=4`, `rate=4@3`, `rate=4@3..` or `rate=4@1..8`."""
    match = _PATTERN.fullmatch(text.replace(" ", "")) if len(text) <= 200 else None
    if match is None:
        raise InputError(_malformed(text))
    first = int(match["first"] or 1)
    if match["first"] and not match["range"]:
        last: int | None = first
    else:
        last = int(match["last"]) if match["last"] else None
    if first < 1 or (last is not None and last < first):
        raise InputError(_malformed(text))
    return Intervention(match["name"], float(match["value"]), first, last)


def _malformed(text: str) -> Problem:
    return Problem(
        code="malformed-intervention",
        where="--do",
        found=text[:200],
        wanted="VARIABLE=NUMBER, with @STEP, @FIRST.. or @FIRST..LAST for chosen steps, counted from 1",
        mend="write for example rate=4@1..8",
    )


def check_interventions(world: World, interventions: Iterable[Intervention]) -> None:
    """Raises InputError for every intervention on a variable that is not there, or outside the variable's support."""
    problems = [problem for entry in interventions for problem in _check(world, entry)]
    if problems:
        raise InputError(problems)


def _check(world: World, entry: Intervention) -> list[Problem]:
    if entry.variable not in world.variables:
        return [
            Problem(
                code="unknown-name",
                where="--do",
                found=f"the variable “{entry.variable}”",
                wanted=f"one of {', '.join(sorted(world.variables))}",
                mend="name a variable of this world",
            )
        ]
    support = world.variables[entry.variable].file.support
    if Within.of(support).holds(entry.value):
        return []
    return [
        Problem(
            code="intervention-outside-support",
            where=f"variables/{entry.variable}.toml",
            part="support",
            found=f"do {entry.variable} = {entry.value:g}",
            wanted=str(Within.of(support)),
            mend="choose a value that the variable can take",
        )
    ]
