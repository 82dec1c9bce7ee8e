"""What is known of a parameter, in its own unit: the mean, sd and 90 % interval of its posterior, or of its prior."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, sqrt
from statistics import NormalDist

import numpy as np
import torch

from worldmodel.components.posterior import ParameterPosterior
from worldmodel.language.ir import Law, Parameter
from worldmodel.language.walk import walk
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.posterior_scale import interval, to_natural
from worldmodel.readings.torch_law import law_quantile

LEVELS = (0.05, 0.5, 0.95)
_POINTS, _WEIGHTS = np.polynomial.hermite_e.hermegauss(80)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


@dataclass(frozen=True)
class Known:
    """A parameter's median and 90 % interval in its own unit."""

    low: float
    median: float
    high: float


@dataclass(frozen=True)
class Learned(Known):
    """What a posterior says: the mean and standard deviation too, which not every prior has."""

    mean: float
    sd: float


def known_after(posterior: ParameterPosterior, prior: Law) -> Learned:
    """What the posterior says; mean and sd exact for the identity and log scales, by quadrature for the logit scale."""
    gaussian = NormalDist(posterior.mean, posterior.sd)
    ends = interval(prior)
    low, median, high = _natural(posterior, np.array([gaussian.inv_cdf(level) for level in LEVELS]), ends).tolist()
    match posterior.scale:
        case "identity":
            mean, sd = posterior.mean, posterior.sd
        case "log":
            mean = exp(posterior.mean + posterior.sd**2 / 2)
            sd = mean * sqrt(exp(posterior.sd**2) - 1)
        case _:
            values = _natural(posterior, posterior.mean + posterior.sd * _POINTS, ends)
            mean = float(values @ _WEIGHTS)
            sd = sqrt(float((values - mean) ** 2 @ _WEIGHTS))
    return Learned(low, median, high, mean, sd)


@lru_cache(maxsize=4096)
def known_before(prior: Law) -> Known | None:
    """What the prior says; None where it depends on other parameters."""
    if any(isinstance(node, Parameter) for node in walk(prior)):
        return None
    levels = torch.tensor(LEVELS, dtype=torch.float64)
    return Known(*law_quantile(prior, fixed_environment(), levels).tolist())


def _natural(posterior: ParameterPosterior, values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    natural = to_natural(posterior.scale, torch.from_numpy(values), ends).numpy()
    assert isinstance(natural, np.ndarray)
    return natural
