"""Delta(value): certainty. A law without a distribution is one."""

import pyro.distributions as dist
import torch

from worldmodel.families.base import MINUS_INFINITY, Array, Family
from worldmodel.language.signatures import FAMILIES


def quantile(u: Array, value: Array) -> Array:
    """`value`, whatever `u`."""
    drawn: Array = torch.broadcast_tensors(value, u)[0]
    return drawn


def log_prob(x: Array, value: Array) -> Array:
    """0 at the value and minus infinity elsewhere: the log mass, not a density."""
    x, value = torch.broadcast_tensors(x, value)
    return torch.where(x == value, torch.zeros_like(value), torch.full_like(value, MINUS_INFINITY))


def cdf(x: Array, value: Array) -> Array:
    """1 from the value on."""
    return (x >= value).to(value.dtype)


def mean(value: Array) -> Array:
    """`value`."""
    return value


def to_pyro(value: Array) -> dist.Delta:
    """Pyro's distribution."""
    return dist.Delta(value)


DELTA = Family(FAMILIES["Delta"], quantile, log_prob, cdf, mean, to_pyro, r"\delta")
