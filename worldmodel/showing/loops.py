"""Feedback loops: ways from a variable back to itself through others, shortest first, with the time one round takes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

import networkx as nx

from worldmodel.showing.graph import Graph

LONGEST = 6
MOST = 40
_MOST_WORK = 100_000


@dataclass(frozen=True)
class Loop:
    """The names along a loop, from the alphabetically first one; `fewest` to `most` steps for one round."""

    names: tuple[str, ...]
    fewest: int
    most: int

    def __str__(self) -> str:
        steps = str(self.fewest) if self.fewest == self.most else f"{self.fewest} to {self.most}"
        return f"{' → '.join((*self.names, self.names[0]))} ({steps} step{'' if steps == '1' else 's'})"


@dataclass(frozen=True)
class Loops:
    """The loops that were listed, and why the list ends where it does (empty where it is complete)."""

    found: tuple[Loop, ...]
    cut_off: str = ""


def feedback_loops(graph: Graph, longest: int = LONGEST, most: int = MOST) -> Loops:
    """Loops through two variables and more, shortest first; their number can grow without bound, so the list is cut."""
    names = list(graph.nodes)
    number = {name: place for place, name in enumerate(names)}
    lags = {(number[edge.source], number[edge.target]): edge.lags for edge in graph.edges}
    net: nx.DiGraph[int] = nx.DiGraph(sorted(lags))
    parts = [members for members in nx.strongly_connected_components(net) if len(members) > 1]
    after = {place: sorted(set(net[place]) & members) for members in parts for place in members}
    found: list[Loop] = []
    work = count(1)
    for length in range(2, longest + 1):
        for cycle in _cycles(after, length, work):
            if len(found) == most:
                return Loops(tuple(found), f"only the {most} shortest are listed; there are more")
            found.append(_loop(cycle, names, lags))
        if next(work) > _MOST_WORK:
            return Loops(tuple(found), f"the search ended among loops through {length} variables; there may be more")
    longer = any(len(members) > longest for members in parts)
    return Loops(tuple(found), f"loops through more than {longest} variables are not listed" if longer else "")


def _cycles(after: Mapping[int, Sequence[int]], length: int, work: "count[int]") -> Iterator[list[int]]:
    """The cycles of exactly this length, each from its smallest member, until too much work was done.

    A way is only followed while its end can still come back in time.
    """
    before: dict[int, list[int]] = {place: [] for place in after}
    for place, others in after.items():
        for other in others:
            before[other].append(place)
    for root in sorted(after):
        back = _distances(before, root, length - 1)
        ways = [[root]] if root in back else []
        while ways and next(work) <= _MOST_WORK:
            way = ways.pop()
            left = length - len(way)
            if left == 0 and root in after[way[-1]]:
                yield way
            follow = (other for other in reversed(after[way[-1]]) if other > root and other not in way)
            ways += [[*way, other] for other in follow if left and back.get(other, length) <= left]


def _distances(before: Mapping[int, Sequence[int]], root: int, farthest: int) -> dict[int, int]:
    """How many edges each place is away from the root, through larger places and up to a distance."""
    distance = {root: 0}
    front = [root]
    for steps in range(1, farthest + 1):
        front = [*dict.fromkeys(other for place in front for other in before[place] if other > root)]
        front = [other for other in front if other not in distance]
        distance |= dict.fromkeys(front, steps)
    return distance


def _loop(cycle: list[int], names: list[str], lags: Mapping[tuple[int, int], tuple[int, ...]]) -> Loop:
    around = [lags[pair] for pair in pairwise([*cycle, cycle[0]])]
    return Loop(tuple(names[place] for place in cycle), sum(own[0] for own in around), sum(own[-1] for own in around))
