"""Poisson(mean). Draws carry no gradient."""

import pyro.distributions as dist
import scipy.special as special
import torch

from worldmodel.families.base import Array, Family, inside, is_count, outside_is_impossible
from worldmodel.families.discrete import corrected, floor_or_nothing, rounded_up
from worldmodel.families.implicit import from_numpy, to_numpy
from worldmodel.language.signatures import FAMILIES


def quantile(u: Array, mean: Array) -> Array:
    """The smallest count whose distribution function reaches `u`."""
    probability, rate = to_numpy(u), to_numpy(mean)
    guess = rounded_up(special.pdtrik(probability, rate))
    below = (guess > 0) & (special.pdtr(guess - 1, rate) >= probability)
    return corrected(guess, below, special.pdtr(guess, rate) >= probability)


def log_prob(x: Array, mean: Array) -> Array:
    """The log mass."""
    counted = is_count(x)
    x = inside(counted, x, 0.0)
    return outside_is_impossible(counted, torch.xlogy(x, mean) - mean - torch.lgamma(x + 1))


def cdf(x: Array, mean: Array) -> Array:
    """The distribution function, without gradient."""
    count = to_numpy(floor_or_nothing(x))
    return from_numpy((count >= 0) * special.pdtr(count.clip(min=0), to_numpy(mean)))


def mean_(mean: Array) -> Array:
    """`mean`."""
    return mean


def to_pyro(mean: Array) -> dist.Poisson:
    """Pyro's distribution."""
    return dist.Poisson(mean)


POISSON = Family(FAMILIES["Poisson"], quantile, log_prob, cdf, mean_, to_pyro, r"\operatorname{Poisson}")
