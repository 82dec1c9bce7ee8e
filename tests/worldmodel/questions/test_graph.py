"""Known graphs: edges, what is reached with which lag, what unrolling and interventions make of it, and speed."""

import time
from collections.abc import Callable

import pytest

from worldmodel.errors import InputError
from worldmodel.questions.blanket import markov_blanket
from worldmodel.questions.graph import Edge, ancestors, causal_edges, descendants, summary_graph, unrolled_graph
from worldmodel.questions.loops import feedback_loops
from worldmodel.questions.separation import separation
from worldmodel.simulation.intervention import parse_interventions
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


def test_edges_are_what_mechanisms_with_weight_read(world_of: MakeWorld) -> None:
    assert causal_edges(policy_world(world_of)) == tuple(
        sorted(
            [
                Edge("slack", 1, "slack"),
                Edge("rate", 2, "slack"),
                Edge("inflation", 1, "inflation"),
                Edge("slack", 1, "inflation"),
                Edge("price", 1, "price"),
                Edge("inflation", 0, "price"),
                Edge("inflation", 1, "rate"),
                Edge("slack", 1, "rate"),
            ]
        )
    )


def test_ancestors_and_descendants_have_the_least_total_lag(world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    assert ancestors(world, "price") == {"price": 1, "inflation": 0, "slack": 1, "rate": 3}
    assert descendants(world, "rate") == {"slack": 2, "inflation": 3, "price": 3, "rate": 3}
    with pytest.raises(InputError, match="unknown-name"):
        ancestors(world, "q")


def test_a_thousand_mechanisms_take_a_second(world_of: MakeWorld) -> None:
    laws = {f"x{place}": f"Normal(x{place}[t-1] + x{(place + 1) % 1000}[t-1], 1)" for place in range(1000)}
    world = world_of(laws=laws)
    begun = time.perf_counter()
    assert summary_graph(world).number_of_edges() > 1900
    assert len(markov_blanket(world, "x7").members) >= 4
    assert len(ancestors(world, "x7")) == 1000
    assert feedback_loops(world, longest=3).complete
    assert not separation(world, [("x7", 1)], [("x7", 4)]).separated
    assert time.perf_counter() - begun < 5


def test_an_unrolled_graph_begins_with_values_without_causes(world_of: MakeWorld) -> None:
    graph = unrolled_graph(policy_world(world_of), 2)
    assert min(step for _, step in graph) == -1
    assert all(graph.in_degree((name, step)) == 0 for name, step in graph if step < 1)
    assert set(graph.predecessors(("slack", 1))) == {("slack", 0), ("rate", -1)}


def test_interventions_change_the_arrows_of_their_steps(world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    texts = ["rate=1@1", "slack+=1@1", "inflation~price[t-2]@2"]
    graph = unrolled_graph(world, 2, parse_interventions(world, texts))
    assert not set(graph.predecessors(("rate", 1)))
    assert set(graph.predecessors(("rate", 2))) == {("inflation", 1), ("slack", 1)}
    assert set(graph.predecessors(("slack", 1))) == {("slack", 0), ("rate", -1)}
    assert set(graph.predecessors(("inflation", 2))) == {("price", 0)}
