"""A scalar expression graph in which equal nodes are one node: what laws become on their way to machine code.

Nodes are numbered in the order of their making, so that arguments always come before what is made of them. Making a
node simplifies it where that changes no bit of any result (but for which NaN): constants are folded in IEEE arithmetic,
`x · 1`, `x / 1`, `x − 0` and double negations vanish, a division by a power of two becomes a product, and the arguments
of sums, products and the like are sorted. Nothing is reassociated, distributed, contracted or cancelled.
"""

import math
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Literal

Op = Literal[
    "const", "input",
    "add", "sub", "mul", "div", "fma", "neg", "abs", "min", "max", "pow",
    "sqrt", "exp", "log", "tanh", "logistic", "floor", "round",
    "normal_quantile", "half_normal_quantile", "table", "cubic", "detach",
    "lt", "le", "eq", "ne", "and", "or", "not", "select",
]  # fmt: skip

Source = Literal["now", "lag", "start", "parameter", "action", "noise", "rival", "time", "flag", "setting", "adjoint"]

_COMMUTATIVE = frozenset({"add", "mul", "min", "max", "eq", "ne", "and", "or"})
MASKS = frozenset({"lt", "le", "eq", "ne", "and", "or", "not"})
"""Operations whose value is a truth value."""


@dataclass(frozen=True)
class Node:
    """One operation on earlier nodes; `data` is a constant's number, an input's name, or a table's number and sizes."""

    op: Op
    arguments: tuple[int, ...] = ()
    data: float | tuple[str | int, ...] | None = None


@dataclass
class Graph:
    """A growing graph; every method answers the number of a node."""

    nodes: list[Node] = field(default_factory=list)
    _known: dict[object, int] = field(default_factory=dict)

    def add(self, op: Op, *arguments: int, data: float | tuple[str | int, ...] | None = None) -> int:
        """A node of this operation, or the one that is already there, or a simpler one of the same value."""
        if op in _COMMUTATIVE:
            arguments = tuple(sorted(arguments))
        simpler = self._simplified(op, arguments)
        return self._intern(Node(op, arguments, data)) if simpler is None else simpler

    def number(self, value: float) -> int:
        """A constant."""
        return self._intern(Node("const", (), float(value)))

    def input(self, source: Source, *place: int) -> int:
        """A number that is given from outside: a source and its place there."""
        return self._intern(Node("input", (), (source, *place)))

    def constant(self, node: int) -> float | None:
        """A constant's value, or None for any other node."""
        found = self.nodes[node]
        return found.data if found.op == "const" and isinstance(found.data, float) else None

    def is_mask(self, node: int) -> bool:
        """Whether a node's value is a truth value; truth values that are constants are written 0 = 0 and 0 ≠ 0."""
        return self.nodes[node].op in MASKS

    def truth(self, value: bool) -> int:
        """A constant truth value."""
        zero = self.number(0.0)
        return self._intern(Node("eq" if value else "ne", (zero, zero)))

    def reached(self, outputs: Iterable[int], known: Container[int] = ()) -> list[int]:
        """All nodes that the outputs need, arguments first, without those that are known with all that they need."""
        seen: set[int] = set()
        waiting = list(outputs)
        while waiting:
            node = waiting.pop()
            if node not in seen and node not in known:
                seen.add(node)
                waiting.extend(self.nodes[node].arguments)
        return sorted(seen)

    def _intern(self, node: Node) -> int:
        # 0.0 and −0.0 are equal but not the same
        sign = math.copysign(1.0, node.data) if isinstance(node.data, float) else 0.0
        key = ("nan",) if isinstance(node.data, float) and math.isnan(node.data) else (node, sign)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.nodes)
            self.nodes.append(node)
        return found

    def _simplified(self, op: Op, arguments: tuple[int, ...]) -> int | None:
        numbers = [self.constant(argument) for argument in arguments]
        known = [number for number in numbers if number is not None]
        if op in _FOLDED and len(known) == len(arguments):
            folded = _fold(op, known)
            return folded if folded is None else self.number(folded)
        if op in MASKS:
            return self._simplified_mask(op, arguments)
        match op, arguments, numbers:
            case "mul", (a, b), (first, second):
                return b if first == 1.0 else a if second == 1.0 else None
            case ("div", (a, _), (_, float(below))):
                return self._divided(a, below)
            case "sub", (a, _), (_, float(zero)) if zero == 0.0 and math.copysign(1.0, zero) > 0:
                return a
            case "neg", (a,), _ if self.nodes[a].op == "neg":
                return self.nodes[a].arguments[0]
            case "select", (condition, a, b), _:
                return a if a == b else self._decided(condition, a, b)
            case _:
                return None

    def _divided(self, a: int, below: float) -> int | None:
        mantissa, exponent = math.frexp(below)
        if abs(mantissa) == 0.5 and abs(exponent) < 1000:
            return self.add("mul", a, self.number(1.0 / below))
        return None

    def _decided(self, condition: int, a: int, b: int) -> int | None:
        truth = self._truth_of(condition)
        return None if truth is None else a if truth else b

    def _truth_of(self, node: int) -> bool | None:
        found = self.nodes[node]
        if found.op not in ("eq", "ne", "lt", "le"):
            return None
        left, right = (self.constant(argument) for argument in found.arguments)
        if left is None or right is None:
            return None
        return {"eq": left == right, "ne": left != right, "lt": left < right, "le": left <= right}[found.op]

    def _simplified_mask(self, op: Op, arguments: tuple[int, ...]) -> int | None:
        if op == "not" and self.nodes[arguments[0]].op == "not":
            return self.nodes[arguments[0]].arguments[0]
        if op in ("and", "or"):
            for argument, other in (arguments, arguments[::-1]):
                truth = self._truth_of(argument)
                if truth is not None:
                    return other if truth == (op == "and") else argument
            return arguments[0] if arguments[0] == arguments[1] else None
        return None


_FOLDED = frozenset({"add", "sub", "mul", "div", "fma", "neg", "abs", "min", "max", "sqrt", "floor", "round"})


def _fold(op: Op, numbers: list[float]) -> float | None:
    """The value of an exactly rounded operation on constants; None where Python has no IEEE answer."""
    match op, numbers:
        case "add", [a, b]:
            return a + b
        case "sub", [a, b]:
            return a - b
        case "mul", [a, b]:
            return a * b
        case "div", [a, b]:
            return a / b if b else None
        case "neg", [a]:
            return -a
        case "abs", [a]:
            return abs(a)
        case "sqrt", [a]:
            return math.sqrt(a) if a >= 0 else None
        case (("min" | "max"), [a, b]) if not math.isnan(a + b):
            return min(a, b) if op == "min" else max(a, b)
        case _:
            return None
