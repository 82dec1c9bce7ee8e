"""The noise of `worldmodel.simulation.noise` as machine code: Philox 4x64-10 [salmon2011], bit for bit.

A block's four words are the numbers of four trajectories in a row, which is one vector of four lanes. The products of
64-bit words are scalar: they run beside the vector arithmetic that turns blocks before into normal numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.normal_pieces import LOCAL_BITS as _LOCAL_BITS
from worldmodel.kernel.normal_pieces import offset
from worldmodel.kernel.philox_pair import FIRST, ROUNDS, SECOND, SIDE_BY_SIDE, factors, pair

BLOCK = 4
_LOCAL_MASK = (1 << _LOCAL_BITS) - 1
_LOCAL_MIDDLE = 1.0 + 2.0 ** (_LOCAL_BITS - 53)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


def round_keys(keys: list[tuple[int, int]]) -> NDArray[np.uint64]:
    """The two words of each round's key, for each site one row of twenty."""
    rounds = np.arange(ROUNDS, dtype=np.uint64)[:, None]
    base = np.array(keys, np.uint64).reshape(-1, 1, 2)
    steps: NDArray[np.uint64] = base + rounds * np.array(_WEYL, np.uint64)
    return np.ascontiguousarray(steps.reshape(-1, 2 * ROUNDS))


def _product(code: Assembly, factor: int, word: str) -> tuple[str, str]:
    """The high and the low word of a product."""
    wide = code.op(f"zext i64 {word} to i128")
    product = code.op(f"mul i128 {wide}, {factor}")
    high = code.op(f"lshr i128 {product}, 64")
    return code.op(f"trunc i128 {high} to i64"), code.op(f"trunc i128 {product} to i64")


def philox(code: Assembly, keys: list[tuple[str, str]], counter: tuple[str, str, str, str]) -> tuple[str, ...]:
    """The four words of a block."""
    a, b, c, d = counter
    for first, second in keys:
        high, low = _product(code, FIRST, a)
        other_high, other_low = _product(code, SECOND, c)
        a = code.whole("xor", code.whole("xor", other_high, b), first)
        c = code.whole("xor", code.whole("xor", high, d), second)
        b, d = other_low, low
    return a, b, c, d


def vector_of(code: Assembly, words: tuple[str, ...]) -> str:
    """Scalar words as lanes."""
    vector = "poison"
    for lane, word in enumerate(words):
        vector = code.op(f"insertelement {code.words} {vector}, i64 {word}, i32 {lane}")
    return vector


def uniform(code: Assembly, words: str) -> str:
    """Numbers (k + 1/2) / 2^52 of the words' upper 52 bits k, exactly."""
    fraction = code.integer("lshr", words, code.word(12))
    between_one_and_two = code.as_reals(code.integer("or", fraction, code.word(1023 << 52)))
    return code.sub(between_one_and_two, code.real(1.0 - 2.0**-53))


def round_words(code: Assembly, row: str) -> list[tuple[str, str]]:
    """One site's round keys from its row."""
    words = [code.op(f"load i64, ptr {code.at(row, str(place), 'i64')}, align 8") for place in range(2 * ROUNDS)]
    return list(zip(words[::2], words[1::2], strict=True))


def noise_function(width: int, mulx: bool) -> str:
    """`@noise(pieces, keys, from, normal, uniform, block, step, out)`: a row of `width` numbers for each site.

    Sites count from `from` on. The first `normal` rows are normal numbers and the `uniform` ones after them uniform;
    `block` is the counter of the first four lanes. `mulx` where the processor has that instruction.
    """
    source = _Source(Assembly(BLOCK), width, mulx)
    code = source.code
    source.begin()
    _normal_rows(source)
    first, count = (code.whole("mul", rows, str(source.pairs)) for rows in ("%normal", "%uniform"))
    with code.loop(code.whole("add", first, count), first=first) as index:
        place = source.place(index)
        for part, words in enumerate(source.pair(index)):
            code.store(uniform(code, words), place, part)
    code.do("ret void")
    arguments = "ptr %pieces, ptr %keys, i64 %from, i64 %normal, i64 %uniform, i64 %block, i64 %step, ptr noalias %out"
    text = code.text(f"define internal void @noise({arguments}) noinline nounwind")
    return text + factors() if mulx else text


