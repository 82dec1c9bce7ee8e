"""Poisson(mean). Draws carry no gradient."""

import numpy as np
import pyro.distributions as dist
import scipy.special as special
import torch

from worldmodel.families.base import Array, Family, inside, is_count, outside_is_impossible
from worldmodel.families.discrete import corrected, floor_or_nothing, rounded_up
from worldmodel.families.implicit import Numbers, from_numpy, to_numpy
from worldmodel.language.signatures import FAMILIES

LARGE = 1000.0
"""A mean from which an expansion finds the count; the continuous inverse takes longer the larger the mean is."""


def quantile(u: Array, mean: Array) -> Array:
    """The smallest count whose distribution function reaches `u`."""
    probability, rate = np.broadcast_arrays(to_numpy(u), to_numpy(mean))
    large = rate >= LARGE
    if not large.any():
        return from_numpy(_by_inverse(probability, rate)).reshape(rate.shape)
    with np.errstate(invalid="ignore"):
        count = np.array(_by_expansion(probability, np.where(large, rate, LARGE)))
        reached = (special.pdtr(count, rate) >= probability) & ~(special.pdtr(count - 1, rate) >= probability)
    left = ~(large & reached)
    count[left] = _by_inverse(probability[left], rate[left])
    return from_numpy(count).reshape(rate.shape)


def _by_inverse(probability: Numbers, rate: Numbers) -> Numbers:
    return _next_to(rounded_up(special.pdtrik(probability, rate)), probability, rate)


def _by_expansion(probability: Numbers, rate: Numbers) -> Numbers:
    """By the Cornish–Fisher expansion, which for such means is far less than one count off."""
    z, root = special.ndtri(probability), np.sqrt(rate)
    near = rate + root * z + (z * z - 1) / 6 + (z - z**3) / (72 * root)
    return _next_to(rounded_up(near - 0.5), probability, rate)


def _next_to(guess: Numbers, probability: Numbers, rate: Numbers) -> Numbers:
    """The count itself, or the one below or above, whichever is the first to reach the probability."""
    below = (guess > 0) & (special.pdtr(guess - 1, rate) >= probability)
    return to_numpy(corrected(guess, below, special.pdtr(guess, rate) >= probability))


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
