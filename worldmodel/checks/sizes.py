"""A world is small enough to be written out for every element of its index sets."""

from collections.abc import Iterator
from math import prod

from worldmodel import limits
from worldmodel.checks.draft import Draft
from worldmodel.errors import Problem
from worldmodel.grounding.size import grounded_extent


def check_sizes(draft: Draft) -> Iterator[Problem]:
    """Mechanisms and families that no machine could hold."""
    total = 0
    for name, mechanism in draft.mechanisms.items():
        extent = grounded_extent(mechanism, draft.scopes[name])
        total += extent.nodes
        path = f"mechanisms/{name}.toml"
        if extent.nodes > limits.GROUNDED_NODES:
            found = f"more than {limits.GROUNDED_NODES:,} terms when written out for all elements"
            yield _problem(path, "law", found, "fewer terms", "sum over fewer index sets, read bindings less often")
        if extent.depth > limits.GROUNDED_DEPTH:
            found = f"{extent.depth} steps of calculation, one inside the other, when bindings are written out"
            yield _problem(path, "law", found, f"at most {limits.GROUNDED_DEPTH}", "make a step a variable of its own")
    if total > limits.GROUNDED_WORLD:
        found = f"more than {limits.GROUNDED_WORLD:,} terms when written out for all elements"
        yield _problem("world.toml", "indices", found, "fewer terms", "use smaller index sets")
    elements = {name: len(members) for name, members in draft.scope.indices.items()}
    count = sum(prod(elements.get(axis, 1) for axis in entry.file.over) for entry in draft.variables.values())
    if count > limits.GROUNDED_VARIABLES:
        wanted = f"at most {limits.GROUNDED_VARIABLES:,}"
        yield _problem("world.toml", "indices", f"{count:,} variables over all elements", wanted, "use smaller sets")


def _problem(where: str, part: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="too-large", where=where, part=part, found=found, wanted=wanted, mend=mend)
