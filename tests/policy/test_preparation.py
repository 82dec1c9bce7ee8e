"""What training stands on comes from simulation alone, and explosive draws are left out and counted."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch

from policy.configuration import Configuration
from policy.preparation import prepare
from policy.world_task import WorldTask
from worldmodel.build import build_world
from worldmodel.errors import EnvironmentProblem

Components = Mapping[str, dict[str, Any]]
ROOT = "ab" * 32


def uncertain(components: Components, prior: str) -> WorldTask:
    """The linear-quadratic world with an unknown persistence of its first state, for eighty steps."""
    parameters = {"persistence": {"prior": prior, "why": "a test"}}
    law = "Normal(persistence * x0[t-1] + u0[t], 0.3)"
    motion = {**components["mechanisms/motion0.toml"], "law": law, "parameters": parameters}
    floor = {**components["properties/high_enough.toml"], "property": "P(x0[t] >= -1.5 throughout 80) >= 0.8"}
    changed = {"mechanisms/motion0.toml": motion, "properties/high_enough.toml": floor}
    return WorldTask(build_world({**components, **changed}))


def test_explosive_draws_are_left_out_and_their_share_is_reported(components: Components) -> None:
    task = uncertain(components, "Uniform(0.5, 1.5)")
    ground = prepare(task, Configuration(pool=400), ROOT)
    kept = ground.pool.values["motion0.persistence"]
    assert float(kept.max()) < 1.35
    assert 0.15 < ground.unstable_share < 0.4
    assert ground.pool.draws == round(400 * (1 - ground.unstable_share))


def test_a_stable_world_loses_nothing(components: Components) -> None:
    assert prepare(uncertain(components, "Uniform(0.5, 0.9)"), Configuration(pool=50), ROOT).unstable_share == 0


def test_a_world_that_always_explodes_is_an_error(components: Components) -> None:
    with pytest.raises(EnvironmentProblem, match="no-stable-draw"):
        prepare(uncertain(components, "Uniform(2, 3)"), Configuration(pool=50), ROOT)


def test_the_scaling_is_what_simulation_shows(components: Components) -> None:
    task = uncertain(components, "Uniform(0.8, 0.81)")
    scaling = prepare(task, Configuration(pool=500), ROOT).scaling
    place = task.observations.index("x0")
    assert float(scaling.observation_sd[place]) == pytest.approx(0.3 / (1 - 0.805**2) ** 0.5, rel=0.1)
    assert torch.isinf(scaling.upper).all()
    assert float(scaling.action_sd) == 1, "a rule that never moves gives no scale"
