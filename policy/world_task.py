"""An approved world as a trainer's task: parameter draws, trajectories of a rule, utilities and floors along them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from policy.margins import path_margin
from policy.task import Outcome, Parameters, Requirement, Rule
from worldmodel.components.purpose import ObjectiveFile
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Probability
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.paths import probability_holds, utility_values, values_along
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World


@dataclass(frozen=True)
class WorldTask:
    """A world with an objective, as `policy.task.Task`."""

    world: World

    @cached_property
    def simulator(self) -> Simulator:
        """The world's transition, compiled once."""
        return Simulator(self.world)

    @property
    def observations(self) -> tuple[str, ...]:
        """What a policy sees."""
        return self.simulator.observations

    @property
    def actions(self) -> tuple[str, ...]:
        """What a policy sets."""
        return self.simulator.actions

    @property
    def bounds(self) -> tuple[Float[Tensor, " action"], Float[Tensor, " action"]]:
        """The ends of each action's support."""
        supports = [self.simulator.supports[name] for name in self.actions]
        lower = torch.tensor([support.lower for support in supports], dtype=torch.float64)
        return lower, torch.tensor([support.upper for support in supports], dtype=torch.float64)

    @property
    def objective(self) -> ObjectiveFile:
        """The approved objective."""
        if self.world.objective is None:
            raise InputError(_no_objective())
        return self.world.objective

    @property
    def stakeholders(self) -> tuple[str, ...]:
        """Ids of the utilities, sorted."""
        return tuple(sorted(self.world.utilities))

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """The objective's floors, in its order."""
        return tuple(self._requirement(name) for name in self.objective.floors)

    @cached_property
    def references(self) -> tuple[str, ...]:
        """The mechanisms that assign an action: the world's own rule first, the others by name."""
        rules = [rule.file.id for action in self.actions for rule in self.world.mechanisms_of(action)]
        own = {name for action in self.actions for name in list(self.world.weights_of(action))[:1]}
        return tuple(sorted(rules, key=lambda name: (name not in own, name)))

    @property
    def horizon(self) -> int:
        """The objective's steps, or more where a floor looks further."""
        return max(self.objective.horizon, *(self._formula(name).path.steps for name in self.objective.floors), 1)

    def parameters(self, seed: int, draws: int) -> Parameters:
        """Draws from posteriors, or from priors where a mechanism has none."""
        return Parameters(draw_parameters(self.world, seed, draws), draws)

    def run(self, rule: Rule | str, parameters: Parameters, seed: int, batch: int) -> Outcome:
        """Trajectories of a rule, with gradients where the caller has them on."""
        trajectories = simulate(
            self.simulator, rule, self.horizon, parameters.draws, batch, seed, parameters=parameters.values
        )
        return Outcome(
            utilities=self._utilities(trajectories),
            margins=self._margins(trajectories),
            kept=self._kept(trajectories),
            alive=trajectories.alive[..., -1],
            values=trajectories.values,
        )

    def variants(self) -> Mapping[str, "WorldTask"]:
        """For each rival mechanism of a variable that is no action, the world in which it is true for certain."""
        return {
            f"{variable} follows {mechanism}": WorldTask(_settled(self.world, variable, mechanism))
            for variable, weights in sorted(self.world.header.rivals.items())
            if variable not in self.actions and sum(weight > 0 for weight in weights.values()) > 1
            for mechanism in sorted(name for name, weight in weights.items() if weight > 0)
        }

    def _utilities(self, trajectories: Trajectories) -> Float[Tensor, "stakeholder draws batch time"]:
        rows = [utility_values(self.simulator.world.utilities[name], trajectories) for name in self.stakeholders]
        return torch.stack(rows)[..., : self.objective.horizon]

    def _kept(self, trajectories: Trajectories) -> Bool[Tensor, "floor draws batch"]:
        rows = []
        for name in self.objective.floors:
            formula = self._formula(name)
            counted = probability_holds(formula, trajectories)
            rows.append(counted if _from_below(formula) else ~counted)
        return torch.stack(rows) if rows else torch.ones((0, *trajectories.alive.shape[:2]), dtype=torch.bool)

    def _margins(self, trajectories: Trajectories) -> Float[Tensor, "floor draws batch"]:
        rows = []
        for name in self.objective.floors:
            formula = self._formula(name)
            margin = path_margin(formula.path, lambda expression: values_along(expression, trajectories, {}))
            rows.append(margin if _from_below(formula) else -margin)
        return torch.stack(rows) if rows else torch.zeros((0, *trajectories.alive.shape[:2]), dtype=torch.float64)

    def _requirement(self, name: str) -> Requirement:
        formula = self._formula(name)
        share = formula.bound if _from_below(formula) else 1 - formula.bound
        return Requirement(name, share, self.world.properties[name].file.stakeholder)

    def _formula(self, name: str) -> Probability:
        formula = self.simulator.world.properties[name].formula
        if not isinstance(formula, Probability):
            raise InputError(_not_a_probability(name))
        return formula


def _from_below(formula: Probability) -> bool:
    return formula.operator in (">", ">=")


def _settled(world: World, variable: str, mechanism: str) -> World:
    rivals = {**world.header.rivals, variable: {mechanism: 1.0}}
    return replace(world, header=world.header.model_copy(update={"rivals": rivals}))


def _no_objective() -> Problem:
    return Problem(
        code="no-objective",
        where="objective.toml",
        found="no objective in the bundle",
        wanted="an approved objective: horizon, discount, aggregation, risk, floors",
        mend="propose objective.toml and have it approved like everything else",
    )


def _not_a_probability(name: str) -> Problem:
    return Problem(
        code="floor-not-a-probability",
        where=f"properties/{name}.toml",
        part="property",
        found="a statement about one step",
        wanted="a floor of the form P(… throughout 40) >= 0.9",
        mend="state what must hold along a trajectory, and with which probability",
    )