@dataclass
class _Source:
    """Pairs of blocks, counted through the rows of all sites."""

    code: Assembly
    width: int
    mulx: bool
    products: str = ""
    step: str = ""

    @property
    def pairs(self) -> int:
        """How many make a row."""
        return self.width // (BLOCK * SIDE_BY_SIDE)

    def begin(self) -> None:
        """Writes what all sites have in common: the first products of the row's counters, and the step."""
        code = self.code
        if not self.mulx:
            return
        self.step = code.op("alloca i64, align 8")
        code.do(f"store i64 %step, ptr {self.step}, align 8")
        self.products = code.op(f"alloca [{2 * self.width // BLOCK} x i64], align 64")
        for part in range(self.width // BLOCK):
            for half, word in enumerate(_product(code, FIRST, code.whole("add", "%block", str(part)))):
                code.do(f"store i64 {word}, ptr {code.at(self.products, str(2 * part + half), 'i64')}, align 8")

    def place(self, index: str) -> str:
        """Where the numbers of a pair belong."""
        return self.code.at("%out", self.code.whole("mul", index, str(BLOCK * SIDE_BY_SIDE)))

    def pair(self, index: str) -> list[str]:
        """The words of a pair as vectors."""
        code = self.code
        site, part = code.whole("udiv", index, str(self.pairs)), code.whole("urem", index, str(self.pairs))
        row = code.at("%keys", code.whole("mul", code.whole("add", site, "%from"), str(2 * ROUNDS)), "i64")
        first = code.whole("mul", part, str(SIDE_BY_SIDE))
        if not self.mulx:
            keys = round_words(code, row)
            counters = [
                code.whole("add", "%block", code.whole("add", first, str(place))) for place in range(SIDE_BY_SIDE)
            ]
            return [vector_of(code, philox(code, keys, (counter, "%step", "0", "0"))) for counter in counters]
        address = code.at(self.products, code.whole("mul", first, "2"), "i64")
        known = [code.op(f"load i64, ptr {code.at(address, str(word), 'i64')}, align 8") for word in range(4)]
        found = pair(code, row, self.step, [(known[0], known[1]), (known[2], known[3])])
        return [vector_of(code, words) for words in found]


def _normal_rows(source: _Source) -> None:
    """The rows of normal numbers, as a pipeline: a pair's words are made, the places in the table found, and the
    polynomials computed, each while the pair before is at the next stage. None of them waits for another.
    """
    code = source.code
    stages = [_Stage.of(code) for _ in range(SIDE_BY_SIDE)]
    nowhere = code.op(f"alloca [{SIDE_BY_SIDE} x {code.reals}], align 64")
    count = code.whole("mul", "%normal", str(source.pairs))
    with code.loop(count) as index:
        early = code.op(f"icmp ult i64 {index}, 2")
        place = source.place(code.whole("sub", index, "2"))
        _finish(code, stages, code.op(f"select i1 {early}, ptr {nowhere}, ptr {place}"))
        _look_up(code, stages)
        for stage, words in zip(stages, source.pair(index), strict=True):
            code.do(f"store {code.words} {words}, ptr {stage.words}, align 32")
    with code.when(code.op(f"icmp sgt i64 {count}, 0")):
        _finish(code, stages, source.place(code.whole("sub", count, "2")))
        _look_up(code, stages)
        _finish(code, stages, source.place(code.whole("sub", count, "1")))


@dataclass(frozen=True)
class _Stage:
    """Where a vector's numbers rest between the stages: places on the stack that LLVM turns into registers."""

    words: str
    half: str
    x: str
    offsets: list[str]

    @staticmethod
    def of(code: Assembly) -> "_Stage":
        """Places that hold some number, any of which is a good one."""

        def slot(kind: str, value: str) -> str:
            place = code.op(f"alloca {kind}, align 32")
            code.do(f"store {kind} {value}, ptr {place}, align 32")
            return place

        words, half, x = (slot(kind, "zeroinitializer") for kind in (code.words, code.reals, code.reals))
        return _Stage(words, half, x, [slot("i64", str(offset())) for _ in range(BLOCK)])


def _look_up(code: Assembly, stages: list[_Stage]) -> None:
    """From words: the line of `normal_pieces` that each number's polynomial stands in, and where in its piece it is."""
    for stage in stages:
        half = code.sub(uniform(code, code.op(f"load {code.words}, ptr {stage.words}, align 32")), code.real(0.5))
        word = code.as_words(code.sub(code.real(0.5), code.unary("fabs", half)))
        inside = code.integer("or", code.integer("and", word, code.word(_LOCAL_MASK)), code.word(1023 << 52))
        offsets = code.integer("and", code.integer("lshr", word, code.word(_LOCAL_BITS - 6)), code.word(~63))
        code.store(half, stage.half, 0)
        code.store(code.sub(code.as_reals(inside), code.real(_LOCAL_MIDDLE)), stage.x, 0)
        for lane, place in enumerate(stage.offsets):
            code.do(f"store i64 {code.op(f'extractelement {code.words} {offsets}, i32 {lane}')}, ptr {place}, align 32")


def _finish(code: Assembly, stages: list[_Stage], place: str) -> None:
    """The normal quantiles: (u − 1/2) times the polynomial."""
    for part, stage in enumerate(stages):
        x = code.load(stage.x, 0)
        rows = [code.at("%pieces", code.op(f"load i64, ptr {line}, align 32"), "i8") for line in stage.offsets]
        highest, *lower = [column for pair in range(3) for column in _pair(code, rows, 2 * pair)]
        for coefficient in lower:
            highest = code.fma(highest, x, coefficient)
        code.store(code.mul(code.load(stage.half, 0), highest), place, part)


def _pair(code: Assembly, rows: list[str], first: int) -> list[str]:
    """Two neighbouring columns of four rows."""
    halves = [code.op(f"load <2 x double>, ptr {code.at(row, str(first))}, align 16") for row in rows]
    both = "<4 x i32> <i32 0, i32 1, i32 2, i32 3>"
    even, odd = (
        code.op(f"shufflevector <2 x double> {halves[place]}, <2 x double> {halves[place + 2]}, {both}")
        for place in (0, 1)
    )
    return [
        code.op(f"shufflevector <4 x double> {even}, <4 x double> {odd}, <4 x i32> <{places}>")
        for places in ("i32 0, i32 4, i32 2, i32 6", "i32 1, i32 5, i32 3, i32 7")
    ]


def blocks_function() -> str:
    """`@blocks(key words, first counter word, second one, count, out)`: raw blocks, for the tests of the generator."""
    code = Assembly(BLOCK)
    keys = round_words(code, "%keys")
    with code.loop("%count") as index:
        counter = code.whole("add", "%first", index)
        out = code.at("%out", code.whole("mul", index, str(BLOCK)), "i64")
        for place, word in enumerate(philox(code, keys, (counter, "%second", "%third", "%fourth"))):
            code.do(f"store i64 {word}, ptr {code.at(out, str(place), 'i64')}, align 8")
    code.do("ret void")
    arguments = "ptr %keys, i64 %first, i64 %second, i64 %third, i64 %fourth, i64 %count, ptr %out"
    return code.text(f"define void @blocks({arguments})")
