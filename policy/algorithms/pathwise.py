"""Pathwise gradients: the derivative of the objective itself, through the approved world's differentiable simulator.

An approved model is differentiable, so nothing has to be estimated by trial and error. Each iteration runs parameter
draws × batch trajectories with noise of its own, keyed by the iteration, and follows the gradient of the objective
minus the floors' penalty.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

import torch
from torch import Tensor, nn

from policy.algorithms import adam
from policy.configuration import Configuration
from policy.constraints import Multipliers, broken_share, fresh_multipliers, penalty, raised
from policy.network import Kind, Policy, fresh_policy
from policy.preparation import Preparation
from policy.seeds import Stream, seed_of
from policy.selection import Reading, best
from policy.task import Outcome, Parameters, Rule, Task
from worldmodel.errors import EnvironmentProblem, Problem
from worldmodel.readings.objective import objective_value

Progress = Callable[[dict[str, object]], None]


@dataclass(frozen=True)
class Trained:
    """A trained policy, with the readings of all its checkpoints on validation seeds and which of them was kept."""

    policy: Policy
    readings: tuple[Reading, ...]
    steps: tuple[int, ...]
    kept: int
    multipliers: tuple[float, ...]


@dataclass
class _Checkpoints:
    steps: list[int] = field(default_factory=list)
    states: list[dict[str, Tensor]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)


@dataclass(frozen=True)
class _Run:
    """What stays the same from iteration to iteration; the policy's weights change in place."""

    task: Task
    policy: Policy
    ground: Preparation
    configuration: Configuration
    root: str
    iterations: int
    rate: float

    @property
    def weights(self) -> tuple[nn.Parameter, ...]:
        return tuple(self.policy.parameters())

    def seed(self, use: str, iteration: int) -> int:
        return seed_of(self.root, Stream.TRAINING, use, self.policy.kind, iteration)


@dataclass(frozen=True)
class _Learning:
    """What the next iteration needs."""

    moments: adam.Moments
    multipliers: Multipliers


def train(
    task: Task, kind: Kind, ground: Preparation, configuration: Configuration, root: str, progress: Progress
) -> Trained:
    """Trains a policy of one kind from a fresh initialisation.

    Raises EnvironmentProblem where numbers stop being finite.
    """
    policy = fresh_policy(kind, configuration.hidden, ground.scaling, seed_of(root, Stream.INITIALISATION, kind))
    iterations, rate = _schedule(kind, configuration)
    validation = task.parameters(seed_of(root, Stream.VALIDATION, "parameters"), configuration.validation_draws)
    run = _Run(task, policy, ground, configuration, root, iterations, rate)
    learning = _Learning(adam.fresh_moments(run.weights), fresh_multipliers([f.share for f in task.requirements]))
    checkpoints = _Checkpoints()
    due = _due(iterations, configuration.checkpoints)
    for iteration in range(iterations + 1):
        if iteration in due:
            reading = read(task, policy, validation, ground, configuration, root)
            _add(checkpoints, iteration, policy, reading)
            progress(_frame(kind, iteration, iterations, reading))
        if iteration < iterations:
            learning = _one_step(run, learning, iteration)
            progress({"phase": kind, "done": iteration + 1, "total": iterations})
    kept = best(checkpoints.readings, task.requirements)
    policy.load_state_dict(checkpoints.states[kept])
    last = tuple(learning.multipliers.values.tolist())
    return Trained(policy, tuple(checkpoints.readings), tuple(checkpoints.steps), kept, last)


def _schedule(kind: Kind, configuration: Configuration) -> tuple[int, float]:
    """How many iterations, and from which learning rate down."""
    match kind:
        case "affine":
            return configuration.affine_iterations, configuration.affine_learning_rate
        case "mlp":
            return configuration.iterations, configuration.learning_rate
        case _:
            assert_never(kind)


