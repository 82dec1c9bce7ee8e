"""What a claim about one step speaks of, as bounds over many boxes: a law's mean, quantile or draws, and slopes."""

from functools import reduce
from typing import Any

import numpy as np

from worldmodel.language.ir import Expression, Law, Statistic, Variable
from worldmodel.readings.interval import Box, bounds
from worldmodel.readings.interval_arithmetic import Interval, hull, point
from worldmodel.readings.interval_defined import surely_defined
from worldmodel.readings.interval_law import EVERY, law_bounds, mean_bounds
from worldmodel.readings.interval_order import order_signs
from worldmodel.readings.interval_slope import slope
from worldmodel.readings.moments import mean_expression

Flags = Any


def statistic_bounds(law: Law, statistic: Statistic, level: float | None, box: Box, u: Interval = EVERY) -> Interval:
    """An interval that contains the mean, the quantile at `level`, or every draw for uniform numbers in `u`."""
    match statistic:
        case "mean":
            return mean_bounds(law, box)
        case "quantile":
            assert level is not None, "a quantile has a level"
            return quantile_bounds(law, level, box)
        case "every":
            return law_bounds(law, box, u)


def quantile_bounds(law: Law, level: float, box: Box) -> Interval:
    """The quantile at a level; that of a mixture lies between those of its parts, since each part reaches the level."""
    match law.family:
        case "Mixture":
            return reduce(hull, [quantile_bounds(part, level, box) for part in law.parts])
        case "ZeroInflated":
            return hull(point(0.0), quantile_bounds(law.parts[0], level, box))
        case _:
            return law_bounds(law, box, Interval(level, level))


def has_mean(law: Law, box: Box) -> Flags:
    """Where no Student-t law among the parts can have a df of 1 or less."""
    own = bounds(law.arguments[0], box).lower > 1 if law.family == "StudentT" else np.ones((), np.bool_)
    return reduce(np.logical_and, [has_mean(part, box) for part in law.parts if law.family != "Truncated"], own)


def surely_moves(law: Law, level: float | None, by: Variable, rises: bool, box: Box) -> Flags:
    """Where the mean, or the quantile at a level, surely never falls (or rises) as an input grows."""
    ordered = _ordered(law, level, by, rises, box)
    if level is not None:
        return ordered
    formula = mean_expression(law)
    if formula is not None:
        ordered = ordered | _signed(slope(formula, by, box).slope, rises) & surely_defined(formula, box)
    return ordered & has_mean(law, box)


def _ordered(law: Law, level: float | None, by: Variable, rises: bool, box: Box) -> Flags:
    signs = order_signs(law, by, box, level)
    if signs is None:
        return np.zeros((), np.bool_)
    defined = [surely_defined(argument, box) for argument in _arguments(law)]
    return reduce(np.logical_and, [_signed(sign, rises) for sign in signs], reduce(np.logical_and, defined))


def _arguments(law: Law) -> list[Expression]:
    return [*law.arguments, *(argument for part in law.parts for argument in _arguments(part))]


def _signed(x: Interval, rises: bool) -> Flags:
    return x.lower >= 0 if rises else x.upper <= 0
