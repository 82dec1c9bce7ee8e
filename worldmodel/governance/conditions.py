"""Conditions of requirements, such as `approvals >= quorum`: texts of the one grammar over facts of a closed set.

A condition is parsed, checked against the names and types of the facts, and decided by one exhaustive match. It has no
variables, no time, no functions but `min` and `max`, and no division, so that it can be decided for every value of the
facts.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, assert_never

from worldmodel.errors import InputError, Problem
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
    Span,
    Start,
    Time,
    Variable,
)
from worldmodel.language.parser import parse_expression
from worldmodel.language.walk import walk

Kind = Literal["number", "truth"]
Fact = float | bool

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def parse_condition(text: str, kinds: Mapping[str, Kind], where: str, part: str) -> Expression:
    """The parsed condition; raises InputError with everything in it that is no truth about these facts."""
    try:
        node = parse_expression(text)
    except InputError as error:
        raise InputError(replace(problem, where=where, part=part) for problem in error.problems) from error
    problems = list(_problems(node, kinds, "truth"))
    if problems:
        raise InputError(replace(problem, where=where, part=part) for problem in problems)
    return node


def holds(condition: Expression, facts: Mapping[str, Fact]) -> bool:
    """Whether a checked condition is true of these facts."""
    return bool(_value(condition, facts))


def named(condition: Expression) -> frozenset[str]:
    """The facts that a condition speaks of."""
    return frozenset(node.name for node in walk(condition) if isinstance(node, Parameter))


def _value(node: Expression, facts: Mapping[str, Fact]) -> Fact:
    match node:
        case Number(value):
            return value
        case Parameter(name):
            return facts[name]
        case Negate(operand):
            return -_value(operand, facts)
        case Not(operand):
            return not _value(operand, facts)
        case Binary(sign, left, right):
            # As floats, so that a product of many facts is infinite and not an error.
            return ARITHMETIC[sign](float(_value(left, facts)), float(_value(right, facts)))
        case Compare(sign, left, right):
            return COMPARISONS[sign](_value(left, facts), _value(right, facts))
        case Logical(word, left, right):
            both = bool(_value(left, facts)), bool(_value(right, facts))
            return all(both) if word == "and" else any(both)
        case If(condition, then, otherwise):
            return _value(then if _value(condition, facts) else otherwise, facts)
        case Call(function, arguments):
            values = [_value(argument, facts) for argument in arguments]
            return min(values) if function == "min" else max(values)
        case Variable() | Start() | Time() | Aggregate() | Lookup():
            raise AssertionError("refused when the condition was checked")
        case _:
            assert_never(node)


def _problems(node: Expression, kinds: Mapping[str, Kind], wanted: Kind) -> Iterator[Problem]:
    """Everything in a condition that is not of the kind wanted where it stands."""
    found = _kind(node, kinds)
    if found is None:
        yield _problem(node.at, _strange(node), f"one of {', '.join(sorted(kinds))}, numbers and comparisons")
        return
    if found != wanted:
        yield _problem(node.at, f"a {found}", f"a {wanted} here")
    for child, kind in _children(node, wanted):
        yield from _problems(child, kinds, kind)


def _kind(node: Expression, kinds: Mapping[str, Kind]) -> Kind | None:
    """What a node is, if it may stand in a condition at all."""
    match node:
        case Number() | Negate():
            return "number"
        case Parameter(name, indices):
            return None if indices else kinds.get(name)
        case Binary(sign):
            return "number" if sign in ARITHMETIC else None
        case Call(function):
            return "number" if function in {"min", "max"} else None
        case Not() | Compare() | Logical():
            return "truth"
        case If(_, then):
            return _kind(then, kinds)
        case Variable() | Start() | Time() | Aggregate() | Lookup():
            return None
        case _:
            assert_never(node)


def _children(node: Expression, wanted: Kind) -> list[tuple[Expression, Kind]]:
    match node:
        case Negate(operand):
            return [(operand, "number")]
        case Not(operand):
            return [(operand, "truth")]
        case Binary(_, left, right) | Compare(_, left, right):
            return [(left, "number"), (right, "number")]
        case Logical(_, left, right):
            return [(left, "truth"), (right, "truth")]
        case If(condition, then, otherwise):
            return [(condition, "truth"), (then, wanted), (otherwise, wanted)]
        case Call(_, arguments):
            return [(argument, "number") for argument in arguments]
        case _:
            return []


def _strange(node: Expression) -> str:
    match node:
        case Parameter(name, ()):
            return f"the unknown fact “{name}”"
        case Binary(sign):
            return f"the operator “{sign}”"
        case Call(function):
            return f"the function “{function}”"
        case _:
            return "something that changes over time, or that has an index"


def _problem(at: Span, found: str, wanted: str) -> Problem:
    return Problem(
        code="bad-condition",
        where="",
        found=found,
        wanted=wanted,
        mend="docs/reference/governance.md lists the facts that a requirement can speak of",
        column=at.start + 1,
    )
