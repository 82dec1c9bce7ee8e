"""The environment's steps are the simulator's trajectories, and its utilities are the objective's."""

from collections.abc import Mapping
from typing import Any

import torch

from policy.environment import Environment, from_unit_box, unit_box
from policy.network import Scaling
from policy.world_task import WorldTask
from worldmodel.build import build_world
from worldmodel.simulation.noise import Noise

Components = Mapping[str, dict[str, Any]]


def test_step_by_step_it_is_what_a_whole_run_gives(us_macro: Components) -> None:
    task = WorldTask(build_world(us_macro))
    place = task.observations.index("inflation")

    def rule(observation: torch.Tensor) -> torch.Tensor:
        return (1 + 1.5 * observation[..., place : place + 1]).clamp(0, 20)

    parameters = task.parameters(1, 6)
    environment, noise = Environment(task), Noise(5)
    state = environment.init(parameters.values, noise, 6, 3)
    observation, utilities = environment.observe(state), []
    for _ in range(environment.horizon):
        state, info = environment.step(state, rule(observation), noise)
        observation = info.observation
        utilities.append(info.utilities)
    whole = task.run(rule, parameters, 5, 3)
    assert info.truncated
    assert torch.equal(torch.stack(utilities, -1), whole.utilities)
    assert torch.equal(info.alive, whole.alive)


def test_the_unit_box_is_the_support_or_four_sd() -> None:
    rows = [[0.0], [1.0], [4.0, 0.0, 1.0], [2.0, 1.0, 1.0], [0.0, -torch.inf, 0.0], [20.0, torch.inf, torch.inf]]
    scaling = Scaling(*(torch.tensor(row, dtype=torch.float64) for row in rows))
    lower, upper = unit_box(scaling)
    assert lower.tolist() == [0, -4, 0]
    assert upper.tolist() == [20, 4, 5]
    ends = torch.tensor([[-1.0, -1, -1], [1, 1, 1], [9, 9, 9], [0, 0, 0]], dtype=torch.float64)
    assert from_unit_box(ends, scaling).tolist() == [[0, -4, 0], [20, 4, 5], [20, 4, 5], [10, 0, 2.5]]
