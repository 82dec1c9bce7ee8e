"""Who acts: a policy, a named rule of the world, or the rule that world.toml names."""

from collections.abc import Callable

import pytest

from worldmodel.errors import InputError
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

LAWS = {"x": "x[t-1] + a[t] + 10 * b[t]", "a.one": "1", "a.past": "x[t-3]", "b.nothing": "0"}


@pytest.fixture
def world(world_of: Callable[..., World]) -> World:
    return world_of(
        laws=LAWS,
        actions=["a", "b"],
        rivals={"a": {"one": 1.0}},
        initial={"x": ["Delta(1)", "Delta(2)", "Delta(3)"]},
    )


def test_rules_read_all_lags_and_other_actions_follow_their_default(world: World) -> None:
    assert simulate(world, None, 3, 1).values["a"].flatten().tolist() == [1, 1, 1]
    assert simulate(world, "past", 3, 1).values["a"].flatten().tolist() == [3, 2, 1]
    assert simulate(world, ["past", "nothing"], 3, 1).values["a"].flatten().tolist() == [3, 2, 1]


def test_a_name_that_is_no_rule_is_told(world: World) -> None:
    with pytest.raises(InputError, match=r"unknown-rule.*“x”.*nothing, one, past"):
        simulate(world, "x", 3, 1)


def test_an_action_that_nothing_chooses_is_told_unless_interventions_set_it(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "a[t]"}, actions=["a"])
    with pytest.raises(InputError, match="no-rule"):
        simulate(world, None, 4, 1)
    with pytest.raises(InputError, match="no-rule"):
        simulate(world, None, 4, 1, interventions=[Intervention("a", 2.0, 1, 3)])
    halves = [Intervention("a", 2.0, 1, 2), Intervention("a", 5.0, 3)]
    assert simulate(world, None, 4, 1, interventions=halves).values["x"].flatten().tolist() == [2, 2, 5, 5]


def test_a_rule_may_draw_and_a_rule_that_cannot_fails_the_trajectory(world_of: Callable[..., World]) -> None:
    laws = {"x": "a[t]", "a.random": "Normal(0, 1)", "a.wrong": "Normal(0, x[t-1])"}
    world = world_of(laws=laws, actions=["a"], rivals={"a": {"random": 1.0}})
    assert simulate(world, None, 2, 50).values["a"].std() > 0.5
    assert not simulate(world, "wrong", 2, 5).alive.any()
