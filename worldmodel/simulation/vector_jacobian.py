"""A run of the kernels as one operation that torch can differentiate: forward keeps what reverse needs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.kernel.context import Field
from worldmodel.kernel.plan import Plan
from worldmodel.kernel.run import Kernel, Lanes

Rows = Float[Tensor, "row lane"]


@dataclass(frozen=True)
class Setting:
    """What stays fixed in a run of `steps` steps that begins after step `time`.

    `keep` are the variables' rows that are kept of every step; `set_to` and `is_set` are what interventions say for
    each step and variable; `totals` are weights (step, row) of rows that are added up over the steps.
    """

    plan: Plan
    forward: Kernel
    reverse: Callable[[], Kernel]
    lanes: Lanes
    steps: int
    time: int
    keys: NDArray[np.uint64]
    tables: NDArray[np.int64]
    cubics: NDArray[np.int64]
    rivals: Float[Tensor, "rival lane"]
    alive: Bool[Tensor, " lane"]
    keep: Int[Tensor, " row"]
    set_to: Float[Tensor, "step variable"] | None = None
    is_set: Float[Tensor, "step variable"] | None = None
    total_rows: Int[Tensor, " row"] | None = None
    total_weights: Float[Tensor, "step row"] | None = None
    threads: int = 1

    @property
    def places(self) -> dict[Field, int]:
        """Sizes and addresses that forward and reverse have in common."""
        found: dict[Field, int] = {
            "steps": self.steps,
            "time": self.time,
            "keys": self.keys.ctypes.data,
            "tables": self.tables.ctypes.data,
            "cubics": self.cubics.ctypes.data,
            "rivals": self.rivals.data_ptr(),
        }
        if self.set_to is not None and self.is_set is not None:
            found |= {"settings": self.set_to.data_ptr(), "flags": self.is_set.data_ptr()}
        return found


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: kept rows, who was alive after each step, the history after it, and sums over the steps."""

    values: Float[Tensor, "step row lane"]
    alive: Bool[Tensor, "step lane"]
    history: Rows
    totals: Rows


@dataclass(frozen=True)
class Inputs:
    """What a run starts from, through which gradients may flow: every tensor contiguous."""

    history: Rows
    starts: Rows
    actions: Float[Tensor, "step action lane"]
    parameters: Float[Tensor, "parameter draw"]

    @property
    def places(self) -> dict[Field, int]:
        """The addresses."""
        return {
            "history": self.history.data_ptr(),
            "starts": self.starts.data_ptr(),
            "actions": self.actions.data_ptr(),
            "parameters": self.parameters.data_ptr(),
        }


def run(setting: Setting, inputs: Inputs) -> Outcome:
    """The run; where gradients are wanted, everything that reverse needs stays in memory until it has run."""
    tensors = (inputs.history, inputs.starts, inputs.actions, inputs.parameters)
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        apply = cast(Callable[..., tuple[Tensor, ...]], _Run.apply)
        values, history, alive = apply(setting, *tensors)
        return Outcome(values, alive, history, torch.zeros(0, setting.lanes.stride))
    outcome, _ = _forward(setting, inputs, setting.keep, for_reverse=False)
    return outcome


def _forward(setting: Setting, inputs: Inputs, keep: Int[Tensor, " row"], for_reverse: bool) -> tuple[Outcome, Tensor]:
    """The outcome, and the noise where reverse will want it."""
    stride, steps = setting.lanes.stride, setting.steps
    values = torch.empty(steps, len(keep), stride, dtype=torch.float64)
    alive = torch.empty(steps, stride, dtype=torch.bool)
    history = torch.empty_like(inputs.history)
    noise = torch.empty(steps if for_reverse else 0, len(setting.plan.all_sites), stride, dtype=torch.float64)
    rows, weights = setting.total_rows, setting.total_weights
    totals = torch.empty(0 if rows is None else len(rows), stride, dtype=torch.float64)
    places: dict[Field, int] = {
        **setting.places,
        **inputs.places,
        "alive": setting.alive.data_ptr(),
        "keep_count": len(keep),
        "keep_rows": keep.data_ptr(),
        "values": values.data_ptr(),
        "alive_after": alive.data_ptr(),
        "noise": noise.data_ptr(),
        "history_after": history.data_ptr(),
    }
    if rows is not None and weights is not None:
        places |= {"total_count": len(rows), "total_rows": rows.data_ptr(), "totals": totals.data_ptr()}
        places |= {"total_weights": weights.data_ptr()}
    setting.forward.run(setting.lanes, places, setting.threads)
    return Outcome(values, alive, history, totals), noise


class _Run(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, setting: Setting, *tensors: Tensor) -> tuple[Tensor, ...]:
        inputs = Inputs(*tensors)
        everything = torch.arange(len(setting.plan.variables))
        outcome, noise = _forward(setting, inputs, everything, for_reverse=True)
        ctx.setting = setting
        ctx.save_for_backward(*tensors, outcome.values, outcome.alive, noise)
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(outcome.alive)
        return outcome.values[:, setting.keep], outcome.history, outcome.alive

    @staticmethod
    def backward(ctx: Any, *given: Tensor | None) -> tuple[Tensor | None, ...]:
        history, starts, actions, parameters, values, alive, noise = ctx.saved_tensors
        inputs = Inputs(history, starts, actions, parameters)
        found = _reverse(ctx.setting, inputs, (values, alive, noise), given[0], given[1])
        return None, *found


def _reverse(
    setting: Setting,
    inputs: Inputs,
    kept: tuple[Tensor, Tensor, Tensor],
    given_values: Tensor | None,
    given_history: Tensor | None,
) -> tuple[Tensor, ...]:
    """Derivatives in the history, the starting values, the actions and the parameters."""
    lanes = setting.lanes
    values, alive, noise = kept
    history, starts = torch.empty_like(inputs.history), torch.empty_like(inputs.starts)
    actions = torch.zeros_like(inputs.actions)
    parameters = torch.empty(len(inputs.parameters), lanes.stride, dtype=torch.float64)
    given: dict[Field, Tensor | None] = {
        "given_values": None if given_values is None else given_values.contiguous(),
        "given_history": None if given_history is None else given_history.contiguous(),
    }
    places: dict[Field, int] = {
        **setting.places,
        **inputs.places,
        "values": values.data_ptr(),
        "alive_after": alive.data_ptr(),
        "noise": noise.data_ptr(),
        "keep_count": len(setting.keep),
        "keep_rows": setting.keep.data_ptr(),
        **{name: tensor.data_ptr() for name, tensor in given.items() if tensor is not None},
        "gradient_history": history.data_ptr(),
        "gradient_starts": starts.data_ptr(),
        "gradient_actions": actions.data_ptr(),
        "gradient_parameters": parameters.data_ptr(),
    }
    setting.reverse().run(lanes, places, setting.threads)
    own = parameters[:, lanes.before : lanes.before + lanes.count]
    return history, starts, actions, own.reshape(-1, lanes.draws, lanes.batch).sum(dim=-1)
