"""Whole trajectories: a world run forward under a rule, for every parameter draw at once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.simulation.backend import AnySimulator, simulator_for
from worldmodel.simulation.draws import Parameters, Source, draw_parameters
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.intervention import Edit, Intervention, check_interventions
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.phases import phases
from worldmodel.simulation.rules import Rule, named_rules
from worldmodel.simulation.state import Info, State
from worldmodel.world import World


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
    check_interventions(simulator.world, interventions)
    soft = [entry for entry in interventions if isinstance(entry, Intervention)]
    if isinstance(simulator, FusedSimulator) and not _plain(interventions, noise):
        simulator = simulator.reference
    fixed = _always_set(soft, horizon)
    if parameters is None:
        parameters = draw_parameters(simulator.world, seed, draws, source, first, noise)
    noise = noise or Noise(seed, first * batch)
    kept = sorted(simulator.world.variables if keep is None else keep)
    if isinstance(simulator, FusedSimulator) and not callable(rule) and on_step is None:
        rules = _rules(simulator, rule, fixed)
        state = simulator.init(parameters, noise, draws, batch)
        _, series, alive = simulator.rollout(state, rules, horizon, parameters, noise, soft, kept)
        before = {name: state.history[name] for name in kept}
        return Trajectories(series, alive, before, state.rivals, parameters)
    phase = phases(simulator, interventions, rule, fixed)
    state = phase(1).simulator.init(parameters, noise, draws, batch)
    before = {name: state.history[name] for name in kept}
    values: dict[str, list[Tensor]] = {name: [] for name in kept}
    lived = []
    for step in range(1, horizon + 1):
        now = phase(step)
        action = now.choose(state, parameters, noise)
        state, info = now.simulator.step(state, action, parameters, noise, soft)
        for name in kept:
            values[name].append(info.values[name])
        lived.append(state.alive)
        if on_step is not None:
            on_step(state, info)
    series = {name: torch.stack(steps, dim=-1) for name, steps in values.items()}
    return Trajectories(series, torch.stack(lived, dim=-1), before, state.rivals, parameters)


def _rules(
    simulator: FusedSimulator, rule: str | Sequence[str] | None, fixed: frozenset[str]
) -> tuple[str | None, ...]:
    """The rule of each action, which the simulator remembers."""
    asked = (rule if rule is None or isinstance(rule, str) else tuple(rule), fixed)
    if asked not in simulator.known_rules:
        simulator.known_rules[asked] = named_rules(simulator.world, rule, fixed)
    return simulator.known_rules[asked]


def _plain(interventions: Sequence[Edit], noise: Noise | None) -> bool:
    """Whether variables are only set to numbers, and noise is as it comes."""
    only_set = all(isinstance(entry, Intervention) and entry.factor == 0 for entry in interventions)
    return only_set and (noise is None or noise.edit is None)


def _always_set(interventions: Sequence[Intervention], horizon: int) -> frozenset[str]:
    steps = range(1, horizon + 1)
    setting = [entry for entry in interventions if entry.factor == 0]
    names = {entry.variable for entry in setting}
    return frozenset(
        name
        for name in names
        if all(any(entry.variable == name and entry.holds(step) for entry in setting) for step in steps)
    )
