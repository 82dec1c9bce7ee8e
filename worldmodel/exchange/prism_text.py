"""Expressions as the PRISM language writes them, and numbers as exact decimals."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import assert_never

from worldmodel.errors import InputError
from worldmodel.exchange.finite import Input, not_exportable
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

_KEYWORD_TEXT = """
    A bool clock const ctmc C double dtmc E endinit endinvariant endmodule endobservables endrewards endsystem false
    formula filter func F global G init invariant I int label max mdp min module X nondeterministic observable
    observables of Pmax Pmin P pomdp popta probabilistic prob pta rate rewards Rmax Rmin R S stochastic system true U W
    ceil floor log mod pow round
"""
KEYWORDS = frozenset(_KEYWORD_TEXT.split())
_E = "2.718281828459045"

Namer = Callable[[Input], str]


def decimal(value: float) -> str:
    """A float as a plain decimal that reads back as the same; whole numbers without a point."""
    return _plain(Decimal(repr(value)))


def shares(probabilities: Sequence[float]) -> list[str]:
    """Probabilities as decimals with a sum of exactly 1: what rounding left over goes to the largest."""
    with localcontext() as context:
        context.prec = 1_200
        numbers = [Decimal(repr(probability)) for probability in probabilities]
        largest = max(range(len(numbers)), key=numbers.__getitem__)
        numbers[largest] += 1 - sum(numbers)
        return [_plain(number) for number in numbers]


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_prism_text(node: Expression, name: Namer, constants: Mapping[str, float]) -> str:
    """An expression in parentheses wherever one could matter; `constants` are the values of named numbers."""

    def text(inner: Expression) -> str:
        return to_prism_text(inner, name, constants)

    match node:
        case Number(value):
            return decimal(value) if value >= 0 else f"({decimal(value)})"
        case Parameter(constant):
            return text(Number(constants[constant]))
        case Variable() | Start() | Time():
            return name(node)
        case Negate(operand):
            return f"(-{text(operand)})"
        case Not(operand):
            return f"!({text(operand)})"
        case Binary("^", left, right):  # the factor makes it a real number: PRISM's powers of whole ones are whole
            return f"pow(1.0*{text(left)}, {text(right)})"
        case Binary(operator, left, right):
            return f"({text(left)}{operator}{text(right)})"
        case Compare(operator, left, right):
            return f"({text(left)}{'=' if operator == '==' else operator}{text(right)})"
        case Logical(operator, left, right):
            return f"({text(left)} {'&' if operator == 'and' else '|'} {text(right)})"
        case If(condition, then, otherwise):
            return f"({text(condition)} ? {text(then)} : {text(otherwise)})"
        case Call(function, arguments):
            return _call(function, [text(argument) for argument in arguments])
        case Lookup(values, sizes, indices):
            return _lookup(values, sizes, indices, text)
        case Aggregate():
            raise AssertionError("grounding takes aggregates away")
        case _:
            assert_never(node)


def _call(function: str, arguments: list[str]) -> str:
    match function, arguments:
        case "min" | "max", _:
            return f"{function}({', '.join(arguments)})"
        case "clip", [x, low, high]:
            return f"min(max({x}, {low}), {high})"
        case "mix", [weight, first, second]:
            return f"({weight}*{first}+(1-{weight})*{second})"
        case "abs", [x]:
            return f"max({x}, -{x})"
        case "exp", [x]:
            return f"pow({_E}, {x})"
        case "log", [x]:
            return f"log({x}, {_E})"
        case "sqrt", [x]:
            return f"pow({x}, 0.5)"
        case "tanh", [x]:
            return f"(1-2/(pow({_E}, 2*{x})+1))"
        case "logistic", [x]:
            return f"(1/(1+pow({_E}, -{x})))"
        case _:
            raise AssertionError(f"the checker lets no function {function} through")


def _lookup(
    values: tuple[float, ...],
    sizes: tuple[int, ...],
    indices: tuple[Expression, ...],
    text: Callable[[Expression], str],
) -> str:
    """A choice by the first index, with the rest of the table in each branch; beyond the ends the nearest counts."""
    if not sizes:
        return text(Number(values[0]))
    if not isinstance(indices[0], Variable | Start | Time | Number):
        raise InputError(not_exportable("table", "a computed index", "a variable or the step number"))
    width = len(values) // sizes[0]
    branches = [
        _lookup(values[place * width : (place + 1) * width], sizes[1:], indices[1:], text) for place in range(sizes[0])
    ]
    index, answer = text(indices[0]), branches[-1]
    for place in reversed(range(sizes[0] - 1)):
        answer = f"({index}<={place} ? {branches[place]} : {answer})"
    return answer
