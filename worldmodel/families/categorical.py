"""Categorical(probability, probability, …): the number of a case, counted from 0. Draws carry no gradient.

The arguments are taken in proportion to their sum, as Pyro does.
"""

import pyro.distributions as dist
import torch

from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.language.signatures import FAMILIES


def _shares(probabilities: tuple[Array, ...]) -> Array:
    """The normalised probabilities along a new last axis."""
    stacked = torch.stack(torch.broadcast_tensors(*probabilities), dim=-1)
    return stacked / stacked.sum(dim=-1, keepdim=True)


def quantile(u: Array, *probabilities: Array) -> Array:
    """How many of the cumulated probabilities, the last left out, lie below `u`."""
    below = torch.cumsum(_shares(probabilities), dim=-1)[..., :-1]
    return (u.unsqueeze(-1) > below).sum(dim=-1).to(u.dtype)


def log_prob(x: Array, *probabilities: Array) -> Array:
    """The log mass."""
    shares = _shares(probabilities)
    listed = (x >= 0) & (x < len(probabilities)) & (x == torch.floor(x))
    case = inside(listed, x, 0.0).long().unsqueeze(-1)
    shape = torch.broadcast_shapes(shares.shape[:-1], case.shape[:-1])
    mass = torch.gather(shares.expand(*shape, -1), -1, case.expand(*shape, 1)).squeeze(-1)
    return outside_is_impossible(listed.expand(shape), torch.log(mass))


def cdf(x: Array, *probabilities: Array) -> Array:
    """The distribution function."""
    shares = _shares(probabilities)
    cases = torch.arange(len(probabilities), dtype=x.dtype)
    return torch.where(cases <= x.unsqueeze(-1), shares, torch.zeros_like(shares)).sum(dim=-1)


def mean(*probabilities: Array) -> Array:
    """The mean number of the case."""
    shares = _shares(probabilities)
    return (shares * torch.arange(len(probabilities), dtype=shares.dtype)).sum(dim=-1)


def to_pyro(*probabilities: Array) -> dist.Categorical:
    """Pyro's distribution."""
    return dist.Categorical(_shares(probabilities))


CATEGORICAL = Family(FAMILIES["Categorical"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Categorical}")
