"""Pathwise training against Stable-Baselines3's PPO on one environment whose exact optimum is known.

CPU seconds until a policy closes 95 and 99 % of the gap between doing nothing and the Riccati optimum. Both learn on
the linear-quadratic world of `benchmarks.linear_quadratic`, written in the language and run by our simulator: PPO
through the Gymnasium vector environment, 128 episodes at once. Looking at a policy's return is not counted. Run as
`python -m benchmarks.training`; needs the extra `bench`, takes some three minutes, writes
`benchmarks/results/training.json`.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import VecEnv, VecNormalize
from torch import Tensor

from benchmarks.linear_quadratic import HORIZON, LinearQuadraticTask, matrices, riccati_gains, world_components
from policy.algorithms.pathwise import train
from policy.configuration import Configuration
from policy.environment import from_unit_box
from policy.gymnasium_env import WorldVectorEnv
from policy.network import Kind, Policy, Scaling
from policy.preparation import Preparation, prepare
from policy.task import Outcome, Parameters, Rule
from policy.world_task import WorldTask
from worldmodel.build import build_world

RESULTS = Path(__file__).parent / "results" / "training.json"
GOALS = (0.95, 0.99)
SEEDS = 3
PPO_SECONDS = 30.0
EPISODES = 128
PPO_STEPS = 400_000  # about what fits into the time, so that the learning rate falls to zero in it


class Yardstick:
    """How much of the gap a rule closes, on trajectories that are the same for every rule."""

    def __init__(self) -> None:
        self._task, self._parameters = LinearQuadraticTask(), Parameters({}, 4096)
        gains = iter(torch.from_numpy(gain) for gain in riccati_gains(matrices()))
        self._nothing = self._value(lambda state: torch.zeros(*state.shape[:-1], 2, dtype=torch.float64))
        self._optimum = self._value(lambda state: -state @ next(gains).T)

    def _value(self, rule: Rule) -> float:
        with torch.no_grad():
            return float(self._task.run(rule, self._parameters, 99, 1).utilities.sum(-1).mean())

    def fraction(self, rule: Rule) -> float:
        """1 is the exact optimum, 0 is doing nothing."""
        return (self._value(rule) - self._nothing) / (self._optimum - self._nothing)


@dataclass
class Clock:
    """CPU seconds of learning, stopped while the policy is looked at, and when each goal was first reached."""

    reached: dict[float, float] = field(default_factory=dict)
    best: float = 0.0
    _spent: float = 0.0
    _since: float = field(default_factory=time.process_time)

    def look(self, fraction: Callable[[], float]) -> float:
        """Stops the clock, reads the fraction, notes goals, and goes on."""
        self._spent += time.process_time() - self._since
        value = fraction()
        self.best = max(self.best, value)
        for goal in GOALS:
            if value >= goal:
                self.reached.setdefault(goal, self._spent)
        self._since = time.process_time()
        return self._spent

    def start(self) -> None:
        """Begins to count: the world is built and its typical values are known, for either trainer."""
        self._since = time.process_time()

    @property
    def done(self) -> bool:
        """Whether every goal was reached."""
        return len(self.reached) == len(GOALS)


@dataclass(frozen=True)
class Watched(WorldTask):
    """The world, with a look at the policy before every iteration of training."""

    clock: Clock = field(default_factory=Clock)
    yardstick: Yardstick = field(default_factory=Yardstick)

    def run(self, rule: Rule | str, parameters: Parameters, seed: int, batch: int) -> Outcome:
        """Looks, then runs."""
        if isinstance(rule, Policy) and torch.is_grad_enabled():
            self.clock.look(lambda: self.yardstick.fraction(in_states(rule, self.observations)))
        return super().run(rule, parameters, seed, batch)


def in_states(policy: Rule, observations: tuple[str, ...]) -> Rule:
    """A policy of the world's observations as one of its states: past actions are observed too, and start at 0."""
    places = [place for place, name in enumerate(observations) if name.startswith("x")]
    actions = [place for place, name in enumerate(observations) if name.startswith("u")]
    last: list[Tensor] = []

    def rule(state: Tensor) -> Tensor:
        seen = torch.zeros(*state.shape[:-1], len(observations), dtype=torch.float64)
        seen[..., places] = state
        if last:
            seen[..., actions] = last[-1]
        last.append(policy(seen))
        return last[-1]

    return rule


def pathwise(kind: Kind, seed: int) -> Clock:
    task = Watched(build_world(world_components()))
    settings = Configuration(
        iterations=150, affine_iterations=150, checkpoints=1, validation_draws=1, draws=64, batch=1
    )
    root = f"{seed:064x}"
    ground = prepare(task, settings, root)
    task.clock.start()
    train(task, kind, ground, settings, root, lambda _: None)
    return task.clock


