"""A world as a task: the same trajectories whoever asks, floors in both directions, rivals one by one."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from policy.task import Requirement
from policy.world_task import WorldTask
from worldmodel.build import build_world
from worldmodel.errors import InputError

Components = Mapping[str, dict[str, Any]]


def task(components: Components) -> WorldTask:
    return WorldTask(build_world(components))


def with_floor(components: Components, text: str) -> WorldTask:
    entry = {**components["properties/high_enough.toml"], "property": text}
    return task({**components, "properties/high_enough.toml": entry})


def test_a_rule_by_name_and_the_same_rule_as_a_function_agree(components: Components) -> None:
    world = task(components)
    parameters = world.parameters(1, 8)
    named = world.run("nothing0", parameters, 2, 4)
    written = world.run(
        lambda observation: torch.zeros((*observation.shape[:-1], 1), dtype=torch.float64), parameters, 2, 4
    )
    assert torch.equal(named.utilities, written.utilities)
    assert named.utilities.shape == (1, 8, 4, 8)


def test_the_other_side_of_a_bound_is_the_complement(components: Components) -> None:
    below = with_floor(components, "P(x0[t] >= -1.5 throughout 8) >= 0.8")
    above = with_floor(components, "P(x0[t] < -1.5 within 8) <= 0.2")
    assert below.requirements == (Requirement("high_enough", 0.8),)
    assert above.requirements[0].share == pytest.approx(0.8)
    one, two = (world.run("nothing0", world.parameters(1, 50), 2, 4) for world in (below, above))
    assert torch.equal(one.kept, two.kept)
    assert 0 < int(one.kept.sum()) < one.kept.numel()
    assert torch.equal(one.kept, one.margins >= 0)


def test_gradients_reach_the_policy_through_utilities_and_margins(components: Components) -> None:
    world = task(components)
    push = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    outcome = world.run(lambda observation: push.expand(*observation.shape[:-1], 1), world.parameters(1, 4), 2, 2)
    for value in (outcome.utilities, outcome.margins):
        (gradient,) = torch.autograd.grad(value.sum(), push, retain_graph=True)
        assert float(gradient) != 0


def test_a_floor_that_looks_beyond_the_horizon_is_still_read(components: Components) -> None:
    world = with_floor(components, "P(x0[t] >= -1.5 throughout 12) >= 0.8")
    outcome = world.run("nothing0", world.parameters(1, 4), 2, 2)
    assert outcome.values["x0"].shape[-1] == 12
    assert outcome.utilities.shape[-1] == 8


def test_a_floor_must_be_a_probability(components: Components) -> None:
    with pytest.raises(InputError):
        _ = with_floor(components, "increasing(mean(x0[t]), x0[t-1])").requirements


def test_us_macro_has_its_rules_rivals_and_stakeholders(us_macro: Components) -> None:
    world = task(us_macro)
    assert world.references == ("historical_rule", "do_nothing", "taylor_rule")
    assert list(world.variants()) == ["unemployment follows investment_saving", "unemployment follows tightening"]
    assert world.stakeholders == ("borrowers", "savers", "wage_earners")
    lower, upper = world.bounds
    assert (float(lower), float(upper)) == (0, 20)
    settled = world.variants()["unemployment follows tightening"].world
    assert settled.weights_of("unemployment") == {"tightening": 1.0}
