"""The objective speaks of utilities and floors that exist, and a world that is trained on has something to choose."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft
from worldmodel.errors import Problem


def check_purposes(draft: Draft) -> Iterator[Problem]:
    """Weights of no utility, floors that are no floor properties, an objective without utility or action."""
    if draft.objective is None:
        return
    utilities = draft.named("utilities")
    for name in sorted(set(draft.objective.aggregation.weights) - utilities):
        yield _problem(f"aggregation.weights.{name}", f"no utility “{name}”", _list(utilities))
    floors = {name for name, entry in draft.properties.items() if entry.file.kind == "floor"}
    broken = draft.named("properties") - set(draft.properties)
    for name in sorted(set(draft.objective.floors) - floors - broken):
        yield _problem("floors", f"no floor property “{name}”", _list(floors))
    for name in sorted(floors - set(draft.objective.floors)):
        yield _problem("floors", f"the floor “{name}” is missing", "every property of kind floor")
    if not utilities:
        yield _problem("aggregation", "no utility in this world", "one utility or more")


def _problem(part: str, found: str, wanted: str) -> Problem:
    return Problem(
        code="bad-objective",
        where="objective.toml",
        part=part,
        found=found,
        wanted=wanted,
        mend="correct the objective",
    )


def _list(names: set[str] | frozenset[str]) -> str:
    return f"one of {', '.join(sorted(names))}" if names else "none is defined"
