"""`do`: taking hold of a variable at chosen steps, whatever assigns it.

An `Intervention` makes `value + factor · what it would have been` of a variable: a number in place of everything
(`rate=4`), a shift (`rate+=1`) or a scale (`rate*=1.1`). A `Replacement` gives it another law (`rate~"Normal(2, 1)"`).
The noise of the variable's site stays what it was, so that a difference shows the edit and nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from worldmodel.components.variable import Support
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Law
from worldmodel.language.parser import parse_law
from worldmodel.simulation.support import Within
from worldmodel.world import World

_LONGEST = 4000
_NAME = r"[a-z][a-z0-9_]{0,63}"
_TARGET = re.compile(rf"{_NAME}(\[({_NAME}|\*)(,({_NAME}|\*)){{0,7}}\])?", re.ASCII)
_NUMBER = re.compile(r"[-+]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][-+]?\d{1,3})?", re.ASCII)
_STEPS = re.compile(r"(?P<first>\d{1,9})(?P<range>\.\.(?P<last>\d{1,9})?)?", re.ASCII)
_SHAPE = re.compile(
    r"(?P<target>[^=~+*@-]*?(\[[^]=~@]*\])?)(?P<sign>=|\+=|-=|\*=|~)(?P<value>[^@]*)(@(?P<steps>[^@]*))?", re.DOTALL
)


@dataclass(frozen=True)
class Intervention:
    """`variable` becomes `value + factor · its own value` from step `first` to step `last`, both included.

    With factor 0 it is set, whatever assigns it. Steps count from 1; no `last`, no end.
    """

    variable: str
    value: float
    first: int = 1
    last: int | None = None
    factor: float = 0.0

    def holds(self, step: int) -> bool:
        """Whether it touches the variable at this step."""
        return _holds(self, step)


@dataclass(frozen=True)
class Replacement:
    """`variable` follows `law` in place of its own from step `first` to step `last`, with its mechanism's names."""

    variable: str
    law: Law
    first: int = 1
    last: int | None = None

    def holds(self, step: int) -> bool:
        """Whether the law holds at this step."""
        return _holds(self, step)


Edit = Intervention | Replacement


@dataclass(frozen=True)
class Change:
    """What a step's interventions come to for one variable: `shift + factor · its own value`."""

    shift: float = 0.0
    factor: float = 1.0

    def then(self, later: Intervention) -> "Change":
        """This, and one more intervention after it."""
        return Change(later.value + later.factor * self.shift, later.factor * self.factor)


def changes(interventions: Iterable[Intervention], step: int) -> dict[str, Change]:
    """What becomes of each variable that anything touches at a step; interventions follow each other as given."""
    found: dict[str, Change] = {}
    for entry in interventions:
        if entry.holds(step):
            found[entry.variable] = found.get(entry.variable, Change()).then(entry)
    return found


def parse_intervention(text: str) -> Edit:
    """Reads `rate=4`, `rate=4@3`, `rate+=1@3..`, `rate*=1.1@1..8` or `rate~"Normal(2, 1)"@3..`.

    Names of values and `[*]` need a world: `parse_interventions` reads those.
    """
    target, value, entry = _parse(text)
    if "*" in target or value:
        raise InputError(_malformed(text))
    return entry


