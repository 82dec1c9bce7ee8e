"""A kernel ready to run: from the cache or freshly compiled, over tiles of trajectories, on one thread or several."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldmodel.kernel import cache, native
from worldmodel.kernel.context import Field, context
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
            "block": self.first // BLOCK + 1,
        }


@dataclass(frozen=True)
class Kernel:
    """One direction of a plan's machine code."""

    plan: Plan
    direction: Direction
    _library: native.Library
    _call: Callable[..., Any]

    def run(self, lanes: Lanes, places: Mapping[Field, int], threads: int = 1) -> None:
        """Runs all tiles; `places` are sizes and addresses of arrays, which must stay alive and be large enough.

        Tiles do not touch each other, so the bits are the same for every number of threads.
        """
        words = context({**lanes.sizes(), "pieces": _pieces(), **places})
        parts = min(threads, lanes.tiles)
        if parts == 1:
            self._part(words, 0, lanes.tiles)
            return
        ends = [lanes.tiles * part // parts for part in range(parts + 1)]
        with ThreadPoolExecutor(parts) as pool:
            for done in [pool.submit(self._part, words, *ends[part : part + 2]) for part in range(parts)]:
                done.result()

    @cached_property
    def _room(self) -> int:
        return Scratch.of(self.plan).rows * TILE

    def _part(self, words: NDArray[np.int64], first: int, end: int) -> None:
        scratch, address = _aligned(self._room)
        self._call(words.ctypes.data, first, end, address)
        del scratch


@lru_cache(maxsize=1)
def _pieces() -> int:
    """The address of the normal pieces, which stay in memory."""
    return normal_pieces().ctypes.data - offset()


def _aligned(count: int) -> tuple[NDArray[np.float64], int]:
    """Memory for some numbers that begins with a line of the cache."""
    memory = np.empty(count + _LINE // 8)
    return memory, -(-memory.ctypes.data // _LINE) * _LINE


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
