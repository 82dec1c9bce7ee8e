"""The noise of `worldmodel.simulation.noise` as machine code: Philox 4x64-10 [salmon2011], bit for bit.

A block's four words are the numbers of four trajectories in a row, which is one vector of four lanes. The products of
64-bit words are scalar: they run beside the vector arithmetic that turns the block before into normal numbers.
"""

import numpy as np
from numpy.typing import NDArray

from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.normal_pieces import LOCAL_BITS as _LOCAL_BITS

BLOCK = 4
ROUNDS = 10
_FIRST, _SECOND = 0xD2E7470EE14C6C93, 0xCA5A826395121157
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
        high, low = _product(code, _FIRST, a)
        other_high, other_low = _product(code, _SECOND, c)
        a = code.whole("xor", code.whole("xor", other_high, b), first)
        c = code.whole("xor", code.whole("xor", high, d), second)
        b, d = other_low, low
    return a, b, c, d


def uniform(code: Assembly, words: tuple[str, ...]) -> str:
    """Numbers (k + 1/2) / 2^52 of the words' upper 52 bits k, exactly."""
    vector = "poison"
    for lane, word in enumerate(words):
        vector = code.op(f"insertelement {code.words} {vector}, i64 {word}, i32 {lane}")
    fraction = code.integer("lshr", vector, code.word(12))
    between_one_and_two = code.as_reals(code.integer("or", fraction, code.word(1023 << 52)))
    return code.sub(between_one_and_two, code.real(1.0 - 2.0**-53))


def site_keys(code: Assembly, keys: str, site: str) -> list[tuple[str, str]]:
    """One site's round keys from its row."""
    row = code.at(keys, code.whole("mul", site, str(2 * ROUNDS)), "i64")
    words = [code.op(f"load i64, ptr {code.at(row, str(place), 'i64')}, align 8") for place in range(2 * ROUNDS)]
    return list(zip(words[::2], words[1::2], strict=True))


def noise_function(width: int) -> str:
    """`@noise(pieces, keys, from, normal, uniform, block, step, out)`: a row of `width` numbers for each site.

    Sites count from `from` on. The first `normal` rows are normal numbers and the `uniform` ones after them uniform;
    `block` is the counter of the first four lanes.
    """
    code = Assembly(BLOCK)
    with code.loop("%normal") as site:
        _site(code, width, site, normal=True)
    with code.loop(code.whole("add", "%normal", "%uniform"), first="%normal") as site:
        _site(code, width, site, normal=False)
    code.do("ret void")
    arguments = "ptr %pieces, ptr %keys, i64 %from, i64 %normal, i64 %uniform, i64 %block, i64 %step, ptr noalias %out"
    return code.text(f"define internal void @noise({arguments}) noinline nounwind")


def _site(code: Assembly, width: int, site: str, normal: bool) -> None:
    keys = site_keys(code, "%keys", code.whole("add", site, "%from"))
    row = code.at("%out", code.whole("mul", site, str(width)))
    counters = [code.whole("add", "%block", str(part)) for part in range(width // BLOCK)]
    numbers = [uniform(code, philox(code, keys, (counter, "%step", "0", "0"))) for counter in counters]
    places = [code.at(row, str(part * BLOCK)) for part in range(len(numbers))]
    if normal:
        _normals(code, numbers, places)
        return
    for number, place in zip(numbers, places, strict=True):
        code.store(number, place, 0)


def _normals(code: Assembly, numbers: list[str], places: list[str]) -> None:
    """Normal quantiles by `normal_pieces`: (u − 1/2) times a polynomial that stands in one line of the table."""
    for number, place in zip(numbers, places, strict=True):
        half = code.sub(number, code.real(0.5))
        word = code.as_words(code.sub(code.real(0.5), code.unary("fabs", half)))
        inside = code.integer("or", code.integer("and", word, code.word(_LOCAL_MASK)), code.word(1023 << 52))
        x = code.sub(code.as_reals(inside), code.real(_LOCAL_MIDDLE))
        offsets = code.integer("and", code.integer("lshr", word, code.word(_LOCAL_BITS - 6)), code.word(~63))
        rows = [code.op(f"extractelement {code.words} {offsets}, i32 {lane}") for lane in range(BLOCK)]
        rows = [code.at("%pieces", row, "i8") for row in rows]
        highest, *lower = [column for pair in range(3) for column in _pair(code, rows, 2 * pair)]
        for coefficient in lower:
            highest = code.fma(highest, x, coefficient)
        code.store(code.mul(half, highest), place, 0)


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
    keys = site_keys(code, "%keys", "0")
    with code.loop("%count") as index:
        counter = code.whole("add", "%first", index)
        out = code.at("%out", code.whole("mul", index, str(BLOCK)), "i64")
        for place, word in enumerate(philox(code, keys, (counter, "%second", "%third", "%fourth"))):
            code.do(f"store i64 {word}, ptr {code.at(out, str(place), 'i64')}, align 8")
    code.do("ret void")
    arguments = "ptr %keys, i64 %first, i64 %second, i64 %third, i64 %fourth, i64 %count, ptr %out"
    return code.text(f"define void @blocks({arguments})")
