"""What feeds into what around a change, before and after, as pictures and as the edges that came and went."""

from collections.abc import Iterator
from typing import Literal

from reviewer.panes.pane import Block, Drawing, Sentence, Table
from worldmodel.showing.graph import Graph, condense, graph_of
from worldmodel.showing.picture import Marks, graph_picture, lags_text
from worldmodel.world import World

MOST_NODES = 40
_TOLD = {"": "", "came": "new", "gone": "gone after", "other": "other lags"}


def graph_blocks(old: World, new: World) -> Iterator[Block]:
    """The edges that came and went, and the graph around what is touched, before and after."""
    before, after = graph_of(old), graph_of(new)
    rows = tuple(_changes(before, after))
    if rows:
        yield Table("Edges that come, go or change their lag", ("edge", "what", "before", "after"), rows)
    else:
        yield Sentence("What feeds into what stays as it was: no edge comes or goes.")
    touched = _touched(old, new, before, after)
    was, now = around(before, touched), around(after, touched)
    if was == now:
        yield from _drawing(was, Marks(touched), "before and after alike")
    else:
        yield from _drawing(was, _marks(was, after, touched, "gone"), "before")
        yield from _drawing(now, _marks(now, before, touched, "came"), "after")


def _marks(own: Graph, other: Graph, touched: frozenset[str], word: Literal["came", "gone"]) -> Marks:
    """The edges that the other graph does not have, or has with other lags."""
    elsewhere = _lags(other)
    found: dict[tuple[str, str], Literal["came", "gone", "other"]] = {}
    for edge in own.edges:
        pair = edge.source, edge.target
        if elsewhere.get(pair) != edge.lags:
            found[pair] = "other" if pair in elsewhere else word
    return Marks(touched, found)


def _touched(old: World, new: World, before: Graph, after: Graph) -> frozenset[str]:
    """The variables whose own mechanisms, laws before step 1 or edges differ."""
    paths = {path for path in {*old.digests, *new.digests} if old.digests.get(path) != new.digests.get(path)}
    found = {path.rpartition("/")[2].removesuffix(".toml") for path in paths if path.startswith("variables/")}
    for world in (old, new):
        found |= {one.file.target for name, one in world.mechanisms.items() if f"mechanisms/{name}.toml" in paths}
        found |= {one.file.target for name, one in world.mechanisms.items() if f"posteriors/{name}.toml" in paths}
    return frozenset(found & {*before.nodes, *after.nodes})


def around(graph: Graph, touched: frozenset[str]) -> Graph:
    """The touched nodes with what they read and feed; where too many are touched, the whole by its groups."""
    if len(touched & set(graph.nodes)) > MOST_NODES:
        return condense(graph, MOST_NODES)
    ends = {edge.source for edge in graph.edges if edge.target in touched}
    ends |= {edge.target for edge in graph.edges if edge.source in touched}
    first = sorted(touched & set(graph.nodes))
    shown = {*first, *sorted(ends - touched)[: max(0, MOST_NODES - len(first))]}
    nodes = {name: node for name, node in graph.nodes.items() if name in shown}
    return Graph(nodes, tuple(edge for edge in graph.edges if edge.source in shown and edge.target in shown))


def _changes(before: Graph, after: Graph) -> Iterator[tuple[str, str, str, str]]:
    was, now = _lags(before), _lags(after)
    for pair in sorted({*was, *now}):
        if was.get(pair) != now.get(pair):
            yield f"{pair[0]} → {pair[1]}", _word(was, now, pair), _read(was.get(pair)), _read(now.get(pair))


def _lags(graph: Graph) -> dict[tuple[str, str], tuple[int, ...]]:
    own = {(name, name): node.own_lags for name, node in graph.nodes.items() if node.own_lags}
    return own | {(edge.source, edge.target): edge.lags for edge in graph.edges}


def _word(
    was: dict[tuple[str, str], tuple[int, ...]], now: dict[tuple[str, str], tuple[int, ...]], pair: tuple[str, str]
) -> str:
    return "came" if pair not in was else "gone" if pair not in now else "other lags"


def _read(lags: tuple[int, ...] | None) -> str:
    return "" if lags is None else f"lag {lags_text(lags)}"


def _drawing(graph: Graph, marks: Marks, when: str) -> Iterator[Drawing]:
    if not graph.nodes:
        return
    named = sorted(marks.nodes & set(graph.nodes))
    around_what = f" around {', '.join(named[:6])}{', …' if len(named) > 6 else ''}" if named else ""
    label = f"What feeds into what{around_what}, {when}"
    rows = tuple(
        (edge.source, edge.target, f"lag {lags_text(edge.lags)}", _TOLD[marks.of(edge)]) for edge in graph.edges
    )
    table = Table(f"Edges, {when}", ("from", "into", "read", "mark"), rows)
    yield Drawing(graph_picture(graph, label, marks=marks).text, label, table)
