"""Going over an intermediate representation: the children of a node, and all nodes below it."""

from collections.abc import Iterator
from typing import assert_never

from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
    If,
    Independent,
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


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one, from left to right."""
    match node:
        case Number() | Variable() | Start() | Time():
            return ()
        case Parameter(_, indices) | Lookup(_, _, indices):
            return indices
        case Negate(operand) | Not(operand):
            return (operand,)
        case Binary(_, left, right) | Compare(_, left, right) | Logical(_, left, right):
            return (left, right)
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
        case Bounded(_, target):
            return (target,)
        case Independent(left, right, given):
            return (left, right, *given)
        case Effect(target, _, change):
            return (target, change)
        case _:
            assert_never(node)


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, parents first, from left to right."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
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
