"""Intervals for what simulations say: exact for a share, by resampling parameter draws for everything else."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from scipy.special import betaincinv
from torch import Tensor

CONFIDENCE = 0.95
_RESAMPLES = 400


class Interval(NamedTuple):
    """Two ends, lower first."""

    lower: float
    upper: float


def clopper_pearson(events: int, trials: int, confidence: float = CONFIDENCE) -> Interval:
    """Two exact one-sided bounds on a probability, each with this confidence, from independent trials.

    Nothing seen in 60 trials still leaves up to 4.9 % at 95 %.
    """
    if not 0 <= events <= trials or trials < 1:
        raise ValueError(f"{events} events in {trials} trials")
    miss = 1 - confidence
    lower = 0.0 if events == 0 else float(betaincinv(events, trials - events + 1, miss))
    upper = 1.0 if events == trials else float(betaincinv(events + 1, trials - events, confidence))
    return Interval(lower, upper)


def bootstrap(
    columns: Float[Tensor, "*rows draws"], statistic: Callable[[Float[Tensor, "*rows draws"]], float], seed: int
) -> Interval:
    """The central 95 % of a statistic over resampled parameter draws, which are independent.

    A draw's trajectories stay together.
    """
    draws = columns.shape[-1]
    random = np.random.Generator(np.random.Philox(seed))
    picks = torch.from_numpy(random.integers(0, draws, size=(_RESAMPLES, draws)))
    values = np.sort([statistic(columns[..., pick]) for pick in picks])
    tail = (1 - CONFIDENCE) / 2
    return Interval(float(np.quantile(values, tail)), float(np.quantile(values, 1 - tail)))


def mean_interval(values: Float[Tensor, " draws"]) -> Interval:
    """The 95 % interval of a mean over independent parameter draws, by the central limit theorem."""
    mean = float(values.mean())
    half = 1.96 * float(values.std(correction=1)) / len(values) ** 0.5 if len(values) > 1 else float("inf")
    return Interval(mean - half, mean + half)
