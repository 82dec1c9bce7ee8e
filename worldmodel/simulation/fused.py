"""The simulator of generated machine code: the torch simulator's interface and numbers, without an operator at a time.

A step is one call, and so is a whole horizon whose actions are chosen by rules of the world. Either may be
differentiated: the reverse kernel is the derivative that torch sees. States keep their history packed, one row for each
variable and lag.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.families.student_t import hermite_pieces
from worldmodel.kernel.module import Direction
from worldmodel.kernel.noise import round_keys
from worldmodel.kernel.plan import Plan, plan
from worldmodel.kernel.run import Kernel, Lanes, kernel
from worldmodel.language.ir import Law, Number
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.noise import Noise, site_key
from worldmodel.simulation.simulator import Simulator
from worldmodel.simulation.state import Action, Info, Observation, State
from worldmodel.simulation.vector_jacobian import Inputs, Outcome, Setting, run
from worldmodel.world import World

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


@lru_cache(maxsize=64)
def _keys(seed: int, sites: tuple[str, ...]) -> NDArray[np.uint64]:
    return round_keys([site_key(seed, site) for site in sites])


@dataclass(frozen=True)
class Program:
    """A plan with its tables, for actions that are given or chosen by certain rules."""

    plan: Plan
    tables: Tables
    sites: tuple[str, ...]
    _kernels: dict[tuple[Direction, bool], Kernel] = field(default_factory=dict, compare=False)

    def kernel(self, direction: Direction, settable: bool) -> Kernel:
        """Its machine code, looked for once."""
        if (direction, settable) not in self._kernels:
            self._kernels[direction, settable] = kernel(self.plan, direction, settable)
        return self._kernels[direction, settable]

    @staticmethod
    def of(world: World, rules: Sequence[str | None] | None = None, like: Plan | None = None) -> "Program":
        """The program of a grounded world; `like` is a plan of it with other rules."""
        found = plan(world, rules, like)
        return Program(found, Tables.of(found), tuple(site.name for site in found.all_sites))

    def inputs(self, state: State, lanes: Lanes, actions: Tensor, drawn: "Drawn") -> Inputs:
        """What a run starts from."""
        history = state.history
        rows = history.rows if isinstance(history, Packed) else _packed_history(self.plan, lanes, history)
        starts = _packed_rows(lanes, [state.start[name] for name in self.plan.starts])
        return Inputs(rows, starts, actions, drawn.rows)

    def setting(
        self,
        state: State,
        lanes: Lanes,
        noise: Noise,
        steps: int,
        interventions: Iterable[Intervention],
        keep: Sequence[str],
        threads: int,
    ) -> Setting:
        """What stays fixed in a run."""
        held = tuple(interventions)
        set_to, is_set = _interventions(self.plan, held, state.time, steps) if held else (None, None)
        return Setting(
            self.plan,
            self.kernel("forward", bool(held)),
            lambda: self.kernel("reverse", bool(held)),
            lanes,
            steps,
            state.time,
            _keys(noise.seed, self.sites),
            self.tables.tables,
            self.tables.cubics,
            _packed_rows(lanes, [state.rivals[name].to(torch.float64) for name in self.plan.rivals]),
            _packed_flags(lanes, state.alive),
            torch.tensor([self.plan.rows[name] for name in keep], dtype=torch.int64),
            set_to,
            is_set,
            threads=threads,
        )


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
        return Drawn(parameters, _packed_parameters(plan, lanes, parameters), mode)


def _lanes(state: State, noise: Noise) -> Lanes:
    """The lanes of a state's trajectories: the history's own, unless the noise begins elsewhere."""
    known = state.history.lanes if isinstance(state.history, Packed) else None
    return known if known is not None and known.first == noise.first else Lanes(noise.first, *state.alive.shape)


def _packed_history(plan: Plan, lanes: Lanes, history: Mapping[str, tuple[Tensor, ...]]) -> Rows:
    return _packed_rows(lanes, [history[plan.variables[row]][lag - 1] for row, lag in plan.history])


def _certain(simulator: Simulator, plan: Plan) -> Float[Tensor, "row 1"] | None:
    """The history before step 1, where it is the same for every trajectory and within the supports."""
    values = []
    for row, lag in plan.history:
        name = plan.variables[row]
        initial = simulator.world.variables[name].initial
        match initial[min(lag, len(initial)) - 1] if initial else None:
            case Law("Delta", (Number(value),)) if simulator.supports[name].holds(value):
                values.append(value)
            case _:
                return None
    return torch.tensor(values, dtype=torch.float64).unsqueeze(-1)


def _packed_rows(lanes: Lanes, values: Sequence[Tensor]) -> Rows:
    if not values:
        return torch.zeros(0, lanes.stride, dtype=torch.float64)
    return packed(lanes, torch.stack(tuple(values)))


def _packed_flags(lanes: Lanes, flags: Bool[Tensor, "draws batch"]) -> Bool[Tensor, " lane"]:
    if lanes.stride == lanes.count:
        return flags.flatten().contiguous()
    wide = torch.zeros(lanes.stride, dtype=torch.bool)
    wide[lanes.before : lanes.before + lanes.count] = flags.flatten()
    return wide


def _packed_parameters(plan: Plan, lanes: Lanes, parameters: Parameters) -> Float[Tensor, "parameter draw"]:
    if not plan.parameters:
        return torch.zeros(0, lanes.draws, dtype=torch.float64)
    rows = torch.stack([parameters[name] for name in plan.parameters]).squeeze(-1)
    assert rows.shape == (len(plan.parameters), lanes.draws), "one row of parameters for each draw"
    return rows


def _interventions(
    plan: Plan, interventions: Sequence[Intervention], time: int, steps: int
) -> tuple[Float[Tensor, "step variable"], Float[Tensor, "step variable"]]:
    """What each variable is set to at each step, and 1 where it is; a later entry counts before an earlier one."""
    assert not any(entry.factor for entry in interventions), "kernels set variables to numbers and shift none"
    set_to = torch.zeros(steps, len(plan.variables), dtype=torch.float64)
    is_set = torch.zeros_like(set_to)
    for entry in interventions:
        row = plan.rows[entry.variable]
        held = slice(max(0, entry.first - time - 1), steps if entry.last is None else max(0, entry.last - time))
        set_to[held, row], is_set[held, row] = entry.value, 1.0
    return set_to, is_set


class FusedSimulator:
    """A world's transition as `init`, `observe` and `step`, like `Simulator`, through generated machine code.

    Raises AssertionError where `worldmodel.kernel.plan.supports` gives a reason against it; see
    `worldmodel.simulation.backend`, which chooses.
    """

    def __init__(self, world: World, threads: int = 1) -> None:
        self.reference = Simulator(world)
        self.world = self.reference.world
        self.observations, self.actions = self.reference.observations, self.reference.actions
        self.lags, self.supports = self.reference.lags, self.reference.supports
        self.threads = threads
        self.program = Program.of(self.world)
        self.known_rules: dict[object, tuple[str | None, ...]] = {}
        self._ruled: dict[tuple[str | None, ...], Program] = {}
        self._certain = _certain(self.reference, self.program.plan)
        self._observed = [self.program.plan.rows[name] for name in self.observations]

    def init(self, parameters: Parameters, noise: Noise, draws: int, batch: int) -> State:
        """The state before step 1, as `Simulator.init` gives it, packed."""
        lanes, found = Lanes(noise.first, draws, batch), self.program.plan
        if self._certain is None:
            state = self.reference.init(parameters, noise, draws, batch)
            return replace(state, history=Packed(found, lanes, _packed_history(found, lanes, state.history)))
        history = Packed(found, lanes, self._certain.expand(-1, lanes.stride).contiguous())
        alive = torch.ones(draws, batch, dtype=torch.bool)
        return State(0, history, Newest(history), alive, self.reference.draw_rivals(noise, draws, batch))

    def observe(self, state: State) -> Observation:
        """What a policy sees before it chooses: the observed variables' values of the last step."""
        if not isinstance(state.history, Packed):
            return self.reference.observe(state)
        rows = state.history.rows[self._observed]
        return unpacked(state.history.lanes, rows).movedim(0, -1)

    def step(
        self,
        state: State,
        action: Action,
        parameters: Parameters,
        noise: Noise,
        interventions: Iterable[Intervention] = (),
    ) -> tuple[State, Info]:
        """One step forward, as `Simulator.step`."""
        interventions = tuple(interventions)
        if noise.edit is not None or any(entry.factor for entry in interventions):
            return self.reference.step(state, action, parameters, noise, interventions)
        lanes = _lanes(state, noise)
        found = self.program.plan
        held = tuple(entry for entry in interventions if entry.holds(state.time + 1))
        actions = packed(lanes, action.movedim(-1, 0)).unsqueeze(0)
        setting = self.program.setting(state, lanes, noise, 1, held, (), self.threads)
        drawn = Drawn.of(found, lanes, parameters, state.history)
        outcome = run(setting, self.program.inputs(state, lanes, actions, drawn))
        after = _after(Packed(found, lanes, outcome.history, drawn), state, outcome, 1)
        return after, Info(
            Newest(after.history), state.alive & ~after.alive, self._clamped(action, after, held) & after.alive
        )

    def _clamped(self, action: Action, after: State, held: Sequence[Intervention]) -> Bool[Tensor, "draws batch"]:
        """Where the action that was taken is not the one that was asked for, leaving interventions aside."""
        if isinstance(after.history, Packed) and not held:
            taken = unpacked(after.history.lanes, after.history.rows[: len(self.actions)].detach())
            return (taken.movedim(0, -1) != action).any(dim=-1)
        clamped = torch.zeros(action.shape[:-1], dtype=torch.bool)
        for place, name in enumerate(self.actions):
            clamped = clamped | (self.supports[name].nearest(action[..., place]) != action[..., place])
        return clamped

    def rollout(
        self,
        state: State,
        rules: Sequence[str | None],
        horizon: int,
        parameters: Parameters,
        noise: Noise,
        interventions: Sequence[Intervention] = (),
        keep: Collection[str] = (),
    ) -> tuple[State, Mapping[str, Float[Tensor, "draws batch time"]], Bool[Tensor, "draws batch time"]]:
        """A whole horizon in one call, with the actions chosen by one rule mechanism each.

        Answers the last state, the series of the variables in `keep`, and who was alive after each step.
        """
        lanes, names = _lanes(state, noise), sorted(keep)
        program = self.ruled(tuple(rules))
        setting = program.setting(state, lanes, noise, horizon, interventions, names, self.threads)
        nothing = torch.empty(horizon, 0, lanes.stride, dtype=torch.float64)
        drawn = Drawn.of(program.plan, lanes, parameters, state.history)
        outcome = run(setting, program.inputs(state, lanes, nothing, drawn))
        kept = unpacked(lanes, outcome.values).movedim(0, -1)
        alive = unpacked(lanes, outcome.alive).movedim(0, -1)
        series = dict(zip(names, kept, strict=True))
        return _after(Packed(program.plan, lanes, outcome.history, drawn), state, outcome, horizon), series, alive

    def totals(
        self,
        state: State,
        rules: Sequence[str | None],
        parameters: Parameters,
        noise: Noise,
        weights: Mapping[str, Float[Tensor, " time"]],
        interventions: Sequence[Intervention] = (),
    ) -> tuple[State, Mapping[str, Float[Tensor, "draws batch"]]]:
        """Like `rollout`, with nothing kept but each variable's weighted sum over the steps; no gradients.

        All weights are as long as the horizon. Memory does not grow with it, but for who was alive.
        """
        lanes, names = _lanes(state, noise), sorted(weights)
        program, horizon = self.ruled(tuple(rules)), len(next(iter(weights.values())))
        setting = program.setting(state, lanes, noise, horizon, interventions, (), self.threads)
        rows = torch.tensor([program.plan.rows[name] for name in names])
        by_step = torch.stack([weights[name].to(torch.float64) for name in names], dim=-1).contiguous()
        nothing = torch.zeros(horizon, 0, lanes.stride, dtype=torch.float64)
        drawn = Drawn.of(program.plan, lanes, parameters, state.history)
        with torch.no_grad():
            summed = replace(setting, total_rows=rows, total_weights=by_step)
            outcome = run(summed, program.inputs(state, lanes, nothing, drawn))
        sums = dict(zip(names, unpacked(lanes, outcome.totals), strict=True))
        return _after(Packed(program.plan, lanes, outcome.history, drawn), state, outcome, horizon), sums

    def ruled(self, rules: tuple[str | None, ...]) -> Program:
        """The program in which these rules choose the actions, made once."""
        if rules not in self._ruled:
            self._ruled[rules] = Program.of(self.world, rules, self.program.plan)
        return self._ruled[rules]


def _after(history: Packed, state: State, outcome: Outcome, steps: int) -> State:
    alive = unpacked(history.lanes, outcome.alive[-1])
    return replace(state, time=state.time + steps, history=history, alive=alive)
