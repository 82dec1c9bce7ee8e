"""Going over an intermediate representation: the children of a node, and all nodes below it."""

from collections.abc import Iterator
from typing import assert_never

from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    If,
    Law,
    Logical,
    Lookup,
    Monotone,
    Negate,
    Node,
    Not,
    Number,
    Parameter,
    Probability,
    Start,
    Throughout,
    Time,
    Until,
    Variable,
    Within,
)

LEAVES = frozenset({Number, Variable, Start, Time})
"""The kinds of nodes that never have anything below them, which are most nodes of most texts."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one, from left to right."""
    match node:
        case Parameter(_, indices) | Lookup(_, _, indices):
            return indices
        case Binary(_, left, right) | Compare(_, left, right) | Logical(_, left, right):
            return (left, right)
        case Number() | Variable() | Start() | Time():
            return ()
        case Negate(operand) | Not(operand):
            return (operand,)
        case If(condition, then, otherwise):
            return (condition, then, otherwise)
        case Call(_, arguments):
            return arguments
        case Law(_, arguments, parts):
            return (*arguments, *parts)
        case Aggregate(_, body):
            return (body,)
        case Within(condition, _) | Throughout(condition, _):
            return (condition,)
        case Until(first, second, _):
            return (first, second)
        case Probability(path):
            return (path,)
        case Monotone(_, target, by):
            return (target, by)
        case _:
            assert_never(node)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, parents first, from left to right."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        if type(found) not in LEAVES:
            waiting.extend(reversed(children(found)))


def bare_name(node: Node) -> str | None:
    """The name that a node is, where it is nothing else: an index, element or named value."""
    return node.name if isinstance(node, Parameter) and not node.indices else None


def literal_value(node: Node) -> float | None:
    """The value of a literal number, with its sign; None for anything else."""
    match node:
        case Number(value):
            return value
        case Negate(Number(value)):
            return -value
        case _:
            return None
