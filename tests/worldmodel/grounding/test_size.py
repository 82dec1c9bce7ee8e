"""What a text becomes when it is written out is told before: in nodes, and in how deep they lie."""

import pytest

from tests.worldmodel.surface_worlds import EPIDEMIC, world_from
from worldmodel.grounding.ground import ground
from worldmodel.grounding.size import MOST, Extent, _extent, grounded_extent
from worldmodel.language.ir import Node
from worldmodel.language.parser import parse_expression
from worldmodel.language.walk import children, walk
from worldmodel.scope import Scope, mechanism_scope, world_scope

SCOPE = Scope(indices={"r": tuple(f"e{number}" for number in range(1_000))})


def _depth(node: Node) -> int:
    return 1 + max(map(_depth, children(node)), default=0)


@pytest.mark.parametrize(
    ("text", "nodes", "depth"),
    [
        ("a + b", 3, 2),
        ("sum(a over r)", 2_000, 11),
        ("sum(sum(a + b over r) over r)", MOST, 22),
        ("x + x", 2 * MOST, 8),
    ],
)
def test_extents(text: str, nodes: int, depth: int) -> None:
    found = _extent(parse_expression(text), SCOPE, {"x": Extent(MOST, 7)})
    assert found == (min(MOST, nodes), depth)


def test_no_grounded_law_is_larger_or_deeper_than_was_told() -> None:
    world = world_from(EPIDEMIC)
    scope = world_scope(world.header, world.variables)
    for name, mechanism in world.mechanisms.items():
        told = grounded_extent(mechanism, mechanism_scope(scope, mechanism))
        written = [one.law for one in ground(world).mechanisms.values() if one.owner == name]
        assert sum(sum(1 for _ in walk(law)) for law in written) <= told.nodes
        assert max(map(_depth, written)) <= told.depth
