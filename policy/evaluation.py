"""How good rules are, on parameter draws and noise that training never used, and all of them on the same ones.

Trajectories that share a parameter draw are dependent. So exact bounds on how often a floor is broken count one
trajectory of each draw only, and all other intervals treat draws, not trajectories, as the units.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from policy.evaluation_report import (
    Difference,
    EvaluationReport,
    FloorReading,
    Number,
    RuleReading,
    StakeholderReading,
)
from policy.intervals import Interval, bootstrap, clopper_pearson, mean_interval
from policy.task import Outcome, Requirement, Rule, Task
from worldmodel.readings.objective import aggregate, at_risk, discounted, worst_share_mean

TAIL = 0.1

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Setting:
    """The trajectories on which all rules are compared."""

    draws: int
    batch: int
    seed: int
    parameter_seed: int


@dataclass(frozen=True)
class _Runs:
    """What is kept of one rule's trajectories."""

    returns: Float[Tensor, "stakeholder draws batch"]
    outcome: Outcome


def evaluate(
    task: Task,
    variants: Mapping[str, Task],
    rules: Mapping[str, Rule | str],
    setting: Setting,
    progress: Progress,
    look: Callable[[str, Outcome], None] | None = None,
) -> EvaluationReport:
    """Runs every rule, in the world and in each variant of it where one rival is true.

    And reads off what the objective names.
    """
    runs = {name: _run(task, rule, setting, progress, name) for name, rule in rules.items()}
    for name, entry in runs.items():
        if look is not None:
            look(name, entry.outcome)
    disagreement = _disagreement(task, runs)
    aggregated = {name: _aggregated(task, entry, disagreement) for name, entry in runs.items()}
    return EvaluationReport(
        draws=setting.draws,
        batch=setting.batch,
        seed=setting.seed,
        horizon=task.objective.horizon,
        tail=TAIL,
        rules={name: _rule_reading(task, entry, aggregated[name], setting) for name, entry in runs.items()},
        differences=_differences(task, runs, aggregated),
        rivals={
            label: {
                name: _rival_means(task, _run(variant, rule, setting, progress, f"{name}, if {label}"))
                for name, rule in rules.items()
            }
            for label, variant in variants.items()
        },
    )


def _run(task: Task, rule: Rule | str, setting: Setting, progress: Progress, label: str) -> _Runs:
    progress(label)
    parameters = task.parameters(setting.parameter_seed, setting.draws)
    with torch.no_grad():
        outcome = task.run(rule, parameters, setting.seed, setting.batch)
    return _Runs(discounted(outcome.utilities, task.objective.discount), outcome)


def _disagreement(task: Task, runs: Mapping[str, _Runs]) -> Float[Tensor, " stakeholder"]:
    """What the world's own rule gives each stakeholder: the point that Nash bargaining starts from."""
    usual = runs.get(task.references[0]) if task.references else None
    return torch.zeros(len(task.stakeholders), dtype=torch.float64) if usual is None else usual.returns.mean((1, 2))


def _aggregated(task: Task, runs: _Runs, disagreement: Tensor) -> Float[Tensor, " draws"]:
    return aggregate(runs.returns.mean(-1), task.stakeholders, task.objective.aggregation, disagreement)


def _rule_reading(task: Task, runs: _Runs, aggregated: Tensor, setting: Setting) -> RuleReading:
    risk = task.objective.risk
    lost = (~runs.outcome.alive)[:, 0]
    return RuleReading(
        stakeholders={name: _stakeholder(rows) for name, rows in zip(task.stakeholders, runs.returns, strict=True)},
        objective=_number(aggregated, lambda values: float(at_risk(values, risk)), setting.seed),
        tail_mean=_number(aggregated, lambda values: float(worst_share_mean(values, TAIL)), setting.seed),
        floors={
            floor.name: _floor(floor, ~kept) for floor, kept in zip(task.requirements, runs.outcome.kept, strict=True)
        },
        left_support=_floor(Requirement("support", 1.0), ~runs.outcome.alive),
        left_support_draws=int(lost.sum()),
    )


def _number(values: Tensor, statistic: Callable[[Tensor], float], seed: int) -> Number:
    return Number(value=statistic(values), interval=bootstrap(values, statistic, seed))


def _stakeholder(rows: Float[Tensor, "draws batch"]) -> StakeholderReading:
    levels = torch.tensor([0.05, 0.5, 0.95], dtype=rows.dtype)
    low, middle, high = torch.quantile(rows.flatten(), levels).tolist()
    per_draw = rows.mean(-1)
    mean = Number(value=float(per_draw.mean()), interval=mean_interval(per_draw))
    return StakeholderReading(mean=mean, median=middle, predictive=Interval(low, high))


def _floor(floor: Requirement, broken: Tensor) -> FloorReading:
    independent = broken[:, 0]
    events, trials = int(independent.sum()), len(independent)
    return FloorReading(
        stakeholder=floor.stakeholder,
        allowed=1 - floor.share,
        broken=float(broken.to(torch.float64).mean()),
        events=events,
        trials=trials,
        bounds=clopper_pearson(events, trials),
    )


def _differences(
    task: Task, runs: Mapping[str, _Runs], aggregated: Mapping[str, Tensor]
) -> dict[str, dict[str, dict[str, Difference]]]:
    """For each trained rule, and each of the world's rules and each trained one that comes later.

    By how much each stakeholder and the aggregate fare better, draw by draw.
    """
    trained = [name for name in runs if name not in task.references]
    return {
        name: {
            reference: _paired(task, name, reference, runs, aggregated)
            for reference in (*task.references, *trained[place + 1 :])
            if reference in runs
        }
        for place, name in enumerate(trained)
    }


def _paired(
    task: Task, name: str, reference: str, runs: Mapping[str, _Runs], aggregated: Mapping[str, Tensor]
) -> dict[str, Difference]:
    gains = (runs[name].returns - runs[reference].returns).mean(-1)
    rows = dict(zip(task.stakeholders, gains, strict=True)) | {"aggregate": aggregated[name] - aggregated[reference]}
    return {who: _difference(row) for who, row in rows.items()}


def _difference(row: Float[Tensor, " draws"]) -> Difference:
    better = float((row > 0).to(torch.float64).mean())
    return Difference(mean=float(row.mean()), interval=mean_interval(row), better_share=better)


def _rival_means(task: Task, runs: _Runs) -> dict[str, Number]:
    per_draw = dict(zip(task.stakeholders, runs.returns.mean(-1), strict=True))
    return {name: Number(value=float(row.mean()), interval=mean_interval(row)) for name, row in per_draw.items()}
