"""Which of the two backends runs a world: generated machine code where it can, torch everywhere else.

The choice depends on the world alone, never on the size of a run, on what happens to be in a cache or on whether
gradients are wanted, so that a run gives the same bits however it is split.
"""

import sys
from typing import Literal

from worldmodel.grounding.ground import ground
from worldmodel.kernel.plan import supports
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

AnySimulator = Simulator | FusedSimulator
Backend = Literal["auto", "kernel", "torch"]


def without_kernel(world: World) -> str | None:
    """Why a world has to be run by torch, in words; None where there is a kernel for it."""
    if sys.byteorder != "little":
        return "kernels are made for computers that put the little end first"
    return supports(ground(world))


def simulator_for(world: World, backend: Backend = "auto", threads: int = 1) -> AnySimulator:
    """A simulator of the world; `kernel` insists on machine code and raises AssertionError where there can be none."""
    if backend == "torch":
        return Simulator(world)
    reason = without_kernel(world)
    if reason is None:
        return FusedSimulator(world, threads)
    assert backend == "auto", reason
    return Simulator(world)
