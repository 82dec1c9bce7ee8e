"""A plan with its machine code, its tables and the sites of its noise; and what runs of one shape have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.families.student_t import hermite_pieces
from worldmodel.kernel.module import Direction
from worldmodel.kernel.plan import Plan, plan
from worldmodel.kernel.run import Kernel, Lanes, kernel
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.keys import keys_of
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.packing import packed_flags, packed_history, packed_rows
from worldmodel.simulation.state import State
from worldmodel.simulation.vector_jacobian import Begin, Inputs, Setting
from worldmodel.world import World

_SETTINGS = 64
"""Shapes of runs that a program remembers."""


@dataclass(frozen=True)
class Tables:
    """The tables of a plan in memory, and where they are."""

    kept: tuple[Tensor, ...]
    tables: NDArray[np.int64]
    cubics: NDArray[np.int64]

    @staticmethod
    def of(plan: Plan) -> "Tables":
        """Numbers of lookups as they are; of each Student-t the four coefficients of a piece side by side."""
        tables = [torch.tensor(values, dtype=torch.float64) for values in plan.tables]
        cubics = [torch.stack(hermite_pieces(degrees), dim=-1).contiguous() for degrees in plan.cubics]
        return Tables((*tables, *cubics), _addresses(tables), _addresses(cubics))


def _addresses(tensors: Sequence[Tensor]) -> NDArray[np.int64]:
    return np.array([tensor.data_ptr() for tensor in tensors], np.int64)


@dataclass(frozen=True)
class Shape:
    """What the runs that a setting serves have in common.

    `before` is the first trajectory's number modulo four, `time` the number of steps before them where there are
    interventions, which hold at certain steps, and 0 where there are none.
    """

    before: int
    draws: int
    batch: int
    steps: int
    keep: tuple[str, ...] = ()
    held: tuple[Intervention, ...] = ()
    time: int = 0


@dataclass(frozen=True)
class Program:
    """A plan with its tables, for actions that are given or chosen by certain rules."""

    plan: Plan
    tables: Tables
    sites: tuple[str, ...]
    _kernels: dict[tuple[Direction, bool], Kernel] = field(default_factory=dict, compare=False)
    _settings: dict[tuple[Shape, int], Setting] = field(default_factory=dict, compare=False)

    def kernel(self, direction: Direction, settable: bool) -> Kernel:
        """Its machine code, looked for once."""
        if (direction, settable) not in self._kernels:
            self._kernels[direction, settable] = kernel(self.plan, direction, settable)
        return self._kernels[direction, settable]

    @staticmethod
    def of(world: World, rules: Sequence[str | None] | None = None) -> "Program":
        """The program of a grounded world, with rules for its actions or without."""
        found = plan(world, None if rules is None else tuple(rules))
        return Program(found, Tables.of(found), tuple(site.name for site in found.all_sites))

    def setting(self, shape: Shape, threads: int = 1) -> Setting:
        """What stays the same in runs of a shape, remembered."""
        known = self._settings.get((shape, threads))
        if known is None:
            if len(self._settings) >= _SETTINGS:
                self._settings.clear()
            known = self._settings[shape, threads] = self._setting(shape, threads)
        return known

    def _setting(self, shape: Shape, threads: int) -> Setting:
        settable = bool(shape.held)
        set_to, is_set = _interventions(self.plan, shape) if settable else (None, None)
        return Setting(
            self.plan,
            self.kernel("forward", settable),
            lambda: self.kernel("reverse", settable),
            Lanes(shape.before, shape.draws, shape.batch),
            shape.steps,
            self.tables.tables.ctypes.data,
            self.tables.cubics.ctypes.data,
            torch.tensor([self.plan.rows[name] for name in shape.keep], dtype=torch.int64),
            set_to,
            is_set,
            threads,
        )

    def begin(self, state: State, lanes: Lanes, noise: Noise) -> Begin:
        """What a run from a state begins with that no gradient flows through."""
        rivals = [state.rivals[name].to(torch.float64) for name in self.plan.rivals]
        keys = keys_of(noise.seed, self.sites)
        return Begin(lanes.block, state.time, keys, packed_rows(lanes, rivals), packed_flags(lanes, state.alive))

    def inputs(self, state: State, lanes: Lanes, actions: Tensor, parameters: Tensor) -> Inputs:
        """What a run from a state starts from."""
        starts = packed_rows(lanes, [state.start[name] for name in self.plan.starts])
        return Inputs(packed_history(self.plan, lanes, state.history), starts, actions, parameters)


def _interventions(plan: Plan, shape: Shape) -> tuple[Float[Tensor, "step variable"], Float[Tensor, "step variable"]]:
    """What each variable is set to at each step, and 1 where it is; a later entry counts before an earlier one."""
    assert not any(entry.factor for entry in shape.held), "kernels set variables to numbers and shift none"
    set_to = torch.zeros(shape.steps, len(plan.variables), dtype=torch.float64)
    is_set = torch.zeros_like(set_to)
    for entry in shape.held:
        row = plan.rows[entry.variable]
        last = shape.steps if entry.last is None else max(0, entry.last - shape.time)
        held = slice(max(0, entry.first - shape.time - 1), last)
        set_to[held, row], is_set[held, row] = entry.value, 1.0
    return set_to, is_set


def certain_history(values: Mapping[str, tuple[float, ...]], plan: Plan) -> Float[Tensor, "row 1"]:
    """A history that is the same for every trajectory, as one column."""
    column = [values[plan.variables[row]][lag - 1] for row, lag in plan.history]
    return torch.tensor(column, dtype=torch.float64).unsqueeze(-1)
