"""Histories, flags and parameters as the kernels' memory has them, and back: a lane for each trajectory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.kernel.plan import Plan
from worldmodel.kernel.run import Lanes
from worldmodel.simulation.draws import Parameters

Rows = Float[Tensor, "row lane"]


class Packed(Mapping[str, tuple[Tensor, ...]]):
    """A history as one tensor of rows, read like the mapping that a state has; `drawn` are the run's parameters."""

    def __init__(self, plan: Plan, lanes: Lanes, rows: Rows, drawn: "Drawn | None" = None) -> None:
        self.plan, self.lanes, self.rows, self.drawn = plan, lanes, rows, drawn

    @cached_property
    def _columns(self) -> tuple[Tensor, ...]:
        return unpacked(self.lanes, self.rows).unbind(0)

    def __getitem__(self, name: str) -> tuple[Tensor, ...]:
        return tuple(self._columns[place] for place in self.plan.history_rows[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.plan.variables)

    def __len__(self) -> int:
        return len(self.plan.variables)


class Newest(Mapping[str, Tensor]):
    """Each variable's last value in a history, taken out when somebody asks for it."""

    def __init__(self, history: Mapping[str, tuple[Tensor, ...]]) -> None:
        self.history = history

    def __getitem__(self, name: str) -> Tensor:
        return self.history[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.history)

    def __len__(self) -> int:
        return len(self.history)


class Certain(Mapping[str, tuple[Tensor, ...]]):
    """A history that is the same in every trajectory, of some variables: tensors of its own when somebody asks."""

    def __init__(self, values: Mapping[str, tuple[float, ...]], names: Sequence[str], shape: tuple[int, int]) -> None:
        self._values, self._names, self._shape = values, names, shape
        self._made: dict[str, tuple[Tensor, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Tensor, ...]:
        if name not in self._made:
            if name not in self._names:
                raise KeyError(name)
            values = (torch.full(self._shape, value, dtype=torch.float64) for value in self._values[name])
            self._made[name] = tuple(values)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@dataclass(frozen=True)
class Drawn:
    """Parameters as they are given, and as one tensor: made once for all the steps of a run in one grad mode."""

    given: Parameters
    rows: Float[Tensor, "parameter draw"]
    differentiable: bool

    @staticmethod
    def of(plan: Plan, lanes: Lanes, parameters: Parameters, history: Mapping[str, object]) -> "Drawn":
        """Those of the state's history where they are the same."""
        known = history.drawn if isinstance(history, Packed) and history.plan is plan else None
        mode = torch.is_grad_enabled()
        if known is not None and known.given is parameters and known.differentiable == mode:
            return known
        return Drawn(parameters, packed_parameters(plan, lanes.draws, parameters), mode)


def unpacked(lanes: Lanes, rows: Float[Tensor, "*rows lane"]) -> Float[Tensor, "*rows draws batch"]:
    """The trajectories among the lanes."""
    own = rows[..., lanes.before : lanes.before + lanes.count]
    return own.reshape(*own.shape[:-1], lanes.draws, lanes.batch)


def packed(lanes: Lanes, values: Float[Tensor, "*rows draws batch"], fill: float = 0.0) -> Float[Tensor, "*rows lane"]:
    """Rows with a lane for each trajectory and some that nobody looks at."""
    flat = values.flatten(-2)
    if lanes.stride == lanes.count:
        return flat.contiguous()
    return torch.nn.functional.pad(flat, (lanes.before, lanes.stride - lanes.count - lanes.before), value=fill)


def packed_rows(lanes: Lanes, values: Sequence[Tensor]) -> Rows:
    """Some values of each trajectory, a row each."""
    if not values:
        return torch.empty(0, lanes.stride, dtype=torch.float64)
    return packed(lanes, torch.stack(tuple(values)))


def packed_history(plan: Plan, lanes: Lanes, history: Mapping[str, tuple[Tensor, ...]]) -> Rows:
    """A state's history."""
    if isinstance(history, Packed):
        return history.rows
    return packed_rows(lanes, [history[plan.variables[row]][lag - 1] for row, lag in plan.history])


def packed_flags(lanes: Lanes, flags: Bool[Tensor, "draws batch"]) -> Bool[Tensor, " lane"]:
    """A flag for each trajectory; lanes that nobody looks at are not alive."""
    if lanes.stride == lanes.count:
        return flags.flatten().contiguous()
    wide = torch.zeros(lanes.stride, dtype=torch.bool)
    wide[lanes.before : lanes.before + lanes.count] = flags.flatten()
    return wide


def packed_parameters(plan: Plan, draws: int, parameters: Parameters) -> Float[Tensor, "parameter draw"]:
    """Each parameter's draws, a row each."""
    if not plan.parameters:
        return torch.empty(0, draws, dtype=torch.float64)
    rows = torch.stack([parameters[name] for name in plan.parameters]).squeeze(-1)
    assert rows.shape == (len(plan.parameters), draws), "one row of parameters for each draw"
    return rows
