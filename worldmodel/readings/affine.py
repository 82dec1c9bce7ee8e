"""An expression as an affine function of unknown values: the reading that exact Gaussian conditioning stands on.

The unknowns are numbered; an affine value is a constant and one slope for each of them, as tensors over parameter
draws. Constants go through the same arithmetic as `torch_expression`. Where an expression is not affine in what is
unknown, the reason is given in words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

import torch
from jaxtyping import Float
from torch import Tensor

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
from worldmodel.language.render import render
from worldmodel.readings.torch_expression import Array, arithmetic, call, compare, lookup


@dataclass(frozen=True)
class Affine:
    """`constant + slope · unknowns`; a slope of None is a value in which nothing is unknown."""

    constant: Tensor
    slope: Float[Tensor, "*draws unknown"] | None = None


class NotAffineError(Exception):
    """Why an expression is no affine function of what is unknown; caught by `to_affine`'s callers."""


@dataclass(frozen=True)
class AffineEnvironment:
    """What names mean: parameters are known, variables may depend on what is unknown."""

    parameter: Callable[[str], Array]
    variable: Callable[[str, int], Affine]
    start: Callable[[str], Affine]
    time: Callable[[], Array]


def to_affine(expression: Expression, environment: AffineEnvironment) -> Affine:
    """The expression as an affine function; raises NotAffineError with the reason where it is none."""
    match expression:
        case Number(value):
            return Affine(torch.tensor(value, dtype=torch.float64))
        case Parameter(name):
            return Affine(environment.parameter(name))
        case Variable(name, lag):
            return environment.variable(name, lag)
        case Start(name):
            return environment.start(name)
        case Time():
            return Affine(environment.time())
        case Negate(operand):
            return scaled(to_affine(operand, environment), torch.tensor(-1.0, dtype=torch.float64))
        case Binary():
            return _binary(expression, environment)
        case If():
            return _choose(expression, environment)
        case Call(function, arguments):
            return _call(function, arguments, expression, environment)
        case Compare(operator, left, right):
            return Affine(compare(operator, _known(left, environment), _known(right, environment)))
        case Logical(operator, left, right):
            first, second = _known(left, environment), _known(right, environment)
            return Affine(first & second if operator == "and" else first | second)
        case Not(operand):
            return Affine(~_known(operand, environment))
        case Lookup(values, sizes, indices):
            return Affine(lookup(values, sizes, [_known(index, environment) for index in indices]))
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is evaluated")
        case _:
            assert_never(expression)


def scaled(value: Affine, factor: Array) -> Affine:
    """The value times a known number."""
    slope = None if value.slope is None else value.slope * factor.unsqueeze(-1)
    return Affine(value.constant * factor, slope)


def added(left: Affine, right: Affine) -> Affine:
    """The sum of two values."""
    return Affine(left.constant + right.constant, _sum(left.slope, right.slope))


def chosen(condition: Array, then: Affine, otherwise: Affine) -> Affine:
    """One value where a known condition holds and another elsewhere."""
    constant = torch.where(condition, then.constant, otherwise.constant)
    if then.slope is None and otherwise.slope is None:
        return Affine(constant)
    zero = torch.zeros((), dtype=torch.float64)
    first, second = (zero if value.slope is None else value.slope for value in (then, otherwise))
    return Affine(constant, torch.where(condition.unsqueeze(-1), first, second))


def _sum(left: Tensor | None, right: Tensor | None) -> Tensor | None:
    if left is None or right is None:
        return right if left is None else left
    return left + right


def _known(expression: Expression, environment: AffineEnvironment) -> Tensor:
    """The value of an expression that must not depend on what is unknown."""
    value = to_affine(expression, environment)
    if value.slope is not None:
        raise NotAffineError(f"“{render(expression)}” depends on a value that is not known")
    return value.constant


def _binary(expression: Binary, environment: AffineEnvironment) -> Affine:
    left, right = to_affine(expression.left, environment), to_affine(expression.right, environment)
    if left.slope is None and right.slope is None:
        return Affine(arithmetic(expression.operator, left.constant, right.constant))
    match expression.operator:
        case "+":
            return added(left, right)
        case "-":
            return added(left, scaled(right, torch.tensor(-1.0, dtype=torch.float64)))
        case "*" if right.slope is None:
            return scaled(left, right.constant)
        case "*" if left.slope is None:
            return scaled(right, left.constant)
        case "/" if right.slope is None:
            return scaled(left, 1 / right.constant)
        case "^" if isinstance(expression.right, Number) and expression.right.value == 1:
            return left
        case _:
            raise NotAffineError(f"“{render(expression)}” is not linear in values that are not known")


def _choose(expression: If, environment: AffineEnvironment) -> Affine:
    condition = _known(expression.condition, environment)
    # A branch that nothing takes need not be affine.
    if bool(condition.all()):
        return to_affine(expression.then, environment)
    if not bool(condition.any()):
        return to_affine(expression.otherwise, environment)
    return chosen(condition, to_affine(expression.then, environment), to_affine(expression.otherwise, environment))


def _call(
    function: str, arguments: tuple[Expression, ...], whole: Expression, environment: AffineEnvironment
) -> Affine:
    values = [to_affine(argument, environment) for argument in arguments]
    if all(value.slope is None for value in values):
        return Affine(call(function, [value.constant for value in values]))
    if function == "mix" and values[0].slope is None:
        weight = values[0].constant
        return added(scaled(values[1], weight), scaled(values[2], 1 - weight))
    raise NotAffineError(f"“{render(whole)}” is not linear in values that are not known")
