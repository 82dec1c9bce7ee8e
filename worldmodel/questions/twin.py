"""Two worlds with one noise: what happened, and what would have happened under interventions.

Step by step the factual world is read backwards wherever a value was observed (the noise that it came from, and how
likely it was), and forwards elsewhere; the twin is then driven by the same noise. What rounding or the precision of the
record leaves between a value and its noise is carried over, so that a twin without an edit gives back the record.
Source: balke1994.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.language.ir import Law
from worldmodel.questions.abduction import abduct, invertibility
from worldmodel.readings.log_density import constants
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_log_prob, law_quantile, law_valid
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.intervention import Change
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.state import Values
from worldmodel.simulation.support import Within
from worldmodel.world import Mechanism, World

# How far a recorded value may lie from a deterministic law's own, relative to it: what a file's digits leave open.
CLOSE = 1e-6


@dataclass
class Branch:
    """One of the two worlds while it runs: past values, most recent first, and the values of the present step."""

    history: dict[str, tuple[Values, ...]]
    start: Mapping[str, Values]
    alive: Bool[Tensor, "draws batch"]
    present: dict[str, Values] = field(default_factory=dict)

    def environment(self, mechanism: Mechanism, parameters: Parameters, step: int) -> Environment:
        """What the names of a mechanism's law mean here and now."""
        named = constants(mechanism)

        def parameter(name: str) -> Tensor:
            return named[name] if name in named else parameters[f"{mechanism.owner}.{name}"]

        def variable(name: str, lag: int) -> Tensor:
            return self.history[name][lag - 1] if lag else self.present[name]

        return Environment(
            parameter, variable, lambda name: self.start[name], lambda: torch.tensor(float(step), dtype=torch.float64)
        )

    def advance(self, good: Bool[Tensor, "draws batch"]) -> dict[str, Values]:
        """Ends the step: where it failed, values stay as they were."""
        kept = {
            name: torch.where(good, value, self.history[name][0] if self.history[name] else value)
            for name, value in self.present.items()
        }
        self.history = {name: (kept[name], *past)[: len(past)] for name, past in self.history.items()}
        self.alive = good
        self.present = {}
        return kept


@dataclass(frozen=True)
class Site:
    """What is known of a variable's noise at one step: the number, and what it leaves of the recorded value."""

    u: Mapping[str, Values]
    """By mechanism, since each rival has noise of its own."""
    gap: Values | None


@dataclass(frozen=True)
class Twin:
    """What both worlds share."""

    world: World
    parameters: Parameters
    noise: Noise
    rivals: Mapping[str, Int[Tensor, "draws batch"]]
    shape: tuple[int, int]

    def infer(
        self, name: str, mechanisms: tuple[str, ...], branch: Branch, step: int, observed: float | None
    ) -> tuple[Site, Float[Tensor, "draws batch"]]:
        """Assigns a variable in the factual world; its noise, and the log likelihood of what was observed."""
        numbers, value = {}, torch.zeros(self.shape, dtype=torch.float64)
        likelihood = torch.zeros(self.shape, dtype=torch.float64)
        for mechanism, here, environment in self._holding(self.world, name, mechanisms, branch, step):
            law = self.world.mechanisms[mechanism].law
            u = self.noise.uniform(f"mechanism:{mechanism}", step, *self.shape)
            fine = law_valid(law, environment)
            if observed is not None:
                x = torch.full(self.shape, observed, dtype=torch.float64)
                likelihood = torch.where(here, _log_likelihood(law, environment, x, fine), likelihood)
                spare = self.noise.uniform(f"abduction:{mechanism}", step, *self.shape)
                u = torch.where(fine, abduct(law, environment, x, spare), u)
            else:
                likelihood = torch.where(here & ~fine, -torch.inf, likelihood)
            numbers[mechanism] = u
            value = torch.where(here, law_quantile(law, environment, u).expand(self.shape), value)
        inside = Within.of(self.world.variables[name].file.support).contains(value)
        if observed is None:
            branch.present[name] = value
            return Site(numbers, None), torch.where(inside, likelihood, -torch.inf)
        branch.present[name] = torch.full(self.shape, observed, dtype=torch.float64)
        return Site(numbers, torch.nan_to_num(branch.present[name] - value)), likelihood

    def replay(
        self, world: World, name: str, site: Site, branch: Branch, step: int, change: Change
    ) -> Bool[Tensor, "draws batch"]:
        """Assigns a variable in the twin from the noise of its site; where it has not failed."""
        good = branch.alive
        if change.factor == 0:
            branch.present[name] = torch.full(self.shape, change.shift, dtype=torch.float64)
            return good
        value = torch.zeros(self.shape, dtype=torch.float64)
        support = Within.of(world.variables[name].file.support)
        for mechanism, here, environment in self._holding(world, name, tuple(site.u), branch, step):
            law = world.mechanisms[mechanism].law
            good = good & (~here | law_valid(law, environment))
            own = law_quantile(law, environment, site.u[mechanism]).expand(self.shape)
            if site.gap is not None and law == self.world.mechanisms[mechanism].law:
                # What rounding left must not carry a value out of its support.
                own = torch.where(support.contains(own) & ~support.contains(own + site.gap), own, own + site.gap)
            value = torch.where(here, own, value)
        branch.present[name] = self.changed(world, name, value, change)
        return good & support.contains(branch.present[name])

    def changed(self, world: World, name: str, value: Values, change: Change) -> Values:
        """A value after an intervention; an action stays within its support."""
        if change == Change():
            return value
        changed = change.factor * value + change.shift
        return Within.of(world.variables[name].file.support).nearest(changed) if name in world.actions else changed

    def _holding(
        self, world: World, name: str, mechanisms: tuple[str, ...], branch: Branch, step: int
    ) -> Iterator[tuple[str, Bool[Tensor, "..."], Environment]]:
        """Each mechanism of a variable, the trajectories in which it holds, and what its names mean."""
        for place, mechanism in enumerate(mechanisms):
            held = self.rivals.get(name) if len(mechanisms) > 1 else None
            here = torch.ones(self.shape, dtype=torch.bool) if held is None else held == place
            yield mechanism, here, branch.environment(world.mechanisms[mechanism], self.parameters, step)


def _log_likelihood(law: Law, environment: Environment, x: Values, fine: Bool[Tensor, "..."]) -> Tensor:
    """The log density of an observed value; a deterministic law says only whether it can be."""
    if invertibility(law) == "deterministic":
        own = law_quantile(law, environment, torch.full_like(x, 0.5))
        return torch.where((x - own).abs() <= CLOSE * (1 + own.abs()), 0.0, -torch.inf).to(x.dtype)
    density = torch.nan_to_num(law_log_prob(law, environment, x), nan=-torch.inf)
    return torch.where(fine, density, torch.full_like(density, -torch.inf)).expand(x.shape)
