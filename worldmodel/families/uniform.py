"""Uniform(low, high), with low below high: elsewhere draws and densities are NaN, which no support contains."""

import pyro.distributions as dist
import torch

from worldmodel.families.base import Array, Family, outside_is_impossible
from worldmodel.language.signatures import FAMILIES


def _width(low: Array, high: Array) -> Array:
    width = high - low
    return torch.where(width > 0, width, torch.full_like(width, torch.nan))


def quantile(u: Array, low: Array, high: Array) -> Array:
    """`low + u · (high − low)`."""
    return low + u * _width(low, high)


def log_prob(x: Array, low: Array, high: Array) -> Array:
    """The log density; both ends belong to the support."""
    between = (x >= low) & (x <= high)
    density = -torch.log(_width(low, high)) + torch.zeros_like(x)
    return outside_is_impossible(between, density)


def cdf(x: Array, low: Array, high: Array) -> Array:
    """The distribution function."""
    return torch.clamp((x - low) / _width(low, high), 0.0, 1.0)


def mean(low: Array, high: Array) -> Array:
    """The middle."""
    return (low + high) / 2


def to_pyro(low: Array, high: Array) -> dist.Uniform:
    """Pyro's distribution."""
    return dist.Uniform(low, high)


UNIFORM = Family(FAMILIES["Uniform"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Uniform}")
