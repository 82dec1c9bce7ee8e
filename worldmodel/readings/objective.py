"""The approved objective as functions of tensors: returns, aggregation over stakeholders, risk over parameter draws.

The order is fixed: discounted utilities are added up per trajectory, averaged over the trajectories of one parameter
draw, aggregated over stakeholders for that draw, and only then is risk taken over draws. Everything is to be maximised.
"""

import math
from typing import assert_never

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.components.purpose import Aggregation, ObjectiveFile, Risk

_SMALLEST_GAIN = 1e-3


def discounted(utilities: Float[Tensor, "*any time"], discount: float) -> Float[Tensor, "*any"]:
    """The return of each trajectory: the utility of step t counts discount^(t − 1)."""
    weights = discount ** torch.arange(utilities.shape[-1], dtype=utilities.dtype)
    return (utilities * weights).sum(-1)


def aggregate(
    returns: Float[Tensor, "stakeholder *any"],
    stakeholders: tuple[str, ...],
    aggregation: Aggregation,
    disagreement: Float[Tensor, " stakeholder"],
) -> Float[Tensor, "*any"]:
    """Stakeholders' returns as one number.

    `utilitarian` adds up weight × return; `maximin` is the smallest return among those with a weight above 0; `nash` is
    the Nash bargaining product in logarithms, Σ weight × log(return − disagreement), where the disagreement point is
    what the world's own rule gives. A stakeholder who is worse off than that has no logarithm: the curve goes on as its
    tangent, steep and finite.
    """
    weights = [aggregation.weights.get(name, 1.0) for name in stakeholders]
    match aggregation.rule:
        case "utilitarian":
            return sum_weighted(returns, weights)
        case "maximin":
            return torch.stack([row for row, weight in zip(returns, weights, strict=True) if weight > 0]).amin(0)
        case "nash":
            gains = torch.stack([row - point for row, point in zip(returns, disagreement, strict=True)])
            return sum_weighted(_log_with_tangent(gains), weights)
        case _:
            assert_never(aggregation.rule)


def sum_weighted(rows: Float[Tensor, "stakeholder *any"], weights: list[float]) -> Float[Tensor, "*any"]:
    """Σ weight × row."""
    return torch.stack([weight * row for row, weight in zip(rows, weights, strict=True)]).sum(0)


def _log_with_tangent(gain: Tensor) -> Tensor:
    edge = torch.as_tensor(_SMALLEST_GAIN, dtype=gain.dtype)
    return torch.where(
        gain >= edge, torch.log(torch.maximum(gain, edge)), math.log(_SMALLEST_GAIN) + (gain - edge) / edge
    )


def worst_share_mean(values: Float[Tensor, " draws"], level: float) -> Float[Tensor, ""]:
    """The mean of the lowest `level` share of values (CVaR of a return): the draw on the edge counts in part.

    For a Gaussian return and level .05 this is μ − 2.0627σ; of the loss, its negative, it is μ + 2.0627σ.
    """
    ordered = values.sort().values
    wanted = level * len(ordered)
    weights = (wanted - torch.arange(len(ordered), dtype=values.dtype)).clamp(0, 1)
    return (weights * ordered).sum() / wanted


def at_risk(values: Float[Tensor, " draws"], risk: Risk) -> Float[Tensor, ""]:
    """One number from each parameter draw's aggregated return, as the objective's risk measure says."""
    match risk.measure:
        case "mean":
            return values.mean()
        case "cvar":
            return worst_share_mean(values, risk.level)
        case "worst":
            return values.amin()
        case _:
            assert_never(risk.measure)


def objective_value(
    utilities: Float[Tensor, "stakeholder draws batch time"],
    stakeholders: tuple[str, ...],
    objective: ObjectiveFile,
    disagreement: Float[Tensor, " stakeholder"],
) -> Float[Tensor, ""]:
    """The number that training maximises; floors are not in it, since nothing buys them off."""
    per_draw = discounted(utilities, objective.discount).mean(-1)
    return at_risk(aggregate(per_draw, stakeholders, objective.aggregation, disagreement), objective.risk)
