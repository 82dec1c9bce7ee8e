"""Enclosures of the quantile functions of standard families, for intervals of the uniform number and of the shapes.

A quantile grows with u, and for the shapes here it is monotone in each one, so that it is extreme at corners. Where it
has no closed form, scipy's inverse is only a guess: the end is moved outward until scipy's *tail* at it, taken to be
right to a relative `TAIL_ERROR`, proves that the true quantile lies inside. Near u = 1, where a double hardly tells
numbers apart, u itself is taken to be uncertain by `_SLACK`, because the simulator's inverses are. NaN, as scipy gives
it for shapes 0 and ∞, proves nothing and ends at the end of the support.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import scipy.special as special

from worldmodel.readings.interval_arithmetic import Flags, Interval, Numbers, divide
from worldmodel.readings.interval_functions import clipped, outward

EVERY = Interval(0.0, 1.0)
"""Every uniform number: bounds are then those of the law's support."""
DRAWN = Interval(2.0**-53, 1 - 2.0**-53)
"""Every uniform number that the simulator's noise can take: bounds then hold for every draw that it can make."""
TAIL_ERROR = 1e-10
"""The relative error that the tails of scipy.special are taken to have at most; tests compare them with mpmath."""

_FIRST_STEP = 1e-9  # beyond the error of the simulator's tables and inverses
_SLACK = 2.0**-51
_MOST_COUNT = 2.0**53
_PIECES = 8

Tail = Callable[[Numbers], Numbers]


def normal(u: Interval) -> Interval:
    """Φ⁻¹(u)."""
    ends = outward(special.ndtri(u.lower), special.ndtri(u.upper), relative=1e-12)
    return Interval(np.where(u.lower == 0, -np.inf, ends.lower), ends.upper)


def half_normal(u: Interval) -> Interval:
    """√2 erf⁻¹(u)."""
    root = np.sqrt(2.0)
    return clipped(outward(root * special.erfinv(u.lower), root * special.erfinv(u.upper), relative=1e-12), 0.0, np.inf)


@np.errstate(divide="ignore")
def exponential(u: Interval) -> Interval:
    """−log(1 − u)."""
    return clipped(outward(-np.log1p(-u.lower), -np.log1p(-u.upper)), 0.0, np.inf)


def student_t(df: Interval, u: Interval) -> Interval:
    """Student's t: further from 0 for a smaller df, so that both ends of df count."""
    found = [_t(end, u) for end in (df.lower, df.upper)]
    lower, upper = (np.broadcast_arrays(*[getattr(x, end) for x in found]) for end in ("lower", "upper"))
    return Interval(np.minimum.reduce(lower), np.maximum.reduce(upper))


def _t(df: Numbers, u: Interval) -> Interval:
    def lower_tail(x: Numbers) -> Numbers:
        return special.stdtr(df, x)

    def upper_tail(x: Numbers) -> Numbers:
        return special.stdtr(df, -x)

    low = _proven(special.stdtrit(df, u.lower), u.lower, lower_tail, upper_tail, (-np.inf, np.inf), -1)
    return Interval(low, _proven(special.stdtrit(df, u.upper), u.upper, lower_tail, upper_tail, (-np.inf, np.inf), 1))


def gamma(shape: Interval, u: Interval) -> Interval:
    """The gamma family with rate 1: greater for a greater shape. The simulator never gives less than 2e-308."""

    def end(a: Numbers, level: Numbers, direction: int) -> Numbers:
        return _proven(
            special.gammaincinv(a, level),
            level,
            lambda x: special.gammainc(a, x),
            lambda x: special.gammaincc(a, x),
            (0.0, np.inf),
            direction,
        )

    upper = end(shape.upper, u.upper, 1)
    return Interval(end(shape.lower, u.lower, -1), np.maximum(upper, 2 * np.finfo(np.float64).tiny))


