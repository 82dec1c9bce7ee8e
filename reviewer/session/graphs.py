"""The world's graph for the browser: nodes with their places, edges with their ways, and what the change touches.

The layout is `worldmodel.showing.layout`, so that the session, pages and pictures agree; the browser only draws.
"""

from collections.abc import Collection, Mapping
from typing import Any

from worldmodel.build import build_world
from worldmodel.files import COMPONENT_PATH, parse_toml
from worldmodel.showing.graph import Graph, Node, graph_of
from worldmodel.showing.layout import Route, lay_out
from worldmodel.visible import shown
from worldmodel.world import World

LETTER = 7.2
LONGEST_LABEL = 26
NODE_HEIGHT = 30.0
LAYER_HEIGHT = 72.0


def world_of(files: Mapping[str, bytes]) -> World:
    """The checked world of these files, governance apart; raises InputError with everything that is wrong."""
    return build_world({path: parse_toml(path, data) for path, data in files.items() if COMPONENT_PATH.match(path)})


def graph_value(graph: Graph, touched: Collection[str]) -> dict[str, Any]:
    """The graph as JSON: places in units of the drawing, node sizes, and which nodes the change touches."""
    layout = lay_out(graph, lambda name: _width(graph.nodes[name]))
    return {
        "width": round(layout.width, 1),
        "height": round((layout.layers - 1) * LAYER_HEIGHT + NODE_HEIGHT, 1),
        "nodes": [_node(node, layout.places[name], name in touched) for name, node in graph.nodes.items()],
        "edges": [_edge(route) for route in layout.routes],
    }


def touched_by(world: World, paths: Collection[str]) -> frozenset[str]:
    """The variables that changed components declare, or whose mechanisms or posteriors they are."""
    assigned = {name: mechanism.file.target for name, mechanism in world.mechanisms.items()}
    found = set()
    for path in paths:
        folder, _, name = path.removesuffix(".toml").rpartition("/")
        if folder == "variables":
            found.add(name)
        elif folder in {"mechanisms", "posteriors"} and name in assigned:
            found.add(assigned[name])
    return frozenset(found)


def change_graph(files: Mapping[str, bytes], paths: Collection[str]) -> dict[str, Any]:
    """The graph of the world as a change would make it."""
    world = world_of(files)
    return graph_value(graph_of(world), touched_by(world, paths))


def _width(node: Node) -> float:
    """Wide enough for the name, the sign of what is touched, and that of its own past."""
    return max(56.0, LETTER * (len(_label(node.name)) + 2 + 2 * node.own_past) + 16.0)


def _label(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"


def _node(node: Node, place: tuple[float, int], touched: bool) -> dict[str, Any]:
    x, layer = place
    return {
        "name": shown(node.name),
        "label": shown(_label(node.name)),
        "title": shown(node.title),
        "role": node.role,
        "observed": node.observed,
        "touched": touched,
        "own_past": node.own_past,
        "x": round(x, 1),
        "y": round(layer * LAYER_HEIGHT, 1),
        "width": round(_width(node), 1),
        "height": NODE_HEIGHT,
    }


def _edge(route: Route) -> dict[str, Any]:
    return {
        "source": shown(route.edge.source),
        "target": shown(route.edge.target),
        "lags": list(route.edge.lags),
        "back": route.back,
        "points": [[round(x, 1), round(layer * LAYER_HEIGHT, 1)] for x, layer in route.points],
    }
