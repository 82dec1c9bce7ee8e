"""Pathwise gradients: the derivative of the objective itself, through the approved world's differentiable simulator.

An approved model is differentiable, so nothing has to be estimated by trial and error. Each iteration runs parameter
draws × batch trajectories with noise of its own, keyed by the iteration, and follows the gradient of the objective
minus the floors' penalty.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from policy.configuration import Configuration
from policy.constraints import Multipliers, broken_share, fresh_multipliers, penalty, raised
from policy.network import Kind, Policy, fresh_policy
from policy.objective import objective_value
from policy.preparation import Preparation
from policy.seeds import Stream, seed_of
from policy.selection import Reading, best
from policy.task import Outcome, Parameters, Rule, Task
from worldmodel.errors import EnvironmentProblem, Problem

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


def train(
    task: Task, kind: Kind, ground: Preparation, configuration: Configuration, root: str, progress: Progress
) -> Trained:
    """Trains a policy of one kind from a fresh initialisation.

    Raises EnvironmentProblem where numbers stop being finite.
    """
    policy = fresh_policy(kind, configuration.hidden, ground.scaling, seed_of(root, Stream.INITIALISATION, kind))
    iterations = configuration.affine_iterations if kind == "affine" else configuration.iterations
    validation = task.parameters(seed_of(root, Stream.VALIDATION, "parameters"), configuration.validation_draws)
    optimiser = torch.optim.Adam(policy.parameters(), lr=configuration.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, iterations)
    multipliers = fresh_multipliers([floor.share for floor in task.requirements])
    checkpoints = _Checkpoints()
    due = _due(iterations, configuration.checkpoints)
    for iteration in range(iterations + 1):
        if iteration in due:
            reading = read(task, policy, validation, ground, configuration, root)
            _add(checkpoints, iteration, policy, reading)
            progress(_frame(kind, iteration, iterations, reading))
        if iteration < iterations:
            outcome = _one_step(task, policy, optimiser, multipliers, ground, configuration, root, iteration)
            multipliers = raised(multipliers, outcome.kept)
            schedule.step()
            progress({"phase": kind, "done": iteration + 1, "total": iterations})
    kept = best(checkpoints.readings, task.requirements)
    policy.load_state_dict(checkpoints.states[kept])
    return Trained(
        policy, tuple(checkpoints.readings), tuple(checkpoints.steps), kept, tuple(multipliers.values.tolist())
    )


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


def _one_step(
    task: Task,
    policy: Policy,
    optimiser: torch.optim.Optimizer,
    multipliers: Multipliers,
    ground: Preparation,
    configuration: Configuration,
    root: str,
    iteration: int,
) -> Outcome:
    parameters = _drawn(
        ground.pool, configuration.draws, seed_of(root, Stream.TRAINING, "choice", policy.kind, iteration)
    )
    noise = seed_of(root, Stream.TRAINING, "noise", policy.kind, iteration)
    outcome = task.run(policy, parameters, noise, configuration.batch)
    value = objective_value(outcome.utilities, task.stakeholders, task.objective, ground.disagreement)
    loss = penalty(outcome.margins, multipliers) - value / ground.return_scale
    _demand_finite(loss, f"iteration {iteration} of the {policy.kind} policy: the objective")
    optimiser.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(policy.parameters(), configuration.gradient_norm)
    _demand_finite(norm, f"iteration {iteration} of the {policy.kind} policy: the gradient")
    optimiser.step()
    return outcome


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
