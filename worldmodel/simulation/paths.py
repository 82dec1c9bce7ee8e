"""What trajectories are worth and whether they keep a property: utilities by step, and temporal formulas."""

from collections.abc import Mapping
from typing import assert_never

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Expression, Node, Path, Probability, Start, Throughout, Until, Variable, Within
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.readings.log_density import constant
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import Utility


def variables_of(node: Node) -> frozenset[str]:
    """The variables that an expression or formula reads: what `keep` must have for it."""
    return frozenset(entry.name for entry in walk(node) if isinstance(entry, Variable | Start))


def utility_values(utility: Utility, trajectories: Trajectories) -> Float[Tensor, "draws batch time"]:
    """One stakeholder's utility at each step; after a failure, that of the last good values."""
    named = {name: constant(entry.value) for name, entry in utility.file.constants.items()}
    return values_along(utility.expression, trajectories, named)


def values_along(
    expression: Expression, trajectories: Trajectories, named: Mapping[str, Tensor]
) -> Float[Tensor, "draws batch time"]:
    """An expression's value at each step of trajectories, with constants by name."""

    def variable(name: str, lag: int) -> Tensor:
        series = trajectories.values[name]
        if not lag:
            return series
        earlier = torch.stack(trajectories.before[name][:lag][::-1], dim=-1)
        return torch.cat([earlier, series], dim=-1)[..., : series.shape[-1]]

    environment = Environment(
        lambda name: named[name], variable, lambda name: trajectories.before[name][0].unsqueeze(-1)
    )
    return evaluate(expression, environment).expand(trajectories.alive.shape)


def path_holds(path: Path, trajectories: Trajectories, failed_as: bool = False) -> Bool[Tensor, "draws batch"]:
    """Whether each trajectory is one of the path's; `failed_as` is the answer where failure left it open."""
    if path.steps > trajectories.horizon:
        raise InputError(_too_short(path, trajectories.horizon))
    alive = trajectories.alive[..., : path.steps]
    survived = alive[..., -1]
    match path:
        case Within(condition, steps):
            yes = (_along(condition, trajectories, steps) & alive).any(dim=-1)
            no = survived & ~yes
        case Throughout(condition, steps):
            no = (~_along(condition, trajectories, steps) & alive).any(dim=-1)
            yes = survived & ~no
        case Until(first, second, steps):
            yes, no = _until(_along(first, trajectories, steps), _along(second, trajectories, steps), alive)
        case _:
            assert_never(path)
    return yes | ~no if failed_as else yes


def probability_holds(formula: Probability, trajectories: Trajectories) -> Bool[Tensor, "draws batch"]:
    """Which trajectories count towards the probability, where failure counts against the property.

    Where the bound is from below a failed trajectory is not one of the path's; where it is from above, it is.
    """
    return path_holds(formula.path, trajectories, failed_as=formula.operator in ("<", "<="))


def _along(condition: Expression, trajectories: Trajectories, steps: int) -> Bool[Tensor, "draws batch time"]:
    return values_along(condition, trajectories, {})[..., :steps]


def _until(
    first: Bool[Tensor, "draws batch time"],
    second: Bool[Tensor, "draws batch time"],
    alive: Bool[Tensor, "draws batch time"],
) -> tuple[Bool[Tensor, "draws batch"], Bool[Tensor, "draws batch"]]:
    """Where `second` comes true with `first` at every step before, and where that is ruled out."""
    waiting = torch.ones_like(alive[..., 0])
    yes = torch.zeros_like(waiting)
    ruled_out = torch.zeros_like(waiting)
    for step in range(alive.shape[-1]):
        here = waiting & alive[..., step]
        yes = yes | (here & second[..., step])
        ruled_out = ruled_out | (here & ~second[..., step] & ~first[..., step])
        waiting = here & ~second[..., step] & first[..., step]
    return yes, ruled_out | waiting


def _too_short(path: Path, horizon: int) -> Problem:
    return Problem(
        code="horizon-too-short",
        where="simulation",
        found=f"{horizon} steps",
        wanted=f"{path.steps} steps, which the property “{render(_as_formula(path))}” looks ahead",
        mend="simulate for a longer horizon",
    )


def _as_formula(path: Path) -> Probability:
    return Probability(path, ">=", 0.0)
