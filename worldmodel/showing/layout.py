"""Where the nodes of a graph are drawn: layer below layer, edges pointing down, few crossings [sugiyama1981].

Four steps: an order in which as few edges as possible point back (only edges that close a loop do), layers of limited
width along that order, an order within each layer by the mean place of the neighbours, and places that keep their
distance while edges stay straight. All edges of one source share their way through the layers between. The same graph
always has the same drawing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt

import networkx as nx
import numpy as np

from worldmodel.showing.graph import Edge, Graph
from worldmodel.showing.places import place

LANE = 12.0
"""The width that an edge on its way through a layer takes."""

Key = tuple[str, str, int]
"""A place in a layer: a node's own (`"node"`), or that of its edges on their way down or up."""


@dataclass(frozen=True)
class Route:
    """An edge as the horizontal places of its way, with the layer of each; `back` where it points up."""

    edge: Edge
    points: tuple[tuple[float, int], ...]
    back: bool


@dataclass(frozen=True)
class Layout:
    """The horizontal centre and the layer of each node, the number of layers, and the ways of all edges."""

    places: Mapping[str, tuple[float, int]]
    layers: int
    width: float
    routes: tuple[Route, ...]


def lay_out(graph: Graph, width_of: Callable[[str], float]) -> Layout:
    """Places for every node; `width_of` says how wide each one is drawn."""
    layer = layers(graph)
    chains = {edge: _chain(edge, layer) for edge in graph.edges}
    nodes = (("node", name, layer[name]) for name in graph.nodes)
    keys = sorted({*nodes, *(key for chain in chains.values() for key in chain)}, key=lambda key: (key[2], key))
    widths = np.array([width_of(key[1]) if key[0] == "node" else LANE for key in keys])
    number = {key: place for place, key in enumerate(keys)}
    steps = {(number[a], number[b]) for chain in chains.values() for a, b in pairwise(chain)}
    links = {(min(step), max(step)) for step in steps}
    lanes = np.array([key[0] != "node" for key in keys], dtype=bool)
    x, width = place(np.array([key[2] for key in keys]), lanes, widths, sorted(links))
    routes = tuple(
        Route(edge, tuple((x[number[key]], key[2]) for key in chain), layer[edge.target] < layer[edge.source])
        for edge, chain in chains.items()
    )
    places = {name: (x[number["node", name, layer[name]]], layer[name]) for name in graph.nodes}
    return Layout(places, max(layer.values(), default=-1) + 1, width, routes)


def layers(graph: Graph) -> dict[str, int]:
    """The layer of each node, from 0; only edges that close a loop lead to the same or an earlier one."""
    sequence = _sequence(graph)
    rank = {name: place for place, name in enumerate(sequence)}
    above: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges:
        first, second = sorted((edge.source, edge.target), key=rank.__getitem__)
        above[second].add(first)
    widest = max(6, ceil(1.2 * sqrt(len(sequence))))
    filled: dict[int, int] = defaultdict(int)
    layer: dict[str, int] = {}
    for name in sequence:
        lowest = max((layer[other] + 1 for other in above[name]), default=0)
        while filled[lowest] >= widest:
            lowest += 1
        layer[name] = lowest
        filled[lowest] += 1
    return layer


def _sequence(graph: Graph) -> list[str]:
    """An order of nodes in which few edges point back, and those of the same step before all others [eades1993].

    Parts that are not on a common loop come in their own order, so that whatever points back does close a loop.
    """
    net: nx.DiGraph[str] = nx.DiGraph()
    net.add_nodes_from(graph.nodes)
    net.add_edges_from((edge.source, edge.target) for edge in graph.edges)
    parts = nx.condensation(net)
    first = {part: min(parts.nodes[part]["members"]) for part in parts}
    order = nx.lexicographical_topological_sort(parts, key=first.__getitem__)
    own: dict[str, int] = {name: part for part in parts for name in parts.nodes[part]["members"]}
    edges: dict[int, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if own[edge.source] == own[edge.target]:
            edges[own[edge.source]].append(edge)
    return [name for part in order for name in _greedy(sorted(parts.nodes[part]["members"]), edges[part])]


def _greedy(names: Sequence[str], edges: Iterable[Edge]) -> list[str]:
    """One part that is on common loops: next is what feeds most and is fed least by what is left."""
    waiting: dict[str, set[str]] = {name: set() for name in names}
    balance = dict.fromkeys(names, 0)
    touching: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        balance[edge.source] += 1
        balance[edge.target] -= 1
        touching[edge.source].append(edge)
        touching[edge.target].append(edge)
        if not edge.delayed:
            waiting[edge.target].add(edge.source)
    left, sequence = dict.fromkeys(names), []
    while left:
        ready = [name for name in left if not waiting[name]] or list(left)
        chosen = min(ready, key=lambda name: (-balance[name], name))
        del left[chosen]
        sequence.append(chosen)
        for edge in touching[chosen]:
            balance[edge.target] += edge.source == chosen
            balance[edge.source] -= edge.target == chosen
            waiting[edge.target].discard(chosen)
    return sequence


def _chain(edge: Edge, layer: Mapping[str, int]) -> tuple[Key, ...]:
    """The places that an edge goes through, its two nodes included."""
    start, end = layer[edge.source], layer[edge.target]
    step, way = (1, "down") if end > start else (-1, "up")
    between = [(way, edge.source, place) for place in range(start + step, end, step)]
    return (("node", edge.source, start), *between, ("node", edge.target, end))
