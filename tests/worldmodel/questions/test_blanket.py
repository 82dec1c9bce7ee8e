"""Blankets of known graphs, and of random ones against networkx."""

from collections.abc import Callable

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from worldmodel.questions.blanket import markov_blanket
from worldmodel.questions.graph import unrolled_graph
from worldmodel.world import World

MakeWorld = Callable[..., World]


def policy_world(world_of: MakeWorld) -> World:
    """Slack drives inflation, the rule reads both, and the rate drives slack two steps later."""
    return world_of(
        laws={
            "slack": "Normal(0.5 * slack[t-1] - rate[t-2], 1)",
            "inflation": "Normal(inflation[t-1] + slack[t-1], 1)",
            "price": "price[t-1] + inflation[t]",
            "rate.rule": "inflation[t-1] + slack[t-1]",
            "rate.unused": "price[t-1]",
        },
        actions=["rate"],
        rivals={"rate": {"rule": 1.0}},
    )


def test_the_blanket_is_parents_children_and_spouses(world_of: MakeWorld) -> None:
    blanket = markov_blanket(policy_world(world_of), "slack")
    assert blanket.parents == (("rate", -2), ("slack", -1))
    assert blanket.children == (("inflation", 1), ("rate", 1), ("slack", 1))
    assert blanket.spouses == (("inflation", 0), ("rate", -1))


@settings(max_examples=50)
@given(edges=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 4)), max_size=12))
def test_blankets_separate_in_the_unrolled_graph_and_nothing_smaller_does(
    world_of: MakeWorld, edges: set[tuple[int, int, int]]
) -> None:
    """Against networkx, far from both ends: the blanket separates, and without any member it does not."""
    reads: dict[int, list[str]] = {target: [] for target in range(5)}
    for source, lag, target in edges:
        if lag or source < target:
            reads[target].append(f"x{source}[t-{lag}]" if lag else f"x{source}[t]")
    world = world_of(laws={f"x{target}": " + ".join(reads[target]) or "1" for target in range(5)})
    middle, steps = 4, 7
    graph = unrolled_graph(world, steps)
    here = ("x2", middle)
    blanket = {(name, middle + step) for name, step in markov_blanket(world, "x2").members}
    rest = set(graph) - blanket - {here}
    assert not rest or nx.is_d_separator(graph, {here}, rest, blanket)
    for place in blanket:
        assert not nx.is_d_separator(graph, {here}, {place}, blanket - {place})
