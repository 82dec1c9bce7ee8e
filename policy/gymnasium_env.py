"""The environment as Gymnasium knows it, single and vectorised, for learners that are not ours.

Actions lie in [−1, 1] and stand for the ends of each action's support. The scalar reward is the weighted sum of the
stakeholders' utilities of the step; `info["utilities"]` has them one by one, since not every approved objective is a
sum. Every episode has parameters of its own from what was approved about them. A trajectory that leaves its support
stays at its last good values until the horizon, as in the simulator, and `info["alive"]` says so: nothing ends early,
so that no learner can gain by failing. The end of the horizon is truncation.
"""

from typing import Any, ClassVar

import gymnasium
import numpy as np
import torch
from gymnasium.spaces import Box
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray
from torch import Tensor

from policy.environment import Environment, EnvironmentState, from_unit_box
from policy.network import Scaling
from policy.world_task import WorldTask
from worldmodel.simulation.noise import Noise

_SEEDS = 2**50

Array = NDArray[np.float64]


class _Episodes:
    """Episodes in step with each other: what the single and the vector environment share."""

    def __init__(self, task: WorldTask, scaling: Scaling, count: int) -> None:
        self.environment = Environment(task)
        self.observation_space, self.action_space = _observation_space(task), _action_space(task)
        self._task, self._scaling, self._count = task, scaling, count
        named = task.objective.aggregation.weights
        self._weights = np.array([named.get(name, 1.0) for name in task.stakeholders])
        self._state: EnvironmentState | None = None
        self._noise = Noise(0)

    def reset(self, random: np.random.Generator) -> tuple[Array, dict[str, Array]]:
        parameters = self._task.parameters(int(random.integers(_SEEDS)), self._count)
        self._noise = Noise(int(random.integers(_SEEDS)))
        self._state = self.environment.init(parameters.values, self._noise, self._count, 1)
        utilities = np.zeros((self._count, len(self._weights)))
        return _plain(self.environment.observe(self._state)), {
            "utilities": utilities,
            "alive": np.ones(self._count, bool),
        }

    def step(self, actions: Array) -> tuple[Array, Array, bool, dict[str, Array]]:
        if self._state is None:
            raise gymnasium.error.ResetNeeded("call reset() before step()")
        chosen = torch.from_numpy(np.asarray(actions, dtype=np.float64).reshape(self._count, 1, -1).copy())
        with torch.no_grad():
            self._state, info = self.environment.step(self._state, from_unit_box(chosen, self._scaling), self._noise)
        utilities = _plain(info.utilities.movedim(0, -1))
        alive = info.alive[:, 0].numpy().copy()
        return (
            _plain(info.observation),
            utilities @ self._weights,
            info.truncated,
            {"utilities": utilities, "alive": alive},
        )


class WorldEnv(gymnasium.Env[Any, Any]):
    """One world, one episode at a time."""

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}  # type: ignore[misc]

    def __init__(self, task: WorldTask, scaling: Scaling) -> None:
        self._episodes = _Episodes(task, scaling, 1)
        self.observation_space, self.action_space = self._episodes.observation_space, self._episodes.action_space

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Array, dict[str, Any]]:
        """Begins an episode with parameters and noise of its own."""
        super().reset(seed=seed)
        observation, info = self._episodes.reset(self.np_random)
        return observation[0], _first(info)

    def step(self, action: Array) -> tuple[Array, float, bool, bool, dict[str, Any]]:
        """One step; nothing terminates, and the horizon truncates."""
        observation, reward, truncated, info = self._episodes.step(action)
        return observation[0], float(reward[0]), False, truncated, _first(info)


class WorldVectorEnv(VectorEnv[Any, Any, Any]):
    """Many episodes at once, in one batch of the simulator; they begin and end together.

    With `SAME_STEP` the observation after the last step is that of the next episode, and `info["final_obs"]` has the
    last one; with `DISABLED` the caller resets.
    """

    def __init__(
        self, task: WorldTask, scaling: Scaling, num_envs: int, autoreset_mode: AutoresetMode = AutoresetMode.SAME_STEP
    ) -> None:
        if autoreset_mode is AutoresetMode.NEXT_STEP:
            raise ValueError("episodes reset in the same step or by the caller")
        self.num_envs = num_envs
        self.metadata = {"render_modes": [], "autoreset_mode": autoreset_mode}
        self._episodes = _Episodes(task, scaling, num_envs)
        self.single_observation_space = self._episodes.observation_space
        self.single_action_space = self._episodes.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Array, dict[str, Any]]:
        """Begins all episodes; they share one stream of random numbers, so one seed is all that there is."""
        if isinstance(seed, list):
            raise ValueError("all episodes share one seed")
        if not np.all((options or {}).get("reset_mask", True)):
            raise ValueError("episodes begin together: reset all of them or none")
        super().reset(seed=seed)
        return self._episodes.reset(self.np_random)

    def step(self, actions: Array) -> tuple[Array, Array, NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """One step of all episodes."""
        observation, reward, truncated, step_info = self._episodes.step(actions)
        info: dict[str, Any] = dict(step_info)
        if truncated and self.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP:
            info["final_obs"], info["final_info"] = observation, step_info
            info["_final_obs"] = info["_final_info"] = np.ones(self.num_envs, bool)
            observation, _ = self._episodes.reset(self.np_random)
        ended = np.full(self.num_envs, truncated)
        return observation, reward, np.zeros(self.num_envs, bool), ended, info


def _observation_space(task: WorldTask) -> Box:
    supports = [task.simulator.supports[name] for name in task.observations]
    lower = np.array([support.lower for support in supports])
    return Box(lower, np.array([support.upper for support in supports]), dtype=np.float64)


def _action_space(task: WorldTask) -> Box:
    return Box(-1.0, 1.0, (len(task.actions),), dtype=np.float64)


def _plain(values: Tensor) -> Array:
    """A copy without the axis of trajectories, so that no caller can reach into the simulator's state."""
    return values[:, 0].detach().numpy().copy()


def _first(info: dict[str, Array]) -> dict[str, Any]:
    return {name: value[0] for name, value in info.items()}