def read(
    task: Task, rule: Rule | str, parameters: Parameters, ground: Preparation, configuration: Configuration, root: str
) -> Reading:
    """How a rule does on the validation seeds, which training never uses."""
    with torch.no_grad():
        outcome = task.run(rule, parameters, seed_of(root, Stream.VALIDATION, "noise"), configuration.validation_batch)
        value = objective_value(outcome.utilities, task.stakeholders, task.objective, ground.disagreement)
    _demand_finite(value, "validation")
    kept = 1 - broken_share(outcome.kept)
    alive = float(outcome.alive.to(torch.float64).mean())
    return Reading(float(value), tuple(kept.tolist()), alive, outcome.alive.numel())


def _one_step(run: _Run, learning: _Learning, iteration: int) -> _Learning:
    """Follows the gradient once; the noise and the parameter draws are those of this iteration and of no other."""
    kind, configuration = run.policy.kind, run.configuration
    parameters = _drawn(run.ground.pool, configuration.draws, run.seed("choice", iteration))
    outcome = run.task.run(run.policy, parameters, run.seed("noise", iteration), configuration.batch)
    loss = _loss(run, outcome, learning.multipliers)
    _demand_finite(loss, f"iteration {iteration} of the {kind} policy: the objective")
    gradients = torch.autograd.grad(loss, run.weights, materialize_grads=True)
    gradient, norm = adam.clipped(gradients, configuration.gradient_norm)
    _demand_finite(norm, f"iteration {iteration} of the {kind} policy: the gradient")
    rate = adam.cosine(run.rate, iteration, run.iterations)
    moments = adam.step(run.weights, gradient, learning.moments, rate)
    return _Learning(moments, raised(learning.multipliers, outcome.kept))


def _loss(run: _Run, outcome: Outcome, multipliers: Multipliers) -> Tensor:
    """What goes down: the floors' penalty minus the objective, in units of the objective's spread."""
    objective, disagreement = run.task.objective, run.ground.disagreement
    value = objective_value(outcome.utilities, run.task.stakeholders, objective, disagreement)
    # so that there is a gradient, of zero, even where no action matters
    nothing = 0.0 * torch.stack([weight.sum() for weight in run.weights]).sum()
    return penalty(outcome.margins, multipliers) - value / run.ground.return_scale + nothing


def _drawn(pool: Parameters, draws: int, seed: int) -> Parameters:
    """Parameter draws of one iteration: chosen from the pool without repetition, as far as it goes."""
    generator = torch.Generator().manual_seed(seed)
    repeats = math.ceil(draws / pool.draws)
    order = torch.cat([torch.randperm(pool.draws, generator=generator) for _ in range(repeats)])
    return pool.at(order[:draws])


def _due(iterations: int, checkpoints: int) -> frozenset[int]:
    """Iterations before which a checkpoint is read: the start, the end, and evenly between."""
    return frozenset(round(iterations * place / checkpoints) for place in range(checkpoints + 1))


def _add(checkpoints: _Checkpoints, iteration: int, policy: Policy, reading: Reading) -> None:
    checkpoints.steps.append(iteration)
    checkpoints.states.append({name: value.detach().clone() for name, value in policy.state_dict().items()})
    checkpoints.readings.append(reading)


def _frame(kind: Kind, done: int, total: int, reading: Reading) -> dict[str, object]:
    return {
        "phase": kind,
        "done": done,
        "total": total,
        "objective": reading.objective,
        "floors_kept": list(reading.kept),
        "alive": reading.alive,
    }


def _demand_finite(value: Tensor, where: str) -> None:
    if not bool(torch.isfinite(value)):
        raise EnvironmentProblem(
            Problem(
                code="training-not-finite",
                where=where,
                found=f"{value.item()} where a finite number must be",
                wanted="finite utilities and gradients along every trajectory",
                mend="lower learning_rate, raise draws, or look for laws that overflow with `glassworld simulate`",
            )
        )
