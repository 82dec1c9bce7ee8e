"""How large and deep a text becomes when it is written out for every element, told without writing it out."""

from collections.abc import Mapping
from math import prod
from typing import NamedTuple

from worldmodel import limits
from worldmodel.language.ir import Aggregate, Binary, Node, Number, Parameter, Start, Time, Variable
from worldmodel.language.walk import children
from worldmodel.scope import Scope, in_order
from worldmodel.world import Mechanism

MOST = limits.GROUNDED_WORLD + 1
"""Counted no further: what grows exponentially would otherwise have thousands of digits."""


class Extent(NamedTuple):
    """How many nodes a text has, up to `MOST`, and how many of them lie one below the other."""

    nodes: int
    depth: int


LEAF = Extent(1, 1)


def grounded_extent(mechanism: Mechanism, scope: Scope) -> Extent:
    """The extent of a mechanism's law and priors for all elements together."""
    bindings: dict[str, Extent] = {}
    for name in in_order(mechanism.bindings):
        bindings[name] = _extent(mechanism.bindings[name], scope, bindings)
    law = _times(_extent(mechanism.law, scope, bindings), scope.over.get(mechanism.file.target, ()), scope)
    priors = (
        _times(_extent(prior, scope, {}), mechanism.file.parameters[name].over, scope)
        for name, prior in mechanism.priors.items()
    )
    return _together([law, *priors])


def _times(one: Extent, axes: tuple[str, ...], scope: Scope) -> Extent:
    members = prod(len(scope.indices.get(axis, ())) for axis in axes)
    return Extent(min(MOST, members * one.nodes), one.depth)


def _together(extents: list[Extent]) -> Extent:
    nodes = depth = 0
    for one in extents:
        nodes += one.nodes
        depth = max(depth, one.depth)
    return Extent(min(MOST, nodes), depth)


def _extent(node: Node, scope: Scope, bindings: Mapping[str, Extent]) -> Extent:
    match node:
        case Parameter(name, ()) if name in bindings:
            return bindings[name]
        case Aggregate(over=over):
            inner = scope.within(node)
            times = prod(len(inner.indices.get(inner.bound.get(name, ""), ())) or 1 for name in over)
            body = _extent(node.body, inner, bindings)
            # The terms hang on a balanced tree.
            return Extent(min(MOST, times * (1 + body.nodes)), body.depth + times.bit_length())
        case Parameter(name, places) if places and name in scope.declared:
            # A row of probabilities is an expression for each of its entries, and a step counts from its list's first.
            below = _together([_extent(place, scope, bindings) for place in places])
            width = max(1, scope.declared[name].row_width)
            return Extent(min(MOST, width * (3 + below.nodes)), 2 + below.depth)
        case Number() | Variable() | Start() | Time() | Parameter(_, ()):
            return LEAF
        case Binary(_, left, right):
            first, second = _extent(left, scope, bindings), _extent(right, scope, bindings)
            return Extent(min(MOST, 1 + first.nodes + second.nodes), 1 + max(first.depth, second.depth))
        case _:
            below = _together([_extent(child, scope, bindings) for child in children(node)])
            return Extent(min(MOST, 1 + below.nodes), 1 + below.depth)