def parse_interventions(world: World, texts: Iterable[str]) -> tuple[Edit, ...]:
    """Reads interventions on a world's variables, whose values may be named (`weather=rainy`, `infected[*]=0@1`).

    Raises InputError with everything that is wrong with any of them.
    """
    world = ground(world)
    found: list[Edit] = []
    problems: list[Problem] = []
    for text in texts:
        try:
            found += _resolved(world, *_parse(text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(found)


def check_interventions(world: World, interventions: Iterable[Edit]) -> None:
    """Raises InputError for every intervention on a variable that is not there, or outside the variable's support."""
    problems = [problem for entry in interventions for problem in _check(world, entry)]
    if problems:
        raise InputError(problems)


def only_set(edits: Iterable[Edit]) -> tuple[Intervention, ...]:
    """The interventions, where all of them set a variable; raises InputError for every one that does not.

    For what knows no other kind: exact inference, and kernels.
    """
    every = tuple(edits)
    found = tuple(entry for entry in every if isinstance(entry, Intervention) and entry.factor == 0)
    if len(found) < len(every):
        raise InputError(_soft(entry.variable) for entry in every if entry not in found)
    return found


def _soft(variable: str) -> Problem:
    return Problem(
        code="soft-intervention",
        where="--do",
        found=f"a shift, scale or other law of {variable}",
        wanted="VARIABLE=VALUE, which is all that can be answered here",
        mend="set the variable, or simulate",
    )


def _holds(entry: Edit, step: int) -> bool:
    return entry.first <= step and (entry.last is None or step <= entry.last)


def _parse(text: str) -> tuple[str, str, Edit]:
    """The target as written, the value's name where it is no number, and what is asked of that target."""
    shape = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    target = re.sub(r"\s", "", shape["target"]) if shape else ""
    if shape is None or not _TARGET.fullmatch(target):
        raise InputError(_malformed(text))
    first, last = _steps(shape["steps"], text)
    if shape["sign"] == "~":
        return target, "", Replacement(target, _law(shape["value"], text), first, last)
    value = re.sub(r"\s", "", shape["value"])
    if shape["sign"] == "=" and re.fullmatch(_NAME, value, re.ASCII) and value not in ("nan", "inf", "infinity"):
        return target, value, Intervention(target, 0.0, first, last)
    if not _NUMBER.fullmatch(value):
        raise InputError(_malformed(text))
    match shape["sign"]:
        case "=":
            return target, "", Intervention(target, float(value), first, last)
        case "*=":
            return target, "", Intervention(target, 0.0, first, last, float(value))
        case sign:
            return target, "", Intervention(target, float(value) * (-1 if sign == "-=" else 1), first, last, 1.0)


def _steps(text: str | None, whole: str) -> tuple[int, int | None]:
    if text is None:
        return 1, None
    match = _STEPS.fullmatch(re.sub(r"\s", "", text))
    if match is None:
        raise InputError(_malformed(whole))
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else None if match["range"] else first
    if first < 1 or (last is not None and last < first):
        raise InputError(_malformed(whole))
    return first, last


def _law(text: str, whole: str) -> Law:
    bare = text.strip()
    quoted = len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'"
    try:
        return parse_law(bare[1:-1] if quoted else bare)
    except InputError as error:
        raise InputError(replace(problem, where="--do", part=whole[:200]) for problem in error.problems) from error


def _resolved(world: World, target: str, value: str, entry: Edit) -> Iterator[Edit]:
    """The intervention on each variable that the target means."""
    names = _matching(world, target)
    if not names:
        raise InputError(_unknown(world, target))
    for name in names:
        named = replace(entry, variable=name)
        yield replace(named, value=_code(world, name, value)) if value and isinstance(named, Intervention) else named


def _matching(world: World, target: str) -> Sequence[str]:
    pattern = re.escape(target).replace(r"\*", r"[^,\]]*")
    return [name for name in sorted(world.variables) if re.fullmatch(pattern, re.sub(r"\s", "", name))]


def _code(world: World, name: str, value: str) -> float:
    values = world.variables[name].file.support.values
    if value in values:
        return float(values.index(value))
    raise InputError(
        Problem(
            code="unknown-name",
            where="--do",
            found=f"“{value}” as a value of {name}",
            wanted=f"one of {', '.join(values)}" if values else "a number",
            mend="name a value that the variable can take",
        )
    )


def _malformed(text: str) -> Problem:
    return Problem(
        code="malformed-intervention",
        where="--do",
        found=text[:200],
        wanted='VARIABLE=VALUE, +=NUMBER, -=NUMBER, *=NUMBER or ~"LAW", with @STEP, @FIRST.. or @FIRST..LAST from 1 on',
        mend="write for example rate=4@1..8",
    )


def _unknown(world: World, name: str) -> Problem:
    element = next((other for other in sorted(world.variables) if other.startswith(f"{name}[")), None)
    every = f"{name}[{', '.join('*' * (element.count(',') + 1))}]" if element is not None else ""
    return Problem(
        code="unknown-name",
        where="--do",
        found=f"the variable “{name}”",
        wanted=f"one of {', '.join(sorted(world.variables))}",
        mend=f"write {every} for all of its elements" if every else "name a variable of this world",
    )


def _check(world: World, entry: Edit) -> list[Problem]:
    if entry.variable not in world.variables:
        return [_unknown(world, entry.variable)]
    support = world.variables[entry.variable].file.support
    if isinstance(entry, Replacement) or _fits(support, entry):
        return []
    return [
        Problem(
            code="intervention-outside-support",
            where=f"variables/{entry.variable}.toml",
            part="support",
            found=f"do {entry.variable} {_words(entry)}",
            wanted=str(Within.of(support)) if entry.factor == 0 else "a change that whole numbers stay whole under",
            mend="choose a value that the variable can take",
        )
    ]


def _fits(support: Support, entry: Intervention) -> bool:
    """Whether the variable can take the value; changes of whole numbers are whole, and named values have none."""
    within = Within.of(support)
    if entry.factor == 0:
        return within.holds(entry.value)
    return not within.whole or (
        support.kind != "finite" and float(entry.value).is_integer() and float(entry.factor).is_integer()
    )


def _words(entry: Intervention) -> str:
    match entry.factor:
        case 0.0:
            return f"= {entry.value:g}"
        case 1.0:
            return f"+= {entry.value:g}"
        case _:
            return f"*= {entry.factor:g}"
