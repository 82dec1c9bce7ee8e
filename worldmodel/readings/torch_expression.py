"""An expression's value as a tensor: the reading that the simulator, densities, utilities and properties stand on.

Everything is float64 and broadcasts; truth values are boolean tensors. Values outside a function's domain are NaN or
infinite, as in IEEE arithmetic: it is the caller who turns them into a failure. Gradients of branches that are not
taken are exactly 0, never NaN, because each branch reads its inputs through a mask.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import assert_never

import torch
from jaxtyping import Bool, Float
from torch import Tensor

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

Array = Float[Tensor, "..."]
Mask = Bool[Tensor, "..."]


def _no_time() -> Array:
    raise AssertionError("the checker lets no step number into this text")


@dataclass(frozen=True)
class Environment:
    """What names mean: a parameter or constant, a variable some steps ago, its value before step 1, the step number."""

    parameter: Callable[[str], Array]
    variable: Callable[[str, int], Array]
    start: Callable[[str], Array]
    time: Callable[[], Array] = _no_time


def shielded(environment: Environment, mask: Mask) -> Environment:
    """The same values, through which no gradient flows where the mask does not hold.

    A NaN that arises on the way back through a masked-out element stops here, before a sum over the batch spreads it.
    """

    def shield(value: Array) -> Array:
        return torch.where(mask, value, value.detach()) if value.requires_grad else value

    return Environment(
        lambda name: shield(environment.parameter(name)),
        lambda name, lag: shield(environment.variable(name, lag)),
        lambda name: shield(environment.start(name)),
        environment.time,
    )


def evaluate(expression: Expression, environment: Environment) -> Tensor:
    """The value of an expression: float64, or bool where it is a condition."""
    match expression:
        case Variable(name, lag):
            return environment.variable(name, lag)
        case Parameter(name):
            return environment.parameter(name)
        case Number(value):
            return torch.tensor(value, dtype=torch.float64)
        case Binary(operator, left, Number(value)):
            return arithmetic(operator, evaluate(left, environment), value)
        case Binary(operator, left, right):
            return arithmetic(operator, evaluate(left, environment), evaluate(right, environment))
        case Call(function, arguments):
            return call(function, [evaluate(argument, environment) for argument in arguments])
        case Negate(operand):
            return -evaluate(operand, environment)
        case Start(name):
            return environment.start(name)
        case If():
            return _choose(expression, environment)
        case Compare(operator, left, right):
            return compare(operator, evaluate(left, environment), evaluate(right, environment))
        case Logical(operator, left, right):
            first, second = evaluate(left, environment), evaluate(right, environment)
            return first & second if operator == "and" else first | second
        case Not(operand):
            return ~evaluate(operand, environment)
        case Time():
            return environment.time()
        case Lookup(values, sizes, indices):
            return lookup(values, sizes, [evaluate(index, environment) for index in indices])
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is evaluated")
        case _:
            assert_never(expression)


def _choose(expression: If, environment: Environment) -> Tensor:
    condition = evaluate(expression.condition, environment)
    then = evaluate(expression.then, shielded(environment, condition))
    otherwise = evaluate(expression.otherwise, shielded(environment, ~condition))
    return torch.where(condition, then, otherwise)


def arithmetic(operator: ArithmeticOperator, left: Array, right: Array | float) -> Array:
    """The result of one arithmetic operator; a plain number on the right is faster than a tensor of it."""
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
        case "^":
            return torch.pow(left, right)
        case _:
            assert_never(operator)


def lookup(values: tuple[float, ...], sizes: tuple[int, ...], indices: list[Array]) -> Array:
    """The table's numbers at the indices' codes; the nearest element beyond the ends. NaN where an index is NaN."""
    place = torch.zeros((), dtype=torch.float64)
    for size, index in zip(sizes, indices, strict=True):
        place = place * size + torch.clamp(torch.round(index), 0, size - 1)
    known = ~torch.isnan(place)
    found = torch.tensor(values, dtype=torch.float64)[torch.where(known, place, torch.zeros_like(place)).long()]
    return torch.where(known, found, torch.full_like(found, torch.nan))


def compare(operator: CompareOperator, left: Array, right: Array) -> Mask:
    """The truth of one comparison; any comparison with NaN but `!=` is false."""
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "==":
            return left == right
        case "!=":
            return left != right
        case _:
            assert_never(operator)


def call(function: str, arguments: list[Array]) -> Array:
    """The result of one function of `signatures.FUNCTIONS`; `mix(w, a, b)` is `w a + (1 − w) b`."""
    match function, arguments:
        case "min", _:
            return reduce(torch.minimum, arguments)
        case "max", _:
            return reduce(torch.maximum, arguments)
        case "clip", [x, low, high]:
            return torch.minimum(torch.maximum(x, low), high)
        case "mix", [weight, first, second]:
            return weight * first + (1 - weight) * second
        case _, [x]:
            return _call_one(function, x)
        case _:
            raise AssertionError(f"the checker lets no {function} with {len(arguments)} arguments through")


def _call_one(function: str, x: Array) -> Array:
    match function:
        case "abs":
            return torch.abs(x)
        case "exp":
            return torch.exp(x)
        case "log":
            return torch.log(x)
        case "sqrt":
            return torch.sqrt(x)
        case "tanh":
            return torch.tanh(x)
        case "logistic":
            return torch.sigmoid(x)
        case _:
            raise AssertionError(f"the checker lets no function {function} through")
