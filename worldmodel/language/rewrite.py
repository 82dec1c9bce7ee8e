"""A node with other nodes in the place of its children: what every rewriting of a text is made of."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
    Expression,
    Formula,
    If,
    Independent,
    Law,
    Logical,
    Lookup,
    Monotone,
    Negate,
    Not,
    Number,
    Parameter,
    Path,
    Probability,
    Start,
    Throughout,
    Time,
    Until,
    Variable,
    Within,
)

Change = Callable[[Expression], Expression]


def change_children(node: Expression, change: Change) -> Expression:
    """The same node with each of its children changed."""
    match node:
        case Number() | Variable() | Start() | Time():
            return node
        case Parameter(name, indices):
            return Parameter(name, tuple(map(change, indices)), at=node.at) if indices else node
        case Negate(operand):
            return Negate(change(operand), at=node.at)
        case Not(operand):
            return Not(change(operand), at=node.at)
        case Binary(operator, left, right):
            return Binary(operator, change(left), change(right), at=node.at)
        case Compare(comparator, left, right):
            return Compare(comparator, change(left), change(right), at=node.at)
        case Logical(word, left, right):
            return Logical(word, change(left), change(right), at=node.at)
        case If(condition, then, otherwise):
            return If(change(condition), change(then), change(otherwise), at=node.at)
        case Call(function, arguments):
            return Call(function, tuple(map(change, arguments)), at=node.at)
        case Aggregate(aggregate, body, over):
            return Aggregate(aggregate, change(body), over, at=node.at)
        case Lookup(values, sizes, indices):
            return Lookup(values, sizes, tuple(map(change, indices)), at=node.at)
        case _:
            assert_never(node)


def change_law(law: Law, change: Change) -> Law:
    """A law with each of its expressions changed, in its parts too."""
    parts = tuple(change_law(part, change) for part in law.parts)
    return Law(law.family, tuple(map(change, law.arguments)), parts, at=law.at)


def change_formula(formula: Formula, change: Change) -> Formula:
    """A formula with each of its expressions changed; a variable must become a variable."""
    match formula:
        case Probability(path, operator, bound):
            return Probability(_change_path(path, change), operator, bound, at=formula.at)
        case Monotone(_, target, by):
            return replace(formula, target=_variable(target, change), by=_variable(by, change))
        case Bounded(_, target):
            return replace(formula, target=_variable(target, change))
        case Independent(left, right, given):
            known = tuple(_variable(node, change) for node in given)
            return Independent(_variable(left, change), _variable(right, change), known, at=formula.at)
        case Effect(target, _, done):
            return replace(formula, target=_variable(target, change), change=change(done))
        case _:
            assert_never(formula)


def _variable(node: Variable, change: Change) -> Variable:
    changed = change(node)
    return changed if isinstance(changed, Variable) else node


def _change_path(path: Path, change: Change) -> Path:
    match path:
        case Until(first, second, steps):
            return Until(change(first), change(second), steps, at=path.at)
        case Within(condition, steps):
            return Within(change(condition), steps, at=path.at)
        case Throughout(condition, steps):
            return Throughout(change(condition), steps, at=path.at)
        case _:
            assert_never(path)


def change_text(node: Expression | Law | Formula, change: Change) -> Expression | Law | Formula:
    """Any text with each of its expressions changed."""
    match node:
        case Law():
            return change_law(node, change)
        case Probability() | Monotone() | Bounded() | Independent() | Effect():
            return change_formula(node, change)
        case _:
            return change(node)


def join(terms: Sequence[Expression], pair: Callable[[Expression, Expression], Expression]) -> Expression:
    """All terms joined two by two, so that no tree is deeper than the logarithm of their number."""
    while len(terms) > 1:
        pairs = [pair(left, right) for left, right in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + list(terms[len(pairs) * 2 :])
    return terms[0]
