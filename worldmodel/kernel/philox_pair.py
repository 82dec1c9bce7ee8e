"""Two blocks of Philox 4x64-10 side by side in the scalar instructions of x86-64, as one piece of assembly.

A compiler takes long over the generator's scalar instructions, and gathers them away from the vector code that they
should run beside. As one piece they cost no time to compile and stay where they are. Where the processor has no `mulx`,
`worldmodel.kernel.noise` says the same in plain LLVM.
"""

from worldmodel.kernel.assembly import Assembly

FIRST, SECOND = 0xD2E7470EE14C6C93, 0xCA5A826395121157
"""The factors of Philox 4x64."""

ROUNDS = 10
SIDE_BY_SIDE = 2

_WORDS = 4 * SIDE_BY_SIDE
_SHARED, _SPARE, _KEYS, _FIRST, _SECOND, _STEP = (f"${_WORDS + place}" for place in range(6))
_Block = tuple[str, str, str, str]


def factors() -> str:
    """The factors as constants in memory, which the assembly refers to."""
    named = (("first", FIRST), ("second", SECOND))
    return "".join(f"@philox.{name} = internal constant i64 {factor - (1 << 64)}\n" for name, factor in named)


def pair(code: Assembly, keys: str, step: str, products: list[tuple[str, str]]) -> list[tuple[str, ...]]:
    """The four words of each of two blocks whose counters have the same second word and zeros after it.

    `keys` is the address of a site's row of round keys, `step` that of the second word, and `products` are the high and
    the low words of the counters' first words times the first factor, which are the same for all sites.
    """
    blocks: list[_Block] = [(f"${at}", f"${at + 1}", f"${at + 2}", f"${at + 3}") for at in range(0, _WORDS, 4)]
    lines, blocks = _first_rounds(blocks)
    for number in range(2, ROUNDS):
        more, blocks = _round(blocks, number)
        lines += more
    constraints = ["=&r"] * (_WORDS + 2) + ["r", "*m", "*m", "*m"]
    constraints += [str(4 * place + word) for place in range(SIDE_BY_SIDE) for word in (2, 3)]
    given = [f"ptr {keys}"]
    given += [f"ptr elementtype(i64) {address}" for address in ("@philox.first", "@philox.second", step)]
    given += [f"i64 {word}" for product in products for word in product]
    kind = f"{{ {', '.join(['i64'] * (_WORDS + 2))} }}"
    text, said = "\\0A".join(lines), ",".join([*constraints, "~{rdx}", "~{flags}", "~{memory}"])
    found = code.op(f'call {kind} asm sideeffect "{text}", "{said}"({", ".join(given)})')
    return [tuple(code.op(f"extractvalue {kind} {found}, {word[1:]}") for word in block) for block in blocks]


def _first_rounds(blocks: list[_Block]) -> tuple[list[str], list[_Block]]:
    """Two rounds of counters whose first product is known; one of the second round's products is the same for both."""
    lines = [f"movq {_STEP}, %rdx", f"xorq ({_KEYS}), %rdx", f"mulxq {_FIRST}, {_SHARED}, {_SPARE}"]
    lines += [f"xorq 24({_KEYS}), {_SPARE}"]
    for a, b, c, d in blocks:
        lines += [f"movq {c}, %rdx", f"xorq 8({_KEYS}), %rdx", f"mulxq {_SECOND}, {b}, {a}", f"xorq 16({_KEYS}), {a}"]
        lines += [f"xorq {_SPARE}, {d}", f"movq {_SHARED}, {c}"]
    return lines, [(a, b, d, c) for a, b, c, d in blocks]


def _round(blocks: list[_Block], number: int) -> tuple[list[str], list[_Block]]:
    """A round: which register holds which word changes, and no word moves."""
    lines = []
    for _, b, _, d in blocks:
        lines += [f"xorq {16 * number}({_KEYS}), {b}", f"xorq {16 * number + 8}({_KEYS}), {d}"]
    for a, b, c, d in blocks:
        lines += [f"movq {a}, %rdx", f"mulxq {_FIRST}, {a}, {_SPARE}", f"xorq {_SPARE}, {d}"]
        lines += [f"movq {c}, %rdx", f"mulxq {_SECOND}, {c}, {_SPARE}", f"xorq {_SPARE}, {b}"]
    return lines, [(b, c, d, a) for a, b, c, d in blocks]
