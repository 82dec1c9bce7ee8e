"""Building expressions from expressions: arithmetic that leaves out what does nothing and works out literal numbers.

Readings that turn one text into another (a mean, a tempered law) build their answers with these, so that what people
are shown has no `1 * x + 0` in it. Nothing is reordered, and literals are worked out only where the result is finite.
"""

import math
from collections.abc import Callable

from worldmodel.language.ir import ArithmeticOperator, Binary, Call, Expression, Negate, Number
from worldmodel.language.walk import literal_value

ZERO, ONE = Number(0.0), Number(1.0)


def number(value: float) -> Expression:
    """A literal as the parser makes it: a negative number is a negated one."""
    return Negate(Number(-value)) if value < 0 else Number(value)


def plus(left: Expression, right: Expression) -> Expression:
    """left + right.

    >>> from worldmodel.language.ir import Parameter
    >>> plus(Parameter("a"), Number(0.0))
    Parameter(name='a', indices=())
    """
    match literal_value(left), literal_value(right):
        case 0, _:
            return right
        case _, 0:
            return left
        case _:
            return _folded("+", left, right, lambda a, b: a + b)


def minus(left: Expression, right: Expression) -> Expression:
    """left − right."""
    if literal_value(right) == 0:
        return left
    return _folded("-", left, right, lambda a, b: a - b)


def times(left: Expression, right: Expression) -> Expression:
    """left · right; what is multiplied by a literal 0 is gone, with whatever it had no value for."""
    match literal_value(left), literal_value(right):
        case (0, _) | (_, 0):
            return ZERO
        case 1, _:
            return right
        case _, 1:
            return left
        case _:
            return _folded("*", left, right, lambda a, b: a * b)


def divided(left: Expression, right: Expression) -> Expression:
    """left / right."""
    if literal_value(right) == 1:
        return left
    return _folded("/", left, right, lambda a, b: a / b)


def power(base: Expression, exponent: Expression) -> Expression:
    """base ^ exponent."""
    if literal_value(exponent) == 1:
        return base
    return _folded("^", base, exponent, math.pow)


def call(function: str, argument: Expression) -> Expression:
    """A function of one argument."""
    return Call(function, (argument,))


def _folded(
    operator: ArithmeticOperator, left: Expression, right: Expression, meaning: Callable[[float, float], float]
) -> Expression:
    first, second = literal_value(left), literal_value(right)
    if first is not None and second is not None:
        try:
            value = meaning(first, second)
        except (ArithmeticError, ValueError):
            value = math.nan
        if math.isfinite(value):
            return number(value)
    return Binary(operator, left, right)
