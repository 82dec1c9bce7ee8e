"""Where an expression surely has a value, and moves without a jump, at every finite point of a box.

An interval's `partial` also says "maybe" where an end is infinite (∞ − ∞, 0 · ∞). The points of a box are finite
numbers, for which sums and products always have a value; this reading asks only about what can really fail. Results are
those of real numbers: an overflow of float64 is not counted.
"""

from functools import reduce
from typing import assert_never

import numpy as np

from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Logical,
    Lookup,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.readings.interval import Box, bounds
from worldmodel.readings.interval_arithmetic import Flags, Interval


def surely_defined(expression: Expression, box: Box) -> Flags:
    """Where no point of the box leaves a function's domain; the root of 0 and powers of 0 that are continuous count.

    >>> from worldmodel.language.parser import parse_expression
    >>> box = Box(variables={("x", 1): Interval(0.0, np.inf)})
    >>> bool(surely_defined(parse_expression("x[t-1] * x[t-1] - x[t-1]"), box))
    True
    >>> bool(surely_defined(parse_expression("1 / x[t-1]"), box))
    False
    """
    match expression:
        case Number() | Parameter() | Variable() | Start() | Time():
            return np.ones((), np.bool_)
        case Negate(operand) | Not(operand):
            return surely_defined(operand, box)
        case Binary(operator, left, right):
            return _both(left, right, box) & _operator(operator, left, right, box)
        case Compare(_, left, right) | Logical(_, left, right):
            return _both(left, right, box)
        case If(condition, then, otherwise):
            return surely_defined(condition, box) & _both(then, otherwise, box)
        case Call(function, arguments):
            return _all(arguments, box) & _function(function, arguments, box)
        case Lookup(_, _, indices):
            return _all(indices, box)
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is bounded")
        case _:
            assert_never(expression)


def _both(left: Expression, right: Expression, box: Box) -> Flags:
    return surely_defined(left, box) & surely_defined(right, box)


def _all(expressions: tuple[Expression, ...], box: Box) -> Flags:
    return reduce(np.logical_and, [surely_defined(one, box) for one in expressions], np.ones((), np.bool_))


def _operator(operator: str, left: Expression, right: Expression, box: Box) -> Flags:
    match operator:
        case "/":
            divisor = bounds(right, box)
            return (divisor.lower > 0) | (divisor.upper < 0)
        case "^":
            return _power(bounds(left, box), bounds(right, box))
        case _:
            return np.ones((), np.bool_)


def _power(base: Interval, exponent: Interval) -> Flags:
    whole = (exponent.lower == exponent.upper) & (exponent.lower == np.floor(exponent.lower))
    nonzero = (base.lower > 0) | (base.upper < 0)
    by_whole = whole & ((exponent.lower >= 0) | nonzero)
    return by_whole | (base.lower > 0) | (base.lower >= 0) & (exponent.lower > 0)


def _function(function: str, arguments: tuple[Expression, ...], box: Box) -> Flags:
    match function:
        case "log":
            return bounds(arguments[0], box).lower > 0
        case "sqrt":
            return bounds(arguments[0], box).lower >= 0
        case _:
            return np.ones((), np.bool_)
