"""Exponential(rate)."""

import pyro.distributions as dist
import torch

from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.language.signatures import FAMILIES


def quantile(u: Array, rate: Array) -> Array:
    """`−log(1 − u) / rate`."""
    return -torch.log1p(-u) / rate


def log_prob(x: Array, rate: Array) -> Array:
    """The log density."""
    nonnegative = x >= 0
    return outside_is_impossible(nonnegative, torch.log(rate) - rate * inside(nonnegative, x, 1.0))


def cdf(x: Array, rate: Array) -> Array:
    """The distribution function."""
    return -torch.expm1(-rate * torch.clamp(x, min=0.0))


def mean(rate: Array) -> Array:
    """`1 / rate`."""
    return 1 / rate


def to_pyro(rate: Array) -> dist.Exponential:
    """Pyro's distribution."""
    return dist.Exponential(rate)


EXPONENTIAL = Family(FAMILIES["Exponential"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Exponential}")
