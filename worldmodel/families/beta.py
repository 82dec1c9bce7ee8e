"""Beta(alpha, beta)."""

import numpy as np
import pyro.distributions as dist
import scipy.special as special
import torch

from worldmodel.families.base import Array, Family, inside, outside_is_impossible
from worldmodel.families.implicit import Numbers, Standard, from_numpy, implicit_quantile, to_numpy
from worldmodel.language.signatures import FAMILIES


def _log_density(x: Numbers, alpha: Numbers, beta: Numbers) -> Numbers:
    with np.errstate(divide="ignore"):
        value: Numbers = special.xlogy(alpha - 1, x) + special.xlog1py(beta - 1, -x) - special.betaln(alpha, beta)
    return value


STANDARD = Standard(
    quantile=lambda u, alpha, beta: special.betaincinv(alpha, beta, u),
    lower=lambda x, alpha, beta: special.betainc(alpha, beta, x),
    upper=lambda x, alpha, beta: special.betaincc(alpha, beta, x),
    log_density=_log_density,
)


def quantile(u: Array, alpha: Array, beta: Array) -> Array:
    """The inverse of the regularised incomplete beta function."""
    return implicit_quantile(STANDARD, u, alpha, beta)


def log_prob(x: Array, alpha: Array, beta: Array) -> Array:
    """The log density."""
    unit = (x >= 0) & (x <= 1)
    x = inside(unit, x, 0.5)
    constant = torch.lgamma(alpha + beta) - torch.lgamma(alpha) - torch.lgamma(beta)
    return outside_is_impossible(unit, torch.xlogy(alpha - 1, x) + torch.special.xlog1py(beta - 1, -x) + constant)


def cdf(x: Array, alpha: Array, beta: Array) -> Array:
    """The distribution function, without gradient."""
    return from_numpy(special.betainc(to_numpy(alpha), to_numpy(beta), to_numpy(torch.clamp(x, 0.0, 1.0))))


def mean(alpha: Array, beta: Array) -> Array:
    """`alpha / (alpha + beta)`."""
    return alpha / (alpha + beta)


def to_pyro(alpha: Array, beta: Array) -> dist.Beta:
    """Pyro's distribution."""
    return dist.Beta(alpha, beta)


BETA = Family(FAMILIES["Beta"], quantile, log_prob, cdf, mean, to_pyro, r"\operatorname{Beta}")