def beta(alpha: Interval, other: Interval, u: Interval) -> Interval:
    """The beta family: greater for a greater alpha and a smaller beta."""

    def end(a: Numbers, b: Numbers, level: Numbers, direction: int) -> Numbers:
        return _proven(
            special.betaincinv(a, b, level),
            level,
            lambda x: special.betainc(a, b, x),
            lambda x: special.betaincc(a, b, x),
            (0.0, 1.0),
            direction,
        )

    return Interval(end(alpha.lower, other.upper, u.lower, -1), end(alpha.upper, other.lower, u.upper, 1))


def poisson(mean: Interval, u: Interval) -> Interval:
    """Poisson: greater for a greater mean."""

    def end(m: Numbers, level: Numbers, direction: int) -> Numbers:
        return _count(
            lambda k: special.gammaincc(k + 1, m), lambda k: special.gammainc(k + 1, m), level, direction, np.inf
        )

    return Interval(end(mean.lower, u.lower, -1), np.where(mean.upper == 0, 0.0, end(mean.upper, u.upper, 1)))


def binomial(trials: Interval, probability: Interval, u: Interval) -> Interval:
    """Binomial: greater for more trials and a greater probability."""

    def end(n: Numbers, p: Numbers, level: Numbers, direction: int) -> Numbers:
        def lower_tail(k: Numbers) -> Numbers:
            return np.where(k >= n, 1.0, special.betainc(np.maximum(n - k, 0.5), k + 1, 1 - p))

        def upper_tail(k: Numbers) -> Numbers:
            return np.where(k >= n, 0.0, special.betainc(k + 1, np.maximum(n - k, 0.5), p))

        return _count(lower_tail, upper_tail, level, direction, n)

    n = Interval(np.floor(trials.lower), np.floor(trials.upper))
    upper = np.where(probability.upper == 0, 0.0, end(n.upper, probability.upper, u.upper, 1))
    return Interval(end(n.lower, probability.lower, u.lower, -1), upper)


def negative_binomial(mean: Interval, concentration: Interval, u: Interval) -> Interval:
    """Negative binomial: with the success probability s = r / (r + m) fixed it grows with the concentration r.

    With m fixed it is not monotone in r, so that an interval of r is cut into pieces, and in each the greatest draw
    is bounded by that of the greatest r and the smallest s.
    """
    if np.all(concentration.lower == concentration.upper):
        return _negative_binomial(mean, concentration, u)
    first, last = np.maximum(concentration.lower, 0.0), concentration.upper
    ratio = np.where((first > 0) & np.isfinite(last), last / np.where(first > 0, first, 1.0), 1.0)
    cut = [first * ratio ** (piece / _PIECES) for piece in range(1, _PIECES)]
    splits = (first > 0) & np.isfinite(last)
    ends = [first, *[np.where(splits, x, first) for x in cut], last]
    found = [_negative_binomial(mean, Interval(a, np.maximum(a, b)), u) for a, b in pairwise(ends)]
    lower, upper = (np.broadcast_arrays(*[getattr(x, end) for x in found]) for end in ("lower", "upper"))
    return Interval(np.minimum.reduce(lower), np.maximum.reduce(upper))


def _negative_binomial(mean: Interval, concentration: Interval, u: Interval) -> Interval:
    def end(r: Numbers, share: Numbers, level: Numbers, direction: int) -> Numbers:
        return _count(
            lambda k: special.betainc(r, k + 1, share),
            lambda k: special.betaincc(r, k + 1, share),
            level,
            direction,
            np.inf,
        )

    shares = clipped(success_probability(mean, concentration), 0.0, 1.0)
    return Interval(
        end(concentration.lower, shares.upper, u.lower, -1), end(concentration.upper, shares.lower, u.upper, 1)
    )


@np.errstate(invalid="ignore")
def success_probability(mean: Interval, concentration: Interval) -> Interval:
    """r / (r + m) = 1 / (1 + m / r)."""
    ratio = divide(mean, concentration)
    above = np.where(ratio.lower >= 0, ratio.lower, 0.0)
    return outward(1 / (1 + ratio.upper), 1 / (1 + above))


