"""Sound bounds of what a law draws, and of its mean, over a box and an interval of the uniform number.

A draw is the quantile of one uniform number in every reading, so that bounds on quantiles are bounds on draws.
Arguments that leave their domain draw nothing (the simulator ends such a trajectory): they are cut off, and `partial`
is true.
"""

from functools import reduce

import numpy as np

from worldmodel.language.ir import Expression, Law
from worldmodel.language.signatures import FAMILIES, Domain
from worldmodel.readings import interval_quantile as quantile
from worldmodel.readings.interval import Box, bounds
from worldmodel.readings.interval_arithmetic import (
    Flags,
    Interval,
    add,
    divide,
    intersection,
    maximum,
    minimum,
    multiply,
    point,
    subtract,
    whole_line_where,
)
from worldmodel.readings.interval_distribution import distribution
from worldmodel.readings.interval_functions import clipped, exponential, mix
from worldmodel.readings.interval_quantile import DRAWN, EVERY
from worldmodel.readings.moments import mean_expression

__all__ = ["DRAWN", "EVERY", "law_bounds", "mean_bounds"]

_DOMAINS: dict[Domain, tuple[float, float]] = {
    "real": (-np.inf, np.inf),
    "positive": (0.0, np.inf),
    "nonnegative": (0.0, np.inf),
    "unit": (0.0, 1.0),
    "count": (0.0, np.inf),
}
_ROUNDING = 2.0**-50  # of a sum of a few probabilities, in whatever order a reading adds them


def law_bounds(law: Law, box: Box, u: Interval = EVERY) -> Interval:
    """An interval that contains every draw for uniform numbers in `u` and values in the box.

    >>> from worldmodel.language.parser import parse_law
    >>> box = Box(variables={("x", 1): Interval(-1.0, 2.0)})
    >>> law = parse_law("Uniform(x[t-1], x[t-1] + 3)")
    >>> print(law_bounds(law, box))
    [-1.0, 5.0]
    >>> print(law_bounds(parse_law("Poisson(exp(x[t-1]))"), box, Interval(0.05, 0.95)))
    [0.0, 12.0]
    """
    match law.family:
        case "Mixture":
            return _mixture(law, box, u)
        case "ZeroInflated":
            return _zero_inflated(law, box, u)
        case "Truncated":
            return _truncated(law, box, u)
        case _:
            return _simple(law.family, arguments_of(law, box), u)


def mean_bounds(law: Law, box: Box) -> Interval:
    """An interval that contains the law's mean everywhere in the box; where there is no formula, the draws' bounds."""
    draws = law_bounds(law, box)
    formula = mean_expression(law)
    found = draws if formula is None else intersection(bounds(formula, box), draws)
    return Interval(found.lower, found.upper, found.partial | _lacks_mean(law, box))


def _lacks_mean(law: Law, box: Box) -> Flags:
    """Where a Student-t law among the parts may have a df of 1 or less, and so no mean."""
    own = bounds(law.arguments[0], box).lower <= 1 if law.family == "StudentT" else np.zeros((), np.bool_)
    return reduce(np.logical_or, [_lacks_mean(part, box) for part in law.parts if law.family != "Truncated"], own)


def arguments_of(law: Law, box: Box) -> list[Interval]:
    """The law's arguments, cut to their slots' domains."""
    slots = FAMILIES[law.family].slots
    domains = [slot.domain for slot in slots] + [slots[-1].domain] * (len(law.arguments) - len(slots))
    return [restricted(argument, domain, box) for argument, domain in zip(law.arguments, domains, strict=True)]


def restricted(argument: Expression, domain: Domain, box: Box) -> Interval:
    """An argument's interval cut to a domain, partial where some of it lay outside."""
    low, high = _DOMAINS[domain]
    found = bounds(argument, box)
    outside = (found.lower < low) | (found.upper > high) | (domain == "positive") & (found.lower == 0)
    inner = clipped(found, low, high)
    return Interval(inner.lower, inner.upper, inner.partial | outside)


def _simple(family: str, arguments: list[Interval], u: Interval) -> Interval:
    found = _draws(family, arguments, u)
    return Interval(found.lower, found.upper, reduce(np.logical_or, [x.partial for x in arguments]))


def _draws(family: str, arguments: list[Interval], u: Interval) -> Interval:
    match family, arguments:
        case "Normal", [loc, scale]:
            return add(loc, multiply(scale, quantile.normal(u)))
        case "LogNormal", [log_median, log_scale]:
            return exponential(add(log_median, multiply(log_scale, quantile.normal(u))))
        case "StudentT", [df, loc, scale]:
            return add(loc, multiply(scale, quantile.student_t(df, u)))
        case "HalfNormal", [scale]:
            return multiply(scale, quantile.half_normal(u))
        case "Exponential", [rate]:
            return _nonnegative(divide(quantile.exponential(u), rate))
        case "Gamma", [shape, rate]:
            return _nonnegative(divide(quantile.gamma(shape, u), rate))
        case "Beta", [alpha, other]:
            return quantile.beta(alpha, other, u)
        case "Uniform", [low, high]:
            inside = mix(u, high, low)
            return intersection(inside, Interval(low.lower, np.maximum(low.lower, high.upper)))
        case _:
            return _discrete_draws(family, arguments, u)


