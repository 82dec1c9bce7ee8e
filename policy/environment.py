"""The world as an environment for learners of any kind: batched, in torch, differentiable, with `init` and `step`.

State is what the next step needs, Info is what a learner may know of the step: the next observation, each stakeholder's
utility, which trajectories are still inside their support, and whether the horizon has come. There is no clock among
the observations, so the end of the horizon is truncation and not the end of the world.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from policy.network import Scaling
from policy.world_task import WorldTask
from worldmodel.readings.log_density import constant
from worldmodel.readings.torch_expression import Environment as Names
from worldmodel.readings.torch_expression import evaluate
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.state import State
from worldmodel.world import Utility

_UNBOUNDED_SPREAD = 4.0


@dataclass(frozen=True)
class EnvironmentState:
    """The world's state with what stays fixed along trajectories.

    Parameters, and values before the step for utilities.
    """

    world: State
    parameters: Parameters


@dataclass(frozen=True)
class StepInfo:
    """What came of a step."""

    observation: Float[Tensor, "draws batch observation"]
    utilities: Float[Tensor, "stakeholder draws batch"]
    alive: Bool[Tensor, "draws batch"]
    truncated: bool


class Environment:
    """A task as an environment. `stakeholders` names the first axis of the utilities."""

    def __init__(self, task: WorldTask) -> None:
        self.simulator = task.simulator
        self.observations, self.actions = task.observations, task.actions
        self.stakeholders = task.stakeholders
        self.horizon = task.objective.horizon
        self._utilities = tuple(task.world.utilities[name] for name in task.stakeholders)

    def init(self, parameters: Parameters, noise: Noise, draws: int, batch: int) -> EnvironmentState:
        """The state before step 1 of draws × batch trajectories."""
        return EnvironmentState(self.simulator.init(parameters, noise, draws, batch), parameters)

    def observe(self, state: EnvironmentState) -> Float[Tensor, "draws batch observation"]:
        """What a policy sees before it acts."""
        return self.simulator.observe(state.world)

    def step(
        self, state: EnvironmentState, action: Float[Tensor, "draws batch action"], noise: Noise
    ) -> tuple[EnvironmentState, StepInfo]:
        """One step under actions in the world's own units."""
        world, _ = self.simulator.step(state.world, action, state.parameters, noise)
        rows = [_utility(entry, state.world, world) for entry in self._utilities]
        utilities = torch.stack([row.expand(world.alive.shape) for row in rows])
        after = EnvironmentState(world, state.parameters)
        return after, StepInfo(self.observe(after), utilities, world.alive, world.time >= self.horizon)


def _utility(utility: Utility, before: State, after: State) -> Tensor:
    """A utility at one step; lag k ≥ 1 is found where it was before the step."""
    named = {name: constant(entry.value) for name, entry in utility.file.constants.items()}

    def variable(name: str, lag: int) -> Tensor:
        return before.history[name][lag - 1] if lag else after.history[name][0]

    return evaluate(utility.expression, Names(named.__getitem__, variable, after.start.__getitem__))


def unit_box(scaling: Scaling) -> tuple[Float[Tensor, " action"], Float[Tensor, " action"]]:
    """What −1 and 1 stand for in each action.

    The ends of its support, or four sd around the usual action without one.
    """
    lower = torch.maximum(scaling.lower, scaling.action_mean - _UNBOUNDED_SPREAD * scaling.action_sd)
    upper = torch.minimum(scaling.upper, scaling.action_mean + _UNBOUNDED_SPREAD * scaling.action_sd)
    bounded = torch.isfinite(scaling.lower) & torch.isfinite(scaling.upper)
    return torch.where(bounded, scaling.lower, lower), torch.where(bounded, scaling.upper, upper)


def from_unit_box(action: Float[Tensor, "*any action"], scaling: Scaling) -> Float[Tensor, "*any action"]:
    """Actions in [−1, 1] to the world's own units."""
    lower, upper = unit_box(scaling)
    return lower + (action.clamp(-1, 1) + 1) / 2 * (upper - lower)