class Episodes(VecEnv):
    """Our vector environment as Stable-Baselines3 wants it."""

    def __init__(self, environment: WorldVectorEnv) -> None:
        self._environment, self._actions = environment, np.zeros(0)
        super().__init__(environment.num_envs, environment.single_observation_space, environment.single_action_space)

    def reset(self) -> np.ndarray:
        """Begins all episodes."""
        return self._environment.reset(seed=self._first_seed())[0]

    def _first_seed(self) -> int | None:
        seed, self._seeds = self._seeds[0], [None] * self.num_envs
        return seed

    def step_async(self, actions: np.ndarray) -> None:
        """Takes the actions."""
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """One step of all episodes."""
        observation, reward, _, truncated, info = self._environment.step(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if truncated.any():
            infos = [{"terminal_observation": last, "TimeLimit.truncated": True} for last in info["final_obs"]]
        return observation, reward, truncated, infos

    def close(self) -> None:
        """Nothing is open."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The same for every episode."""
        return [getattr(self._environment, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Nothing can be set."""

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """There are no further methods."""
        return []

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """Nothing wraps them."""
        return [False] * self.num_envs


class Watch(BaseCallback):
    """Looks at the policy after every round of learning, and stops at the goals or when time is up."""

    def __init__(self, scaling: Scaling, task: WorldTask, yardstick: Yardstick) -> None:
        super().__init__()
        self.clock = Clock()
        self._scaling, self._task, self._yardstick = scaling, task, yardstick
        self._going_on = True

    def _on_rollout_start(self) -> None:
        spent = self.clock.look(lambda: self._yardstick.fraction(in_states(self._rule, self._task.observations)))
        self._going_on = spent < PPO_SECONDS and not self.clock.done

    def _on_step(self) -> bool:
        return self._going_on

    def _rule(self, observation: Tensor) -> Tensor:
        normalise = self.model.get_vec_normalize_env()
        assert normalise is not None
        seen = normalise.normalize_obs(observation.reshape(-1, observation.shape[-1]).numpy())
        chosen, _ = self.model.predict(seen, deterministic=True)
        return from_unit_box(torch.from_numpy(chosen.astype(np.float64)), self._scaling).reshape(
            *observation.shape[:-1], -1
        )


def ppo(seed: int) -> Clock:
    task = WorldTask(build_world(world_components()))
    ground: Preparation = prepare(task, Configuration(pool=64), f"{seed:064x}")
    environment = VecNormalize(Episodes(WorldVectorEnv(task, ground.scaling, EPISODES)), gamma=0.99)
    network = {"net_arch": [32, 32], "activation_fn": torch.nn.Tanh, "log_std_init": -1.5}
    model = PPO(
        "MlpPolicy", environment, n_steps=HORIZON, batch_size=EPISODES * 5, n_epochs=10, gamma=0.99, gae_lambda=0.95,
        learning_rate=lambda left: 3e-3 * left, policy_kwargs=network, seed=seed, device="cpu",
    )  # fmt: skip
    watch = Watch(ground.scaling, task, Yardstick())
    watch.clock.start()
    model.learn(PPO_STEPS, callback=watch)
    return watch.clock


def median(values: list[float | None]) -> float | None:
    """The median, where it was reached; None stands for never."""
    ordered = sorted(values, key=lambda value: float("inf") if value is None else value)
    return ordered[len(ordered) // 2]


def summary(clocks: list[Clock]) -> dict[str, Any]:
    goals = {f"{goal:.0%}": [clock.reached.get(goal) for clock in clocks] for goal in GOALS}
    medians: Mapping[str, float | None] = {name: median(values) for name, values in goals.items()}
    return {"seconds": goals, "median": medians, "best": [round(clock.best, 4) for clock in clocks]}


def told(name: str, clock: Clock) -> Clock:
    """Says how one run went."""
    reached = {goal: round(seconds, 2) for goal, seconds in clock.reached.items()}
    print(f"{name}: {reached} CPU s, best {clock.best:.4f}", flush=True)
    return clock


def ratio(slow: float | None, fast: float | None) -> float | None:
    return None if slow is None or fast is None else round(slow / fast, 1)


def main() -> None:
    torch.set_num_threads(1)
    pathwise("affine", 0)  # what is loaded when it is first used
    trainers: dict[str, Callable[[int], Clock]] = {
        "pathwise, network": lambda seed: pathwise("mlp", seed),
        "pathwise, affine rule": lambda seed: pathwise("affine", seed),
        "Stable-Baselines3 PPO, network": ppo,
    }
    found = {name: summary([told(name, trainer(seed)) for seed in range(SEEDS)]) for name, trainer in trainers.items()}
    own, peer = found["pathwise, network"]["median"], found["Stable-Baselines3 PPO, network"]["median"]
    found["times sooner than PPO"] = {name: ratio(peer[name], own[name]) for name in own}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
