"""Pareto-smoothed importance sampling around a mode, with a Student-t proposal whose tails are heavy.

The draws and the estimate of the evidence carry their own diagnosis: k-hat above .7 means that neither may be used.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.inference.density import LogDensity, evaluate
from worldmodel.inference.diagnosis import effective_draws_of_weights, smooth

FREEDOM = 10.0


@dataclass(frozen=True)
class Weighted:
    """Importance draws. `log_weights` are smoothed and normalised; `raw` are target over proposal."""

    points: Float[Tensor, "draws dimension"]
    log_weights: Float[Tensor, " draws"]
    raw: Float[Tensor, " draws"]
    k_hat: float

    @property
    def effective_draws(self) -> float:
        """How many independent draws these are worth."""
        return effective_draws_of_weights(self.log_weights)


@dataclass(frozen=True)
class StudentProposal:
    """A multivariate Student-t with location, lower Cholesky factor of its scale matrix, and degrees of freedom."""

    location: Float[Tensor, " dimension"]
    factor: Float[Tensor, "dimension dimension"]
    freedom: float = FREEDOM

    def draw(self, count: int, generator: np.random.Generator) -> Float[Tensor, "draws dimension"]:
        """Independent draws."""
        normal = generator.standard_normal((count, len(self.location)))
        radius = np.sqrt(self.freedom / generator.chisquare(self.freedom, size=(count, 1)))
        return self.location + torch.from_numpy(normal * radius) @ self.factor.T

    def log_density(self, points: Float[Tensor, "draws dimension"]) -> Float[Tensor, " draws"]:
        """The proposal's normalised log density."""
        dimension = len(self.location)
        white: Tensor = torch.linalg.solve_triangular(self.factor, (points - self.location).T, upper=False)
        half = torch.tensor(0.5 * (self.freedom + dimension), dtype=points.dtype)
        constant = torch.lgamma(half) - torch.lgamma(torch.tensor(0.5 * self.freedom, dtype=points.dtype))
        constant = constant - 0.5 * dimension * np.log(self.freedom * np.pi) - self.factor.diagonal().log().sum()
        density: Tensor = constant - half * torch.log1p((white**2).sum(dim=0) / self.freedom)
        return density


def proposal_from_precision(
    point: Float[Tensor, " dimension"], precision: Float[Tensor, "dimension dimension"]
) -> StudentProposal:
    """The Student-t whose scale matrix is the inverse of the precision at the mode."""
    covariance = torch.linalg.inv(precision)
    return StudentProposal(point, torch.linalg.cholesky(0.5 * (covariance + covariance.T)))


def matched(weighted: Weighted) -> StudentProposal | None:
    """The Student-t with the weighted moments of the draws [paananen2021]; None where too few draws count."""
    weights = torch.exp(weighted.log_weights)
    location = weights @ weighted.points
    centred = weighted.points - location
    covariance = (centred * weights.unsqueeze(1)).T @ centred
    factor, failed = torch.linalg.cholesky_ex(covariance)
    return None if int(failed) else StudentProposal(location, factor)


def importance_sample(
    log_density: LogDensity, proposal: StudentProposal, draws: int, generator: np.random.Generator
) -> Weighted:
    """Draws from the proposal, weighs them by the target, smooths the largest weights."""
    points = proposal.draw(draws, generator)
    raw = evaluate(log_density, points) - proposal.log_density(points)
    if not bool(torch.isfinite(raw).any()):
        return Weighted(points, torch.full_like(raw, -float(np.log(draws))), raw, float("inf"))
    # A weight of exactly zero has no logarithm for the smoothing; such a draw counts for nothing either way.
    log_weights, k_hat = smooth(torch.clamp(raw, min=float(raw[torch.isfinite(raw)].max()) - 700.0))
    return Weighted(points, log_weights, raw, k_hat)
