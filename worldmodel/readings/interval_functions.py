"""The functions of the language on intervals: exp, log, tanh, logistic, powers, `mix`.

No library of elementary functions is trusted to round correctly. A value that numpy computes is moved outward by
`MARGIN` units in the last place, which covers the error of numpy's function and of torch's (the simulator's) as well;
tests hold both within a quarter of that against mpmath. Results below the normal range may be flushed to 0 by some,
so that a 0 stands for all of them, and one of them for 0.
"""

import numpy as np
import scipy.special as special

from worldmodel.readings.interval_arithmetic import (
    Flags,
    Interval,
    Numbers,
    absolute,
    add,
    has_zero,
    hull,
    intersection,
    maximum,
    minimum,
    multiply,
    point,
    subtract,
    whole_line_where,
)

MARGIN = 8
"""Units in the last place by which values of elementary functions are moved outward."""
_EPSILON = 2.0**-52
_NORMAL = 2.0**-1021
_LARGEST = np.finfo(np.float64).max


def outward(lower: Numbers, upper: Numbers, partial: Flags = False, relative: float = MARGIN * _EPSILON) -> Interval:
    """Computed ends moved outward by a relative margin, and over the range below the normal numbers."""
    return Interval(-_above(-np.asarray(lower), relative), _above(np.asarray(upper), relative), partial)


@np.errstate(over="ignore", invalid="ignore", under="ignore")
def _above(value: Numbers, relative: float) -> Numbers:
    moved = np.nextafter(value + np.abs(value) * relative, np.inf)
    flushed = np.where(value < 0, 0.0, _NORMAL)
    moved = np.where((value > -_NORMAL) & (value < _NORMAL), flushed, moved)
    return np.where(np.isinf(value), np.where(value > 0, np.inf, -_LARGEST), moved)


def clipped(x: Interval, low: float, high: float) -> Interval:
    """An enclosure of something that is known to lie between two numbers."""
    return Interval(np.clip(x.lower, low, high), np.clip(x.upper, low, high), x.partial)


@np.errstate(over="ignore", under="ignore")
def exponential(x: Interval) -> Interval:
    """exp(x)."""
    return clipped(outward(np.exp(x.lower), np.exp(x.upper), x.partial), 0.0, np.inf)


@np.errstate(divide="ignore")
def logarithm(x: Interval) -> Interval:
    """log(x): partial where x may be 0 or less."""
    lower, upper = np.log(np.maximum(x.lower, 0.0)), np.log(np.maximum(x.upper, 0.0))
    found = outward(lower, upper, x.partial | (x.lower <= 0))
    return whole_line_where(
        x.upper <= 0, Interval(np.where(x.lower <= 0, -np.inf, found.lower), found.upper, found.partial)
    )


def hyperbolic_tangent(x: Interval) -> Interval:
    """tanh(x)."""
    return clipped(outward(np.tanh(x.lower), np.tanh(x.upper), x.partial), -1.0, 1.0)


def logistic(x: Interval) -> Interval:
    """1 / (1 + exp(−x))."""
    return clipped(outward(special.expit(x.lower), special.expit(x.upper), x.partial), 0.0, 1.0)


def clip(x: Interval, low: Interval, high: Interval) -> Interval:
    """min(max(x, low), high)."""
    return minimum(maximum(x, low), high)


def mix(weight: Interval, first: Interval, second: Interval) -> Interval:
    """`w a + (1 − w) b`, as narrow as it can be: the value is linear in each argument, so extreme at a corner."""
    plain = add(multiply(weight, first), multiply(subtract(point(1.0), weight), second))
    ends = [weight.lower, weight.upper, first.lower, first.upper, second.lower, second.upper]
    finite = np.logical_and.reduce(np.broadcast_arrays(*[np.isfinite(end) for end in ends]))
    w, a, b = (
        Interval(np.where(finite, x.lower, 0.0), np.where(finite, x.upper, 0.0)) for x in (weight, first, second)
    )
    low, high = _corner(w.lower, a, b), _corner(w.upper, a, b)
    corners = hull(low, high)
    # At a point inside, the simulator's three roundings may pass the corners by as much.
    size = np.maximum(np.abs(w.lower), np.abs(w.upper)) + 1
    slack = (
        8
        * _EPSILON
        * size
        * (np.maximum(np.abs(a.lower), np.abs(a.upper)) + np.maximum(np.abs(b.lower), np.abs(b.upper)))
    )
    wide = add(corners, Interval(-slack, slack))
    lower, upper = np.where(finite, wide.lower, -np.inf), np.where(finite, wide.upper, np.inf)
    return intersection(plain, Interval(lower, upper))


def _corner(weight: Numbers, first: Interval, second: Interval) -> Interval:
    w = Interval(weight, weight)
    return add(multiply(w, first), multiply(subtract(point(1.0), w), second))


def power(x: Interval, y: Interval) -> Interval:
    """x ^ y, by cases: a whole exponent; a base of 0 or more; else the whole range of the size, and partial."""
    whole = (y.lower == y.upper) & (y.lower == np.floor(y.lower)) & np.isfinite(y.lower)
    by_whole = _whole_power(x, np.where(whole, y.lower, 1.0))
    size = Interval(np.maximum(x.lower, 0.0), np.maximum(x.upper, 0.0))
    positive = _positive_power(size, y)
    other = _positive_power(absolute(x), y)
    negative = x.lower < 0
    general = Interval(
        np.where(negative, -other.upper, positive.lower), np.where(negative, other.upper, positive.upper), negative
    )
    undefined = (x.lower <= 0) & (x.upper >= 0) & (y.lower < 0)
    general = Interval(general.lower, general.upper, general.partial | undefined)
    lower, upper = np.where(whole, by_whole.lower, general.lower), np.where(whole, by_whole.upper, general.upper)
    return Interval(lower, upper, np.where(whole, by_whole.partial, general.partial) | x.partial | y.partial)


def _positive_power(x: Interval, y: Interval) -> Interval:
    """For x ≥ 0: monotone in each argument, so extreme at a corner."""
    corners = [_pow(a, b) for a in (x.lower, x.upper) for b in (y.lower, y.upper)]
    stacked = np.broadcast_arrays(*corners)
    return clipped(outward(np.minimum.reduce(stacked), np.maximum.reduce(stacked)), 0.0, np.inf)


def _whole_power(x: Interval, exponent: Numbers) -> Interval:
    """An even power has its least value, or its pole, at 0; an odd one is monotone on either side of 0."""
    even = np.mod(exponent, 2) == 0
    size = absolute(x)
    base = Interval(np.where(even, size.lower, x.lower), np.where(even, size.upper, x.upper))
    falls = exponent < 0
    first, second = _pow(base.lower, exponent), _pow(base.upper, exponent)
    found = outward(np.minimum(first, second), np.maximum(first, second))
    found = Interval(np.where(even, np.maximum(found.lower, 0.0), found.lower), found.upper)
    pole = falls & has_zero(x)
    lower = np.where(pole, np.where(even, found.lower, -np.inf), found.lower)
    one = exponent == 1
    return Interval(np.where(one, x.lower, lower), np.where(one, x.upper, np.where(pole, np.inf, found.upper)), pole)


@np.errstate(all="ignore")
def _pow(base: Numbers, exponent: Numbers) -> Numbers:
    return np.power(base, exponent)
