"""A run of the kernels as one operation that torch can differentiate: forward keeps what reverse needs."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.kernel.context import PLACES, Field, Words, words_of
from worldmodel.kernel.plan import Plan
from worldmodel.kernel.run import Kernel, Lanes, pieces
from worldmodel.simulation.keys import Keys

Rows = Float[Tensor, "row lane"]


@dataclass(frozen=True)
class Sums:
    """Rows that are added up over the steps, each with a weight for each step."""

    rows: Int[Tensor, " row"]
    weights: Float[Tensor, "step row"]


@dataclass(frozen=True)
class Setting:
    """What stays the same in runs of one shape: made once, for any number of seeds and starts.

    `lanes` are those of a run whose first trajectory has a number below four, for all whose remainder is the same;
    `keep` are the variables' rows that are kept of every step; `set_to` and `is_set` are what interventions say for
    each step and variable; `tables` and `cubics` are addresses of the program's tables.
    """

    plan: Plan
    forward: Kernel
    reverse: Callable[[], Kernel]
    lanes: Lanes
    steps: int
    tables: int
    cubics: int
    keep: Int[Tensor, " row"]
    set_to: Float[Tensor, "step variable"] | None = None
    is_set: Float[Tensor, "step variable"] | None = None
    threads: int = 1

    @cached_property
    def sizes(self) -> tuple[int, int, int]:
        """Steps, kept rows and lanes."""
        return self.steps, len(self.keep), self.lanes.stride

    @cached_property
    def everything(self) -> Int[Tensor, " row"]:
        """The rows of all variables."""
        return torch.arange(len(self.plan.variables))

    @cached_property
    def _common(self) -> bytes:
        """The words that forward and reverse of every run have in common."""
        found: dict[Field, int] = {
            **self.lanes.sizes(),
            "steps": self.steps,
            "pieces": pieces(),
            "tables": self.tables,
            "cubics": self.cubics,
            "keep_count": len(self.keep),
            "keep_rows": self.keep.data_ptr(),
        }
        if self.set_to is not None and self.is_set is not None:
            found |= {"settings": self.set_to.data_ptr(), "flags": self.is_set.data_ptr()}
        return words_of(found)

    def words(self, begin: "Begin", inputs: "Inputs") -> ctypes.Array[ctypes.c_int64]:
        """The words for one run, to which the places of what it leaves are added."""
        words = Words.from_buffer_copy(self._common)
        words[_BLOCK], words[_TIME] = begin.block, begin.time
        words[_KEYS], words[_RIVALS] = begin.keys.address, begin.rivals.data_ptr()
        words[_HISTORY], words[_STARTS] = inputs.history.data_ptr(), inputs.starts.data_ptr()
        words[_ACTIONS], words[_PARAMETERS] = inputs.actions.data_ptr(), inputs.parameters.data_ptr()
        return words


_BLOCK, _TIME, _KEYS, _RIVALS = PLACES["block"], PLACES["time"], PLACES["keys"], PLACES["rivals"]
_HISTORY, _STARTS, _ACTIONS, _PARAMETERS = (PLACES[name] for name in ("history", "starts", "actions", "parameters"))
_ALIVE, _VALUES, _ALIVE_AFTER = PLACES["alive"], PLACES["values"], PLACES["alive_after"]
_HISTORY_AFTER, _NOISE = PLACES["history_after"], PLACES["noise"]
_KEEP_COUNT, _KEEP_ROWS = PLACES["keep_count"], PLACES["keep_rows"]


class Begin(NamedTuple):
    """What a run begins with that no gradient flows through: the counter of its first block of noise, steps before it,
    the keys of its noise, and who is alive under which rivals."""

    block: int
    time: int
    keys: Keys
    rivals: Float[Tensor, "rival lane"]
    alive: Bool[Tensor, " lane"]


class Outcome(NamedTuple):
    """What a run leaves: kept rows, who was alive after each step, and the history after it."""

    values: Float[Tensor, "step row lane"]
    alive: Bool[Tensor, "step lane"]
    history: Rows


class Inputs(NamedTuple):
    """What a run starts from, through which gradients may flow: every tensor contiguous."""

    history: Rows
    starts: Rows
    actions: Float[Tensor, "step action lane"]
    parameters: Float[Tensor, "parameter draw"]

    @property
    def differentiable(self) -> bool:
        """Whether anybody wants a gradient."""
        return torch.is_grad_enabled() and any(tensor.requires_grad for tensor in self)


def run(setting: Setting, begin: Begin, inputs: Inputs) -> Outcome:
    """The run; where gradients are wanted, everything that reverse needs stays in memory until it has run."""
    if inputs.differentiable:
        apply = cast(Callable[..., tuple[Tensor, ...]], _Run.apply)
        values, history, alive = apply(setting, begin, *inputs)
        return Outcome(values, alive, history)
    values, alive = _kept(setting)
    history = torch.empty_like(inputs.history)
    words = _forward_words(setting, begin, inputs, values.data_ptr(), alive.data_ptr())
    words[_HISTORY_AFTER] = history.data_ptr()
    setting.forward.run(words, setting.lanes.tiles, setting.threads)
    return Outcome(values, alive, history)


def _kept(setting: Setting) -> tuple[Float[Tensor, "step row lane"], Bool[Tensor, "step lane"]]:
    """Memory for what a run keeps of every step."""
    values = torch.empty(setting.sizes, dtype=torch.float64)
    return values, torch.empty(setting.sizes[0], setting.sizes[2], dtype=torch.bool)


def series(setting: Setting, begin: Begin, inputs: Inputs, values: int, alive: int) -> None:
    """Writes what a run keeps of every step to an address, and who was alive after it to another; no gradient flows."""
    words = _forward_words(setting, begin, inputs, values, alive)
    setting.forward.run(words, setting.lanes.tiles, setting.threads)


def sums(setting: Setting, begin: Begin, inputs: Inputs, wanted: Sums) -> tuple[Rows, Bool[Tensor, " lane"], Rows]:
    """Weighted sums over the steps, who is alive at the end, and the history after it; no gradient flows."""
    values, alive = _kept(setting)
    history = torch.empty_like(inputs.history)
    totals = torch.empty(len(wanted.rows), setting.lanes.stride, dtype=torch.float64)
    words = _forward_words(setting, begin, inputs, values.data_ptr(), alive.data_ptr())
    words[_HISTORY_AFTER] = history.data_ptr()
    words[PLACES["total_count"]], words[PLACES["total_rows"]] = len(wanted.rows), wanted.rows.data_ptr()
    words[PLACES["total_weights"]], words[PLACES["totals"]] = wanted.weights.data_ptr(), totals.data_ptr()
    setting.forward.run(words, setting.lanes.tiles, setting.threads)
    return totals, alive[-1], history


def _forward_words(
    setting: Setting, begin: Begin, inputs: Inputs, values: int, alive: int
) -> ctypes.Array[ctypes.c_int64]:
    words = setting.words(begin, inputs)
    words[_ALIVE] = begin.alive.data_ptr()
    words[_VALUES], words[_ALIVE_AFTER] = values, alive
    return words


class _Run(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, setting: Setting, begin: Begin, *tensors: Tensor) -> tuple[Tensor, ...]:
        inputs, stride = Inputs(*tensors), setting.lanes.stride
        values = torch.empty(setting.steps, len(setting.everything), stride, dtype=torch.float64)
        alive = torch.empty(setting.steps, stride, dtype=torch.bool)
        noise = torch.empty(setting.steps, len(setting.plan.all_sites), stride, dtype=torch.float64)
        history = torch.empty_like(inputs.history)
        words = _forward_words(setting, begin, inputs, values.data_ptr(), alive.data_ptr())
        words[_KEEP_COUNT], words[_KEEP_ROWS] = len(setting.everything), setting.everything.data_ptr()
        words[_NOISE], words[_HISTORY_AFTER] = noise.data_ptr(), history.data_ptr()
        setting.forward.run(words, setting.lanes.tiles, setting.threads)
        ctx.setting, ctx.begin = setting, begin
        ctx.save_for_backward(*tensors, values, alive, noise)
        ctx.set_materialize_grads(False)
        ctx.mark_non_differentiable(alive)
        return values[:, setting.keep], history, alive

    @staticmethod
    def backward(ctx: Any, *given: Tensor | None) -> tuple[Tensor | None, ...]:
        *tensors, values, alive, noise = ctx.saved_tensors
        found = _reverse(ctx.setting, ctx.begin, Inputs(*tensors), (values, alive, noise), given)
        return None, None, *found


def _reverse(
    setting: Setting,
    begin: Begin,
    inputs: Inputs,
    left: tuple[Tensor, Tensor, Tensor],
    given: tuple[Tensor | None, ...],
) -> tuple[Tensor, ...]:
    """Derivatives in the history, the starting values, the actions and the parameters.

    `left` are all values, who was alive, and the noise; `given` the derivatives in the kept rows and the history after.
    """
    lanes = setting.lanes
    history, starts = torch.empty_like(inputs.history), torch.empty_like(inputs.starts)
    actions = torch.zeros_like(inputs.actions)
    parameters = torch.empty(len(inputs.parameters), lanes.stride, dtype=torch.float64)
    whole = [None if entry is None else entry.contiguous() for entry in given[:2]]
    places: dict[Field, Tensor | None] = {
        "values": left[0],
        "alive_after": left[1],
        "noise": left[2],
        "given_values": whole[0],
        "given_history": whole[1],
        "gradient_history": history,
        "gradient_starts": starts,
        "gradient_actions": actions,
        "gradient_parameters": parameters,
    }
    words = setting.words(begin, inputs)
    for name, tensor in places.items():
        words[PLACES[name]] = 0 if tensor is None else tensor.data_ptr()
    setting.reverse().run(words, lanes.tiles, setting.threads)
    own = parameters[:, lanes.before : lanes.before + lanes.count]
    return history, starts, actions, own.reshape(-1, lanes.draws, lanes.batch).sum(dim=-1)
