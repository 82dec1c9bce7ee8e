"""What feeds into what, as a graph that people can take in: one node for each variable, family or group of them.

A family over index sets is one node. A world of many variables is drawn twice: as groups, and each group by itself.
Groups are what names have in common before the first underscore; where names tell nothing, groups are communities of
variables that read each other [blondel2008].
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import networkx as nx

from worldmodel.describe import edges
from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import surface
from worldmodel.world import World

READABLE = 48
"""How many nodes one picture may have before they are drawn as groups."""

_SMALLEST_GROUP = 3


@dataclass(frozen=True)
class Node:
    """A variable, a family (`over` its index sets, `count` elements), or a group of several (`members`)."""

    name: str
    title: str
    role: str
    observed: bool = True
    over: tuple[str, ...] = ()
    count: int = 1
    members: tuple[str, ...] = ()
    note: str = ""
    """Of a group: which of its members are not plain states."""
    own_lags: tuple[int, ...] = ()
    outside: bool = False
    """Whether the node stands only as a neighbour in the picture of a group."""

    @property
    def own_past(self) -> bool:
        """Whether it reads its own past."""
        return bool(self.own_lags)


@dataclass(frozen=True)
class Edge:
    """`source` is read `lags` steps ago (0 is the same step) to make `target`."""

    source: str
    target: str
    lags: tuple[int, ...]

    @property
    def delayed(self) -> bool:
        """Whether the source is never read within the same step."""
        return self.lags[0] > 0


@dataclass(frozen=True)
class Graph:
    """Nodes by name, and edges between different ones, both in a fixed order."""

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]

    def inputs(self) -> Mapping[str, tuple[Edge, ...]]:
        """The edges into each node that has any."""
        found: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.target].append(edge)
        return {name: tuple(own) for name, own in found.items()}


def graph_of(world: World) -> Graph:
    """Each variable or family as a node, in alphabetical order."""
    elements = Counter(map(surface, ground(world).variables))
    lags: dict[tuple[str, str], set[int]] = defaultdict(set)
    for source, lag, target in edges(world):
        lags[source, target].add(lag)
    nodes = {
        name: Node(
            name,
            variable.file.title,
            variable.file.role,
            variable.file.observed,
            over=variable.file.over,
            count=elements[name],
            own_lags=tuple(sorted(lags.get((name, name), ()))),
        )
        for name, variable in sorted(world.variables.items())
    }
    return Graph(nodes, _edges(lags))


def condense(graph: Graph, readable: int = READABLE) -> Graph:
    """The graph itself where it is readable, or its groups as nodes."""
    if len(graph.nodes) <= readable:
        return graph
    group = groups(graph, readable)
    members: dict[str, list[str]] = defaultdict(list)
    for name in graph.nodes:
        members[group[name]].append(name)
    nodes = {name: _group(name, own, graph) for name, own in sorted(members.items())}
    return Graph(nodes, _between(graph, group))


def inside(graph: Graph, overview: Graph, name: str) -> Graph:
    """One group by itself: its members, and the nodes of the overview that they read or feed, marked as outside."""
    own = set(overview.nodes[name].members)
    place = {member: node.name for node in overview.nodes.values() for member in (node.members or (node.name,))}
    shown = {member: member if member in own else place[member] for member in graph.nodes}
    touching = [edge for edge in graph.edges if edge.source in own or edge.target in own]
    edges = _between(Graph(graph.nodes, tuple(touching)), shown)
    neighbours = {end for edge in edges for end in (edge.source, edge.target)} - own
    nodes = {member: graph.nodes[member] for member in graph.nodes if member in own}
    nodes |= {neighbour: replace(overview.nodes[neighbour], outside=True) for neighbour in sorted(neighbours)}
    return Graph(nodes, edges)


def groups(graph: Graph, readable: int = READABLE) -> dict[str, str]:
    """The group of each node, by its name; a node that stands alone is a group of its own."""
    prefixes = Counter(name.partition("_")[0] for name in graph.nodes)
    by_name = {
        name: f"{prefix}_…" if prefixes[prefix] >= _SMALLEST_GROUP else name
        for name in graph.nodes
        for prefix in (name.partition("_")[0],)
    }
    if len(set(by_name.values())) <= readable:
        return by_name
    return _communities(graph, by_name)


def _communities(graph: Graph, group: dict[str, str]) -> dict[str, str]:
    """Groups of groups that are tied to each other more than to the rest, called by the member with most ties."""
    names = sorted(set(group.values()))
    number = {name: place for place, name in enumerate(names)}
    ties: Counter[tuple[int, int]] = Counter()
    for edge in graph.edges:
        ends = number[group[edge.source]], number[group[edge.target]]
        ties[min(ends), max(ends)] += 1
    # Numbers and not names: sets of strings have another order in each process.
    net: nx.Graph[int] = nx.Graph()
    net.add_nodes_from(range(len(names)))
    net.add_weighted_edges_from((a, b, weight) for (a, b), weight in sorted(ties.items()) if a != b)
    called: dict[int, str] = {}
    for community in nx.community.louvain_communities(net, seed=0):
        hub = min(community, key=lambda place: (-net.degree(place), place))
        title = names[hub] if len(community) == 1 else f"{names[hub].removesuffix('_…')} …"
        called |= dict.fromkeys(community, title)
    return {name: called[number[own]] for name, own in group.items()}


def _group(name: str, members: Iterable[str], graph: Graph) -> Node:
    own = [graph.nodes[member] for member in members]
    if len(own) == 1:
        return own[0]
    roles = Counter(node.role for node in own)
    return Node(
        name,
        f"{len(own)} variables: " + ", ".join(node.name for node in own),
        role=own[0].role if len(roles) == 1 else "state",
        observed=any(node.observed for node in own),
        count=sum(node.count for node in own),
        members=tuple(node.name for node in own),
        note=", ".join(f"{count} {role}" for role, count in sorted(roles.items()) if role != "state"),
        own_lags=tuple(sorted({lag for node in own for lag in node.own_lags})),
    )


def _between(graph: Graph, place: Mapping[str, str]) -> tuple[Edge, ...]:
    """The edges that remain between different places."""
    lags: dict[tuple[str, str], set[int]] = defaultdict(set)
    for edge in graph.edges:
        lags[place[edge.source], place[edge.target]].update(edge.lags)
    return _edges(lags)


def _edges(lags: Mapping[tuple[str, str], Iterable[int]]) -> tuple[Edge, ...]:
    different = (pair for pair in sorted(lags) if pair[0] != pair[1])
    return tuple(Edge(*pair, tuple(sorted(lags[pair]))) for pair in different)
