"""A graph as an SVG picture of our own making: no script, no outside file, the same bytes for the same graph.

What a colour says, a shape or a dash says too. Text comes from untrusted authors and goes through the one template.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from worldmodel.markup import Html, fill, join
from worldmodel.showing.graph import Edge, Graph, Node
from worldmodel.showing.layout import Layout, Route, lay_out

_LETTER = 7.3
_NODE_HEIGHT = 34.0
_LAYER_HEIGHT = 86.0
_MARGIN = 24.0
_LEGEND_HEIGHT = 34.0
_LONGEST_LABEL = 26

STYLE = Html("""
.gw { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.gw .panel { fill: #ffffff; }
.gw text { fill: #1b2733; text-anchor: middle; }
.gw .small { font-size: 10px; fill: #55606b; }
.gw .lag { font-size: 10px; text-anchor: start; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
.gw .box { fill: #eef4f8; stroke: #3d6b86; stroke-width: 1.2; }
.gw .action .box { fill: #fdf0d9; stroke: #9a6200; stroke-width: 2; }
.gw .outcome .box { fill: #e6f4e8; stroke: #2f7d3b; stroke-width: 2; }
.gw .exogenous .box { fill: #f2eef8; stroke: #6a4c93; }
.gw .unseen .box { stroke-dasharray: 2 3; }
.gw .outside .box { fill: #f7f7f7; stroke: #a9b1b8; }
.gw .outside text { fill: #6b747c; }
.gw path.edge { fill: none; stroke: #5b6b78; stroke-width: 1.3; }
.gw path.delayed { stroke-dasharray: 5 4; }
.gw .back path.edge { stroke: #b3261e; }
.gw .tip { fill: #5b6b78; }
.gw .back .tip, .gw .back text { fill: #b3261e; }
.gw a:focus .box, .gw a:hover .box { stroke-width: 3; }
""")

_MARKED = Html("""
.gw .touched .box { stroke-width: 3.4; }
.gw .touched text:first-of-type { font-weight: 700; }
.gw .came path.edge, .gw .other path.edge { stroke: #2f7d3b; stroke-width: 2.8; }
.gw .gone path.edge { stroke: #b3261e; stroke-width: 2.8; stroke-dasharray: 1 4; }
.gw .came .tip, .gw .came .lag, .gw .other .tip, .gw .other .lag { fill: #2f7d3b; }
.gw .gone .tip, .gw .gone .lag { fill: #b3261e; }
""")

_PAGE = """<svg class="gw" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" \
width="$width" height="$height" role="img" aria-label="$label">
<title>$label</title>
<style>$style</style>
<rect class="panel" width="$width" height="$height" rx="8"/>
$edges
$nodes
$legend
</svg>
"""

_NODE = """<g class="$kinds"><title>$title</title>$stack<rect class="box" x="$x" y="$y" width="$width" \
height="$height" rx="$round"/>$inner<text x="$middle" y="$line">$label</text>$small</g>"""


@dataclass(frozen=True)
class Marks:
    """What a change does to a graph: the nodes that it touches, and edges that come, go, or are read at other lags."""

    nodes: frozenset[str] = frozenset()
    edges: Mapping[tuple[str, str], Literal["came", "gone", "other"]] = field(default_factory=dict)

    def of(self, edge: Edge) -> str:
        """How an edge is marked; empty where it is not."""
        return self.edges.get((edge.source, edge.target), "")


_NO_MARKS = Marks()
_TIPS = {"came": "new", "gone": "gone", "other": "lags changed"}


def graph_picture(graph: Graph, label: str, links: Mapping[str, str] | None = None, marks: Marks = _NO_MARKS) -> Html:
    """The whole picture; `links` maps nodes to addresses on the page that it stands in."""
    layout = lay_out(graph, lambda name: _width(graph.nodes[name]))
    legend, needed = _legend(graph, layout)
    height = _MARGIN * 2 + max(0, layout.layers - 1) * _LAYER_HEIGHT + _NODE_HEIGHT
    width = max(layout.width, needed) + 2 * _MARGIN
    left = _MARGIN + (max(layout.width, needed) - layout.width) / 2
    return fill(
        _PAGE,
        width=_short(width),
        height=_short(height + _LEGEND_HEIGHT),
        label=label,
        style=STYLE if marks == _NO_MARKS else join([STYLE, _MARKED], ""),
        edges=join(_edges(graph, layout, left, marks)),
        nodes=join(_nodes(graph, layout, left, links or {}, marks)),
        legend=fill('<g transform="translate($x $y)">$items</g>', x=_short(_MARGIN), y=_short(height), items=legend),
    )


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _label(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"


def _small(node: Node) -> str:
    """The second line of a node: what it is many of."""
    if node.members:
        return ", ".join(filter(None, [f"{len(node.members)} variables", node.note]))
    return f"[{', '.join(node.over)}] × {node.count}" if node.over else ""


def _stacked(node: Node) -> bool:
    """Whether a node stands for several variables."""
    return bool(node.members or node.over)


def _width(node: Node) -> float:
    return max(64.0, _LETTER * max(len(_label(node.name)), 0.85 * len(_small(node))) + 22.0 + 14.0 * node.own_past)


def _top(layer: int) -> float:
    return _MARGIN + layer * _LAYER_HEIGHT


def _nodes(graph: Graph, layout: Layout, left: float, links: Mapping[str, str], marks: Marks) -> Iterator[Html]:
    for name, node in graph.nodes.items():
        middle, layer = layout.places[name]
        box = _node(node, middle + left, _top(layer), name in marks.nodes)
        yield fill('<a href="$to">$box</a>', to=links[name], box=box) if name in links else box


def _node(node: Node, middle: float, top: float, touched: bool) -> Html:
    width, small = _width(node), _small(node)
    kinds = [node.role, *(["unseen"] if not node.observed else []), *(["outside"] if node.outside else [])]
    kinds += ["touched"] if touched else []
    x = middle - width / 2
    inner = "" if node.role != "outcome" else _rectangle(x + 3, top + 3, width - 6, _NODE_HEIGHT - 6, 3)
    past = fill('<text class="small" x="$x" y="$y">↺</text>', x=_short(x + width - 11), y=_short(top + 13))
    second = fill('<text class="small" x="$x" y="$y">$small</text>', x=_short(middle), y=_short(top + 28), small=small)
    return fill(
        _NODE,
        kinds=" ".join(kinds),
        title=f"{node.name}: {node.title}",
        stack=_stack(x, top, width) if _stacked(node) else "",
        x=_short(x),
        y=_short(top),
        width=_short(width),
        height=_short(_NODE_HEIGHT),
        round=_short(_NODE_HEIGHT / 2 if node.role == "action" else 5),
        inner=inner,
        middle=_short(middle - 7 * node.own_past),
        line=_short(top + (16 if small else 21)),
        label=_label(node.name),
        small=join([*([second] if small else []), *([past] if node.own_past else [])], ""),
    )


def _stack(x: float, top: float, width: float) -> Html:
    """Two more sheets behind a node that stands for many."""
    return join((_rectangle(x + shift, top + shift, width, _NODE_HEIGHT, 5) for shift in (7, 3.5)), "")


def _rectangle(x: float, y: float, width: float, height: float, corner: float) -> Html:
    template = '<rect class="box" x="$x" y="$y" width="$width" height="$height" rx="$corner"/>'
    numbers = {"x": x, "y": y, "width": width, "height": height, "corner": corner}
    return fill(template, **{name: _short(value) for name, value in numbers.items()})


def _edges(graph: Graph, layout: Layout, left: float, marks: Marks) -> Iterator[Html]:
    """Edges that close a loop last, so that they lie on top."""
    ports = _ports(graph, layout.routes)
    for route in sorted(layout.routes, key=lambda own: own.back):
        stacked = 7.0 * _stacked(graph.nodes[route.edge.target])
        mark = marks.of(route.edge)
        tip = ", ".join(filter(None, [_TIPS.get(mark, ""), _lags(graph, route)]))
        yield _edge(route, (tip, mark), ports[route.edge], left, _NODE_HEIGHT + stacked)


def _lags(graph: Graph, route: Route) -> str:
    """What stands at an edge's tip: its lags, unless they are what the dash says already or those of many edges."""
    many = graph.nodes[route.edge.source].members or graph.nodes[route.edge.target].members
    return "" if many or route.edge.lags in {(0,), (1,)} else lags_text(route.edge.lags)


def lags_text(lags: Sequence[int]) -> str:
    """Lags with runs put together.

    >>> lags_text((0, 2, 3, 4, 6))
    '0, 2–4, 6'
    """
    runs: list[list[int]] = []
    for lag in lags:
        if runs and lag == runs[-1][-1] + 1:
            runs[-1].append(lag)
        else:
            runs.append([lag])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def _ports(graph: Graph, routes: Sequence[Route]) -> dict[Edge, tuple[float, float]]:
    """How far from the centres of its nodes each edge leaves and arrives: side by side, in the order of coming.

    What points back leaves and arrives on the right, away from what points down.
    """
    arriving: dict[tuple[str, bool], list[Route]] = defaultdict(list)
    for route in routes:
        arriving[route.edge.target, route.back].append(route)
    ports = {}
    for (target, back), own in arriving.items():
        own.sort(key=lambda route: (route.points[-2][0], route.edge.source))
        slots = [max(11.0, 6.2 * len(_lags(graph, route)) + 8.0) for route in own]
        room = _width(graph.nodes[target]) * (0.3 if back else 0.7)
        scale = min(1.0, room / sum(slots))
        arrival = _width(graph.nodes[target]) * (0.22 if back else -0.04) - sum(slots) * scale / 2
        for route, slot in zip(own, slots, strict=True):
            start = _width(graph.nodes[route.edge.source]) * (0.42 if back else 0.0)
            ports[route.edge] = start, arrival + slot * scale / 2
            arrival += slot * scale
    return ports


def _edge(route: Route, written: tuple[str, str], ports: tuple[float, float], left: float, bottom: float) -> Html:
    """One edge; `written` is what stands at its tip, and how it is marked."""
    lags, mark = written
    points = [(x + left, layer) for x, layer in route.points]
    points[0] = points[0][0] + ports[0], points[0][1]
    points[-1] = points[-1][0] + ports[1], points[-1][1]
    end, layer = points[-1]
    tip = _top(layer) + (bottom if route.back else 0.0)
    place = {"x": _short(end + 5), "y": _short(tip + (17 if route.back else -9))}
    return fill(
        '<g class="$kind"><title>$said</title><path class="$dash" d="$way"/><path class="tip" d="$tip"/>$label</g>',
        kind=" ".join(filter(None, ["back" if route.back else "on", mark])),
        said=_said(route),
        dash="edge delayed" if route.edge.delayed else "edge",
        way=_way(points, route.back, bottom),
        tip=f"M{_short(end)} {_short(tip)}l-3.6 {7 if route.back else -7}h7.2z",
        label=fill('<text class="lag" x="$x" y="$y">$lags</text>', lags=lags, **place) if lags else "",
    )


def _said(route: Route) -> str:
    lags = ", ".join("now" if lag == 0 else f"t−{lag}" for lag in route.edge.lags)
    return f"{route.edge.source} → {route.edge.target} ({lags}){', closes a loop' if route.back else ''}"


def _way(points: Sequence[tuple[float, int]], back: bool, bottom: float) -> str:
    """A smooth curve: straight through each layer, bending between them."""
    (start, first), *rest = points
    before, after = (0.0, _NODE_HEIGHT) if back else (_NODE_HEIGHT, 0.0)
    x, y = start, _top(first) + before
    pieces = [f"M{_short(x)} {_short(y)}"]
    for place, (next_x, layer) in enumerate(rest):
        next_y = _top(layer) + (bottom if back and place == len(rest) - 1 else after)
        middle = (y + next_y) / 2
        bend = " ".join(map(_short, (x, middle, next_x, middle, next_x, next_y)))
        pieces.append(f"C{bend}" if x != next_x else f"V{_short(next_y)}")
        x, y = next_x, _top(layer) + before
        if place < len(rest) - 1:
            pieces.append(f"V{_short(y)}")
    return "".join(pieces)


def _legend(graph: Graph, layout: Layout) -> tuple[Html, float]:
    """What the shapes and lines mean, of those that occur, and the width that it takes."""
    items, x = [], 0.0
    for kind, words in _meanings(graph, layout):
        width = 44.0 + 6.2 * len(words)
        sign = fill(_SIGNS[kind], x=_short(x))
        text = fill(
            '<text class="small" style="text-anchor:start" x="$x" y="14">$words</text>', x=_short(x + 32), words=words
        )
        items += [sign, text]
        x += width
    return join(items, ""), x


_SAMPLE = '<g class="%s"><rect class="box" x="$x" y="4" width="24" height="13" rx="%s"/></g>'
_LINE = '<g class="%s"><path class="edge %s" d="M$x 11h24"/></g>'
_SIGNS = {
    "state": _SAMPLE % ("state", 3),
    "action": _SAMPLE % ("action", 6.5),
    "outcome": _SAMPLE % ("outcome", 3),
    "exogenous": _SAMPLE % ("exogenous", 3),
    "unseen": _SAMPLE % ("unseen", 3),
    "now": _LINE % ("on", ""),
    "delayed": _LINE % ("on", "delayed"),
    "back": _LINE % ("back", "delayed"),
    "past": '<g><path class="edge" d="M$x 11"/></g>',
}


def _meanings(graph: Graph, layout: Layout) -> Iterator[tuple[str, str]]:
    nodes: Iterable[Node] = graph.nodes.values()
    roles = {node.role for node in nodes}
    yield from ((role, role) for role in ("state", "action", "outcome", "exogenous") if role in roles)
    if any(not node.observed for node in nodes):
        yield "unseen", "not observed"
    if any(not edge.delayed for edge in graph.edges):
        yield "now", "within the step"
    if any(edge.delayed for edge in graph.edges):
        yield "delayed", "later (1 step, or as marked)"
    if any(route.back for route in layout.routes):
        yield "back", "closes a loop"
    if any(node.own_past for node in nodes):
        yield "past", "↺ reads its own past"
