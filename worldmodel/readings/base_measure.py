"""Gibbs measures on a line of points: what tempering is worked out with where no family of the language has a formula.

A law's energy is minus the logarithm of its density against a base measure: length for continuous laws, counting for
discrete ones, a point mass for a certainty, and both length and a point for a continuous law with a mass at 0. Here the
base measure is a list of points with weights: the counts that matter, or the nodes of a quadrature.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.language.ir import Law
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import is_discrete, law_quantile

BaseMeasure = Literal["Lebesgue", "counting", "point", "Lebesgue and a point mass at 0"]
Points = Float[Tensor, "points"]

_STEP = 2.0**-6
_FARTHEST = 3.6  # beyond it the nodes of the double-exponential rule coincide with the ends


def base_measure(law: Law) -> BaseMeasure:
    """What a law's density, and so its energy, is taken against."""
    if law.family == "Delta":
        return "point"
    if is_discrete(law):
        return "counting"
    inflated = law.family == "ZeroInflated" or any(base_measure(part).endswith("at 0") for part in law.parts)
    return "Lebesgue and a point mass at 0" if inflated else "Lebesgue"


@dataclass(frozen=True)
class GibbsMeasure:
    """Points with the logarithms of their weights in the base measure, and their energies; infinite is impossible.

    `error` bounds the relative error that cutting off or quadrature makes in Z: proven for sums, estimated for
    quadrature.

    >>> two_levels = GibbsMeasure(torch.zeros(2), torch.zeros(2), torch.tensor([0.0, 1.0], dtype=torch.float64))
    >>> round(two_levels.mean_energy(-2.0), 6) == round(1 / (1 + math.exp(-2.0)), 6)
    True
    """

    points: Points
    log_weights: Points
    energies: Points
    error: float = 0.0

    def log_partition(self, beta: float) -> float:
        """log Z(β), the logarithm of the integral of exp(−β E)."""
        return float(self.log_partition_of(torch.tensor(beta, dtype=torch.float64)))

    def log_partition_of(self, beta: Tensor) -> Tensor:
        """The same for a tensor, differentiable in β."""
        return torch.logsumexp(self._exponents(beta), dim=0)

    def probabilities(self, beta: float) -> Points:
        """Each point's probability at β."""
        return torch.softmax(self._exponents(beta), dim=0)

    def mean_energy(self, beta: float) -> float:
        """The mean of the energy at β: minus the slope of log Z."""
        return self._mean(self._possible_energies(), beta)

    def heat_capacity(self, beta: float) -> float:
        """β² times the variance of the energy: how fast the mean energy falls with the logarithm of β."""
        away = self._possible_energies() - self.mean_energy(beta)
        return beta * beta * self._mean(away * away, beta)

    def entropy(self, beta: float) -> float:
        """β ⟨E⟩ + log Z, in nats, against the base measure."""
        return beta * self.mean_energy(beta) + self.log_partition(beta)

    def inverse_temperature(self, mean_energy: float) -> float:
        """The β at which the mean energy is this: the law of greatest entropy among those that have it [jaynes1957].

        It lies between the least and the greatest energy, and falls as β grows; NaN where no finite β gives it.
        """
        low, high = -1.0, 1.0
        for _ in range(60):
            low = 2 * low if self.mean_energy(low) < mean_energy else low
            high = 2 * high if self.mean_energy(high) > mean_energy else high
        if not self.mean_energy(high) <= mean_energy <= self.mean_energy(low):
            return math.nan
        for _ in range(120):
            middle = (low + high) / 2
            low, high = (middle, high) if self.mean_energy(middle) > mean_energy else (low, middle)
        return (low + high) / 2

    def _possible_energies(self) -> Points:
        return torch.where(torch.isfinite(self.energies), self.energies, torch.zeros_like(self.energies))

    def _mean(self, values: Points, beta: float) -> float:
        return float((self.probabilities(beta) * values).sum())

    def _exponents(self, beta: float | Tensor) -> Points:
        """Where the energy is infinite the law has no mass, and neither has its support, whatever the sign of β."""
        possible = torch.isfinite(self.energies)
        exponents = self.log_weights - beta * self._possible_energies()
        return torch.where(possible, exponents, torch.full_like(exponents, -torch.inf))


def against(law: Law, environment: Environment, energy: Callable[[Points], Points]) -> GibbsMeasure:
    """The Gibbs measure of an energy whose base measure is a law: a posterior, where the energy is minus a likelihood.

    log Z(1) is then the log evidence, and its integral form, the mean log likelihood along β from 0 to 1, is
    thermodynamic integration [gelman1998]. Continuous laws only; by the double-exponential rule in the uniform number.
    """
    u, log_weights = double_exponential(0.0, 1.0)
    points = law_quantile(law, environment, u)
    return with_error(points, log_weights, energy(points), 1.0)


def with_error(points: Points, log_weights: Points, energies: Points, beta: float) -> GibbsMeasure:
    """A quadrature whose error in Z at one β is estimated from leaving out every second node."""
    fine = GibbsMeasure(points, log_weights, energies)
    coarse = GibbsMeasure(points[::2], log_weights[::2] + math.log(2), energies[::2])
    gap = abs(math.expm1(coarse.log_partition(beta) - fine.log_partition(beta)))
    return GibbsMeasure(points, log_weights, energies, gap)


def double_exponential(low: float, high: float) -> tuple[Points, Points]:
    """The nodes of the double-exponential rule on an interval and the logarithms of their weights [takahasi1974].

    Ends at which the integrand is infinite, but integrable, do no harm.
    """
    t = torch.arange(-_FARTHEST, _FARTHEST + _STEP / 2, _STEP, dtype=torch.float64)
    inner = math.pi / 2 * torch.sinh(t)
    # Measured from the nearer end, so that nodes close to it keep their digits.
    share = torch.sigmoid(-2 * inner.abs())
    width = high - low
    points = torch.where(t < 0, low + width * share, high - width * share)
    log_slope = torch.log(math.pi * torch.cosh(t)) + torch.log(share) + torch.log1p(-share)
    inside = (points > low) & (points < high)
    return points[inside], (log_slope + math.log(_STEP * width))[inside]
