"""The adjoint of a graph: from the derivative of something in a result, its derivatives in the result's inputs.

Where torch's rules leave a choice (ties of `min` and `max`, powers at 0) they are torch's. A derivative that a `select`
has masked to 0 stays 0 whatever it is multiplied with, NaN and infinity included, so that a branch which was not taken
says nothing.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from worldmodel.kernel.graph import Graph, Node

_WITHOUT_GRADIENT = frozenset({"const", "floor", "round", "table", "cubic", "detach"})


@dataclass
class _Adjoint:
    """The derivatives so far, and which of them may be a 0 that a mask made."""

    graph: Graph
    derivatives: dict[int, int]
    masked: set[int]

    def give(self, node: int, derivative: int, masked: bool) -> None:
        """Adds to a node's derivative."""
        before = self.derivatives.get(node)
        self.derivatives[node] = derivative if before is None else self.graph.add("add", before, derivative)
        if masked:
            self.masked.add(node)

    def product(self, derivative: int, slope: int, masked: bool) -> int:
        """derivative · slope, and 0 where a masked derivative is 0."""
        graph = self.graph
        product = graph.add("mul", derivative, slope)
        if not masked or graph.constant(slope) is not None:
            return product
        zero = graph.number(0.0)
        return graph.add("select", graph.add("eq", derivative, zero), zero, product)


def adjoint(graph: Graph, result: int, derivative: int) -> Mapping[tuple[str | int, ...], int]:
    """Each input's name → the node of its derivative, given that of the result. The graph grows by what is needed."""
    state = _Adjoint(graph, {result: derivative}, set())
    found: dict[tuple[str | int, ...], int] = {}
    for node in reversed(graph.reached([result])):
        own = state.derivatives.get(node)
        if own is None or graph.is_mask(node):
            continue
        entry = graph.nodes[node]
        if entry.op == "input":
            assert isinstance(entry.data, tuple)
            found[entry.data] = own
        elif entry.op not in _WITHOUT_GRADIENT:
            _pass_on(state, node, entry, own)
    return found


def _pass_on(state: _Adjoint, node: int, entry: Node, own: int) -> None:
    graph, masked = state.graph, node in state.masked
    match entry.op, entry.arguments:
        case "select", (condition, a, b):
            zero = graph.number(0.0)
            state.give(a, graph.add("select", condition, own, zero), masked=True)
            state.give(b, graph.add("select", condition, zero, own), masked=True)
        case (("min" | "max"), (a, b)):
            _pass_extreme(state, entry, own, a, b)
        case _:
            for argument, slope in zip(entry.arguments, _slopes(graph, node, entry), strict=True):
                state.give(argument, _scaled(state, own, slope, masked), masked)


def _scaled(state: _Adjoint, own: int, slope: int, masked: bool) -> int:
    match state.graph.constant(slope):
        case -1.0:
            return state.graph.add("neg", own)
        case _:
            return state.product(own, slope, masked)


def _pass_extreme(state: _Adjoint, entry: Node, own: int, a: int, b: int) -> None:
    """The whole derivative to the one that is taken; half to each where both are equal."""
    graph = state.graph
    zero, half = graph.number(0.0), graph.add("mul", own, graph.number(0.5))
    shared = graph.add("select", graph.add("eq", a, b), half, own)
    a_less, b_less = graph.add("lt", a, b), graph.add("lt", b, a)
    a_loses, b_loses = (a_less, b_less) if entry.op == "max" else (b_less, a_less)
    state.give(a, graph.add("select", a_loses, zero, shared), masked=True)
    state.give(b, graph.add("select", b_loses, zero, shared), masked=True)


def _slopes(graph: Graph, node: int, entry: Node) -> tuple[int, ...]:
    """The derivative of an operation in each of its arguments."""
    one = graph.number(1.0)
    match entry.op, entry.arguments:
        case "add", _:
            return one, one
        case "sub", _:
            return one, graph.number(-1.0)
        case "neg", _:
            return (graph.number(-1.0),)
        case "mul", (a, b):
            return b, a
        case "div", (_, b):
            inverse = graph.add("div", one, b)
            return inverse, graph.add("neg", graph.add("mul", node, inverse))
        case "pow", (a, b):
            return _power_slopes(graph, node, a, b)
        case _, (a,):
            return (_slope(graph, node, entry.op, a),)
        case _:
            raise AssertionError(f"no derivative of {entry.op}")


def _slope(graph: Graph, node: int, op: str, a: int) -> int:
    one, zero = graph.number(1.0), graph.number(0.0)
    match op:
        case "abs":
            negative = graph.add("select", graph.add("lt", a, zero), graph.number(-1.0), zero)
            return graph.add("select", graph.add("lt", zero, a), one, negative)
        case "sqrt":
            return graph.add("div", graph.number(0.5), node)
        case "exp":
            return node
        case "log":
            return graph.add("div", one, a)
        case "tanh":
            return graph.add("sub", one, graph.add("mul", node, node))
        case "logistic":
            return graph.add("mul", node, graph.add("sub", one, node))
        case "normal_quantile":
            return _inverse_normal_density(graph, node)
        case "half_normal_quantile":
            return graph.add("mul", graph.number(0.5), _inverse_normal_density(graph, node))
        case _:
            raise AssertionError(f"no derivative of {op}")


def _inverse_normal_density(graph: Graph, z: int) -> int:
    half_square = graph.add("mul", graph.number(0.5), graph.add("mul", z, z))
    return graph.add("mul", graph.number(math.sqrt(2 * math.pi)), graph.add("exp", half_square))


def _power_slopes(graph: Graph, node: int, a: int, b: int) -> tuple[int, int]:
    """b · a^(b − 1), 0 where b is 0; and a^b · log a, 0 where a is 0 and b is not negative."""
    zero = graph.number(0.0)
    lower = graph.add("mul", b, graph.add("pow", a, graph.add("sub", b, graph.number(1.0))))
    in_base = graph.add("select", graph.add("eq", b, zero), zero, lower)
    if graph.constant(b) is not None:
        return in_base, zero
    nothing = graph.add("and", graph.add("eq", a, zero), graph.add("le", zero, b))
    in_exponent = graph.add("select", nothing, zero, graph.add("mul", node, graph.add("log", a)))
    return in_base, in_exponent
