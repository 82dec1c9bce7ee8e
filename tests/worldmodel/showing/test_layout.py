"""Layers point down, only loops point back, nothing overlaps, and a large graph is laid out in seconds."""

import time
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.showing.graphs import graph, random_graph
from worldmodel.showing.layout import lay_out, layers
from worldmodel.showing.places import _crossings, place


def test_an_empty_graph_has_no_layers() -> None:
    found = lay_out(graph({}), lambda _: 10.0)
    assert (found.layers, found.width, found.routes) == (0, 0.0, ())


@given(st.integers(2, 40), st.integers(0, 90), st.integers(0, 1000))
def test_edges_point_down_and_only_what_closes_a_loop_points_up(count: int, edges: int, seed: int) -> None:
    drawn = random_graph(count, edges, seed)
    layer = layers(drawn)
    net = nx.DiGraph([(edge.source, edge.target) for edge in drawn.edges])
    part = {name: number for number, own in enumerate(nx.strongly_connected_components(net)) for name in own}
    for edge in drawn.edges:
        assert layer[edge.source] != layer[edge.target]
        if not edge.delayed or part[edge.source] != part[edge.target]:
            assert layer[edge.source] < layer[edge.target], edge


@given(st.integers(2, 30), st.integers(0, 60), st.integers(0, 1000))
def test_nodes_keep_their_distance(count: int, edges: int, seed: int) -> None:
    drawn = random_graph(count, edges, seed)
    found = lay_out(drawn, lambda name: 40.0 + 3 * (int(name[1:]) % 7))
    rows: dict[int, list[tuple[float, float]]] = {}
    for name, (x, layer) in found.places.items():
        rows.setdefault(layer, []).append((x, 40.0 + 3 * (int(name[1:]) % 7)))
    for row in rows.values():
        row.sort()
        for (a, wide), (b, other) in pairwise(row):
            assert b - a >= (wide + other) / 2 + 25.0
    assert all(0 <= x <= found.width for x, _ in found.places.values())


@given(st.integers(2, 30), st.integers(0, 60), st.integers(0, 1000))
def test_ways_go_from_layer_to_layer(count: int, edges: int, seed: int) -> None:
    drawn = random_graph(count, edges, seed)
    found = lay_out(drawn, lambda _: 50.0)
    assert {route.edge for route in found.routes} == set(drawn.edges)
    for route in found.routes:
        assert route.points[0] == found.places[route.edge.source]
        assert route.points[-1] == found.places[route.edge.target]
        steps = {b - a for (_, a), (_, b) in zip(route.points, route.points[1:], strict=False)}
        assert steps == ({-1} if route.back else {1})


def test_a_crossing_that_can_be_avoided_is() -> None:
    wide = graph({("a", "z"): (0,), ("b", "y"): (0,), ("c", "x"): (0,), ("d", "w"): (0,)})
    places = lay_out(wide, lambda _: 50.0).places
    upper = sorted("abcd", key=lambda name: places[name][0])
    lower = sorted("wxyz", key=lambda name: places[name][0])
    assert [{"a": "z", "b": "y", "c": "x", "d": "w"}[name] for name in upper] == lower


def test_crossings_are_counted_as_pairs_that_cross() -> None:
    source = np.random.default_rng(0)
    links = np.unique(source.integers(0, 8, (20, 2)), axis=0)
    links[:, 1] += 8
    order = [np.arange(8), np.arange(8, 16)]
    wanted = sum((a < c) and (b > d) for a, b in links for c, d in links)
    assert _crossings(order, [links, links[:0]]) == wanted


def test_one_place_stands_at_its_own_middle() -> None:
    assert place(np.array([0]), np.array([False]), np.array([30.0]), []) == ([15.0], 30.0)


def test_independent_variables_are_wrapped_into_rows() -> None:
    found = layers(random_graph(400, 0))
    assert max(found.values()) >= 10


@pytest.mark.stress
def test_a_thousand_nodes_take_seconds() -> None:
    start = time.process_time()
    lay_out(random_graph(1000, 3000), lambda _: 60.0)
    assert time.process_time() - start < 5
