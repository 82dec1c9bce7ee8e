"""Enclosures of the distribution functions of the continuous families, for intervals of the value and the arguments.

A distribution function grows with the value and is monotone in each shape, so that it is extreme at corners; scipy's
values are moved outward by the relative error that they are taken to have (`interval_quantile.TAIL_ERROR`).
"""

from collections.abc import Callable
from itertools import product

import numpy as np
import scipy.special as special

from worldmodel.readings.interval_arithmetic import Interval, Numbers, divide, multiply, negate, subtract
from worldmodel.readings.interval_functions import clipped, exponential, logarithm, outward
from worldmodel.readings.interval_quantile import TAIL_ERROR


def distribution(family: str, arguments: list[Interval], x: Interval) -> Interval:
    """F(x) of a continuous family, arguments in its slots' order and in their domains."""
    match family, arguments:
        case "Normal", [loc, scale]:
            return _corners(special.ndtr, _standard(x, loc, scale))
        case "LogNormal", [log_median, log_scale]:
            found = _corners(special.ndtr, _standard(logarithm(clipped(x, 0.0, np.inf)), log_median, log_scale))
            return Interval(np.where(x.lower <= 0, 0.0, found.lower), np.where(x.upper <= 0, 0.0, found.upper))
        case "StudentT", [df, loc, scale]:
            return _corners(special.stdtr, df, _standard(x, loc, scale))
        case "HalfNormal", [scale]:
            return _corners(lambda z: special.erf(z / np.sqrt(2.0)), _from_zero(divide(clipped(x, 0.0, np.inf), scale)))
        case "Exponential", [rate]:
            return _one_less(exponential(negate(multiply(clipped(x, 0.0, np.inf), rate))))
        case "Gamma", [shape, rate]:
            return _corners(special.gammainc, shape, _from_zero(multiply(clipped(x, 0.0, np.inf), rate)))
        case "Beta", [alpha, beta]:
            return _corners(special.betainc, alpha, beta, clipped(x, 0.0, 1.0))
        case "Uniform", [low, high]:
            return clipped(divide(subtract(x, low), _from_zero(subtract(high, low))), 0.0, 1.0)
        case _:
            raise AssertionError(f"{family} is not a continuous family with {len(arguments)} arguments")


def _standard(x: Interval, loc: Interval, scale: Interval) -> Interval:
    return divide(subtract(x, loc), scale)


def _from_zero(x: Interval) -> Interval:
    return clipped(x, 0.0, np.inf)


def _one_less(x: Interval) -> Interval:
    return clipped(subtract(Interval(1.0, 1.0), x), 0.0, 1.0)


def _corners(function: Callable[..., Numbers], *arguments: Interval) -> Interval:
    """A probability that is monotone in every argument; one that scipy does not know may be anything."""
    found = [function(*corner) for corner in product(*[(x.lower, x.upper) for x in arguments])]
    stacked = np.broadcast_arrays(*found)
    lower, upper = np.minimum.reduce(stacked), np.maximum.reduce(stacked)
    unknown = np.isnan(lower) | np.isnan(upper)
    known = outward(np.where(unknown, 0.0, lower), np.where(unknown, 1.0, upper), relative=TAIL_ERROR)
    return clipped(known, 0.0, 1.0)
