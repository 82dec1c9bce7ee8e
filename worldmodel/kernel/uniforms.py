"""Blocks of uniform numbers of many sites and steps by one call: the noise of the torch backend as machine code.

Bit for bit those of `worldmodel.simulation.noise`, for which NumPy takes a call for each site and step.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldmodel.kernel import cache, native
from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.noise import BLOCK, philox, round_words, uniform, vector_of
from worldmodel.kernel.philox_pair import ROUNDS

_NAME = "uniforms"


def uniforms_function() -> str:
    """`@uniforms(keys, sites, block, blocks, step, steps, out)`: for each step and site a row of blocks of four.

    `block` is the counter of each row's first four numbers, `step` the first step's number.
    """
    code = Assembly(BLOCK)
    with code.loop("%steps") as ahead, code.loop("%sites") as site:
        keys = round_words(code, code.at("%keys", code.whole("mul", site, str(2 * ROUNDS)), "i64"))
        row = code.whole("add", code.whole("mul", ahead, "%sites"), site)
        out = code.at("%out", code.whole("mul", row, code.whole("mul", "%blocks", str(BLOCK))))
        step = code.whole("add", "%step", ahead)
        with code.loop("%blocks") as place:
            words = vector_of(code, philox(code, keys, (code.whole("add", "%block", place), step, "0", "0")))
            target = code.at(out, code.whole("mul", place, str(BLOCK)))
            code.do(f"store {code.reals} {uniform(code, words)}, ptr {target}, align 8")
    code.do("ret void")
    arguments = "ptr %keys, i64 %sites, i64 %block, i64 %blocks, i64 %step, i64 %steps, ptr noalias %out"
    return code.text(f"define void @{_NAME}({arguments}) nounwind")


@lru_cache(maxsize=1)
def _function() -> tuple[native.Library, Callable[..., Any]] | None:
    """The machine code; None where there can be none, or where no file may be read any more that says what it is."""
    if sys.byteorder != "little":
        return None
    try:
        name = cache.key(_NAME)
        code = cache.read(name)
        if code is None:
            code = native.compile_text(uniforms_function())
            cache.write(name, code)
    except OSError:
        return None
    library = native.load(code, (_NAME,))
    return library, library.function(_NAME, 7)


def fill(keys: int, first_block: int, step: int, out: NDArray[np.float64]) -> bool:
    """Fills `out` (step, site, number) from a step on, or answers that this computer has no machine code for it.

    `keys` is the address of the sites' round keys, `first_block` the counter of each row's first four numbers.
    """
    known = _function()
    if known is None:
        return False
    _, function = known
    steps, sites, numbers = out.shape
    assert out.flags.c_contiguous, "rows of numbers one after the other"
    assert numbers % BLOCK == 0, "whole blocks"
    function(keys, sites, first_block, numbers // BLOCK, step, steps, out.ctypes.data)
    return True
