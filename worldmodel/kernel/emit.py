"""Graph nodes as vector code: each node that is needed once, in the order of the graph."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from worldmodel.families.student_t import KNOTS, LARGEST_Z
from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.graph import MASKS, Graph, Node

CALLED = frozenset({"exp", "log", "tanh", "logistic", "pow", "normal_quantile", "half_normal_quantile"})
"""Operations that are functions of `worldmodel.kernel.functions`."""

_COMPARISONS = {"lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
_WHOLE = 2.0**52

Loader = Callable[[Assembly, tuple[str | int, ...]], str]


@dataclass
class Emitter:
    """Writes a graph's nodes into one function; `load` fetches inputs."""

    code: Assembly
    graph: Graph
    load: Loader
    tables: str = "%tables"
    _names: dict[int, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def write(self, outputs: Sequence[int]) -> None:
        """Writes what the outputs need."""
        for number in self.graph.reached(outputs, self._names):
            self._names[number] = self._node(self.graph.nodes[number])

    def name(self, node: int) -> str:
        """The operand of a node that has been written."""
        return self._names[node]

    def _node(self, node: Node) -> str:
        code, arguments = self.code, [self._names[argument] for argument in node.arguments]
        if node.op in _COMPARISONS:
            return code.compare(_COMPARISONS[node.op], *arguments)
        if node.op in MASKS:
            return code.not_(arguments[0]) if node.op == "not" else code.logic(node.op, *arguments)
        if node.op in CALLED:
            return self._call(node.op, arguments)
        return self._plain(node, arguments)

    def _plain(self, node: Node, arguments: list[str]) -> str:
        code = self.code
        match node.op, arguments:
            case "const", _:
                assert isinstance(node.data, float)
                return code.real(node.data)
            case "input", _:
                assert isinstance(node.data, tuple)
                return self.load(code, node.data)
            case (("add" | "sub" | "mul" | "div"), [a, b]):
                return code.op(f"f{node.op} {code.reals} {a}, {b}")
            case "fma", [a, b, c]:
                return code.fma(a, b, c)
            case "neg", [a]:
                return code.neg(a)
            case "detach", [a]:
                return a
            case "select", [flags, a, b]:
                return code.select(flags, a, b)
            case (("min" | "max"), [a, b]):
                return self._extreme("olt" if node.op == "min" else "ogt", node, a, b)
            case _, [a]:
                return self._of_one(node, a)
            case _:
                raise AssertionError(f"no code for {node.op}")

    def _of_one(self, node: Node, a: str) -> str:
        intrinsics = {"abs": "fabs", "sqrt": "sqrt", "floor": "floor", "round": "roundeven"}
        if node.op in intrinsics:
            return self.code.unary(intrinsics[node.op], a)
        assert isinstance(node.data, tuple)
        table = self._table(int(node.data[1]), shift=node.data[0] == "cubic")
        return cubic(self.code, table, a) if node.op == "cubic" else lookup(self.code, table, a)

    def _table(self, number: int, shift: bool) -> str:
        """The address of a table: those of the Student-t come first."""
        pointers = "%cubics" if shift else self.tables
        return self.code.op(f"load ptr, ptr {self.code.at(pointers, str(number), 'ptr')}, align 8")

    def _extreme(self, how: str, node: Node, a: str, b: str) -> str:
        """The smaller or greater number, and NaN where either is; a constant cannot be NaN."""
        code = self.code
        if self.graph.constant(node.arguments[0]) is not None:
            return code.select(code.compare(how, a, b), a, b)
        taken = code.select(code.compare(how, b, a), b, a)
        if self.graph.constant(node.arguments[1]) is not None:
            return taken
        return code.select(code.compare("uno", b, b), b, taken)

    def _call(self, function: str, arguments: list[str]) -> str:
        self.used.add(function)
        code = self.code
        given = ", ".join(f"{code.reals} {argument}" for argument in arguments)
        return code.op(f"call {code.reals} @{function}.{code.width}({given})")


def _lanes(code: Assembly, whole: str) -> list[str]:
    """Each lane's index from non-negative whole numbers below 2^52."""
    words = code.as_words(code.add(whole, code.real(_WHOLE)))
    words = code.integer("and", words, code.word((1 << 52) - 1))
    return [code.op(f"extractelement {code.words} {words}, i32 {lane}") for lane in range(code.width)]


def lookup(code: Assembly, table: str, place: str) -> str:
    """A table's numbers at whole places; NaN where the place is NaN."""
    known = code.compare("ord", place, place)
    found = "poison"
    for lane, index in enumerate(_lanes(code, code.select(known, place, code.real(0.0)))):
        number = code.op(f"load double, ptr {code.at(table, index)}, align 8")
        found = code.op(f"insertelement {code.reals} {found}, double {number}, i32 {lane}")
    return code.select(known, found, code.real(float("nan")))


def cubic(code: Assembly, table: str, z: str) -> str:
    """A Student-t draw from a normal one through its Hermite pieces, in the operations of the torch reading."""
    position = code.mul(code.unary("fabs", z), code.real(KNOTS / LARGEST_Z))
    piece = code.unary("floor", position)
    last = code.real(float(KNOTS - 1))
    piece = code.select(code.compare("olt", last, piece), last, piece)
    x = code.sub(position, piece)
    rows = []
    for index in _lanes(code, piece):
        place = code.op(f"shl i64 {index}, 2")
        rows.append(code.op(f"load <4 x double>, ptr {code.at(table, place)}, align 32"))
    highest, *lower = _columns(code, rows)
    t = highest
    for coefficient in lower:
        t = code.add(code.mul(t, x), coefficient)
    return code.copysign(t, z)


def _columns(code: Assembly, rows: list[str]) -> list[str]:
    """The four columns of rows of four, one row for each lane."""
    columns: list[list[str]] = [[], [], [], []]
    for first in range(0, len(rows), 4):
        for column, part in zip(columns, _transposed(code, rows[first : first + 4]), strict=True):
            column.append(part)
    return [_joined(code, parts) for parts in columns]


def _transposed(code: Assembly, rows: list[str]) -> list[str]:
    def shuffle(a: str, b: str, places: str) -> str:
        return code.op(f"shufflevector <4 x double> {a}, <4 x double> {b}, <4 x i32> {places}")

    low, high = "<i32 0, i32 4, i32 2, i32 6>", "<i32 1, i32 5, i32 3, i32 7>"
    first, second = "<i32 0, i32 1, i32 4, i32 5>", "<i32 2, i32 3, i32 6, i32 7>"
    a, b, c, d = rows
    even, odd = (shuffle(a, b, low), shuffle(c, d, low)), (shuffle(a, b, high), shuffle(c, d, high))
    return [shuffle(*even, first), shuffle(*odd, first), shuffle(*even, second), shuffle(*odd, second)]


def _joined(code: Assembly, parts: list[str]) -> str:
    """Parts of four lanes one after the other."""
    size = 4
    while len(parts) > 1:
        places = ", ".join(f"i32 {lane}" for lane in range(2 * size))
        kind = f"<{size} x double>"
        parts = [
            code.op(f"shufflevector {kind} {a}, {kind} {b}, <{2 * size} x i32> <{places}>")
            for a, b in zip(parts[::2], parts[1::2], strict=True)
        ]
        size *= 2
    return parts[0]


def references(texts: Mapping[str, str] | Sequence[str]) -> frozenset[str]:
    """Which of the vector functions some LLVM texts call."""
    return frozenset(name for name in CALLED for text in texts if f"@{name}." in text)
