"""How large a text becomes when it is written out for every element, told without writing it out."""

from math import prod

from worldmodel.language.ir import Aggregate, Node, Parameter
from worldmodel.language.walk import children
from worldmodel.scope import Scope, in_order
from worldmodel.world import Mechanism


def grounded_size(mechanism: Mechanism, scope: Scope) -> int:
    """The nodes of a mechanism's law and priors for all elements together."""
    bindings: dict[str, int] = {}
    for name in in_order(mechanism.bindings):
        bindings[name] = _size(mechanism.bindings[name], scope, bindings)
    members = _count(scope.over.get(mechanism.file.target, ()), scope)
    priors = sum(
        _size(prior, scope, {}) * _count(mechanism.file.parameters[name].over, scope)
        for name, prior in mechanism.priors.items()
    )
    return members * _size(mechanism.law, scope, bindings) + priors


def _count(axes: tuple[str, ...], scope: Scope) -> int:
    return prod(len(scope.indices.get(axis, ())) for axis in axes)


def _size(node: Node, scope: Scope, bindings: dict[str, int]) -> int:
    match node:
        case Parameter(name, ()) if name in bindings:
            return bindings[name]
        case Aggregate(over=over):
            inner = scope.within(node)
            times = prod(len(inner.indices.get(inner.bound.get(name, ""), ())) or 1 for name in over)
            return times * (1 + _size(node.body, inner, bindings))
        case _:
            return 1 + sum(_size(child, scope, bindings) for child in children(node))
