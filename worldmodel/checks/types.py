"""Truth values where truth values are wanted, and numbers elsewhere."""

from collections.abc import Iterator
from typing import Literal, assert_never

from worldmodel.checks.draft import Draft, Text, column, conditions, laws, purposes
from worldmodel.errors import Problem
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Lookup,
    Monotone,
    Negate,
    Not,
    Number,
    Parameter,
    Probability,
    Start,
    Time,
    Variable,
)

Kind = Literal["number", "truth value"]


def check_types(draft: Draft) -> Iterator[Problem]:
    """Every place where the one stands and the other is wanted."""
    for text in (*laws(draft), *purposes(draft)):
        match text.node:
            case Probability():
                for condition in conditions(text.node):
                    yield from _want("truth value", condition, text)
            case Monotone():
                pass
            case Law(_, arguments):
                for argument in arguments:
                    yield from _want("number", argument, text)
            case _:
                yield from _want("number", text.node, text)


def kind_of(node: Expression) -> Kind:
    """Whether an expression is a number or a truth value."""
    match node:
        case Compare() | Logical() | Not():
            return "truth value"
        case If(_, then, _):
            return kind_of(then)
        case Aggregate(function):
            return "truth value" if function in ("any", "all") else "number"
        case Number() | Parameter() | Variable() | Start() | Time() | Negate() | Binary() | Call() | Lookup():
            return "number"
        case _:
            assert_never(node)


def _want(wanted: Kind, node: Expression, text: Text) -> Iterator[Problem]:
    found = kind_of(node)
    if found != wanted:
        yield Problem(
            code="wrong-kind",
            where=text.path,
            part=text.part,
            column=column(node),
            found=f"a {found}",
            wanted=f"a {wanted}",
            mend="compare it with something" if wanted == "truth value" else "use “if … then 1 else 0”",
        )
    yield from _inside(node, text)


def _inside(node: Expression, text: Text) -> Iterator[Problem]:
    match node:
        case Number() | Variable() | Start() | Time():
            return
        case Parameter(_, indices) | Lookup(_, _, indices):
            for index in indices:
                yield from _want("number", index, text)
        case Aggregate(_, body):
            yield from _want(kind_of(node), body, text)
        case Negate(operand):
            yield from _want("number", operand, text)
        case Not(operand):
            yield from _want("truth value", operand, text)
        case Binary(_, left, right) | Compare(_, left, right):
            yield from _want("number", left, text)
            yield from _want("number", right, text)
        case Logical(_, left, right):
            yield from _want("truth value", left, text)
            yield from _want("truth value", right, text)
        case If(condition, then, otherwise):
            yield from _want("truth value", condition, text)
            kind = kind_of(then)
            yield from _inside(then, text)
            yield from _want(kind, otherwise, text)
        case Call(_, arguments):
            for argument in arguments:
                yield from _want("number", argument, text)
        case _:
            assert_never(node)
