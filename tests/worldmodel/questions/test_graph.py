"""Known graphs: edges, ancestors with lags, blankets against networkx, textbook d-separation, speed."""

import itertools
import time
from collections.abc import Callable

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.questions.blanket import markov_blanket
from worldmodel.questions.graph import Edge, ancestors, causal_edges, descendants, summary_graph, unrolled_graph
from worldmodel.questions.loops import feedback_loops
from worldmodel.questions.separation import open_path, parse_places, separation
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


def test_the_blanket_is_parents_children_and_spouses(world_of: MakeWorld) -> None:
    blanket = markov_blanket(policy_world(world_of), "slack")
    assert blanket.parents == (("rate", -2), ("slack", -1))
    assert blanket.children == (("inflation", 1), ("rate", 1), ("slack", 1))
    assert blanket.spouses == (("inflation", 0), ("rate", -1))


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


CASES = [
    # chain a → b → c, fork b ← d → e, collider c → f ← e, and g below it
    ("a", "c", [], False),
    ("a", "c", ["b"], True),
    ("b", "e", ["d"], True),
    ("b", "e", [], False),
    ("c", "e", ["b", "d"], True),
    ("c", "e", ["b", "d", "f"], False),
    ("c", "e", ["b", "d", "g"], False),
    ("a", "e", [], True),
    ("a", "e", ["b"], False),
    ("a", "e", ["b", "d"], True),
]


@pytest.mark.parametrize(("left", "right", "known", "expected"), CASES)
def test_textbook_cases(left: str, right: str, known: list[str], expected: bool, world_of: MakeWorld) -> None:
    world = world_of(
        laws={
            "a": "Normal(0, 1)",
            "d": "Normal(0, 1)",
            "b": "a[t] + d[t]",
            "c": "b[t]",
            "e": "d[t]",
            "f": "c[t] + e[t]",
            "g": "f[t]",
        }
    )
    answer = separation(world, [(left, 1)], [(right, 1)], [(name, 1) for name in known])
    assert answer.separated is expected
    assert bool(answer.path) is not expected
    if answer.path:
        assert (answer.path[0], answer.path[-1]) == ((left, 1), (right, 1))


@given(
    edges=st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14),
    sides=st.permutations(range(7)),
    known=st.integers(0, 4),
)
def test_an_open_path_is_found_exactly_where_networkx_finds_no_separation(
    edges: set[tuple[int, int]], sides: list[int], known: int
) -> None:
    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    graph.add_nodes_from(("x", place) for place in range(7))
    graph.add_edges_from((("x", a), ("x", b)) for a, b in edges if a < b)
    left, right, *others = [("x", place) for place in sides]
    middle = set(others[:known])
    path = open_path(graph, [left], [right], middle)
    assert bool(path) is not nx.is_d_separator(graph, {left}, {right}, middle)
    for a, b in itertools.pairwise(path):
        assert graph.has_edge(a, b) or graph.has_edge(b, a)


def test_separation_knows_steps_and_interventions(world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    assert not separation(world, [("rate", 1)], [("inflation", 4)]).separated
    assert separation(world, [("rate", 2)], [("inflation", 4)], [("slack", 1), ("inflation", 1)]).separated
    confounded = [("rate", 3)], [("price", 3)], [("inflation", 2)]
    assert not separation(world, *confounded).separated
    done = parse_interventions(world, ["rate=1@3", "slack=0@1"])
    assert separation(world, *confounded, done).separated
    other = parse_interventions(world, ["rate~price[t-2]@3"])
    assert not separation(world, [("rate", 3)], [("price", 1)], interventions=other).separated


def test_places_are_read_or_refused(world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    assert parse_places(world, "slack@-1..1", 4) == (("slack", -1), ("slack", 0), ("slack", 1))
    assert parse_places(world, "slack", 2) == (("slack", 1), ("slack", 2))
    for text in ("slack@5", "slack@3..2", "slack@", "slack@x", "slack@-2"):
        with pytest.raises(InputError, match="malformed-place"):
            parse_places(world, text, 4)
    with pytest.raises(InputError, match="sides-overlap"):
        separation(world, [("slack", 1)], [("slack", 1)])
    with pytest.raises(InputError, match="sides-overlap"):
        separation(world, [("slack", 1)], [("rate", 1)], [("slack", 1)])


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
