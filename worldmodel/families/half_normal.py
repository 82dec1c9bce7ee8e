"""HalfNormal(scale): the absolute value of a centred normal draw."""

import math

import pyro.distributions as dist
import torch

from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.language.signatures import FAMILIES

_SQRT_TWO = math.sqrt(2)
_LOG_SQRT_TWO_OVER_PI = 0.5 * math.log(2 / math.pi)


def quantile(u: Array, scale: Array) -> Array:
    """`scale · √2 · erf⁻¹(u)`, exact near 0 too."""
    return scale * (_SQRT_TWO * torch.erfinv(u))


def log_prob(x: Array, scale: Array) -> Array:
    """The log density."""
    nonnegative = x >= 0
    standard = inside(nonnegative, x, 1.0) / scale
    return outside_is_impossible(nonnegative, _LOG_SQRT_TWO_OVER_PI - torch.log(scale) - 0.5 * standard * standard)


def cdf(x: Array, scale: Array) -> Array:
    """The distribution function."""
    return torch.erf(torch.clamp(x, min=0.0) / (scale * _SQRT_TWO))


def mean(scale: Array) -> Array:
    """`scale · √(2/π)`."""
    return scale * math.sqrt(2 / math.pi)


def to_pyro(scale: Array) -> dist.HalfNormal:
    """Pyro's distribution."""
    return dist.HalfNormal(scale)


HALF_NORMAL = Family(FAMILIES["HalfNormal"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{HalfNormal}")
