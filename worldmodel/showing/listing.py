"""What feeds into what, as an indented list: group by group, from causes to effects."""

from collections.abc import Iterator

from worldmodel.showing.graph import Graph
from worldmodel.showing.layout import layers
from worldmodel.showing.picture import lags_text


def listing_lines(graph: Graph, overview: Graph) -> Iterator[str]:
    """One line for each variable with what it reads; members stand below the line of their group.

    `x[t-1]` is read one step later, `x[t]` within the step.
    """
    inputs = graph.inputs()
    between = overview.inputs()
    depth = layers(overview)
    for name in sorted(overview.nodes, key=lambda own: (depth[own], own)):
        node = overview.nodes[name]
        if not node.members:
            yield _line(graph, name, [f"{edge.source}{_lags(edge.lags)}" for edge in inputs.get(name, ())])
            continue
        sources = ", ".join(edge.source for edge in between.get(name, ()))
        yield f"{name} {len(node.members)} variables{f' ← {sources}' if sources else ''}"
        for member in node.members:
            read = [f"{edge.source}{_lags(edge.lags)}" for edge in inputs.get(member, ())]
            yield f"  {_line(graph, member, read)}"


def _line(graph: Graph, name: str, read: list[str]) -> str:
    node = graph.nodes[name]
    kind = f" ({node.role})" if node.role != "state" else ""
    read = [*read, "its own past"] if node.own_past else read
    return f"{name}{kind} ← {', '.join(read) or 'nothing'}"


def _lags(lags: tuple[int, ...]) -> str:
    return "[t]" if lags == (0,) else f"[t-{lags[0]}]" if len(lags) == 1 else f"[t-({lags_text(lags)})]"
