"""The order of assignment depends on names alone, and every cycle is met by one that is reported."""

from collections.abc import Callable, Mapping

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.checks.graph import each_cycle
from worldmodel.world import World

graphs = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4, unique=True), max_size=8
)


@given(graphs)
def test_reported_cycles_are_cycles_and_meet_every_other(graph: Mapping[str, list[str]]) -> None:
    inputs = {name: tuple(before) for name, before in (dict.fromkeys("abcdefgh", ()) | graph).items()}
    cycles = list(each_cycle(inputs))
    for cycle in cycles:
        assert all(one in inputs[other] for one, other in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    members = [name for cycle in cycles for name in cycle]
    assert len(members) == len(set(members))
    left = nx.DiGraph((one, other) for other, before in inputs.items() for one in before)
    left.remove_nodes_from(members)
    assert nx.is_directed_acyclic_graph(left)


def test_long_chains_of_cycles_take_no_time_of_their_own() -> None:
    names = [f"x{number:05}" for number in range(10_000)]
    inputs = {name: (name, later) for name, later in zip(names, [*names[1:], names[-1]], strict=True)}
    assert len(list(each_cycle(inputs))) == len(names)


def test_the_order_is_the_smallest_by_name(world_of: Callable[..., World]) -> None:
    world = world_of({"c": "Normal(0, 1)", "b": "c[t]", "a": "b[t] + z[t]", "z": "1", "d": "2"}, actions=["x", "act"])
    assert world.order == ("act", "x", "c", "b", "d", "z", "a")
