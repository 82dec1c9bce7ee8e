"""What lies downstream of the change: by the graph, and whether it really moves when both worlds are run.

The graph says what could move; the runs say what does, under the worlds' own rules and for these draws.
"""

from collections.abc import Iterable, Iterator, Mapping

import networkx as nx

from reviewer.panes.distances import number, percent
from reviewer.panes.movement import Movement, movements
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.runs import Behaviour, behaviour
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import missing
from worldmodel.questions.graph import summary_graph

MOST_ROWS = 100


def downstream_blocks(subject: Subject) -> Iterator[Block]:
    """The touched variables, what they reach, and what of it moves."""
    found = behaviour(subject)
    if found is None:
        yield from missing(subject)
        return
    if not found.touched:
        yield Sentence("No variable comes about otherwise than before, so nothing lies downstream.", "good")
        return
    reached = reach(found)
    moved = _moved(found)
    yield from _stray(reached, moved)
    yield _summary(found, reached, moved)
    names = sorted({*found.touched, *reached}, key=lambda name: (reached.get(name, 0), name))
    rows = tuple(_row(found, name, reached, moved) for name in names)
    headings = ("variable", "by the graph", "trajectories that differ", "from step", "mean distance at the end")
    yield Table(f"What is touched and what it reaches ({len(rows)} variables)", headings, rows[:MOST_ROWS])
    if len(rows) > MOST_ROWS:
        yield Sentence(f"{len(rows) - MOST_ROWS} more are reached: {', '.join(names[MOST_ROWS:][:50])}.")


def reach(found: Behaviour) -> Mapping[str, int]:
    """What either world's graph leads to from the touched variables, with the least lag; 0 for the touched ones."""
    least = dict.fromkeys(found.touched, 0)
    for world in (found.old, found.new):
        for name, lag in _nearest(summary_graph(world), found.touched).items():
            least[name] = min(least.get(name, lag), lag)
    return least


def _nearest(graph: "nx.DiGraph[str]", touched: Iterable[str]) -> dict[str, int]:
    """What a graph leads to from any of the touched variables, with the least lag."""
    lag = {(source, target): int(data["lags"][0]) for source, target, data in graph.edges(data=True)}
    sources = [name for name in touched if name in graph]
    if not sources:
        return {}
    lengths = nx.multi_source_dijkstra_path_length(graph, sources, weight=lambda a, b, _: lag[a, b])
    return {name: int(length) for name, length in lengths.items()}


def _moved(found: Behaviour) -> Mapping[str, Movement]:
    """Each variable's movement, with parameters from where it moves more."""
    best: dict[str, Movement] = {}
    for pair in (found.posterior, found.prior):
        for own in movements(pair):
            if own.name not in best or own.share > best[own.name].share:
                best[own.name] = own
    return best


def _stray(reached: Mapping[str, int], moved: Mapping[str, Movement]) -> Iterator[Block]:
    """Nothing moves that the graph does not reach; if something did, the comparison itself would be wrong."""
    stray = [name for name, own in moved.items() if own.share > 0 and name not in reached]
    if stray:
        said = "These moved though no path in the graph leads to them, so do not trust this comparison"
        yield Sentence(f"{said}: {', '.join(stray[:20])}.", "bad")


def _summary(found: Behaviour, reached: Mapping[str, int], moved: Mapping[str, Movement]) -> Sentence:
    moving = [name for name in reached if name in moved and moved[name].share > 0]
    still = [name for name in moved if name not in reached]
    said = f"{len(found.touched)} touched, {len(reached)} reached with them by the graph, {len(moving)} really move"
    behind = f"; the other {len(still)} stay exactly as they were in all {found.draws:,} trajectories" if still else ""
    return Sentence(f"Variables: {said}{behind}.")


def _row(
    found: Behaviour, name: str, reached: Mapping[str, int], moved: Mapping[str, Movement]
) -> tuple[str, str, str, str, str]:
    where = "touched" if name in found.touched else f"reached, lag {reached[name]}"
    if name not in moved:
        return name, where, "only in one of the worlds", "", ""
    own = moved[name]
    if own.share == 0:
        return name, where, "none: it does not move", "", "0"
    return name, where, percent(own.share), str(own.first), _distance(found, own)


def _distance(found: Behaviour, own: Movement) -> str:
    """The mean distance in the variable's unit, and against its spread."""
    file = found.new.variables[own.name].file
    if file.support.values:
        return "named values: see the paths"
    unit = "" if file.unit == "1" else f" {file.unit}"
    against = f" ({number(own.relative)} of its spread)" if 0 < own.relative < float("inf") else ""
    return f"{number(own.size)}{unit}{against}"
