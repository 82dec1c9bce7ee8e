"""How a law's quantiles follow an input: slopes whose signs say whether the whole law moves up or down.

A law is above another one where each of its quantiles is (the usual stochastic order); most families move that way
with each of their arguments [shaked2007], so that the signs of arguments' slopes decide. For locations and scales the
quantile itself is `loc + z scale`, with `z` that of the standard law.
"""

from collections.abc import Sequence

from worldmodel.language.ir import Expression, Law, Parameter, Variable
from worldmodel.readings import interval_quantile as quantile
from worldmodel.readings.interval import Box, bounds
from worldmodel.readings.interval_arithmetic import Interval, add, multiply, negate, subtract
from worldmodel.readings.interval_slope import slope

Signs = Sequence[Interval]
"""The law moves up where none of these can be below 0, and down where none can be above."""


def order_signs(law: Law, by: Variable | Parameter, box: Box, level: float | None) -> Signs | None:
    """Slopes that decide whether the quantile at `level`, or without one every quantile, moves with an input.

    None where the family has no such order.
    """
    slopes = [slope(argument, by, box).slope for argument in law.arguments]
    match law.family, slopes:
        case "Normal" | "LogNormal", [loc, scale]:
            return _located(loc, scale, None if level is None else quantile.normal(Interval(level, level)))
        case "StudentT", [df, loc, scale]:
            own = bounds(law.arguments[0], box)
            score = None if level is None else quantile.student_t(own, Interval(level, level))
            return [*_located(loc, scale, score), *_still(df)]
        case "Uniform", [low, high]:
            if level is None:
                return [low, high]
            at = Interval(level, level)
            return [add(multiply(at, high), multiply(subtract(Interval(1.0, 1.0), at), low))]
        case "HalfNormal" | "Bernoulli" | "Poisson" | "Delta", [one]:
            return [one]
        case "Binomial", [trials, probability]:
            return [trials, probability]
        case "Exponential", [rate]:
            return [negate(rate)]
        case "Gamma" | "Beta", [first, second]:
            return [first, negate(second)]
        case "NegativeBinomial", [mean, concentration]:
            return [mean, *_still(concentration)]
        case "Truncated", [low, high]:
            part = _truncated(law.parts[0], by, box)
            return None if part is None else [low, high, *part]
        case "Mixture" | "ZeroInflated", weights:
            # A quantile of the whole is one of a part at some other level.
            parts = [order_signs(part, by, box, None) for part in law.parts]
            return None if None in parts else _composite(weights, [part for part in parts if part is not None])
        case _:
            return None


def _located(loc: Interval, scale: Interval, score: Interval | None) -> list[Interval]:
    return [loc, *_still(scale)] if score is None else [add(loc, multiply(score, scale))]


def _still(x: Interval) -> list[Interval]:
    """Both signs: an argument in which the family has no order must not move at all."""
    return [x, negate(x)]


def _composite(weights: Sequence[Interval], parts: Sequence[Signs]) -> list[Interval]:
    return [*[sign for weight in weights for sign in _still(weight)], *[sign for part in parts for sign in part]]


def _truncated(part: Law, by: Variable | Parameter, box: Box) -> list[Interval] | None:
    """Families whose densities have a monotone ratio keep their order when they are cut off."""

    def own(argument: Expression) -> Interval:
        return slope(argument, by, box).slope

    match part.family, part.arguments:
        case "Normal" | "LogNormal", (loc, scale):
            return [own(loc), *_still(own(scale))]
        case "HalfNormal", (scale,):
            return [own(scale)]
        case "Exponential", (rate,):
            return [negate(own(rate))]
        case _:
            return None
