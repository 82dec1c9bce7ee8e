"""A law given that its value lies between two ends: exact far out in both tails.

With F and S = 1 − F, a draw is F⁻¹(F(low) + u (F(high) − F(low))) where `low` lies below the median, and the mirrored
S⁻¹(S(low) − u (S(low) − S(high))) above it, where F has lost its digits and S has not.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.families.base import outside_is_impossible
from worldmodel.families.normal import standard_cdf
from worldmodel.families.table import FAMILIES

Array = Float[Tensor, "..."]
Mask = Bool[Tensor, "..."]

_SQRT_TWO = math.sqrt(2)
_LEAST_MASS = 1e-290
"""Where less than this lies between the ends, a draw's derivative is beyond float64."""
_ndtri = cast(Callable[[Array], Array], torch.special.ndtri)


@dataclass(frozen=True)
class Tails:
    """A family's distribution function and its complement, their inverses, and the mean between two ends times mass."""

    below: Callable[..., Array]
    above: Callable[..., Array]
    from_below: Callable[..., Array]
    from_above: Callable[..., Array]
    partial_mean: Callable[..., Array]


def _standard(x: Array, loc: Array, scale: Array) -> Array:
    return (x - loc) / scale


def _normal_density(z: Array) -> Array:
    return torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _normal_partial_mean(low: Array, high: Array, loc: Array, scale: Array) -> Array:
    a, b = _standard(low, loc, scale), _standard(high, loc, scale)
    return loc * _between(a, b) + scale * (_normal_density(a) - _normal_density(b))


def _between(a: Array, b: Array) -> Array:
    """Φ(b) − Φ(a) without loss in either tail."""
    return torch.where(a > 0, standard_cdf(-a) - standard_cdf(-b), standard_cdf(b) - standard_cdf(a))


def _log(x: Array) -> Array:
    """The logarithm, and minus infinity from 0 down."""
    return torch.where(x > 0, torch.log(torch.where(x > 0, x, torch.ones_like(x))), torch.full_like(x, -torch.inf))


def _log_normal_partial_mean(low: Array, high: Array, m: Array, s: Array) -> Array:
    a, b = _standard(_log(low), m, s) - s, _standard(_log(high), m, s) - s
    return torch.exp(m + s * s / 2) * _between(a, b)


def _exponential_partial_mean(low: Array, high: Array, rate: Array) -> Array:
    low = low.clamp(min=0.0)
    return (low + 1 / rate) * torch.exp(-rate * low) - (high + 1 / rate) * torch.exp(-rate * high)


def _uniform_below(x: Array, low: Array, high: Array) -> Array:
    return ((x - low) / (high - low)).clamp(0.0, 1.0)


def _uniform_partial_mean(low: Array, high: Array, start: Array, end: Array) -> Array:
    low, high = torch.maximum(low, start), torch.minimum(high, end)
    return (high - low) / (end - start) * (low + high) / 2


TAILS: Mapping[str, Tails] = {
    "Normal": Tails(
        lambda x, loc, scale: standard_cdf(_standard(x, loc, scale)),
        lambda x, loc, scale: standard_cdf(-_standard(x, loc, scale)),
        lambda p, loc, scale: loc + scale * _ndtri(p),
        lambda p, loc, scale: loc - scale * _ndtri(p),
        _normal_partial_mean,
    ),
    "LogNormal": Tails(
        lambda x, m, s: standard_cdf(_standard(_log(x), m, s)),
        lambda x, m, s: standard_cdf(-_standard(_log(x), m, s)),
        lambda p, m, s: torch.exp(m + s * _ndtri(p)),
        lambda p, m, s: torch.exp(m - s * _ndtri(p)),
        _log_normal_partial_mean,
    ),
    "HalfNormal": Tails(
        lambda x, scale: torch.erf(x.clamp(min=0.0) / (scale * _SQRT_TWO)),
        lambda x, scale: torch.erfc(x.clamp(min=0.0) / (scale * _SQRT_TWO)),
        lambda p, scale: scale * _SQRT_TWO * torch.erfinv(p),
        lambda p, scale: -scale * _ndtri(p / 2),
        lambda low, high, scale: 2 * _normal_partial_mean(low.clamp(min=0.0), high, torch.zeros_like(scale), scale),
    ),
    "Exponential": Tails(
        lambda x, rate: -torch.expm1(-rate * x.clamp(min=0.0)),
        lambda x, rate: torch.exp(-rate * x.clamp(min=0.0)),
        lambda p, rate: -torch.log1p(-p) / rate,
        lambda p, rate: -torch.log(p) / rate,
        _exponential_partial_mean,
    ),
    "Uniform": Tails(
        _uniform_below,
        lambda x, low, high: 1 - _uniform_below(x, low, high),
        lambda p, low, high: low + p * (high - low),
        lambda p, low, high: high - p * (high - low),
        _uniform_partial_mean,
    ),
}


@dataclass(frozen=True)
class Truncated:
    """A family's law between two ends."""

    family: str
    arguments: tuple[Array, ...]
    low: Array
    high: Array

    @property
    def _tails(self) -> Tails:
        return TAILS[self.family]

    @property
    def _mirrored(self) -> Mask:
        return self._tails.below(self.low, *self.arguments) > 0.5

    def mass(self) -> Array:
        """How much of the whole law lies between the ends."""
        below, above = self._tails.below, self._tails.above
        lower = below(self.high, *self.arguments) - below(self.low, *self.arguments)
        upper = above(self.low, *self.arguments) - above(self.high, *self.arguments)
        return torch.where(self._mirrored, upper, lower)

    def quantile(self, u: Array) -> Array:
        """The draw for a uniform number."""
        tails, mass, mirrored = self._tails, self.mass(), self._mirrored
        half = torch.full_like(mass, 0.5)
        p = torch.where(mirrored, half, tails.below(self.low, *self.arguments) + u * mass)
        q = torch.where(mirrored, tails.above(self.low, *self.arguments) - u * mass, half)
        drawn = torch.where(mirrored, tails.from_above(q, *self.arguments), tails.from_below(p, *self.arguments))
        return torch.minimum(torch.maximum(drawn, self.low), self.high)

    def log_prob(self, x: Array) -> Array:
        """The log density."""
        density = FAMILIES[self.family].log_prob(x, *self.arguments) - torch.log(self.mass())
        return outside_is_impossible((x >= self.low) & (x <= self.high), density)

    def cdf(self, x: Array) -> Array:
        """The distribution function."""
        tails = self._tails
        inside = torch.minimum(torch.maximum(x, self.low), self.high)
        lower = tails.below(inside, *self.arguments) - tails.below(self.low, *self.arguments)
        upper = tails.above(self.low, *self.arguments) - tails.above(inside, *self.arguments)
        return torch.where(self._mirrored, upper, lower) / self.mass()

    def mean(self) -> Array:
        """The mean."""
        return self._tails.partial_mean(self.low, self.high, *self.arguments) / self.mass()

    def valid(self) -> Mask:
        """Where there is something between the ends."""
        ordered = torch.isfinite(self.low) & torch.isfinite(self.high) & (self.low < self.high)
        return ordered & (self.mass() > _LEAST_MASS) & FAMILIES[self.family].valid(*self.arguments)
