"""The two worlds of a change run side by side with common random numbers, once, for all panes that look at paths.

Both are run by torch and not by machine code, which is made for a world as a whole and may round otherwise: so a
difference that is not exactly zero is one that the change makes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from reviewer.panes.align import aligned
from reviewer.panes.budget import Budget, budget
from reviewer.panes.subject import Subject
from reviewer.panes.touched import touched
from reviewer.panes.worlds import both_worlds
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Probability
from worldmodel.language.walk import walk
from worldmodel.simulation.draws import Source, draw_law
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator, lags_of
from worldmodel.simulation.support import Within
from worldmodel.world import World

Side = Literal["before", "after"]
_MOST_NUMBERS = 10_000_000
_FEWEST_DRAWS = 100


@dataclass(frozen=True)
class Pair:
    """The same draws of two worlds; trajectory number i of both has the same noise."""

    before: Trajectories
    after: Trajectories

    @property
    def both(self) -> Bool[Tensor, "draws time"]:
        """Where neither has failed."""
        return (self.before.alive & self.after.alive)[:, 0]

    @property
    def common(self) -> tuple[str, ...]:
        """The variables that both have."""
        return tuple(sorted(self.before.values.keys() & self.after.values.keys()))

    def series(self, side: Side, name: str) -> Float[Tensor, "draws time"]:
        """A variable's values at steps 1 to the horizon."""
        return (self.before if side == "before" else self.after).values[name][:, 0]

    def difference(self, name: str) -> Float[Tensor, "draws time"]:
        """After less before, draw by draw."""
        return self.series("after", name) - self.series("before", name)


@dataclass(frozen=True, eq=False)
class Behaviour:
    """Two worlds under the same names, and how long they are run; `touched` are the variables made otherwise.

    `shortened` says that paths are not as long as was asked for. `held` are the actions for which a world has no rule:
    they are kept at one value in both.
    """

    old: World
    new: World
    touched: tuple[str, ...]
    draws: int
    budget: Budget
    shortened: bool
    held: Mapping[str, float]
    seed: int

    @property
    def horizon(self) -> int:
        """How many steps paths have."""
        return self.budget.horizon

    @cached_property
    def simulators(self) -> tuple[Simulator, Simulator]:
        """Both worlds' steps, carrying the same past."""
        lags = [lags_of(world) for world in (self.old, self.new)]
        longest = {name: max(own.get(name, 1) for own in lags) for name in sorted({*lags[0], *lags[1]})}
        carried = [{name: longest[name] for name in world.variables} for world in (self.old, self.new)]
        return Simulator(self.old, carried[0]), Simulator(self.new, carried[1])

    def run(self, source: Source, pushes: Sequence[Intervention] = (), horizon: int | None = None) -> Pair:
        """Both worlds under their own rules, with what `pushes` does to each of them."""
        with torch.no_grad():
            runs = [
                simulate(
                    simulator,
                    None,
                    horizon or self.horizon,
                    self.draws,
                    seed=self.seed,
                    source=source,
                    interventions=(*self.holding(simulator.world), *pushes),
                )
                for simulator in self.simulators
            ]
        return Pair(runs[0], runs[1])

    def holding(self, world: World) -> tuple[Intervention, ...]:
        """What keeps the actions that no rule chooses at one value."""
        return tuple(Intervention(name, value) for name, value in self.held.items() if name in world.actions)

    @cached_property
    def posterior(self) -> Pair:
        """Runs with parameters from what data say, or from priors where nothing was fitted."""
        return self.run("posterior")

    @cached_property
    def prior(self) -> Pair:
        """Runs with parameters from the priors; the same as the others where neither world has a posterior."""
        return self.run("prior") if self.fitted else self.posterior

    @property
    def fitted(self) -> bool:
        """Whether any parameter was fitted, before or after."""
        return bool(self.old.posteriors or self.new.posteriors)


@lru_cache(maxsize=4)
def behaviour(subject: Subject) -> Behaviour | None:
    """What to run for a subject; None where one of its worlds cannot be built."""
    worlds = both_worlds(subject)
    if worlds is None:
        return None
    old, new = ground(aligned(*worlds)), ground(worlds[1])
    wanted, sources = _horizon(subject, old, new), 2 if old.posteriors or new.posteriors else 1
    own = budget(subject.settings.work, _operations(old) + _operations(new), wanted, sources)
    size = max(1, len(old.variables), len(new.variables)) * own.horizon
    draws = max(_FEWEST_DRAWS, min(subject.settings.draws, _MOST_NUMBERS // size))
    held = _held(old) | _held(new)
    return Behaviour(old, new, touched(old, new), draws, own, own.horizon < wanted, held, subject.seed)


def _horizon(subject: Subject, old: World, new: World) -> int:
    """As far as was asked for, or as any property looks."""
    if old.static and new.static:
        return 1
    properties = [entry.formula for world in (old, new) for entry in world.properties.values()]
    looks = [formula.path.steps for formula in properties if isinstance(formula, Probability)]
    return max([subject.settings.horizon, *looks])


def _operations(world: World) -> int:
    """How many operations a step takes."""
    return sum(1 for mechanism in world.mechanisms.values() for _ in walk(mechanism.law))


def _held(world: World) -> dict[str, float]:
    """A value for each action that no rule chooses: the middle of its law before step 1, or what is nearest to 0."""
    from_rules = {action for action in world.actions if _has_rule(world, action)}
    return {name: _middle(world, name) for name in world.actions if name not in from_rules}


def _has_rule(world: World, action: str) -> bool:
    ranked = sorted(world.weights_of(action).values(), reverse=True)
    return bool(ranked) and (len(ranked) == 1 or ranked[0] > ranked[1])


def _middle(world: World, name: str) -> float:
    variable = world.variables[name]
    half = torch.full((1, 1), 0.5, dtype=torch.float64)
    value = draw_law(variable.initial[0], half) if variable.initial else torch.zeros(1, 1, dtype=torch.float64)
    return float(Within.of(variable.file.support).nearest(value))
