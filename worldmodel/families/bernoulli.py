"""Bernoulli(probability): 1 or 0. Draws carry no gradient."""

import pyro.distributions as dist
import torch

from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.language.signatures import FAMILIES


def quantile(u: Array, probability: Array) -> Array:
    """1 where `u` is above `1 − probability`."""
    return (u > 1 - probability).to(u.dtype)


def log_prob(x: Array, probability: Array) -> Array:
    """The log mass."""
    binary = (x == 0) | (x == 1)
    x = inside(binary, x, 0.0)
    mass = torch.xlogy(x, probability) + torch.special.xlog1py(1 - x, -probability)
    return outside_is_impossible(binary, mass)


def cdf(x: Array, probability: Array) -> Array:
    """The distribution function."""
    x, probability = torch.broadcast_tensors(x, probability)
    below_one = torch.where(x >= 0, 1 - probability, torch.zeros_like(probability))
    return torch.where(x >= 1, torch.ones_like(probability), below_one)


def mean(probability: Array) -> Array:
    """`probability`."""
    return probability


def to_pyro(probability: Array) -> dist.Bernoulli:
    """Pyro's distribution."""
    return dist.Bernoulli(probability)


BERNOULLI = Family(FAMILIES["Bernoulli"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Bernoulli}")
