"""Equal nodes are one, and no simplification changes a bit."""

import math
import struct

from hypothesis import given
from hypothesis import strategies as st

from worldmodel.kernel.graph import Graph, Op

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


def value(graph: Graph, node: int, x: float) -> float:
    """A node's value by Python's floats, where the only input is x."""
    entry = graph.nodes[node]
    if entry.op == "const":
        assert isinstance(entry.data, float)
        return entry.data
    if entry.op == "input":
        return x
    a, *rest = (value(graph, argument, x) for argument in entry.arguments)
    match entry.op:
        case "add":
            return a + rest[0]
        case "sub":
            return a - rest[0]
        case "mul":
            return a * rest[0]
        case "neg":
            return -a
        case _:
            return a / rest[0]


def plain(op: Op, a: float, b: float) -> float:
    return {"add": lambda: a + b, "sub": lambda: a - b, "mul": lambda: a * b, "div": lambda: a / b}[op]()


def bits(number: float) -> bytes:
    return b"nan" if math.isnan(number) else struct.pack("<d", number)


@given(st.sampled_from(["add", "sub", "mul", "div"]), NUMBERS, NUMBERS, st.booleans())
def test_simplified_arithmetic_has_the_same_bits(op: Op, x: float, constant: float, swapped: bool) -> None:
    graph = Graph()
    operands = (graph.input("time"), graph.number(constant))
    left, right = operands[::-1] if swapped else operands
    numbers = (constant, x) if swapped else (x, constant)
    if op == "div" and numbers[1] == 0:
        return
    assert bits(value(graph, graph.add(op, left, right), x)) == bits(plain(op, *numbers))


@given(st.integers(-1100, 1023), NUMBERS)
def test_a_division_by_a_power_of_two_has_the_same_bits(exponent: int, x: float) -> None:
    graph, below = Graph(), math.ldexp(1.0, exponent)
    if below:
        assert bits(value(graph, graph.add("div", graph.input("time"), graph.number(below)), x)) == bits(x / below)


def test_equal_nodes_are_one_node() -> None:
    graph = Graph()
    x, y = graph.input("lag", 0, 1), graph.input("lag", 1, 1)
    assert graph.add("add", x, y) == graph.add("add", y, x)
    assert graph.add("sub", x, y) != graph.add("sub", y, x)
    assert graph.add("neg", graph.add("neg", x)) == x


def test_the_two_zeros_are_two_numbers() -> None:
    graph = Graph()
    assert graph.number(0.0) != graph.number(-0.0)
    assert graph.number(math.nan) == graph.number(math.nan)


def test_decided_conditions_vanish() -> None:
    graph = Graph()
    x, yes = graph.input("time"), graph.truth(True)
    maybe = graph.add("lt", x, graph.number(1.0))
    assert graph.add("and", maybe, yes) == maybe
    assert graph.add("or", maybe, yes) == yes
    assert graph.add("select", yes, x, graph.number(2.0)) == x
    assert graph.add("not", graph.add("not", maybe)) == maybe
