"""What training needs before its first step, all of it from simulations of the approved world under its own rules.

Typical observations and actions for the scaling inside the network; parameter draws with the explosive ones screened
out and counted; the scale of the objective; what stakeholders get without a new policy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from policy.configuration import Configuration
from policy.network import Scaling
from policy.seeds import Stream, seed_of
from policy.task import Outcome, Parameters, Rule, Task
from worldmodel.errors import EnvironmentProblem, Problem
from worldmodel.readings.objective import discounted, sum_weighted

_EXPLODED = 1e4
_SCREENING_BATCH = 2
_SMALLEST_SD = 1e-6


@dataclass(frozen=True)
class Preparation:
    """The ground that every policy of one training run stands on."""

    scaling: Scaling
    pool: Parameters
    unstable_share: float
    return_scale: float
    disagreement: Float[Tensor, " stakeholder"]


def prepare(task: Task, configuration: Configuration, root: str) -> Preparation:
    """Simulates the world's own rules and reads off what training needs."""
    drawn = task.parameters(seed_of(root, Stream.TRAINING, "parameters"), configuration.pool)
    seed = seed_of(root, Stream.SCALING)
    rules: Sequence[Rule | str] = task.references or (_middle(task),)
    with torch.no_grad():
        outcomes = [task.run(rule, drawn, seed, _SCREENING_BATCH) for rule in rules]
    stable = torch.stack([is_stable(outcome) for outcome in outcomes]).any(0)
    _demand_some(stable)
    usual = outcomes[0]
    return Preparation(
        scaling=_scaling(task, usual, is_stable(usual) if bool(is_stable(usual).any()) else stable),
        pool=drawn.at(torch.nonzero(stable).flatten()),
        unstable_share=1 - float(stable.to(torch.float64).mean()),
        return_scale=_return_scale(task, usual, stable),
        disagreement=discounted(usual.utilities, task.objective.discount)[:, stable].mean((1, 2)),
    )


def is_stable(outcome: Outcome) -> Bool[Tensor, " draws"]:
    """Which parameter draws stay finite, inside their support and within 10⁴ times the typical size under a rule.

    A draw under which every rule of the world explodes teaches a gradient nothing but its own size, so training leaves
    it out, and the statement reports the share. Evaluation leaves nothing out.
    """
    inside = [values.isfinite() & (values.abs() <= _EXPLODED * _typical(values)) for values in outcome.values.values()]
    quiet = torch.stack([rows.flatten(1).all(-1) for rows in inside]).all(0)
    return quiet & outcome.alive.any(-1)


def _typical(values: Tensor) -> Tensor:
    finite = torch.where(values.isfinite(), values.abs(), torch.zeros_like(values))
    return finite.flatten().median().clamp(min=1.0)


def _scaling(task: Task, outcome: Outcome, stable: Tensor) -> Scaling:
    lower, upper = task.bounds
    observation_mean, observation_sd = _moments([outcome.values[name][stable] for name in task.observations])
    action_mean, action_sd = _moments([outcome.values[name][stable] for name in task.actions])
    wide = torch.where(torch.isfinite(upper - lower), (upper - lower) / 8, torch.ones_like(lower))
    action_sd = torch.where(action_sd > _SMALLEST_SD, action_sd, wide)
    return Scaling(observation_mean, observation_sd, action_mean, action_sd, lower, upper)


def _moments(columns: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    rows = torch.stack([column.flatten() for column in columns])
    sd = rows.std(-1, correction=0)
    return rows.mean(-1), torch.where(sd > _SMALLEST_SD, sd, torch.ones_like(sd))


def _return_scale(task: Task, outcome: Outcome, stable: Tensor) -> float:
    weights = [task.objective.aggregation.weights.get(name, 1.0) for name in task.stakeholders]
    returns = sum_weighted(discounted(outcome.utilities[:, stable], task.objective.discount), weights)
    spread = float(returns.std(correction=0))
    return spread if spread > _SMALLEST_SD else max(1.0, float(returns.abs().mean()))


def _middle(task: Task) -> Callable[[Tensor], Tensor]:
    """The rule of a world that has none: the middle of each action's support, or 0."""
    lower, upper = task.bounds
    middle = torch.where(
        torch.isfinite(lower + upper), (lower + upper) / 2, torch.zeros_like(lower).clamp(lower, upper)
    )
    return lambda observation: middle.expand(*observation.shape[:-1], -1)


def _demand_some(stable: Tensor) -> None:
    if not bool(stable.any()):
        raise EnvironmentProblem(
            Problem(
                code="no-stable-draw",
                where="training",
                found=f"all {len(stable)} parameter draws explode or leave their support under every rule of the world",
                wanted="at least one draw that stays finite",
                mend="look at the mechanisms with `glassworld simulate`, and narrow the priors that allow explosion",
            )
        )
