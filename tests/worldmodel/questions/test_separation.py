"""Separation in textbook cases, and an open path exactly where networkx finds none."""

import itertools
from collections.abc import Callable

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
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
