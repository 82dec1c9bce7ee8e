"""LogNormal(log_median, log_scale): the exponential of a normal draw."""

import pyro.distributions as dist
import torch

from worldmodel.families import normal
from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.language.signatures import FAMILIES


def quantile(u: Array, log_median: Array, log_scale: Array) -> Array:
    """`exp(log_median + log_scale · Φ⁻¹(u))`."""
    return torch.exp(normal.quantile(u, log_median, log_scale))


def log_prob(x: Array, log_median: Array, log_scale: Array) -> Array:
    """The log density."""
    positive = x > 0
    log_x = torch.log(inside(positive, x, 1.0))
    return outside_is_impossible(positive, normal.log_prob(log_x, log_median, log_scale) - log_x)


def cdf(x: Array, log_median: Array, log_scale: Array) -> Array:
    """The distribution function."""
    positive = x > 0
    value = normal.cdf(torch.log(inside(positive, x, 1.0)), log_median, log_scale)
    return torch.where(positive, value, torch.zeros_like(value))


def mean(log_median: Array, log_scale: Array) -> Array:
    """`exp(log_median + log_scale² / 2)`."""
    return torch.exp(log_median + log_scale * log_scale / 2)


def to_pyro(log_median: Array, log_scale: Array) -> dist.LogNormal:
    """Pyro's distribution."""
    return dist.LogNormal(log_median, log_scale)


LOG_NORMAL = Family(FAMILIES["LogNormal"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{LogNormal}")
