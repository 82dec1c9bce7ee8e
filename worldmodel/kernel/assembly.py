"""LLVM text for vectors of float64, one instruction at a time: what the code generator writes with.

Operands are LLVM texts: names (`%v3`) or constants. Arithmetic is IEEE without contraction, so that a kernel's
`a * b + c` rounds like everybody else's; `fma` is used where it is asked for, inside the vector functions.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


def bits(value: float) -> str:
    """A float64 as LLVM writes it exactly."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


@dataclass
class Assembly:
    """The lines of one function's body for vectors of `width` lanes; each method appends and names its result.

    Rows in memory are `pitch` numbers long, the width unless given; a function that works on parts of rows says in
    `offset` where its part begins.
    """

    width: int
    pitch: int = 0
    offset: str = ""
    lines: list[str] = field(default_factory=lambda: ["entry:"])
    block: str = "%entry"
    _count: int = 0

    @property
    def reals(self) -> str:
        """The type of a vector of numbers."""
        return f"<{self.width} x double>"

    @property
    def words(self) -> str:
        """The type of a vector of 64-bit integers."""
        return f"<{self.width} x i64>"

    @property
    def flags(self) -> str:
        """The type of a vector of truth values."""
        return f"<{self.width} x i1>"

    def fresh(self, kind: str = "v") -> str:
        """A name that is not taken."""
        self._count += 1
        return f"%{kind}{self._count}"

    def op(self, text: str) -> str:
        """Appends one instruction with a result."""
        name = self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def do(self, text: str) -> None:
        """Appends one instruction without a result."""
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        """Begins a basic block."""
        self.lines.append(f"{name[1:]}:")
        self.block = name

    def jump(self, name: str) -> None:
        """Goes on in a new basic block."""
        self.do(f"br label {name}")
        self.label(name)

    @contextmanager
    def loop(self, count: str, first: str = "0") -> Iterator[str]:
        """Repeats what is written inside for the whole numbers from `first` up to, not including, `count`."""
        before, head, latch, after = (self.fresh(kind) for kind in ("before", "head", "latch", "after"))
        self.jump(before)
        self.do(f"br i1 {self.op(f'icmp slt i64 {first}, {count}')}, label {head}, label {after}")
        self.label(head)
        index, following = self.fresh("i"), self.fresh("i")
        self.do(f"{index} = phi i64 [ {first}, {before} ], [ {following}, {latch} ]")
        yield index
        self.jump(latch)
        self.do(f"{following} = add nsw i64 {index}, 1")
        self.do(f"br i1 {self.op(f'icmp slt i64 {following}, {count}')}, label {head}, label {after}")
        self.label(after)

    @contextmanager
    def when(self, condition: str, weights: str = "") -> Iterator[None]:
        """Does what is written inside where an i1 holds."""
        inside, after = self.fresh("inside"), self.fresh("after")
        self.do(f"br i1 {condition}, label {inside}, label {after}{weights}")
        self.label(inside)
        yield
        self.jump(after)

    def real(self, value: float) -> str:
        """The same number in every lane."""
        return f"splat (double {bits(value)})"

    def stored(self, value: float) -> str:
        """The same number in every lane, read from memory of that width: an operand of arithmetic, for free.

        A constant would be spread out by an instruction of its own each time.
        """
        name = f"@number.{self.width}.{bits(value)}"
        return self.op(f"load {self.reals}, ptr {name}, align 64")

    def word(self, value: int) -> str:
        """The same integer in every lane."""
        return f"splat (i64 {value})"

    def splat(self, scalar: str, kind: str = "double") -> str:
        """One scalar in every lane."""
        vector = f"<{self.width} x {kind}>"
        first = self.op(f"insertelement {vector} poison, {kind} {scalar}, i32 0")
        return self.op(f"shufflevector {vector} {first}, {vector} poison, <{self.width} x i32> zeroinitializer")

    def add(self, a: str, b: str) -> str:
        """a + b."""
        return self.op(f"fadd {self.reals} {a}, {b}")

    def sub(self, a: str, b: str) -> str:
        """a − b."""
        return self.op(f"fsub {self.reals} {a}, {b}")

    def mul(self, a: str, b: str) -> str:
        """a · b."""
        return self.op(f"fmul {self.reals} {a}, {b}")

    def div(self, a: str, b: str) -> str:
        """a / b."""
        return self.op(f"fdiv {self.reals} {a}, {b}")

    def neg(self, a: str) -> str:
        """−a."""
        return self.op(f"fneg {self.reals} {a}")

    def fma(self, a: str, b: str, c: str) -> str:
        """a · b + c, rounded once."""
        kind = self.reals
        return self.op(f"call {kind} @llvm.fma.v{self.width}f64({kind} {a}, {kind} {b}, {kind} {c})")

    def unary(self, intrinsic: str, a: str) -> str:
        """An LLVM intrinsic of one number: sqrt, fabs, floor, roundeven."""
        return self.op(f"call {self.reals} @llvm.{intrinsic}.v{self.width}f64({self.reals} {a})")

    def copysign(self, a: str, b: str) -> str:
        """|a| with b's sign."""
        kind = self.reals
        return self.op(f"call {kind} @llvm.copysign.v{self.width}f64({kind} {a}, {kind} {b})")

    def compare(self, how: str, a: str, b: str) -> str:
        """A comparison as flags; `how` is LLVM's (olt, ole, oeq, une, uno, …)."""
        return self.op(f"fcmp {how} {self.reals} {a}, {b}")

    def select(self, flags: str, a: str, b: str) -> str:
        """a where the flag is set, b elsewhere."""
        return self.op(f"select {self.flags} {flags}, {self.reals} {a}, {self.reals} {b}")

    def logic(self, how: str, a: str, b: str) -> str:
        """and, or, xor of flags."""
        return self.op(f"{how} {self.flags} {a}, {b}")

    def not_(self, a: str) -> str:
        """The other flags."""
        return self.logic("xor", a, "splat (i1 true)")

    def integer(self, how: str, a: str, b: str) -> str:
        """An operation on vectors of integers: add, sub, and, or, shl, lshr."""
        return self.op(f"{how} {self.words} {a}, {b}")

    def as_words(self, a: str) -> str:
        """The bits of numbers."""
        return self.op(f"bitcast {self.reals} {a} to {self.words}")

    def as_reals(self, a: str) -> str:
        """The numbers of bits."""
        return self.op(f"bitcast {self.words} {a} to {self.reals}")

    def polynomial(self, coefficients: Sequence[float], x: str) -> str:
        """A polynomial by coefficients from the highest power down: Horner's rule on powers of x², x⁴ where it is long.

        Several short chains instead of a long one, so that one's waiting is another's work.
        """
        return self._interleaved(list(reversed(coefficients)), x, 2 if len(coefficients) > 12 else 1)

    def _interleaved(self, lowest_first: Sequence[float], x: str, depth: int) -> str:
        if not depth or len(lowest_first) < 3:
            return self._horner(lowest_first, x)
        square = self.mul(x, x)
        even, odd = (self._interleaved(lowest_first[first::2], square, depth - 1) for first in (0, 1))
        return self.fma(x, odd, even)

    def _horner(self, lowest_first: Sequence[float], x: str) -> str:
        value = self.stored(lowest_first[-1])
        for coefficient in reversed(lowest_first[:-1]):
            value = self.fma(value, x, self.stored(coefficient))
        return value

    def load(self, base: str, index: int) -> str:
        """The vector at a row of an array of rows of this width."""
        return self.op(f"load {self.reals}, ptr {self.row(base, index)}, align 32")

    def store(self, value: str, base: str, index: int) -> None:
        """Writes the vector at a row."""
        self.do(f"store {self.reals} {value}, ptr {self.row(base, index)}, align 32")

    def row(self, base: str, index: int) -> str:
        """The address of a row."""
        place = base if index == 0 else self.at(base, str(index * (self.pitch or self.width)))
        return self.at(place, self.offset) if self.offset else place

    def at(self, base: str, index: str, kind: str = "double") -> str:
        """The address of an element."""
        return self.op(f"getelementptr {kind}, ptr {base}, i64 {index}")

    def whole(self, how: str, a: str, b: str) -> str:
        """Arithmetic on two scalar integers."""
        return self.op(f"{how} i64 {a}, {b}")

    def any(self, flags: str) -> str:
        """Whether one flag at least is set."""
        return self.op(f"call i1 @llvm.vector.reduce.or.v{self.width}i1({self.flags} {flags})")

    def text(self, head: str) -> str:
        """The function."""
        return "\n".join([head + " {", *self.lines, "}", ""])


def stored_numbers(texts: Iterable[str]) -> str:
    """Definitions of the numbers that some texts read from memory, in a form that LLVM does not fold away."""
    found = sorted(set(re.findall(r"@number\.(\d+)\.(0x[0-9A-F]{16})", "\n".join(texts))))
    lines = [
        f"@number.{width}.{number} = internal externally_initialized global <{width} x double> "
        f"splat (double {number}), align 64"
        for width, number in found
    ]
    return "\n".join([*lines, ""])
