"""Whole trajectories: a world run forward under a rule, for every parameter draw at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.simulation.backend import AnySimulator, simulator_for
from worldmodel.simulation.draws import Parameters, Source, draw_parameters
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.intervention import Edit, Intervention, check_interventions
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.phases import Phase, phases
from worldmodel.simulation.prepared import WholeRun
from worldmodel.simulation.rules import Rule, choices, named_rules, rule_names
from worldmodel.simulation.state import Info, State
from worldmodel.simulation.tape import tape_of
from worldmodel.simulation.tape_run import TapeRun
from worldmodel.world import World

_REMEMBERED = 64
"""Prepared runs that a simulator remembers."""


@dataclass(frozen=True)
class Trajectories:
    """What happened. `values` has the variables that were kept, actions among them, at steps 1 to the horizon.

    `before` has their values up to step 0, most recent first. `alive` is false from the step on in which a trajectory
    failed; its values then stay at the last good ones. `rivals` says which rival mechanism held, `parameters` which
    parameters.
    """

    values: Mapping[str, Float[Tensor, "draws batch time"]]
    alive: Bool[Tensor, "draws batch time"]
    before: Mapping[str, tuple[Float[Tensor, "draws batch"], ...]]
    rivals: Mapping[str, Int[Tensor, "draws batch"]]
    parameters: Parameters

    @property
    def horizon(self) -> int:
        """How many steps were taken."""
        return self.alive.shape[-1]


def simulate(
    world: World | AnySimulator,
    rule: Rule,
    horizon: int,
    draws: int,
    batch: int = 1,
    seed: int = 0,
    source: Source = "posterior",
    interventions: Sequence[Edit] = (),
    *,
    first: int = 0,
    keep: Collection[str] | None = None,
    parameters: Parameters | None = None,
    noise: Noise | None = None,
    on_step: Callable[[State, Info], None] | None = None,
) -> Trajectories:
    """Runs `draws` parameter draws with `batch` trajectories each.

    `rule` is a policy of the observation, the id of a rule mechanism (or several, for several actions), or None for the
    rules of `world.toml`. `keep` limits what is stored (everything, unless given); `on_step` hears of each step, for
    progress or for statistics that need no storage. `first` is the number of the first draw: a run may be split in any
    way; `noise` stands in for that of `seed` and `first`. Gradients flow as the caller's grad mode says. A world is run
    by the backend that suits it (torch where laws are shifted or replaced, or noise is); a simulator is a choice.
    """
    simulator = simulator_for(world) if isinstance(world, World) else world
    run = _known(simulator, rule, (horizon, draws, batch), tuple(interventions), keep)
    return run(seed, first=first, source=source, parameters=parameters, noise=noise, on_step=on_step)


def prepare(
    world: World | AnySimulator,
    rule: Rule,
    horizon: int,
    draws: int,
    batch: int = 1,
    interventions: Sequence[Edit] = (),
    *,
    keep: Collection[str] | None = None,
    parameters: Parameters | None = None,
) -> "Prepared":
    """Makes a run ready to be repeated: `prepare(world, …)(seed)` is `simulate(world, …, seed=seed)`, bit for bit.

    Everything that does not depend on the seed is checked, looked up and allocated once. Arguments are those of
    `simulate`, and so are the errors. `parameters` are those of every run that is given none; their numbers are read
    now, unless they carry gradients.
    """
    simulator = simulator_for(world) if isinstance(world, World) else world
    check_interventions(simulator.world, interventions)
    kept = tuple(sorted(simulator.world.variables if keep is None else keep))
    if isinstance(simulator, FusedSimulator) and not _only_set(interventions):
        simulator = simulator.reference
    soft = tuple(entry for entry in interventions if isinstance(entry, Intervention))
    fixed = _always_set(soft, horizon)
    if not isinstance(simulator, FusedSimulator) or callable(rule):
        return Prepared(simulator, (horizon, draws, batch), tuple(interventions), rule, kept, fixed, parameters)
    rules = named_rules(simulator.world, rule, fixed)
    whole = WholeRun(simulator, rules, (horizon, draws, batch), soft, kept, parameters)
    return Prepared(simulator, (horizon, draws, batch), tuple(interventions), rule, kept, fixed, parameters, whole)


@dataclass(frozen=True)
class Prepared:
    """A run of `shape` steps, draws and trajectories of each draw, which `prepare` made ready."""

    simulator: AnySimulator
    shape: tuple[int, int, int]
    interventions: tuple[Edit, ...]
    rule: Rule
    kept: tuple[str, ...]
    fixed: frozenset[str]
    """Actions that interventions set at every step."""
    parameters: Parameters | None = None
    whole: WholeRun | None = None
    """All steps in one call, where they are machine code."""

    def __call__(
        self,
        seed: int = 0,
        *,
        first: int = 0,
        source: Source = "posterior",
        parameters: Parameters | None = None,
        noise: Noise | None = None,
        on_step: Callable[[State, Info], None] | None = None,
    ) -> Trajectories:
        """One run; the arguments are those of `simulate`."""
        _, draws, batch = self.shape
        parameters = self.parameters if parameters is None else parameters
        if parameters is None:
            parameters = draw_parameters(self.simulator.world, seed, draws, source, first, noise)
        noise = noise or Noise(seed, first * batch)
        if on_step is not None or noise.edit is not None:
            return self._step_by_step(parameters, noise, on_step)
        if self.whole is not None:
            run = self.whole(parameters, noise)
            return Trajectories(run.values, run.alive, run.before, run.rivals, parameters)
        if self._tape is not None and not _differentiable(parameters):
            return self._along_the_tape(self._tape, parameters, noise)
        return self._step_by_step(parameters, noise, on_step)

    def _along_the_tape(self, tape: TapeRun, parameters: Parameters, noise: Noise) -> Trajectories:
        horizon, draws, batch = self.shape
        state = self.simulator.init(parameters, noise, draws, batch)
        before = {name: state.history[name] for name in self.kept}
        series, alive = tape(state, parameters, noise, horizon)
        return Trajectories(series, alive, before, state.rivals, parameters)

    @cached_property
    def _tape(self) -> TapeRun | None:
        """The torch backend's step without a look-up between its operations, where the world is plain enough."""
        if isinstance(self.simulator, FusedSimulator) or callable(self.rule) or self.interventions:
            return None
        tape = tape_of(self.simulator, choices(self.simulator.world, rule_names(self.rule), self.fixed))
        return None if tape is None else TapeRun(tape, self.kept)

    def _step_by_step(
        self, parameters: Parameters, noise: Noise, on_step: Callable[[State, Info], None] | None
    ) -> Trajectories:
        horizon, draws, batch = self.shape
        phase = self._edited_phase if noise.edit is not None else self._phase
        soft = [entry for entry in self.interventions if isinstance(entry, Intervention)]
        state = phase(1).simulator.init(parameters, noise, draws, batch)
        before = {name: state.history[name] for name in self.kept}
        values: dict[str, list[Tensor]] = {name: [] for name in self.kept}
        lived = []
        for step in range(1, horizon + 1):
            now = phase(step)
            action = now.choose(state, parameters, noise)
            state, info = now.simulator.step(state, action, parameters, noise, soft)
            for name in self.kept:
                values[name].append(info.values[name])
            lived.append(state.alive)
            if on_step is not None:
                on_step(state, info)
        series = {name: torch.stack(steps, dim=-1) for name, steps in values.items()}
        return Trajectories(series, torch.stack(lived, dim=-1), before, state.rivals, parameters)

    @cached_property
    def _phase(self) -> Callable[[int], Phase]:
        return phases(self.simulator, self.interventions, self.rule, self.fixed)

    @cached_property
    def _edited_phase(self) -> Callable[[int], Phase]:
        """The phases of runs whose noise is edited, which torch takes over."""
        if isinstance(self.simulator, FusedSimulator):
            return phases(self.simulator.reference, self.interventions, self.rule, self.fixed)
        return self._phase


