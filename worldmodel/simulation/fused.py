"""The simulator of generated machine code: the torch simulator's interface and numbers, without an operator at a time.

A step is one call, and so is a whole horizon whose actions are chosen by rules of the world. Either may be
differentiated: the reverse kernel is the derivative that torch sees. States keep their history packed, one row for each
variable and lag.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.kernel.run import Lanes
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.packing import Drawn, Newest, Packed, packed, packed_history, unpacked
from worldmodel.simulation.program import Program, Shape, certain_history
from worldmodel.simulation.simulator import Simulator
from worldmodel.simulation.state import Action, Info, Observation, State
from worldmodel.simulation.vector_jacobian import Setting, Sums, run, sums
from worldmodel.world import World

BLOCK = 256
"""Steps that `totals` takes at a time, so that who was alive at each of them needs no memory that grows."""


def _lanes(state: State, noise: Noise) -> Lanes:
    """The lanes of a state's trajectories: the history's own, unless the noise begins elsewhere."""
    known = state.history.lanes if isinstance(state.history, Packed) else None
    return known if known is not None and known.first == noise.first else Lanes(noise.first, *state.alive.shape)


class FusedSimulator:
    """A world's transition as `init`, `observe` and `step`, like `Simulator`, through generated machine code.

    `known` is what `worldmodel.simulation.simulate` has prepared for it.

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
        self.known: dict[object, object] = {}
        self._ruled: dict[tuple[str | None, ...], Program] = {}
        self.certain = self.reference.certain
        self._observed = [self.program.plan.rows[name] for name in self.observations]

    def init(self, parameters: Parameters, noise: Noise, draws: int, batch: int) -> State:
        """The state before step 1, as `Simulator.init` gives it, packed."""
        lanes, found = Lanes(noise.first, draws, batch), self.program.plan
        if self.certain is None:
            state = self.reference.init(parameters, noise, draws, batch)
            return replace(state, history=Packed(found, lanes, packed_history(found, lanes, state.history)))
        rows = certain_history(self.certain, found).expand(-1, lanes.stride).contiguous()
        history = Packed(found, lanes, rows)
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
        lanes, program = _lanes(state, noise), self.program
        held = tuple(entry for entry in interventions if entry.holds(state.time + 1))
        actions = packed(lanes, action.movedim(-1, 0)).unsqueeze(0)
        drawn = Drawn.of(program.plan, lanes, parameters, state.history)
        setting = self._setting(program, lanes, 1, state.time, held)
        begin = program.begin(state, lanes, noise)
        outcome = run(setting, begin, program.inputs(state, lanes, actions, drawn.rows))
        after = _after(state, Packed(program.plan, lanes, outcome.history, drawn), outcome.alive[-1], 1)
        return after, Info(
            Newest(after.history), state.alive & ~after.alive, self._clamped(action, after, held) & after.alive
        )

    def _setting(
        self,
        program: Program,
        lanes: Lanes,
        steps: int,
        time: int,
        interventions: Iterable[Intervention] = (),
        keep: tuple[str, ...] = (),
    ) -> Setting:
        held = tuple(interventions)
        shape = Shape(lanes.before, lanes.draws, lanes.batch, steps, keep, held, time if held else 0)
        return program.setting(shape, self.threads)

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
        lanes, names = _lanes(state, noise), tuple(sorted(keep))
        program = self.ruled(tuple(rules))
        setting = self._setting(program, lanes, horizon, state.time, interventions, names)
        drawn = Drawn.of(program.plan, lanes, parameters, state.history)
        begin = program.begin(state, lanes, noise)
        outcome = run(setting, begin, program.inputs(state, lanes, _nothing(horizon, lanes), drawn.rows))
        series = dict(zip(names, unpacked(lanes, outcome.values).movedim(0, -1), strict=True))
        after = _after(state, Packed(program.plan, lanes, outcome.history, drawn), outcome.alive[-1], horizon)
        return after, series, unpacked(lanes, outcome.alive).movedim(0, -1)

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

        All weights are as long as the horizon. Memory does not grow with it, but for the weights themselves.
        """
        names = sorted(weights)
        program, horizon = self.ruled(tuple(rules)), len(next(iter(weights.values())))
        rows = torch.tensor([program.plan.rows[name] for name in names])
        total: Tensor | None = None
        with torch.no_grad():
            for first in range(0, horizon, BLOCK):
                own = [weights[name][first : first + BLOCK].to(torch.float64) for name in names]
                wanted = Sums(rows, torch.stack(own, dim=-1).contiguous())
                state, part = self._summed(program, state, parameters, noise, wanted, interventions)
                total = part if total is None else total + part
        assert total is not None, "a horizon of one step at least"
        return state, dict(zip(names, total, strict=True))

    def _summed(
        self,
        program: Program,
        state: State,
        parameters: Parameters,
        noise: Noise,
        wanted: Sums,
        interventions: Sequence[Intervention],
    ) -> tuple[State, Float[Tensor, "row draws batch"]]:
        """Some steps of `totals`."""
        lanes, steps = _lanes(state, noise), len(wanted.weights)
        setting = self._setting(program, lanes, steps, state.time, interventions)
        drawn = Drawn.of(program.plan, lanes, parameters, state.history)
        inputs = program.inputs(state, lanes, _nothing(steps, lanes), drawn.rows)
        totals, alive, history = sums(setting, program.begin(state, lanes, noise), inputs, wanted)
        after = _after(state, Packed(program.plan, lanes, history, drawn), alive, steps)
        return after, unpacked(lanes, totals)

    def ruled(self, rules: tuple[str | None, ...]) -> Program:
        """The program in which these rules choose the actions, made once."""
        if rules not in self._ruled:
            self._ruled[rules] = Program.of(self.world, rules)
        return self._ruled[rules]


def _nothing(steps: int, lanes: Lanes) -> Float[Tensor, "step 0 lane"]:
    """The actions of a run in which rules choose them."""
    return torch.empty(steps, 0, lanes.stride, dtype=torch.float64)


def _after(state: State, history: Packed, alive: Bool[Tensor, " lane"], steps: int) -> State:
    own = unpacked(history.lanes, alive)
    return replace(state, time=state.time + steps, history=history, alive=own)
