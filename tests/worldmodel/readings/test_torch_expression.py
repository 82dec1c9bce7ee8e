"""Values as tensors agree with a plain reading of the same expression, and their gradients with finite differences."""

import math
from typing import assert_never

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from worldmodel.language.ir import (
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Logical,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Variable,
)
from worldmodel.language.parser import parse_expression
from worldmodel.readings.torch_expression import Environment, evaluate

NAMES = {"p": 0.7, "q": -1.3}
VALUES = {("x", 0): 0.4, ("x", 1): -2.0, ("y", 0): 3.0, ("y", 2): 0.0}
STARTS = {"x": 1.5}

atoms = st.one_of(
    st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.0, 10.0]).map(Number),
    st.sampled_from(sorted(NAMES)).map(Parameter),
    st.sampled_from(sorted(VALUES)).map(lambda key: Variable(*key)),
    st.just(Start("x")),
)


def compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    two = st.tuples(inner, inner)
    compares = st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner)
    truths = st.one_of(
        compares, st.builds(Logical, st.sampled_from(["and", "or"]), compares, compares), compares.map(Not)
    )
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner),
        inner.map(Negate),
        st.builds(If, truths, inner, inner),
        two.map(lambda pair: Call("min", pair)),
        st.tuples(inner, inner, inner).map(lambda three: Call("max", three)),
        st.tuples(inner, inner, inner).map(lambda three: Call("mix", three)),
        inner.map(lambda x: Call("clip", (x, Number(-1.0), Number(2.0)))),
        *[inner.map(lambda x, f=f: Call(f, (x,))) for f in ("abs", "exp", "log", "sqrt", "tanh", "logistic")],
    )


expressions = st.recursive(atoms, compound, max_leaves=12)


def plain(node: Expression) -> float:
    """The meaning in plain Python; raises ArithmeticError or ValueError where there is none."""
    match node:
        case Number(value):
            return value
        case Parameter(name):
            return NAMES[name]
        case Variable(name, lag):
            return VALUES[name, lag]
        case Start(name):
            return STARTS[name]
        case Negate(operand):
            return -plain(operand)
        case Not(operand):
            return not plain(operand)
        case Binary(operator, left, right):
            a, b = plain(left), plain(right)
            return {
                "+": lambda: a + b,
                "-": lambda: a - b,
                "*": lambda: a * b,
                "/": lambda: a / b,
                "^": lambda: math.pow(a, b),
            }[operator]()
        case Compare(operator, left, right):
            a, b = plain(left), plain(right)
            return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "==": a == b, "!=": a != b}[operator]
        case Logical(operator, left, right):
            a, b = plain(left), plain(right)
            return (a and b) if operator == "and" else (a or b)
        case If(condition, then, otherwise):
            return plain(then) if plain(condition) else plain(otherwise)
        case Call(function, arguments):
            x = [plain(argument) for argument in arguments]
            return {
                "min": lambda: min(x),
                "max": lambda: max(x),
                "abs": lambda: abs(x[0]),
                "exp": lambda: math.exp(x[0]),
                "log": lambda: math.log(x[0]),
                "sqrt": lambda: math.sqrt(x[0]),
                "tanh": lambda: math.tanh(x[0]),
                "logistic": lambda: 1 / (1 + math.exp(-x[0])),
                "clip": lambda: min(max(x[0], x[1]), x[2]),
                "mix": lambda: x[0] * x[1] + (1 - x[0]) * x[2],
            }[function]()
        case _:
            assert_never(node)


def number(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


ENVIRONMENT = Environment(
    lambda name: number(NAMES[name]),
    lambda name, lag: number(VALUES[name, lag]).expand(2, 3),
    lambda name: number(STARTS[name]),
)


@given(expressions)
def test_values_agree_with_a_plain_reading(expression: Expression) -> None:
    try:
        expected = plain(expression)
    except (ArithmeticError, ValueError):
        assume(False)
    assume(math.isfinite(expected) and abs(expected) < 1e100)
    value = evaluate(expression, ENVIRONMENT)
    assert value.dtype == torch.float64
    # Comparisons of numbers that differ by rounding may differ in truth; those are not what this test is about.
    assume(not any_close_call(expression))
    assert torch.broadcast_to(value, (2, 3)).flatten().tolist() == pytest.approx([expected] * 6, rel=1e-9, abs=1e-9)


def any_close_call(expression: Expression) -> bool:
    """Whether a comparison in it is decided by rounding alone."""
    match expression:
        case Compare(_, left, right):
            try:
                a, b = plain(left), plain(right)
            except (ArithmeticError, ValueError):
                return True
            return a != b and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
        case Number() | Parameter() | Variable() | Start():
            return False
        case Negate(operand) | Not(operand):
            return any_close_call(operand)
        case Binary(_, left, right) | Logical(_, left, right):
            return any_close_call(left) or any_close_call(right)
        case If(condition, then, otherwise):
            return any(map(any_close_call, (condition, then, otherwise)))
        case Call(_, arguments):
            return any(map(any_close_call, arguments))
        case _:
            assert_never(expression)


def gradient(text: str, x: float) -> float:
    value = number(x).requires_grad_()
    environment = Environment(lambda _: number(0.0), lambda _name, _lag: value, lambda _: number(0.0))
    evaluate(parse_expression(text), environment).backward()
    assert value.grad is not None
    return value.grad.item()


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("if x[t] > 0 then log(x[t]) else x[t]", 0.0, 1.0),
        ("if x[t] > 0 then sqrt(x[t]) else 2 * x[t]", -1.0, 2.0),
        ("if x[t] == 0 then 1 else 1 / x[t]", 0.0, 0.0),
        ("if x[t] < 1 then x[t] else exp(x[t] * 1000)", 0.9, 1.0),
        ("if x[t] > 0 then (if x[t] > 1 then x[t]^0.5 else 3 * x[t]) else log(x[t])", 0.5, 3.0),
        ("clip(x[t], -1, 1)", 5.0, 0.0),
        ("clip(x[t], -1, 1)", 0.5, 1.0),
        ("max(x[t], 2, 1) + min(3, x[t])", 2.5, 2.0),
        ("x[t]^2", -3.0, -6.0),
        ("abs(x[t])", 0.0, 0.0),
    ],
)
def test_gradients_come_from_the_branch_that_is_taken_alone(text: str, x: float, expected: float) -> None:
    assert gradient(text, x) == pytest.approx(expected)


def test_an_untaken_branch_leaves_shared_parameters_clean() -> None:
    scale = number(2.0).reshape(1, 1).requires_grad_()
    x = torch.tensor([[4.0, -1.0, 0.0]], dtype=torch.float64)
    environment = Environment(lambda _: scale, lambda _name, _lag: x, lambda _: x)
    value = evaluate(parse_expression("if x[t] > 0 then log(a * x[t]) else a"), environment)
    value.sum().backward()
    assert scale.grad is not None
    assert scale.grad.item() == pytest.approx(1 / 2 + 2)