def _known(
    simulator: AnySimulator,
    rule: Rule,
    shape: tuple[int, int, int],
    interventions: tuple[Edit, ...],
    keep: Collection[str] | None,
) -> Prepared:
    """A prepared run, which a simulator remembers where rules of the world choose the actions."""
    if callable(rule):
        return prepare(simulator, rule, *shape, interventions, keep=keep)
    asked = (
        rule if rule is None or isinstance(rule, str) else tuple(rule),
        shape,
        interventions,
        None if keep is None else tuple(keep),
    )
    found = simulator.known.get(asked)
    if found is None:
        if len(simulator.known) >= _REMEMBERED:
            simulator.known.clear()
        found = simulator.known[asked] = prepare(simulator, rule, *shape, interventions, keep=keep)
    assert isinstance(found, Prepared)
    return found


def _differentiable(parameters: Parameters) -> bool:
    return torch.is_grad_enabled() and any(value.requires_grad for value in parameters.values())


def _only_set(interventions: Sequence[Edit]) -> bool:
    """Whether variables are only set to numbers."""
    return all(isinstance(entry, Intervention) and entry.factor == 0 for entry in interventions)


def _always_set(interventions: Sequence[Intervention], horizon: int) -> frozenset[str]:
    steps = range(1, horizon + 1)
    setting = [entry for entry in interventions if entry.factor == 0]
    names = {entry.variable for entry in setting}
    return frozenset(
        name
        for name in names
        if all(any(entry.variable == name and entry.holds(step) for entry in setting) for step in steps)
    )
