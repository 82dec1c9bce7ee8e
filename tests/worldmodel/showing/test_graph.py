"""Graphs that people can take in: families are one node, large worlds are groups, and nothing gets lost on the way."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.showing.graphs import graph, random_graph
from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER, world_from
from worldmodel.showing.graph import READABLE, Edge, condense, graph_of, groups, inside
from worldmodel.showing.listing import listing_lines
from worldmodel.world import World


def test_families_are_one_node_and_bindings_and_tables_are_seen_through() -> None:
    found = graph_of(world_from(EPIDEMIC))
    assert found.nodes["infected"].over == ("region",)
    assert found.nodes["infected"].count == 3
    assert found.nodes["infected"].own_lags == (1,)
    assert found.edges == (Edge("infected", "total", (0,)), Edge("weather", "infected", (1,)))
    static = graph_of(world_from(SPRINKLER))
    assert [(edge.source, edge.target) for edge in static.edges] == [
        ("rain", "grass"),
        ("rain", "sprinkler"),
        ("sprinkler", "grass"),
    ]


def test_every_lag_of_every_rival_is_on_the_edge(world_of: Callable[..., World]) -> None:
    world = world_of(
        laws={"y.one": "x[t-2] + y[t-1]", "y.two": "x[t] + x[t-3]", "x": "1"}, rivals={"y": {"one": 1.0, "two": 1.0}}
    )
    found = graph_of(world)
    assert found.edges == (Edge("x", "y", (0, 2, 3)),)
    assert not found.edges[0].delayed
    assert found.nodes["y"].own_lags == (1,)


def test_what_is_readable_stays_as_it_is() -> None:
    small = random_graph(READABLE, 60)
    assert condense(small) is small


@given(st.integers(60, 200), st.integers(0, 400), st.integers(0, 5), st.booleans())
def test_groups_hold_every_variable_once_and_keep_every_edge(count: int, edges: int, seed: int, named: bool) -> None:
    large = random_graph(count, edges, seed)
    if named:
        called = {name: f"{'abcde'[int(name[1:]) % 5]}_{name}" for name in large.nodes}
        large = graph({(called[e.source], called[e.target]): e.lags for e in large.edges}, tuple(called.values()))
    overview = condense(large)
    members = [member for node in overview.nodes.values() for member in (node.members or (node.name,))]
    assert sorted(members) == sorted(large.nodes)
    place = {member: node.name for node in overview.nodes.values() for member in (node.members or (node.name,))}
    wanted = {(place[e.source], place[e.target]) for e in large.edges} - {(name, name) for name in overview.nodes}
    assert {(e.source, e.target) for e in overview.edges} == wanted
    for name, node in overview.nodes.items():
        if node.members:
            own = inside(large, overview, name)
            assert {n for n, drawn in own.nodes.items() if not drawn.outside} == set(node.members)
            kept = {(e.source, e.target) for e in own.edges if not own.nodes[e.source].outside}
            assert {(e.source, e.target) for e in large.edges if {e.source, e.target} <= set(node.members)} <= kept


def test_names_that_share_a_beginning_are_a_group() -> None:
    names = (*(f"{first}_{number}" for first in ("bank", "wage") for number in range(40)), "sun", "sea_level")
    found = groups(graph({}, names))
    assert found["bank_3"] == "bank_…"
    assert found["sun"] == "sun"
    assert found["sea_level"] == "sea_level"


def test_a_group_says_which_of_its_members_are_not_states(world_of: Callable[..., World]) -> None:
    world = world_of(laws={f"tax_{n}": "1" for n in range(60)}, actions=["tax_rule"])
    node = condense(graph_of(world)).nodes["tax_…"]
    assert (node.role, node.note, len(node.members)) == ("state", "1 action", 61)


def test_the_listing_names_every_variable_and_what_it_reads() -> None:
    large = random_graph(90, 200, 3)
    lines = list(listing_lines(large, condense(large)))
    for name in large.nodes:
        (line,) = [own.strip() for own in lines if own.strip().startswith(f"{name} ←")]
        for edge in large.edges:
            if edge.target == name:
                assert edge.source in line


def test_the_listing_says_lags_as_the_language_does() -> None:
    found = graph({("a", "b"): (0,), ("c", "b"): (2,), ("d", "b"): (1, 2, 3), ("e", "b"): (1, 4)})
    assert list(listing_lines(found, found))[-1] == "b ← a[t], c[t-2], d[t-1 to t-3], e[t-1], e[t-4]"
    assert list(listing_lines(found, found, static=True))[-1] == "b ← a, c, d, e"


def test_the_order_of_sets_of_names_does_not_matter() -> None:
    root = Path(__file__).parents[3]
    program = (
        "from tests.worldmodel.showing.graphs import random_graph\n"
        "from worldmodel.showing.graph import condense\n"
        "from worldmodel.showing.loops import feedback_loops\n"
        "from worldmodel.showing.picture import graph_picture\n"
        "large = random_graph(130, 300)\n"
        "print(condense(large), graph_picture(condense(large), 'x').text, feedback_loops(large))\n"
    )
    told = set()
    for salt in ("0", "1"):
        environment = {"PYTHONHASHSEED": salt, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
        told.add(ran.stdout)
    assert len(told) == 1
