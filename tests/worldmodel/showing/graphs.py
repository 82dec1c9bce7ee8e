"""Graphs for tests: by hand, and at random with loops of every kind."""

import random

from worldmodel.showing.graph import Edge, Graph, Node


def graph(edges: dict[tuple[str, str], tuple[int, ...]], alone: tuple[str, ...] = ()) -> Graph:
    """A graph by its edges."""
    names = sorted({name for pair in edges for name in pair} | set(alone))
    nodes = {name: Node(name, name, "state") for name in names}
    return Graph(nodes, tuple(Edge(*pair, lags) for pair, lags in sorted(edges.items())))


def random_graph(nodes: int, edges: int, seed: int = 0) -> Graph:
    """Edges within the step follow an order; delayed ones go anywhere."""
    source = random.Random(seed)
    found: dict[tuple[str, str], set[int]] = {}
    for _ in range(edges):
        a, b = source.sample(range(nodes), 2)
        lag = source.choice([0, 0, 0, 1, 1, 2, 5])
        pair = (min(a, b), max(a, b)) if lag == 0 else (a, b)
        found.setdefault((f"v{pair[0]:04}", f"v{pair[1]:04}"), set()).add(lag)
    names = tuple(f"v{number:04}" for number in range(nodes))
    return graph({pair: tuple(sorted(lags)) for pair, lags in found.items()}, names)
