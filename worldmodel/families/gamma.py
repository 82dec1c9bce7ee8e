"""Gamma(shape, rate)."""

import numpy as np
import pyro.distributions as dist
import scipy.special as special
import torch

from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.families.implicit import Numbers, Standard, from_numpy, implicit_quantile, to_numpy
from worldmodel.language.signatures import FAMILIES

_SMALLEST = np.finfo(np.float64).tiny


def _log_density(x: Numbers, shape: Numbers) -> Numbers:
    value: Numbers = special.xlogy(shape - 1, x) - x - special.gammaln(shape)
    return value


def _quantile(u: Numbers, shape: Numbers) -> Numbers:
    return np.maximum(special.gammaincinv(shape, u), _SMALLEST)


STANDARD = Standard(
    quantile=_quantile,
    lower=lambda x, shape: special.gammainc(shape, x),
    upper=lambda x, shape: special.gammaincc(shape, x),
    log_density=_log_density,
)


def quantile(u: Array, shape: Array, rate: Array) -> Array:
    """The inverse of the regularised incomplete gamma function, divided by the rate; never quite 0."""
    return implicit_quantile(STANDARD, u, shape) / rate


def log_prob(x: Array, shape: Array, rate: Array) -> Array:
    """The log density."""
    positive = x > 0
    x = inside(positive, x, 1.0)
    constant = shape * torch.log(rate) - torch.lgamma(shape)
    return outside_is_impossible(positive, (shape - 1) * torch.log(x) - rate * x + constant)


def cdf(x: Array, shape: Array, rate: Array) -> Array:
    """The distribution function, without gradient."""
    return from_numpy(special.gammainc(to_numpy(shape), to_numpy(torch.clamp(x, min=0.0) * rate)))


def mean(shape: Array, rate: Array) -> Array:
    """`shape / rate`."""
    return shape / rate


def to_pyro(shape: Array, rate: Array) -> dist.Gamma:
    """Pyro's distribution."""
    return dist.Gamma(shape, rate)


GAMMA = Family(FAMILIES["Gamma"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Gamma}")
