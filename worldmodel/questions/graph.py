"""The causal graph of a world: of its variables with lags, and unrolled over steps.

An edge says that a mechanism reads a value, not that the value makes a difference. Mechanisms count that have weight;
rules of actions are among them. Everything here is given the parameters and which rivals hold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.simulation.intervention import Edit, Intervention, Replacement, check_interventions
from worldmodel.simulation.replacement import replaced
from worldmodel.world import World

Place = tuple[str, int]
"""A variable at a step."""


@dataclass(frozen=True, order=True)
class Edge:
    """`target` reads `source` as it was `lag` steps before."""

    source: str
    lag: int
    target: str


def causal_edges(world: World) -> tuple[Edge, ...]:
    """What each variable reads, each edge once, sorted."""
    world = ground(world)
    counting = (entry for name, entry in world.mechanisms.items() if _counts(world, name))
    return tuple(sorted({Edge(node.name, node.lag, entry.assigns) for entry in counting for node in entry.inputs}))


def _counts(world: World, mechanism: str) -> bool:
    weights = world.header.rivals.get(world.mechanisms[mechanism].assigns)
    return weights is None or weights.get(mechanism, 0.0) > 0


def summary_graph(world: World) -> "nx.DiGraph[str]":
    """Variables, and an edge wherever one reads another, with its `lags` sorted."""
    world = ground(world)
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(world.variables))
    for edge in causal_edges(world):
        if not graph.has_edge(edge.source, edge.target):
            graph.add_edge(edge.source, edge.target, lags=[])
        graph.edges[edge.source, edge.target]["lags"].append(edge.lag)
    return graph


def unrolled_graph(world: World, steps: int, interventions: Iterable[Edit] = ()) -> "nx.DiGraph[Place]":
    """Every variable at every step from its first initial value to `steps`; values before step 1 have no causes.

    A variable that is set has no causes at that step; one that follows another law has those of that law.
    """
    world = ground(world)
    edits = tuple(interventions)
    check_interventions(world, edits)
    lags = {node.lag for mechanism in world.mechanisms.values() for node in mechanism.inputs}
    graph: nx.DiGraph[Place] = nx.DiGraph()
    graph.add_nodes_from((name, step) for step in range(1 - max(lags, default=0), steps + 1) for name in world.order)
    usual = causal_edges(world)
    for step in range(1, steps + 1):
        for edge in _edges_at(world, usual, edits, step):
            graph.add_edge((edge.source, step - edge.lag), (edge.target, step))
    return graph


def _edges_at(world: World, usual: tuple[Edge, ...], edits: tuple[Edit, ...], step: int) -> Iterable[Edge]:
    active = [entry for entry in edits if entry.holds(step)]
    laws = [entry for entry in active if isinstance(entry, Replacement)]
    fixed = {entry.variable for entry in active if isinstance(entry, Intervention) and entry.factor == 0}
    edges = causal_edges(replaced(world, laws)) if laws else usual
    return (edge for edge in edges if edge.target not in fixed)


def ancestors(world: World, variable: str) -> Mapping[str, int]:
    """What a variable depends on, directly or not, with the least total lag; itself where a loop leads back."""
    return _reached(summary_graph(world).reverse(copy=False), world, variable)


def descendants(world: World, variable: str) -> Mapping[str, int]:
    """What depends on a variable, directly or not, with the least total lag; itself where a loop leads back."""
    return _reached(summary_graph(world), world, variable)


def _reached(graph: "nx.DiGraph[str]", world: World, variable: str) -> Mapping[str, int]:
    check_variable(world, variable)
    lag = {(source, target): int(data["lags"][0]) for source, target, data in graph.edges(data=True)}
    first = {after: lag[variable, after] for after in graph.successors(variable)}
    found: dict[str, int] = {}
    for start, least in first.items():
        lengths = nx.single_source_dijkstra_path_length(graph, start, weight=lambda a, b, _: lag[a, b])
        for name, length in lengths.items():
            found[name] = min(found.get(name, least + int(length)), least + int(length))
    return dict(sorted(found.items()))


def check_variable(world: World, name: str, where: str = "ask") -> None:
    """Raises InputError where the world has no such variable."""
    names = ground(world).variables
    if name not in names:
        raise InputError(
            Problem(
                code="unknown-name",
                where=where,
                found=f"the variable “{name[:200]}”",
                wanted=f"one of {', '.join(sorted(names)[:50])}",
                mend="name a variable of this world",
            )
        )
