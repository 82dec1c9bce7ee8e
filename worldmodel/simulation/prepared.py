"""Whole runs of machine code from a start that is certain: what does not depend on the seed is made once.

A run then writes some addresses, makes one call, and hands out views of what it was asked to keep. Gradients, and
starts that are drawn, go the longer way of `FusedSimulator.init` and `rollout`, to the same bits.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.kernel.run import Lanes
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.keys import keys_of
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.packing import Certain, packed_flags, packed_parameters, packed_rows
from worldmodel.simulation.program import Program, Shape, certain_history
from worldmodel.simulation.vector_jacobian import Begin, Inputs, Setting, series


class Kept(NamedTuple):
    """What a run kept: series by name, who was alive after each step, values before step 1, and rivals."""

    values: Mapping[str, Float[Tensor, "draws batch time"]]
    alive: Bool[Tensor, "draws batch time"]
    before: Mapping[str, tuple[Float[Tensor, "draws batch"], ...]]
    rivals: Mapping[str, Int[Tensor, "draws batch"]]


@dataclass(frozen=True)
class _Memory:
    """How something is seen that a kernel writes, step by step with a row of lanes for each of `rows`."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    before: int
    whole: tuple[int, ...] | None
    """The size with lanes that nobody looks at; None where there are none."""

    @staticmethod
    def of(lanes: Lanes, steps: int, rows: tuple[int, ...] = ()) -> "_Memory":
        """With the axes (row), draws, batch, time."""
        count = math.prod(rows)
        strides = (*(lanes.stride for _ in rows), lanes.batch, 1, count * lanes.stride)
        whole = None if lanes.stride == lanes.count else (steps, count, lanes.stride)
        return _Memory((*rows, lanes.draws, lanes.batch, steps), strides, lanes.before, whole)

    def empty(self, kind: torch.dtype) -> Tensor:
        """Memory for one run."""
        if self.whole is None:
            return torch.empty_strided(self.size, self.strides, dtype=kind)
        return torch.empty(self.whole, dtype=kind)

    def seen(self, memory: Tensor) -> Tensor:
        """The trajectories in it."""
        return memory if self.whole is None else memory.as_strided(self.size, self.strides, self.before)


@dataclass(frozen=True)
class _Start:
    """Where runs begin whose first trajectory has one remainder modulo four: memory that is read and never written."""

    setting: Setting
    values: _Memory
    flags: _Memory
    history: Float[Tensor, "row lane"]
    starts: Float[Tensor, "row lane"]
    nothing: Float[Tensor, "step 0 lane"]
    alive: Bool[Tensor, " lane"]
    rivals: Float[Tensor, "0 lane"]


class WholeRun:
    """Runs of one shape under rules of the world; may be called from several threads at a time."""

    def __init__(
        self,
        simulator: FusedSimulator,
        rules: Sequence[str | None],
        shape: tuple[int, int, int],
        interventions: Sequence[Intervention],
        keep: Sequence[str],
        parameters: Parameters | None = None,
    ) -> None:
        self._simulator, self._rules, self._held = simulator, tuple(rules), tuple(interventions)
        self._steps, self._draws, self._batch = shape
        self._keep = tuple(sorted(keep))
        self._program: Program = simulator.ruled(self._rules)
        self._begins: dict[int, _Start] = {}
        self._bound = parameters
        self._rows = None if parameters is None else self._pack(parameters)

    def __call__(self, parameters: Parameters, noise: Noise) -> Kept:
        """One run, with gradients where the parameters carry them and the caller's grad mode says so."""
        certain, plan = self._simulator.certain, self._program.plan
        rows = self._rows if parameters is self._bound else self._pack(parameters)
        if certain is None or rows is None or rows.requires_grad:
            return self._longer_way(parameters, noise)
        start = self._begins.get(noise.first % 4) or self._begin(noise.first % 4)
        rivals = self._simulator.reference.draw_rivals(noise, self._draws, self._batch) if plan.rivals else {}
        begin = Begin(
            noise.first // 4 + 1, 0, keys_of(noise.seed, self._program.sites), self._rivals(start, rivals), start.alive
        )
        inputs = Inputs(start.history, start.starts, start.nothing, rows)
        values, alive = start.values.empty(torch.float64), start.flags.empty(torch.bool)
        series(start.setting, begin, inputs, values.data_ptr(), alive.data_ptr())
        named = dict(zip(self._keep, start.values.seen(values).unbind(0), strict=True))
        before = Certain(certain, self._keep, (self._draws, self._batch))
        return Kept(named, start.flags.seen(alive), before, rivals)

    def _pack(self, parameters: Parameters) -> Tensor | None:
        """The parameters' numbers; None where gradients go through them, which have to be packed at each run."""
        rows = packed_parameters(self._program.plan, self._draws, parameters)
        return None if rows.requires_grad else rows

    def _begin(self, before: int) -> _Start:
        shape = Shape(before, self._draws, self._batch, self._steps, self._keep, self._held)
        setting, plan = self._program.setting(shape, self._simulator.threads), self._program.plan
        lanes, certain = setting.lanes, self._simulator.certain
        assert certain is not None
        starts = torch.tensor([certain[name][0] for name in plan.starts], dtype=torch.float64)
        found = self._begins[before] = _Start(
            setting,
            _Memory.of(lanes, self._steps, (len(self._keep),)),
            _Memory.of(lanes, self._steps),
            certain_history(certain, plan).expand(-1, lanes.stride).contiguous(),
            starts.unsqueeze(-1).expand(-1, lanes.stride).contiguous(),
            torch.empty(self._steps, 0, lanes.stride, dtype=torch.float64),
            packed_flags(lanes, torch.ones(self._draws, self._batch, dtype=torch.bool)),
            torch.empty(0, lanes.stride, dtype=torch.float64),
        )
        return found

    def _rivals(self, start: _Start, rivals: Mapping[str, Tensor]) -> Float[Tensor, "rival lane"]:
        names = self._program.plan.rivals
        if not names:
            return start.rivals
        return packed_rows(start.setting.lanes, [rivals[name].to(torch.float64) for name in names])

    def _longer_way(self, parameters: Parameters, noise: Noise) -> Kept:
        state = self._simulator.init(parameters, noise, self._draws, self._batch)
        _, values, alive = self._simulator.rollout(
            state, self._rules, self._steps, parameters, noise, self._held, self._keep
        )
        return Kept(values, alive, {name: state.history[name] for name in self._keep}, state.rivals)
