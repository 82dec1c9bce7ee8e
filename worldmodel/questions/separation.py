"""Whether the graph alone makes variables independent: d-separation at chosen steps, by networkx.

A yes holds whatever the laws and parameters are. A no says that the graph does not rule a dependence out, and shows an
open path; laws may still cancel.
"""

import re
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.questions.graph import Place, check_variable, unrolled_graph
from worldmodel.simulation.intervention import Edit
from worldmodel.world import World

_STEPS = re.compile(r"(?P<first>-?\d{1,6})(\.\.(?P<last>\d{1,6}))?", re.ASCII)


@dataclass(frozen=True)
class Separation:
    """The answer: whether `given` separates `left` from `right`, and where not, a path that it leaves open."""

    left: tuple[Place, ...]
    right: tuple[Place, ...]
    given: tuple[Place, ...]
    separated: bool
    path: tuple[Place, ...]


def parse_places(world: World, text: str, steps: int) -> tuple[Place, ...]:
    """Reads `inflation@3`, `inflation@1..5` or `inflation`, which means every step from 1 to `steps`."""
    name, sign, when = text.replace(" ", "").partition("@")
    world = ground(world)
    check_variable(world, name)
    if not sign:
        return tuple((name, step) for step in range(1, steps + 1))
    match = _STEPS.fullmatch(when)
    last = int(match["last"] or match["first"]) if match else 0
    if match is None or last < int(match["first"]) or last > steps or int(match["first"]) < 1 - world.longest_lag:
        raise InputError(_malformed(text, 1 - world.longest_lag, steps))
    return tuple((name, step) for step in range(int(match["first"]), last + 1))


def separation(
    world: World,
    left: Iterable[Place],
    right: Iterable[Place],
    given: Iterable[Place] = (),
    interventions: Sequence[Edit] = (),
) -> Separation:
    """`left ⟂ right | given` in the graph unrolled up to the latest of their steps, after interventions."""
    a, b, c = _apart(left, right, given)
    steps = max(1, *(step for _, step in (*a, *b, *c)))
    graph = unrolled_graph(world, steps, interventions)
    known = {*a, *b, *c}
    relevant = known.union(*(nx.ancestors(graph, place) for place in known))
    graph = graph.subgraph(relevant).copy()
    separated = bool(nx.is_d_separator(graph, set(a), set(b), set(c)))
    return Separation(a, b, c, separated, () if separated else open_path(graph, a, b, c))


def open_path(
    graph: "nx.DiGraph[Place]", left: Collection[Place], right: Collection[Place], given: Collection[Place]
) -> tuple[Place, ...]:
    """A shortest path along which information flows from left to right; empty where there is none.

    A breadth-first search over (place, whether it was entered against the arrow), as a ball that bounces off known
    causes and through known effects.
    """
    known = set(given)
    opened = known.union(*(nx.ancestors(graph, place) for place in known)) if known else set()
    start = [(place, True) for place in sorted(left)]
    before: dict[tuple[Place, bool], tuple[Place, bool] | None] = dict.fromkeys(start)
    queue = deque(start)
    while queue:
        here = queue.popleft()
        if here[0] in right:
            return _trace(before, here)
        for after in _next(graph, here, known, opened):
            if after not in before:
                before[after] = here
                queue.append(after)
    return ()


def _next(
    graph: "nx.DiGraph[Place]", here: tuple[Place, bool], known: set[Place], opened: set[Place]
) -> list[tuple[Place, bool]]:
    place, upward = here
    causes = [(cause, True) for cause in sorted(graph.predecessors(place))]
    effects = [(effect, False) for effect in sorted(graph.successors(place))]
    if upward:
        return [] if place in known else [*causes, *effects]
    return [*(causes if place in opened else []), *([] if place in known else effects)]


def _trace(
    before: Mapping[tuple[Place, bool], tuple[Place, bool] | None], last: tuple[Place, bool]
) -> tuple[Place, ...]:
    path, here = [], before[last]
    path.append(last[0])
    while here is not None:
        path.append(here[0])
        here = before[here]
    return tuple(reversed(path))


def _apart(
    left: Iterable[Place], right: Iterable[Place], given: Iterable[Place]
) -> tuple[tuple[Place, ...], tuple[Place, ...], tuple[Place, ...]]:
    """The three sets without what is given; InputError where nothing is left or the sides overlap."""
    known = set(given)
    a, b = set(left) - known, set(right) - known
    if not a or not b or a & b:
        raise InputError(
            Problem(
                code="sides-overlap",
                where="ask separated",
                found="a place that is on both sides, or given" if not (a & b) else _word(min(a & b)),
                wanted="two sides that have nothing in common and are not given altogether",
                mend="ask about different variables or steps",
            )
        )
    return tuple(sorted(a)), tuple(sorted(b)), tuple(sorted(known))


def _word(place: Place) -> str:
    return f"{place[0]}@{place[1]} on both sides"


def _malformed(text: str, earliest: int, steps: int) -> Problem:
    return Problem(
        code="malformed-place",
        where="ask separated",
        found=text[:200],
        wanted=f"VARIABLE, VARIABLE@STEP or VARIABLE@FIRST..LAST with steps from {earliest} to {steps}",
        mend="write for example inflation@3",
    )
