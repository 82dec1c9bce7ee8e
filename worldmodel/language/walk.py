"""Going over an intermediate representation: the children of a node, and all nodes below it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

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

LEAVES = frozenset({Number, Variable, Start, Time})
"""The kinds of nodes that never have anything below them, which are most nodes of most texts."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one, from left to right."""
    return _CHILDREN[type(node)](node)


_CHILDREN: Mapping[type, Callable[[Any], tuple[Node, ...]]] = {
    Number: lambda _: (),
    Variable: lambda _: (),
    Start: lambda _: (),
    Time: lambda _: (),
    Parameter: lambda node: node.indices,
    Lookup: lambda node: node.indices,
    Negate: lambda node: (node.operand,),
    Not: lambda node: (node.operand,),
    Binary: lambda node: (node.left, node.right),
    Compare: lambda node: (node.left, node.right),
    Logical: lambda node: (node.left, node.right),
    If: lambda node: (node.condition, node.then, node.otherwise),
    Call: lambda node: node.arguments,
    Law: lambda node: (*node.arguments, *node.parts),
    Aggregate: lambda node: (node.body,),
    Within: lambda node: (node.condition,),
    Throughout: lambda node: (node.condition,),
    Until: lambda node: (node.first, node.second),
    Probability: lambda node: (node.path,),
    Monotone: lambda node: (node.target, node.by),
    Bounded: lambda node: (node.target,),
    Independent: lambda node: (node.left, node.right, *node.given),
    Effect: lambda node: (node.target, node.change),
}
"""By kind, because large worlds have tens of thousands of nodes; a test holds that no kind is missing."""


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, parents first, from left to right."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        if type(found) not in LEAVES:
            waiting.extend(_CHILDREN[type(found)](found)[::-1])


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
