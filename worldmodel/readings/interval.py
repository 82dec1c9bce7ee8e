"""Sound bounds of an expression over a box: the reading that certificates and claims about signs stand on.

`bounds` goes over the intermediate representation once and gives an interval that contains the expression's value at
every point of the box, as a real number and as the simulator computes it. Conditions are three-valued, and an `if` that
is not decided contains both branches. Every end is an array, so that many boxes are treated at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import assert_never

import numpy as np

from worldmodel.language.ir import (
    Aggregate,
    ArithmeticOperator,
    Binary,
    Call,
    Compare,
    CompareOperator,
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
from worldmodel.readings import interval_arithmetic as arithmetic
from worldmodel.readings import interval_functions as functions
from worldmodel.readings.interval_arithmetic import Flags, Interval, Truth, hull, point

__all__ = ["Box", "Interval", "Truth", "bounds", "truth"]


@dataclass(frozen=True)
class Box:
    """An interval for everything that a text may read.

    `parameters` by the name that the text uses (constants are among them), `variables` by name and lag, `starts` (the
    values before step 1) by name, `time` for the number of the step.
    """

    parameters: Mapping[str, Interval] = field(default_factory=dict)
    variables: Mapping[tuple[str, int], Interval] = field(default_factory=dict)
    starts: Mapping[str, Interval] = field(default_factory=dict)
    time: Interval = Interval(1.0, np.inf)


def bounds(expression: Expression, box: Box) -> Interval:
    """An interval that contains the expression's value at every point of the box.

    >>> from worldmodel.language.parser import parse_expression
    >>> box = Box(variables={("x", 1): Interval(-1.0, 2.0)})
    >>> print(bounds(parse_expression("x[t-1]^2 + 1"), box))
    [1.0, 5.0]
    >>> print(bounds(parse_expression("if x[t-1] < 3 then 2 * x[t-1] else 100"), box))
    [-2.0, 4.0]
    >>> print(bounds(parse_expression("1 / x[t-1]"), box))
    [-inf, inf] (partial)
    """
    match expression:
        case Variable(name, lag):
            return box.variables[name, lag]
        case Parameter(name):
            return box.parameters[name]
        case Number(value):
            return point(value)
        case Binary(operator, left, right):
            return _binary(operator, left, right, box)
        case Call(function, arguments):
            return call(function, [bounds(argument, box) for argument in arguments])
        case Negate(operand):
            return arithmetic.negate(bounds(operand, box))
        case Start(name):
            return box.starts[name]
        case If(condition, then, otherwise):
            return choose(truth(condition, box), bounds(then, box), bounds(otherwise, box))
        case Time():
            return box.time
        case Lookup(values, sizes, indices):
            return lookup(values, sizes, [bounds(index, box) for index in indices])
        case Compare() | Logical() | Not():
            raise AssertionError("the checker lets no condition stand where a number must")
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is bounded")
        case _:
            assert_never(expression)


def truth(condition: Expression, box: Box) -> Truth:
    """Whether a condition can hold, and whether it can fail, somewhere in the box."""
    match condition:
        case Compare(operator, left, right):
            return compare(operator, bounds(left, box), bounds(right, box))
        case Logical(operator, left, right):
            first, second = truth(left, box), truth(right, box)
            if operator == "and":
                return Truth(first.can_hold & second.can_hold, first.can_fail | second.can_fail)
            return Truth(first.can_hold | second.can_hold, first.can_fail & second.can_fail)
        case Not(operand):
            found = truth(operand, box)
            return Truth(found.can_fail, found.can_hold)
        case If(test, then, otherwise):
            return _choose_truth(truth(test, box), truth(then, box), truth(otherwise, box))
        case _:
            raise AssertionError("the checker lets no number stand where a condition must")


def _binary(operator: ArithmeticOperator, left: Expression, right: Expression, box: Box) -> Interval:
    if (operator == "*" and left == right) or (operator == "^" and right == Number(2.0)):
        size = arithmetic.absolute(bounds(left, box))
        return arithmetic.multiply(size, size)
    return binary(operator, bounds(left, box), bounds(right, box))


def binary(operator: ArithmeticOperator, left: Interval, right: Interval) -> Interval:
    """The result of one arithmetic operator."""
    match operator:
        case "+":
            return arithmetic.add(left, right)
        case "-":
            return arithmetic.subtract(left, right)
        case "*":
            return arithmetic.multiply(left, right)
        case "/":
            return arithmetic.divide(left, right)
        case "^":
            return functions.power(left, right)
        case _:
            assert_never(operator)


def call(function: str, arguments: list[Interval]) -> Interval:
    """The result of one function of `signatures.FUNCTIONS`."""
    match function, arguments:
        case "min", _:
            return reduce(arithmetic.minimum, arguments)
        case "max", _:
            return reduce(arithmetic.maximum, arguments)
        case "clip", [x, low, high]:
            return functions.clip(x, low, high)
        case "mix", [weight, first, second]:
            return functions.mix(weight, first, second)
        case _, [x]:
            return _call_one(function, x)
        case _:
            raise AssertionError(f"the checker lets no {function} with {len(arguments)} arguments through")


def _call_one(function: str, x: Interval) -> Interval:
    match function:
        case "abs":
            return arithmetic.absolute(x)
        case "exp":
            return functions.exponential(x)
        case "log":
            return functions.logarithm(x)
        case "sqrt":
            return arithmetic.square_root(x)
        case "tanh":
            return functions.hyperbolic_tangent(x)
        case "logistic":
            return functions.logistic(x)
        case _:
            raise AssertionError(f"the checker lets no function {function} through")


def choose(condition: Truth, then: Interval, otherwise: Interval) -> Interval:
    """The branch that a condition decides for, or what contains both."""
    both = hull(then, otherwise)
    lower = np.where(condition.can_hold, np.where(condition.can_fail, both.lower, then.lower), otherwise.lower)
    upper = np.where(condition.can_hold, np.where(condition.can_fail, both.upper, then.upper), otherwise.upper)
    return Interval(lower, upper, condition.can_hold & then.partial | condition.can_fail & otherwise.partial)


def _choose_truth(condition: Truth, then: Truth, otherwise: Truth) -> Truth:
    return Truth(
        condition.can_hold & then.can_hold | condition.can_fail & otherwise.can_hold,
        condition.can_hold & then.can_fail | condition.can_fail & otherwise.can_fail,
    )


def compare(operator: CompareOperator, left: Interval, right: Interval) -> Truth:
    """The truth of one comparison; a side that may have no value leaves it undecided."""
    found = _compare(operator, left, right)
    unknown = left.partial | right.partial
    return Truth(found.can_hold | unknown, found.can_fail | unknown)


def _compare(operator: CompareOperator, left: Interval, right: Interval) -> Truth:
    match operator:
        case "<":
            return Truth(left.lower < right.upper, left.upper >= right.lower)
        case "<=":
            return Truth(left.lower <= right.upper, left.upper > right.lower)
        case ">":
            return _compare("<", right, left)
        case ">=":
            return _compare("<=", right, left)
        case "==":
            same = (left.lower == left.upper) & (right.lower == right.upper) & (left.lower == right.lower)
            return Truth((left.lower <= right.upper) & (right.lower <= left.upper), ~same)
        case "!=":
            equal = _compare("==", left, right)
            return Truth(equal.can_fail, equal.can_hold)
        case _:
            assert_never(operator)


def lookup(values: tuple[float, ...], sizes: tuple[int, ...], indices: list[Interval]) -> Interval:
    """What contains the table's numbers at every element that the indices may mean; the nearest beyond the ends."""
    reached: Flags = np.ones((), np.bool_).reshape(1)
    for size, index in zip(sizes, indices, strict=True):
        first, last = (np.clip(np.rint(end), 0, size - 1)[..., None] for end in (index.lower, index.upper))
        places = np.arange(size)
        here = (places >= first) & (places <= last)
        reached = (reached[..., :, None] & here[..., None, :]).reshape(
            *np.broadcast_shapes(reached.shape[:-1], here.shape[:-1]), -1
        )
    table = np.asarray(values)
    partial = reduce(np.logical_or, [index.partial for index in indices])
    return Interval(
        np.where(reached, table, np.inf).min(axis=-1), np.where(reached, table, -np.inf).max(axis=-1), partial
    )