def _proven(
    guess: Numbers, u: Numbers, lower_tail: Tail, upper_tail: Tail, ends: tuple[float, float], direction: int
) -> Numbers:
    """The guess moved in a direction until a tail proves that the quantile lies on the other side of it.

    `ends` are those of the support: they prove themselves. A real support is of scale 1.
    """
    far = ends[1] if direction > 0 else ends[0]
    size = np.maximum(np.abs(guess), 1.0) if np.isinf(ends[0]) else np.abs(guess)
    step = np.full(np.shape(guess), _FIRST_STEP)
    # Where u is the end itself no finite number proves anything: a tail that underflows to 0 is not 0.
    hopeless = np.isnan(guess) | (u == (1.0 if direction > 0 else 0.0))
    while True:
        with np.errstate(over="ignore", invalid="ignore"):
            x = np.clip(guess + direction * step * size, *ends)
        proof = _reaches(x, u, lower_tail, upper_tail) if direction > 0 else _falls_short(x, u, lower_tail, upper_tail)
        done = proof | hopeless | (x == far) | (step > 1e30)
        if np.all(done):
            return np.where(hopeless | ~proof, far, x)
        step = np.where(done, step, 4 * step)


def _reaches(x: Numbers, u: Numbers, lower_tail: Tail, upper_tail: Tail) -> Flags:
    """Where F(x) ≥ u is sure, and would be for a slightly greater u."""
    rest = np.maximum((1 - u) / 4, (1 - u) - _SLACK)
    return _either(
        u <= 0.5,
        lambda: lower_tail(x) * (1 - TAIL_ERROR) >= u * (1 + TAIL_ERROR),
        lambda: upper_tail(x) * (1 + TAIL_ERROR) <= rest,
    )


def _falls_short(x: Numbers, u: Numbers, lower_tail: Tail, upper_tail: Tail) -> Flags:
    """Where F(x) < u is sure, and would be for a slightly smaller u."""
    rest = (1 - u) + _SLACK
    return _either(
        u <= 0.5,
        lambda: lower_tail(x) * (1 + TAIL_ERROR) < u * (1 - TAIL_ERROR),
        lambda: upper_tail(x) * (1 - TAIL_ERROR) > rest,
    )


def _either(mask: Flags, first: Callable[[], Flags], second: Callable[[], Flags]) -> Flags:
    """The first where the mask holds and the second elsewhere, without working out one that is nowhere wanted."""
    with np.errstate(invalid="ignore"):
        if np.all(mask):
            return first()
        return np.where(mask, first(), second()) if np.any(mask) else second()


def _count(lower_tail: Tail, upper_tail: Tail, u: Numbers, direction: int, most: Numbers) -> Numbers:
    """The count from which on F surely reaches u (upwards), or below which it surely does not (downwards).

    Found by doubling and then halving, since both statements are monotone in the count.
    """

    def reached(k: Numbers) -> Flags:
        if direction > 0:
            return _reaches(k, u, lower_tail, upper_tail) | (u == 1)
        return ~_falls_short(k, u, lower_tail, upper_tail)

    shape = np.broadcast_shapes(np.shape(u), np.shape(upper_tail(np.float64(0.0))))
    below, above = np.full(shape, -1.0), np.zeros(shape)
    while np.any(pending := ~reached(above) & (above < np.minimum(most, _MOST_COUNT))):
        below, above = np.where(pending, above, below), np.where(pending, np.maximum(2 * above, 1.0), above)
    while np.any(above - below > 1):
        middle = np.floor((below + above) / 2)
        here = reached(middle)
        below, above = np.where(here, below, middle), np.where(here, middle, above)
    beyond = (above >= _MOST_COUNT) | (u == 1)
    return np.minimum(np.where(beyond & (direction > 0), np.inf, above), most)
