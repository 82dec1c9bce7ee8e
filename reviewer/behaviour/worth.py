"""What a world is worth by its own objective, when its own rules act: the score that a change moves.

Common random numbers: two worlds, or two interventions, are run on the same parameter numbers and the same noise, so
that differences between them are paired draw by draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.components.purpose import ObjectiveFile
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.readings.objective import aggregate, at_risk, discounted
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.paths import utility_values, variables_of
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

BATCH = 4
"""Trajectories of each parameter draw."""


@dataclass(frozen=True)
class Setting:
    """How worlds are run: parameter draws, the most steps, and the seed of everything."""

    draws: int
    steps: int
    seed: int


@dataclass(frozen=True)
class Worth:
    """One number a parameter draw, aggregated over stakeholders, and the number that the objective makes of them."""

    per_draw: Float[Tensor, " draws"]
    value: float


def objective_of(world: World) -> ObjectiveFile:
    """The world's objective; raises InputError where it has none."""
    if world.objective is None or not world.utilities:
        raise InputError(
            Problem(
                code="no-objective",
                where="objective.toml",
                found="a world that says of no outcome how good it is",
                wanted="an objective and a utility",
                mend="add objective.toml and utilities/ID.toml; without them nothing can be called better",
            )
        )
    return world.objective


def returns(
    world: World, setting: Setting, rule: str | None = None, interventions: Sequence[Intervention] = ()
) -> Float[Tensor, "stakeholder draws"]:
    """Each stakeholder's discounted utility by parameter draw, under a rule or the world's own ones."""
    objective, grounded = objective_of(world), ground(world)
    steps = 1 if world.static else min(objective.horizon, setting.steps)
    wanted = frozenset().union(*(variables_of(utility.expression) for utility in grounded.utilities.values()))
    with torch.no_grad():
        paths = simulate(
            world, rule, steps, setting.draws, BATCH, setting.seed, interventions=interventions, keep=wanted
        )
        rows = [utility_values(grounded.utilities[name], paths) for name in sorted(grounded.utilities)]
        return discounted(torch.stack(rows), objective.discount).mean(dim=-1)


def worth(
    world: World,
    setting: Setting,
    disagreement: Float[Tensor, " stakeholder"],
    rule: str | None = None,
    interventions: Sequence[Intervention] = (),
) -> Worth:
    """The world's worth by its objective; `disagreement` is what Nash bargaining starts from."""
    objective = objective_of(world)
    rows = returns(world, setting, rule, interventions)
    per_draw = aggregate(rows, tuple(sorted(world.utilities)), objective.aggregation, disagreement)
    return Worth(per_draw, float(at_risk(per_draw, objective.risk)))


def disagreement_of(world: World, setting: Setting) -> Float[Tensor, " stakeholder"]:
    """What the world's own rules give each stakeholder."""
    return returns(world, setting).mean(dim=1)
