"""Binomial(trials, probability). Draws carry no gradient."""

import numpy as np
import pyro.distributions as dist
import scipy.special as special
import torch

from worldmodel.families.base import Array, Family, inside, is_count, outside_is_impossible
from worldmodel.families.discrete import corrected, floor_or_nothing, rounded_up
from worldmodel.families.implicit import Numbers, from_numpy, to_numpy
from worldmodel.language.signatures import FAMILIES


def _reached(count: Numbers, trials: Numbers, probability: Numbers) -> Numbers:
    """P(X ≤ count), through the incomplete beta function, which takes trials as real numbers without a warning."""
    rest = np.maximum(trials - count, 0.0)
    inner = special.betainc(np.where(rest > 0, rest, 1.0), np.maximum(count, 0.0) + 1, 1 - probability)
    value: Numbers = np.where(rest > 0, inner, 1.0)
    return np.where(count < 0, 0.0, value)


def quantile(u: Array, trials: Array, probability: Array) -> Array:
    """The smallest count whose distribution function reaches `u`."""
    level, n, p = to_numpy(u), to_numpy(trials), to_numpy(probability)
    guess = np.minimum(rounded_up(special.bdtrik(level, n, p)), n)
    below = (guess > 0) & (_reached(guess - 1, n, p) >= level)
    return corrected(guess, below, _reached(guess, n, p) >= level)


def log_prob(x: Array, trials: Array, probability: Array) -> Array:
    """The log mass."""
    counted = is_count(x) & (x <= trials)
    x = inside(counted, x, 0.0)
    ways = torch.lgamma(trials + 1) - torch.lgamma(x + 1) - torch.lgamma(trials - x + 1)
    mass = ways + torch.xlogy(x, probability) + torch.special.xlog1py(trials - x, -probability)
    return outside_is_impossible(counted, mass)


def cdf(x: Array, trials: Array, probability: Array) -> Array:
    """The distribution function, without gradient."""
    return from_numpy(_reached(to_numpy(floor_or_nothing(x)), to_numpy(trials), to_numpy(probability)))


def mean(trials: Array, probability: Array) -> Array:
    """`trials · probability`."""
    return trials * probability


def to_pyro(trials: Array, probability: Array) -> dist.Binomial:
    """Pyro's distribution."""
    return dist.Binomial(trials, probability)


BINOMIAL = Family(FAMILIES["Binomial"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Binomial}")
