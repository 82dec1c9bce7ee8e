"""Loops are those of networkx, shortest first, and the list says where it was cut."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.showing.graphs import graph, random_graph
from worldmodel.showing.loops import feedback_loops


@given(st.integers(2, 14), st.integers(1, 40), st.integers(0, 1000))
def test_loops_are_all_cycles(count: int, edges: int, seed: int) -> None:
    drawn = random_graph(count, edges, seed)
    net = nx.DiGraph([(edge.source, edge.target) for edge in drawn.edges])
    wanted = {tuple(cycle) for cycle in nx.simple_cycles(net, length_bound=5)}
    wanted = {(*cycle[cycle.index(min(cycle)) :], *cycle[: cycle.index(min(cycle))]) for cycle in wanted}
    found = feedback_loops(drawn, longest=5, most=100_000)
    assert {loop.names for loop in found.found} == wanted
    assert len(found.found) == len(wanted)
    lengths = [len(loop.names) for loop in found.found]
    assert lengths == sorted(lengths)
    if not found.cut_off:
        assert len(list(nx.simple_cycles(net))) == len(wanted)


def test_a_round_takes_the_lags_along_it() -> None:
    (loop,) = feedback_loops(graph({("a", "b"): (0, 2), ("b", "c"): (1,), ("c", "a"): (3,)})).found
    assert (loop.names, loop.fewest, loop.most) == (("a", "b", "c"), 4, 6)
    assert str(loop) == "a → b → c → a (4 to 6 steps)"


def test_the_list_says_that_it_was_cut() -> None:
    dense = graph({(a, b): (1,) for a in "abcdefgh" for b in "abcdefgh" if a != b})
    found = feedback_loops(dense, most=10)
    assert len(found.found) == 10
    assert "more" in found.cut_off
    ring = graph({(f"v{n}", f"v{(n + 1) % 12:}"): (1,) for n in range(12)})
    assert feedback_loops(ring, longest=6) == type(found)((), "loops through more than 6 variables are not listed")
    assert feedback_loops(ring, longest=12).cut_off == ""


def test_a_search_without_end_is_ended() -> None:
    # Every cycle has even length here, so that the search for odd ones finds nothing, however long it looks.
    names = [f"{side}{n:02}" for side in "ab" for n in range(40)]
    halves = graph({(a, b): (1,) for a in names for b in names if a[0] != b[0]})
    found = feedback_loops(halves, longest=7, most=100_000_000)
    assert "search ended" in found.cut_off


def test_without_loops_there_is_nothing_to_say() -> None:
    found = feedback_loops(graph({("a", "b"): (1,)}))
    assert (found.found, found.cut_off) == ((), "")
