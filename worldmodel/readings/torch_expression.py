"""An expression's value as a tensor: the reading that the simulator, densities, utilities and properties stand on.

Everything is float64 and broadcasts; truth values are boolean tensors. Values outside a function's domain are NaN or
infinite, as in IEEE arithmetic: it is the caller who turns them into a failure. Gradients of branches that are not
taken are exactly 0, never NaN, because each branch reads its inputs through a mask.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, assert_never

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


ARITHMETIC: Mapping[ArithmeticOperator, Callable[[Any, Any], Tensor]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": torch.pow,
}
COMPARISONS: Mapping[CompareOperator, Callable[[Tensor, Tensor], Tensor]] = {
    "<": torch.lt,
    "<=": torch.le,
    ">": torch.gt,
    ">=": torch.ge,
    "==": torch.eq,
    "!=": torch.ne,
}
FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "abs": torch.abs,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "tanh": torch.tanh,
    "logistic": torch.sigmoid,
}


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


Reading = Callable[[Environment], Tensor]


def evaluate(expression: Expression, environment: Environment) -> Tensor:
    """The value of an expression: float64, or bool where it is a condition."""
    return reading(expression)(environment)


def reading(expression: Expression) -> Reading:
    """An expression as a function of the environment, for those who evaluate it many times."""
    match expression:
        case Variable(name, lag):
            return lambda environment: environment.variable(name, lag)
        case Parameter(name):
            return lambda environment: environment.parameter(name)
        case Number(value):
            number = torch.tensor(value, dtype=torch.float64)
            return lambda _: number
        case Binary(sign, left, Number(value)):
            return _with_number(ARITHMETIC[sign], reading(left), value)
        case Binary(sign, left, right):
            return _of_two(ARITHMETIC[sign], reading(left), reading(right))
        case Call(function, arguments):
            return _call(function, tuple(map(reading, arguments)))
        case Negate(operand):
            return _of_one(torch.neg, reading(operand))
        case Start(name):
            return lambda environment: environment.start(name)
        case If(condition, then, otherwise):
            return _choice(reading(condition), reading(then), reading(otherwise))
        case Compare(sign, left, right):
            return _of_two(COMPARISONS[sign], reading(left), reading(right))
        case Logical(word, left, right):
            connective = torch.logical_and if word == "and" else torch.logical_or
            return _of_two(connective, reading(left), reading(right))
        case Not(operand):
            return _of_one(torch.logical_not, reading(operand))
        case Time():
            return lambda environment: environment.time()
        case Lookup(values, sizes, indices):
            return _table(torch.tensor(values, dtype=torch.float64), sizes, tuple(map(reading, indices)))
        case Aggregate():
            raise AssertionError("grounding takes aggregates away before anything is evaluated")
        case _:
            assert_never(expression)


def _of_one(function: Callable[[Tensor], Tensor], operand: Reading) -> Reading:
    return lambda environment: function(operand(environment))


def _of_two(function: Callable[[Tensor, Tensor], Tensor], left: Reading, right: Reading) -> Reading:
    return lambda environment: function(left(environment), right(environment))


def _with_number(function: Callable[[Tensor, float], Tensor], left: Reading, value: float) -> Reading:
    """A plain number on the right is faster than a tensor of it."""
    return lambda environment: function(left(environment), value)


def _choice(condition: Reading, then: Reading, otherwise: Reading) -> Reading:
    def choose(environment: Environment) -> Tensor:
        here = condition(environment)
        first = then(shielded(environment, here))
        return torch.where(here, first, otherwise(shielded(environment, ~here)))

    return choose


def _call(function: str, arguments: tuple[Reading, ...]) -> Reading:
    if len(arguments) == 1 and function in FUNCTIONS:
        return _of_one(FUNCTIONS[function], arguments[0])
    if len(arguments) == 2 and function in ("min", "max"):
        return _of_two(torch.minimum if function == "min" else torch.maximum, *arguments)
    return lambda environment: call(function, [argument(environment) for argument in arguments])


def _table(values: Float[Tensor, " code"], sizes: tuple[int, ...], indices: tuple[Reading, ...]) -> Reading:
    return lambda environment: tabulated(values, sizes, [index(environment) for index in indices])


def arithmetic(sign: ArithmeticOperator, left: Array, right: Array | float) -> Array:
    """The result of one arithmetic operator; a plain number on the right is faster than a tensor of it."""
    return ARITHMETIC[sign](left, right)


def lookup(values: tuple[float, ...], sizes: tuple[int, ...], indices: list[Array]) -> Array:
    """The table's numbers at the indices' codes; the nearest element beyond the ends. NaN where an index is NaN."""
    return tabulated(torch.tensor(values, dtype=torch.float64), sizes, indices)


def tabulated(values: Float[Tensor, " code"], sizes: tuple[int, ...], indices: Sequence[Array]) -> Array:
    """`lookup` in a table that is a tensor already."""
    place = torch.zeros((), dtype=torch.float64)
    for size, index in zip(sizes, indices, strict=True):
        place = place * size + torch.clamp(torch.round(index), 0, size - 1)
    known = ~torch.isnan(place)
    found = values[torch.where(known, place, torch.zeros_like(place)).long()]
    return torch.where(known, found, torch.full_like(found, torch.nan))


def compare(sign: CompareOperator, left: Array, right: Array) -> Mask:
    """The truth of one comparison; any comparison with NaN but `!=` is false."""
    return COMPARISONS[sign](left, right)


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
        case _, [x] if function in FUNCTIONS:
            return FUNCTIONS[function](x)
        case _:
            raise AssertionError(f"the checker lets no {function} with {len(arguments)} arguments through")
