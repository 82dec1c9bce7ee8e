"""The log evidence (log marginal likelihood) of a model, with its Monte Carlo error.

By importance sampling where the proposal is good; by bridge sampling (meng1996) between the draws and a
Gaussian fitted to half of them where the draws come from chains.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.inference.density import LogDensity, evaluate
from worldmodel.inference.psis import StudentProposal, Weighted


@dataclass(frozen=True)
class Evidence:
    """A log evidence and the standard error of its Monte Carlo estimate, both in nats."""

    value: float
    error: float


def evidence_of_weights(weighted: Weighted) -> Evidence:
    """The log of the mean weight; the error is the delta method's."""
    count = len(weighted.raw)
    value = torch.logsumexp(weighted.raw, dim=0) - np.log(count)
    relative = torch.exp(weighted.raw - value)
    return Evidence(float(value), float(relative.std() / np.sqrt(count)))


def evidence_of_draws(
    log_density: LogDensity,
    points: Float[Tensor, "draws dimension"],
    effective_draws: float,
    generator: np.random.Generator,
) -> Evidence:
    """Bridge sampling between half of the draws and a Gaussian fitted to the others; NaN where they have no spread."""
    fitted, held = points[0::2], points[1::2]
    factor, failed = torch.linalg.cholesky_ex(torch.atleast_2d(torch.cov(fitted.T)))
    if int(failed) or effective_draws <= 0:
        return Evidence(float("nan"), float("inf"))
    # Degrees of freedom so many that this end is a Gaussian for all purposes.
    other = StudentProposal(fitted.mean(dim=0), factor, freedom=1e6)
    fresh = other.draw(len(held), generator)
    of_held = evaluate(log_density, held) - other.log_density(held)
    of_fresh = evaluate(log_density, fresh) - other.log_density(fresh)
    share = min(1.0, effective_draws / len(points))
    return _bridge(of_held, of_fresh, share)


def _bridge(of_held: Tensor, of_fresh: Tensor, share: float) -> Evidence:
    """Meng and Wong's optimal bridge at its fixed point; `share` is the effective fraction of the held draws."""
    effective = share * len(of_held)
    weight = effective / (effective + len(of_fresh))
    shift = float(of_held.median())
    held, fresh = torch.exp(of_held - shift), torch.exp(of_fresh - shift)
    ratio = 1.0
    for _ in range(1000):
        above = fresh / (weight * fresh + (1 - weight) * ratio)
        below = 1.0 / (weight * held + (1 - weight) * ratio)
        update = float(above.mean() / below.mean())
        if abs(update - ratio) <= 1e-12 * update:
            break
        ratio = update
    error = (above.var() / (len(above) * above.mean() ** 2) + below.var() / (effective * below.mean() ** 2)).sqrt()
    return Evidence(shift + float(np.log(ratio)), float(error))
