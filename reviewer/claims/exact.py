"""Bounds that need no shape of a distribution: exact ones of a share, and of the mean of numbers in a known range."""

from math import log, sqrt

import numpy as np
from scipy import special

Ends = tuple[float, float]


def share_bounds(count: int, total: int, level: float) -> Ends:
    """The interval of Clopper and Pearson for a probability, from `count` of `total` [clopper1934].

    It contains the probability in at least a share `level` of samples, whatever the probability is.

    >>> tuple(round(end, 4) for end in share_bounds(0, 100, 0.95))
    (0.0, 0.0362)
    """
    tail = (1 - level) / 2
    low = 0.0 if count == 0 else float(special.betaincinv(count, total - count + 1, tail))
    high = 1.0 if count == total else float(special.betaincinv(count + 1, total - count, 1 - tail))
    return low, high


def mean_bounds(values: np.ndarray, low: float, high: float, level: float) -> Ends:
    """An interval for the mean of numbers that all lie between two ends, from their empirical variance [maurer2009].

    It needs independent draws and those ends, and nothing else: Maurer and Pontil's theorem 4 on both sides.
    """
    count = len(values)
    tail = log(4 / (1 - level))  # each of two sides may fail with half of what is left, and each is stated with ln(2/δ)
    deviation = sqrt(2 * float(np.var(values, ddof=1)) * tail / count)
    width = deviation + 7 * (high - low) * tail / (3 * (count - 1))
    centre = float(np.mean(values))
    return max(low, centre - width), min(high, centre + width)
