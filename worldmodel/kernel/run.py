"""A kernel ready to run: from the cache or freshly compiled, over tiles of trajectories, on one thread or several."""

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from worldmodel.kernel import cache, native
from worldmodel.kernel.context import Field
from worldmodel.kernel.module import TILE, Direction, module_text
from worldmodel.kernel.noise import BLOCK
from worldmodel.kernel.normal_pieces import normal_pieces, offset
from worldmodel.kernel.plan import Plan
from worldmodel.kernel.scratch import Scratch

_LINE = 64


@dataclass(frozen=True)
class Lanes:
    """How the trajectories of a run lie in memory: `count` of them after `before` lanes that nobody looks at.

    Four trajectories whose numbers have the same quotient by four share a block of noise, so the first lane is the
    first of a block; the end is filled up to whole tiles.
    """

    first: int
    draws: int
    batch: int

    @cached_property
    def count(self) -> int:
        """How many trajectories."""
        return self.draws * self.batch

    @cached_property
    def before(self) -> int:
        """Lanes before the first trajectory."""
        return self.first % BLOCK

    @property
    def block(self) -> int:
        """The counter of the first lanes' block of noise."""
        return self.first // BLOCK + 1

    @cached_property
    def tiles(self) -> int:
        """How many tiles."""
        return max(1, -(-(self.before + self.count) // TILE))

    @cached_property
    def stride(self) -> int:
        """Lanes in memory."""
        return self.tiles * TILE

    def sizes(self) -> dict[Field, int]:
        """What a kernel has to know of it."""
        return {
            "stride": self.stride,
            "batch": max(1, self.batch),
            "before": self.before,
            "draws": max(1, self.draws),
            "block": self.block,
        }


@dataclass(frozen=True)
class Kernel:
    """One direction of a plan's machine code."""

    plan: Plan
    direction: Direction
    _library: native.Library
    _call: Callable[..., Any]

    def run(self, words: ctypes.Array[ctypes.c_int64], tiles: int, threads: int = 1) -> None:
        """Runs all tiles; `words` are sizes and addresses of arrays, which must stay alive and be large enough.

        Tiles do not touch each other, so the bits are the same for every number of threads.
        """
        address = ctypes.addressof(words)
        parts = min(threads, tiles)
        if parts <= 1:
            self._part(address, 0, tiles)
            return
        ends = [tiles * part // parts for part in range(parts + 1)]
        with ThreadPoolExecutor(parts) as pool:
            for done in [pool.submit(self._part, address, *ends[part : part + 2]) for part in range(parts)]:
                done.result()

    @cached_property
    def _scratch(self) -> threading.local:
        return threading.local()

    def _part(self, address: int, first: int, end: int) -> None:
        """Some tiles, with memory of this thread's own that begins with a line of the cache."""
        scratch = self._scratch
        if not hasattr(scratch, "place"):
            scratch.memory = np.empty(8 * Scratch.of(self.plan).rows * TILE + _LINE, np.uint8)
            scratch.place = -(-scratch.memory.ctypes.data // _LINE) * _LINE
        self._call(address, first, end, scratch.place)


@lru_cache(maxsize=1)
def pieces() -> int:
    """The address of the normal pieces, which stay in memory."""
    return normal_pieces().ctypes.data - offset()


@dataclass(frozen=True)
class _Wanted:
    """What is to be compiled; equal where the machine code is."""

    name: str
    direction: Direction
    settable: bool
    plan: Plan = field(compare=False)


def kernel(plan: Plan, direction: Direction, settable: bool = False) -> Kernel:
    """A plan's kernel, from memory or the cache where it is there; `settable` where interventions may set variables."""
    return _kernel(_Wanted(cache.key(plan.digest, direction, str(settable)), direction, settable, plan))


@lru_cache(maxsize=256)
def _kernel(wanted: _Wanted) -> Kernel:
    code = cache.read(wanted.name)
    if code is None:
        code = native.compile_text(module_text(wanted.plan, wanted.direction, wanted.settable))
        cache.write(wanted.name, code)
    library = native.load(code, (wanted.direction,))
    return Kernel(wanted.plan, wanted.direction, library, library.function(wanted.direction, 4))
