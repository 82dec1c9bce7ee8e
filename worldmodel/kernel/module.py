"""A plan's kernels as one LLVM module each: the driver, the chunks, the noise, and the vector functions they call."""

from typing import Literal

from worldmodel.kernel import native
from worldmodel.kernel.assembly import stored_numbers
from worldmodel.kernel.chunks import forward_chunk, reverse_chunk
from worldmodel.kernel.emit import references
from worldmodel.kernel.forward import forward_function, history_tables, parameters_function
from worldmodel.kernel.functions import definition
from worldmodel.kernel.noise import BLOCK, noise_function
from worldmodel.kernel.plan import Plan
from worldmodel.kernel.reverse import load_frame_function, reverse_function

Direction = Literal["forward", "reverse"]

TILE = 32
"""Lanes of a tile: eight blocks of noise at a time, so that one block's waiting is another's work."""

WIDTH = 8
"""Lanes that a chunk computes together: two vectors of four."""

_INLINED = 16  # calls of a vector function up to which it is written out at each
_RARE = '!0 = !{!"branch_weights", i32 1, i32 200}\n'


def module_text(plan: Plan, direction: Direction, settable: bool) -> str:
    """The LLVM text of a kernel; `settable` where interventions may set variables."""
    places = range(len(plan.chunks))
    if direction == "forward":
        parts = [forward_chunk(plan, chunk, TILE, WIDTH, settable) for chunk in places]
        parts += [noise_function(TILE, native.has_mulx()), forward_function(plan, TILE)]
    else:
        parts = [reverse_chunk(plan, chunk, TILE, WIDTH, settable) for chunk in places]
        parts += [load_frame_function(plan, TILE), reverse_function(plan, TILE)]
    parts += [parameters_function(TILE), history_tables(plan), _RARE]
    parts += functions(parts)
    return "\n".join([*parts, stored_numbers(parts)])


def functions(parts: list[str]) -> list[str]:
    """Definitions of the vector functions that some texts call, and of those that these call."""
    found = []
    for name in sorted(references(parts)):
        calls = sum(part.count(f"@{name}.{WIDTH}(") for part in parts)
        found.append(definition(name, WIDTH, "alwaysinline nounwind" if calls <= _INLINED else "noinline nounwind"))
    tails = {WIDTH, BLOCK} if any(f"@normal_tail.{WIDTH}(" in text for text in found) else {BLOCK}
    return found + [definition("normal_tail", width, "noinline cold nounwind") for width in sorted(tails)]
