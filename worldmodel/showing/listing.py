"""What feeds into what, as an indented list: group by group, from causes to effects."""

from collections.abc import Iterator, Mapping, Sequence

from worldmodel.showing.graph import Edge, Graph
from worldmodel.showing.layout import layers


def listing_lines(graph: Graph, overview: Graph, static: bool = False) -> Iterator[str]:
    """One line for each variable with what it reads; members stand below the line of their group.

    In a static world names stand without a time.
    """
    inputs, between = graph.inputs(), overview.inputs()
    depth = layers(overview)
    for name in sorted(overview.nodes, key=lambda own: (depth[own], own)):
        node = overview.nodes[name]
        if not node.members:
            yield _line(graph, name, inputs, static)
            continue
        sources = ", ".join(edge.source for edge in between.get(name, ()))
        yield f"{name} {len(node.members)} variables{f' ← {sources}' if sources else ''}"
        yield from (f"  {_line(graph, member, inputs, static)}" for member in node.members)


def _line(graph: Graph, name: str, inputs: Mapping[str, Sequence[Edge]], static: bool) -> str:
    node = graph.nodes[name]
    own = [Edge(name, name, node.own_lags)] if node.own_lags else []
    edges = sorted([*inputs.get(name, ()), *own], key=lambda edge: edge.source)
    read = [edge.source for edge in edges] if static else [text for edge in edges for text in _read(edge)]
    kind = f" ({node.role})" if node.role != "state" else ""
    return f"{name}{kind} ← {', '.join(read) or 'nothing'}"


def _read(edge: Edge) -> Iterator[str]:
    """`x[t]`, `x[t-1]`; three lags and more in a row as `x[t-1 to t-4]`."""
    first, last = edge.lags[0], edge.lags[-1]
    if len(edge.lags) > 2 and last - first + 1 == len(edge.lags):
        yield f"{edge.source}[{_at(first)} to {_at(last)}]"
    else:
        yield from (f"{edge.source}[{_at(lag)}]" for lag in edge.lags)


def _at(lag: int) -> str:
    return f"t-{lag}" if lag else "t"
