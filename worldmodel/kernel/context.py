"""The block of 64-bit words through which Python tells a kernel where everything is: one place for each name."""

import ctypes
from collections.abc import Mapping
from typing import Literal, get_args

from worldmodel.kernel.assembly import Assembly

Field = Literal[
    # sizes: lanes in memory, trajectories for each draw, lanes before the first trajectory, draws, steps, first step's
    # number less one, counter of the first four lanes
    "stride", "batch", "before", "draws", "steps", "time", "block",
    # what a run starts from
    "history", "starts", "alive", "rivals", "parameters", "actions",
    "pieces", "keys", "tables", "cubics", "flags", "settings",
    # what a run leaves: chosen rows of every step, sums over the steps, the noise, the last history
    "keep_count", "keep_rows", "values", "alive_after", "noise",
    "total_count", "total_rows", "total_weights", "totals", "history_after", "starts_after",
    # reverse: derivatives that are given and derivatives that are wanted
    "given_values", "given_history", "given_starts",
    "gradient_history", "gradient_starts", "gradient_parameters", "gradient_actions",
]  # fmt: skip

FIELDS: tuple[Field, ...] = get_args(Field)
PLACES: Mapping[Field, int] = {name: place for place, name in enumerate(FIELDS)}

Words = ctypes.c_int64 * len(FIELDS)
"""The block as Python holds it."""


def words_of(values: Mapping[Field, int]) -> bytes:
    """The words, from which `Words.from_buffer_copy` makes a block for one run.

    What is not named is 0, which for an address means that it is not wanted.
    """
    words = Words()
    for name, value in values.items():
        words[PLACES[name]] = value
    return bytes(words)


def number(code: Assembly, name: Field) -> str:
    """A field as an integer."""
    return code.op(f"load i64, ptr {code.at('%context', str(PLACES[name]), 'i64')}, align 8")


def address(code: Assembly, name: Field) -> str:
    """A field as an address."""
    return code.op(f"load ptr, ptr {code.at('%context', str(PLACES[name]), 'i64')}, align 8")
