"""Claims of conditional independence, decided by the graph alone: d-separation of values in the unrolled graph.

What is separated at a step is separated at every earlier one, since an earlier step has the same causes and fewer of
them behind it. So one question at the last step that counts answers for all of them. Parameters and which rival
holds are given. An open path refutes the claim, which speaks of the graph; laws may still cancel along it.
"""

from itertools import pairwise
from typing import Any

from reviewer.claims.outcome import Outcome
from worldmodel.errors import InputError
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Independent, Variable
from worldmodel.questions.graph import Place, unrolled_graph
from worldmodel.questions.separation import separation
from worldmodel.world import World

METHOD = "d-separation in the graph unrolled over steps"
LONGEST = 2_000
"""The last step at which a claim is asked."""
_STEPS, _PLACES = 200, 20_000


def decide_independence(world: World, formula: Independent) -> Outcome:
    """Decides a grounded claim; a proof holds for every step up to the one that it names."""
    last = last_step(world, formula)
    if last is None:
        return Outcome("undecided", METHOD, "the world has too many variables to unroll its graph far enough")
    try:
        left, right, given = places_at(formula, last)
        found = separation(world, [left], [right], given)
    except InputError as error:
        return Outcome("undecided", METHOD, str(error.problems[0]))
    if found.separated:
        when = "in the only step" if ground(world).static else f"at every step from 1 to {last}"
        return Outcome("proved", METHOD, f"no open path {when}, whatever the laws and parameters are")
    path = [_written(place, last) for place in found.path]
    facts: dict[str, Any] = {"step": last, "path": [list(place) for place in found.path]}
    bound = f"an open path: {' – '.join(path)}"
    return Outcome("refuted", METHOD, bound, "graph", facts, (_command(left, right, given, last),))


def last_step(world: World, formula: Independent) -> int | None:
    """The step at which the question is asked; None where not even the lags of the claim and laws fit."""
    one = ground(world)
    if one.static:
        return 1
    lags = max(node.lag for node in (formula.left, formula.right, *formula.given))
    least = lags + 2 * one.longest_lag + 2
    found = min(_STEPS + lags, _PLACES // max(1, len(one.variables)))
    return max(found, least) if least * len(one.variables) <= _PLACES else None


def places_at(formula: Independent, step: int) -> tuple[Place, Place, list[Place]]:
    """The values of a claim at one step."""

    def place(node: Variable) -> Place:
        return node.name, step - node.lag

    return place(formula.left), place(formula.right), [place(node) for node in formula.given]


def open_in(world: World, formula: Independent, step: int, path: list[Place]) -> bool:
    """Whether a path leads from one value to the other along the graph's edges, and the graph leaves it open still."""
    left, right, given = places_at(formula, step)
    graph = unrolled_graph(world, step)
    linked = all(graph.has_edge(a, b) or graph.has_edge(b, a) for a, b in pairwise(path))
    return linked and not separation(world, [left], [right], given).separated


def _written(place: Place, last: int) -> str:
    name, step = place
    return f"{name}[t-{last - step}]" if step < last else f"{name}[t]"


def _command(left: Place, right: Place, given: list[Place], steps: int) -> str:
    words = [f"'{name}@{step}'" for name, step in (left, right)]
    known = [f"--given '{name}@{step}'" for name, step in given]
    return " ".join([f"glassworld ask separated --steps {steps}", *words, *known])
