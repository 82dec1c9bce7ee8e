"""A world is small enough to be written out for every element of its index sets."""

from collections.abc import Iterator
from math import prod

from worldmodel import limits
from worldmodel.checks.draft import Draft
from worldmodel.errors import Problem
from worldmodel.grounding.size import grounded_size


def check_sizes(draft: Draft) -> Iterator[Problem]:
    """Mechanisms and families that no machine could hold."""
    total = 0
    for name, mechanism in draft.mechanisms.items():
        size = grounded_size(mechanism, draft.scopes[name])
        total += size
        if size > limits.GROUNDED_NODES:
            wanted = f"at most {limits.GROUNDED_NODES:,} terms over all elements"
            yield _problem(f"mechanisms/{name}.toml", "law", f"{size:,} terms", wanted, "sum over fewer index sets")
    if total > limits.GROUNDED_WORLD:
        yield _problem("world.toml", "indices", f"{total:,} terms", f"at most {limits.GROUNDED_WORLD:,}", "split it")
    elements = {name: len(members) for name, members in draft.scope.indices.items()}
    count = sum(prod(elements.get(axis, 1) for axis in entry.file.over) for entry in draft.variables.values())
    if count > limits.GROUNDED_VARIABLES:
        wanted = f"at most {limits.GROUNDED_VARIABLES:,}"
        yield _problem("world.toml", "indices", f"{count:,} variables over all elements", wanted, "use smaller sets")


def _problem(where: str, part: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="too-large", where=where, part=part, found=found, wanted=wanted, mend=mend)
