import pytest

from reviewer.behaviour.finite_law import compare_after, law_after
from tests.worldmodel.surface_worlds import HEAD, mechanism, variable, world_from
from worldmodel.world import World

# Knuth and Yao's die from fair coins: state 0 is the root, 1 to 6 inner nodes, 7 to 12 the faces.
NEXT = {0: (1, 2), 1: (3, 4), 2: (5, 6), 3: (1, 7), 4: (8, 9), 5: (10, 11), 6: (12, 2)}


def _world(law: str) -> World:
    support = 'kind = "integer"\nlower = 0\nupper = 12'
    files = {
        "world.toml": HEAD + 'step = "day"\n',
        "variables/coin.toml": variable("coin", support='kind = "integer"\nlower = 0\nupper = 1'),
        "variables/node.toml": variable("node", support=support),
        "mechanisms/coin.toml": mechanism("coin", "Bernoulli(0.5)"),
        "mechanisms/node.toml": mechanism("node", law),
    }
    return world_from(files)


def _tree() -> str:
    text = "node[t-1]"
    for node, (heads, tails) in reversed(NEXT.items()):
        text = f"if node[t-1] == {node} then (if coin[t] == 1 then {heads} else {tails}) else {text}"
    return text


def _thrown(loaded: float = 0.0) -> str:
    faces = [0.0] * 7 + [1 / 6 + loaded, *[1 / 6] * 4, 1 / 6 - loaded]
    thrown = ", ".join(
        f"(if node[t-1] == 0 then {face} else if node[t-1] == {place} then 1 else 0)"
        for place, face in enumerate(faces)
    )
    return f"Categorical({thrown})"


def test_knuth_and_yaos_die_is_a_die() -> None:
    faces = law_after(_world(_tree()), "node", 60)
    assert [faces[f"x{face}"] for face in range(7, 13)] == pytest.approx([1 / 6] * 6, abs=1e-12)


def test_it_is_equal_to_a_thrown_one_and_not_to_a_loaded_one() -> None:
    coins = _world(_tree())
    assert compare_after(coins, _world(_thrown()), "node", 60).verdict == "equal"
    found = compare_after(coins, _world(_thrown(0.01)), "node", 60)
    assert found.verdict == "different"
    assert "0.166667 before" in found.witness


def test_one_step_from_the_root_is_one_coin() -> None:
    assert law_after(_world(_tree()), "node", 1) == pytest.approx({"x1": 0.5, "x2": 0.5})
