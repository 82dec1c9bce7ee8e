"""What a person says that a law reads, `level[t-1]=3` or `weather[t-1]=wet`, as numbers by the law's own names."""

import math
from collections.abc import Mapping

from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Law, Variable
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.world import World


def given_numbers(world: World, law: Law, given: Mapping[str, float | str]) -> dict[str, float]:
    """The numbers of `given` by the names as `render` writes them; a name that the law does not read stays as it is.

    Spaces in a name do not matter, named values are codes, and in a static world variables may stand bare.

    Raises:
        InputError: `malformed-given`, once for each.
    """
    reads = _variables(world, law)
    numbers: dict[str, float] = {}
    problems = []
    for name, value in given.items():
        read = reads.get("".join(name.split()))
        values = world.variables[read.name].file.support.values if read is not None else None
        number = _number(value, tuple(values or ()))
        if not name or number is None:
            problems.append(_malformed(name, value, tuple(values or ())))
        else:
            numbers[render(read) if read is not None else "".join(name.split())] = number
    if problems:
        raise InputError(problems)
    return numbers


def _variables(world: World, law: Law) -> dict[str, Variable]:
    """The variables that a law reads, by how they may be written."""
    read = [node for node in walk(law) if isinstance(node, Variable)]
    written = {"".join(render(node).split()): node for node in read}
    return written | {node.name: node for node in read} if world.static else written


def _number(value: float | str, values: tuple[str, ...]) -> float | None:
    """A finite number, or the code of a named value."""
    if isinstance(value, str) and value.strip() in values:
        return float(values.index(value.strip()))
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _malformed(name: str, value: float | str, values: tuple[str, ...]) -> Problem:
    named, example = f"NAME=VALUE, with one of {', '.join(values)}", f"{name}={values[0]}" if values else "level[t-1]=3"
    return Problem(
        code="malformed-given",
        where="--given",
        found=f"{name}={value}"[:200],
        wanted=named if values else "NAME=NUMBER, the name as the law writes it",
        mend=f"write for example {example}",
    )
