"""Normal(loc, scale)."""

import math

import pyro.distributions as dist
import torch

from worldmodel.families.base import Array, Family
from worldmodel.language.signatures import FAMILIES

SQRT_TWO = math.sqrt(2)
LOG_SQRT_TWO_PI = 0.5 * math.log(2 * math.pi)


def standard_cdf(z: Array) -> Array:
    """Φ(z), exact far out in the lower tail too, where `torch.special.ndtr` has lost all its digits by z = −9."""
    return 0.5 * torch.erfc(-z / SQRT_TWO)


def quantile(u: Array, loc: Array, scale: Array) -> Array:
    """`loc + scale · Φ⁻¹(u)`."""
    standard: Array = torch.special.ndtri(u)
    return loc + scale * standard


def log_prob(x: Array, loc: Array, scale: Array) -> Array:
    """The log density."""
    standard = (x - loc) / scale
    return -0.5 * standard * standard - torch.log(scale) - LOG_SQRT_TWO_PI


def cdf(x: Array, loc: Array, scale: Array) -> Array:
    """The distribution function."""
    return standard_cdf((x - loc) / scale)


def mean(loc: Array, scale: Array) -> Array:
    """`loc`."""
    value: Array = torch.broadcast_tensors(loc, scale)[0]
    return value


def to_pyro(loc: Array, scale: Array) -> dist.Normal:
    """Pyro's distribution."""
    return dist.Normal(loc, scale)


NORMAL = Family(FAMILIES["Normal"], quantile, log_prob, cdf, mean, to_pyro, r"\mathcal{N}")