def _discrete_draws(family: str, arguments: list[Interval], u: Interval) -> Interval:
    match family, arguments:
        case "Delta", [value]:
            return value
        case "Bernoulli", [probability]:
            rest = subtract(point(1.0), probability)
            return Interval(np.where(u.lower > rest.upper, 1.0, 0.0), np.where(u.upper > rest.lower, 1.0, 0.0))
        case "Categorical", _:
            steps = cumulated(arguments)[:-1]
            least = sum((np.where(u.lower > step.upper, 1.0, 0.0) for step in steps), np.zeros(()))
            most = sum((np.where(u.upper > step.lower, 1.0, 0.0) for step in steps), np.zeros(()))
            return Interval(least, most)
        case "Poisson", [mean]:
            return quantile.poisson(mean, u)
        case "Binomial", [trials, probability]:
            return quantile.binomial(trials, probability, u)
        case "NegativeBinomial", [mean, concentration]:
            return quantile.negative_binomial(mean, concentration, u)
        case _:
            raise AssertionError(f"the checker lets no {family} with {len(arguments)} arguments through")


def _nonnegative(x: Interval) -> Interval:
    """What is known to be 0 or more: a division by a rate that may be 0 gives the whole line otherwise."""
    return clipped(x, 0.0, np.inf)


def cumulated(weights: list[Interval]) -> list[Interval]:
    """The cumulated shares of weights: each grows with the weights before it and falls with those after it."""
    found = []
    for place in range(1, len(weights) + 1):
        before, after = reduce(add, weights[:place]), reduce(add, [*weights[place:], point(0.0)])
        low = divide(_at(before.lower), add(_at(before.lower), _at(after.upper)))
        high = divide(_at(before.upper), add(_at(before.upper), _at(after.lower)))
        found.append(clipped(Interval(low.lower - _ROUNDING, high.upper + _ROUNDING), 0.0, 1.0))
    return found


def _at(value: object) -> Interval:
    return Interval(value, value)


def _mixture(law: Law, box: Box, u: Interval) -> Interval:
    weights = [restricted(weight, "nonnegative", box) for weight in law.arguments]
    steps = [point(0.0), *cumulated(weights)]
    found = []
    for place, part in enumerate(law.parts):
        before, after = steps[place], steps[place + 1]
        reached = (u.upper >= before.lower) & (u.lower <= after.upper) & (weights[place].upper > 0)
        within = _stretched(u, divide(subtract(u, before), subtract(after, before)))
        found.append((reached, law_bounds(part, box, within)))
    invalid = reduce(np.logical_or, [weight.partial for weight in weights])
    return _reached_hull(found, invalid)


def _stretched(u: Interval, within: Interval) -> Interval:
    """A part's own uniform number; the simulator keeps it within what its noise can take, and so does this.

    Where `u` goes up to 0 or 1 the question is one about the support, and the part's number does too.
    """
    least, most = np.where(u.lower > 0, DRAWN.lower, 0.0), np.where(u.upper < 1, DRAWN.upper, 1.0)
    return Interval(np.clip(within.lower - _ROUNDING, least, most), np.clip(within.upper + _ROUNDING, least, most))


def _zero_inflated(law: Law, box: Box, u: Interval) -> Interval:
    probability = restricted(law.arguments[0], "unit", box)
    within = divide(subtract(u, probability), subtract(point(1.0), probability))
    zero = (u.lower <= probability.upper, point(0.0))
    other = (u.upper > probability.lower, law_bounds(law.parts[0], box, _stretched(u, within)))
    return _reached_hull([zero, other], probability.partial)


def _reached_hull(found: list[tuple[Flags, Interval]], invalid: Flags) -> Interval:
    """What contains every part that can be reached; the whole line where none can, which only bad weights do."""
    lower = np.minimum.reduce(np.broadcast_arrays(*[np.where(here, x.lower, np.inf) for here, x in found]))
    upper = np.maximum.reduce(np.broadcast_arrays(*[np.where(here, x.upper, -np.inf) for here, x in found]))
    partial = reduce(np.logical_or, [here & x.partial for here, x in found], invalid)
    none = lower > upper
    return whole_line_where(none, Interval(np.where(none, 0.0, lower), np.where(none, 0.0, upper), partial))


def _truncated(law: Law, box: Box, u: Interval) -> Interval:
    """The part's draws for uniform numbers between F(low) and F(high), and never outside the two."""
    low, high = (restricted(end, "real", box) for end in law.arguments)
    part = law.parts[0]
    first, last = (_level(part, end, box) for end in (low, high))
    level = clipped(mix(u, maximum(first, last), first), 0.0, 1.0)
    inner = law_bounds(part, box, level)
    inside = minimum(maximum(inner, low), maximum(low, high))
    invalid = low.partial | high.partial | (low.upper >= high.lower)
    return Interval(inside.lower, inside.upper, inner.partial | invalid)


def _level(part: Law, x: Interval, box: Box) -> Interval:
    """The part's distribution function at an end, or anything where it is composite or discrete."""
    if part.parts or FAMILIES[part.family].discrete or FAMILIES[part.family].support == "point":
        return EVERY
    return distribution(part.family, arguments_of(part, box), x)
