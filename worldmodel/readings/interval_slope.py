"""The sign of an expression's response to one of its inputs over a box, by interval forward differentiation.

The slope at a kink (`abs`, `min`, `max`, `clip`, the two branches of an `if` that is not decided) is any slope between
those on its sides [clarke1983]. By the mean value theorem an interval of slopes that lies on one side of 0 decides
monotonicity where the expression is continuous; an undecided `if`, a comparison or a table may jump, and what may jump
has the whole line as its slope.
"""

from dataclasses import dataclass
from functools import reduce
from typing import Literal, assert_never

import numpy as np

from worldmodel.language.ir import (
    Aggregate,
    ArithmeticOperator,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
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
from worldmodel.language.walk import walk
from worldmodel.readings import interval_functions as functions
from worldmodel.readings.interval import Box, binary, bounds, call, choose, truth
from worldmodel.readings.interval_arithmetic import (
    Flags,
    Interval,
    Numbers,
    Truth,
    add,
    divide,
    hull,
    multiply,
    negate,
    point,
    square_root,
    subtract,
)
from worldmodel.readings.interval_law import mean_bounds
from worldmodel.readings.moments import mean_expression

Answer = Literal["constant", "increasing", "decreasing", "unknown"]
_ZERO, _ONE = point(0.0), point(1.0)


@dataclass(frozen=True)
class Dual:
    """The bounds of a value and of its slope in the input that is asked for."""

    value: Interval
    slope: Interval


def monotone(expression: Expression, by: Variable | Parameter, box: Box) -> Answer:
    """Whether an expression surely never falls, or never rises, as one of its inputs grows, anywhere in a box.

    The box is one box, not arrays of them. "unknown" means that the bounds do not decide it.

    >>> from worldmodel.language.parser import parse_expression
    >>> box = Box(variables={("x", 1): Interval(0.0, 2.0)})
    >>> monotone(parse_expression("log(1 + x[t-1]) - exp(-x[t-1])"), Variable("x", 1), box)
    'increasing'
    >>> monotone(parse_expression("x[t-1] * (1 - x[t-1])"), Variable("x", 1), box)
    'unknown'
    """
    found = slope(expression, by, box)
    if np.any(found.value.partial | found.slope.partial):
        return "unknown"
    rises, falls = bool(found.slope.lower >= 0), bool(found.slope.upper <= 0)
    if rises and falls:
        return "constant"
    return "increasing" if rises else "decreasing" if falls else "unknown"


def mean_monotone(law: Law, by: Variable | Parameter, box: Box) -> Answer:
    """The same for a law's mean; "unknown" where there is no formula for it, or where the law may have no mean.

    >>> from worldmodel.language.parser import parse_law
    >>> box = Box({"s": Interval(0.5, 1.0)}, {("x", 1): Interval(0.0, 2.0)})
    >>> mean_monotone(parse_law("LogNormal(-x[t-1], s)"), Variable("x", 1), box)
    'decreasing'
    """
    formula = mean_expression(law)
    if formula is None or np.any(mean_bounds(law, box).partial):
        return "unknown"
    return monotone(formula, by, box)


def slope(expression: Expression, by: Variable | Parameter, box: Box) -> Dual:
    """Bounds of an expression's value and of its slope in one input."""
    match expression:
        case Variable() | Parameter():
            return Dual(bounds(expression, box), _ONE if expression == by else _ZERO)
        case Number() | Start() | Time():
            return Dual(bounds(expression, box), _ZERO)
        case Negate(operand):
            inner = slope(operand, by, box)
            return Dual(negate(inner.value), negate(inner.slope))
        case Binary("*", left, right) if left == right:
            inner = slope(left, by, box)
            return Dual(bounds(expression, box), multiply(multiply(point(2.0), inner.value), inner.slope))
        case Binary("/", left, Binary("+", rest, same)) if left == same:
            return Dual(bounds(expression, box), _share_slope(slope(left, by, box), slope(rest, by, box)))
        case Binary("/", left, Binary("+", same, rest)) if left == same:
            return Dual(bounds(expression, box), _share_slope(slope(left, by, box), slope(rest, by, box)))
        case Binary(operator, left, right):
            return _binary(operator, slope(left, by, box), slope(right, by, box))
        case Call(function, arguments):
            return _call(function, [slope(argument, by, box) for argument in arguments])
        case If(condition, then, otherwise):
            branches = slope(then, by, box), slope(otherwise, by, box)
            # A condition that does not read the input stays what it is while that moves: nothing jumps.
            return _choose(truth(condition, box), *branches, jumps=by in walk(condition))
        case Lookup(_, _, indices):
            value = bounds(expression, box)
            moves = reduce(np.logical_or, [_moves(slope(index, by, box)) for index in indices])
            jumps = moves & (value.lower < value.upper)
            return Dual(value, Interval(np.where(jumps, -np.inf, 0.0), np.where(jumps, np.inf, 0.0)))
        case Compare() | Logical() | Not():
            raise AssertionError("the checker lets no condition stand where a number must")
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is bounded")
        case _:
            assert_never(expression)


def _moves(x: Dual) -> Flags:
    return (x.slope.lower != 0) | (x.slope.upper != 0)


def _choose(condition: Truth, then: Dual, otherwise: Dual, jumps: bool) -> Dual:
    """A decided branch's slope, or both branches'; where the condition may change with the input the value may jump."""
    value = choose(condition, then.value, otherwise.value)
    maybe = condition.can_hold & condition.can_fail & jumps
    inner = choose(condition, then.slope, otherwise.slope)
    lower, upper = np.where(maybe, -np.inf, inner.lower), np.where(maybe, np.inf, inner.upper)
    return Dual(value, Interval(lower, upper, inner.partial))


def _binary(operator: ArithmeticOperator, left: Dual, right: Dual) -> Dual:
    value = binary(operator, left.value, right.value)
    match operator:
        case "+":
            return Dual(value, add(left.slope, right.slope))
        case "-":
            return Dual(value, subtract(left.slope, right.slope))
        case "*":
            return Dual(value, add(_scaled(left.slope, right.value), _scaled(right.slope, left.value)))
        case "/":
            by_left = _scaled(left.slope, divide(_ONE, right.value))
            square = functions.power(right.value, point(2.0))
            return Dual(value, subtract(by_left, _scaled(right.slope, divide(left.value, square))))
        case "^":
            return Dual(value, _power_slope(left, right))
        case _:
            assert_never(operator)


def _share_slope(part: Dual, rest: Dual) -> Interval:
    """d(a / (a + c)) = (c da − a dc) / (a + c)²: a stands there twice, and its slope would else lose its sign."""
    square = functions.power(add(part.value, rest.value), point(2.0))
    change = subtract(_scaled(part.slope, rest.value), _scaled(rest.slope, part.value))
    return _scaled(change, divide(_ONE, square))


def _scaled(change: Interval, factor: Interval) -> Interval:
    """A slope times a factor: 0 where the input does not matter, whatever the factor."""
    still = (change.lower == 0) & (change.upper == 0)
    found = multiply(change, factor)
    return Interval(
        np.where(still, 0.0, found.lower), np.where(still, 0.0, found.upper), np.where(still, False, found.partial)
    )


def _power_slope(base: Dual, exponent: Dual) -> Interval:
    """d(a^b) = b a^(b−1) da + a^b log(a) db."""
    lowered = functions.power(base.value, subtract(exponent.value, _ONE))
    by_base = _scaled(base.slope, multiply(exponent.value, lowered))
    if not np.any(_moves(exponent)):
        return by_base
    value = functions.power(base.value, exponent.value)
    return add(by_base, _scaled(exponent.slope, multiply(value, functions.logarithm(base.value))))


def _call(function: str, arguments: list[Dual]) -> Dual:
    match function, arguments:
        case "min", _:
            return reduce(_smaller, arguments)
        case "max", _:
            return reduce(_greater, arguments)
        case "clip", [x, low, high]:
            return _smaller(_greater(x, low), high)
        case "mix", [weight, first, second]:
            value = functions.mix(weight.value, first.value, second.value)
            rest = subtract(_ONE, weight.value)
            parts = add(_scaled(first.slope, weight.value), _scaled(second.slope, rest))
            return Dual(value, add(parts, _scaled(weight.slope, subtract(first.value, second.value))))
        case _, [x]:
            return Dual(call(function, [x.value]), _scaled(x.slope, _steepness(function, x.value)))
        case _:
            raise AssertionError(f"the checker lets no {function} with {len(arguments)} arguments through")


def _smaller(x: Dual, y: Dual) -> Dual:
    first = Truth(x.value.lower <= y.value.upper, x.value.upper >= y.value.lower)
    return Dual(call("min", [x.value, y.value]), choose(first, x.slope, y.slope))


def _greater(x: Dual, y: Dual) -> Dual:
    first = Truth(x.value.upper >= y.value.lower, x.value.lower <= y.value.upper)
    return Dual(call("max", [x.value, y.value]), choose(first, x.slope, y.slope))


def _steepness(function: str, x: Interval) -> Interval:
    """The derivative of a function of one argument."""
    match function:
        case "abs":
            return hull(_sign(x.lower), _sign(x.upper))
        case "exp":
            return functions.exponential(x)
        case "log":
            return functions.clipped(divide(_ONE, x), 0.0, np.inf)
        case "sqrt":
            # Infinitely steep at 0, where the root is continuous still.
            found = functions.clipped(divide(point(0.5), square_root(x)), 0.0, np.inf)
            return Interval(found.lower, found.upper, x.partial)
        case "tanh":
            # 1 − tanh² near ±∞ loses all digits, and 4 s (1 − s) with s = logistic(2x) does not.
            return multiply(point(4.0), _bell(multiply(point(2.0), x)))
        case "logistic":
            return _bell(x)
        case _:
            raise AssertionError(f"the checker lets no function {function} through")


def _bell(x: Interval) -> Interval:
    """s(x) s(−x) for the logistic function s: greatest at 0, and falling on both sides."""
    far = np.maximum(np.abs(x.lower), np.abs(x.upper))
    near = np.where((x.lower <= 0) & (x.upper >= 0), 0.0, np.minimum(np.abs(x.lower), np.abs(x.upper)))
    ends = [Interval(end, end) for end in (far, near)]
    low, high = (multiply(functions.logistic(end), functions.logistic(negate(end))) for end in ends)
    return Interval(low.lower, high.upper, x.partial)


def _sign(end: Numbers) -> Interval:
    sign = np.sign(end)
    return Interval(sign, sign)
