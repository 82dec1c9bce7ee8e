"""By how much a property holds along a trajectory.

A signed margin with gradients, the quantitative reading of a condition.

The margin is 0 or above where the property holds and below 0 where it does not, up to ties of strict comparisons, so
that a trainer can follow it. Which trajectories count as kept is not decided here but by `worldmodel.simulation.paths`.
"""

from collections.abc import Callable
from typing import assert_never

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.language.ir import (
    Compare,
    CompareOperator,
    Expression,
    If,
    Logical,
    Not,
    Path,
    Throughout,
    Until,
    Within,
)

Series = Callable[[Expression], Float[Tensor, "draws batch time"]]


def path_margin(path: Path, series: Series) -> Float[Tensor, "draws batch"]:
    """The margin of a path property; `series` gives an expression's value at every step, from step 1 on."""
    match path:
        case Throughout(condition, steps):
            return condition_margin(condition, series)[..., :steps].amin(-1)
        case Within(condition, steps):
            return condition_margin(condition, series)[..., :steps].amax(-1)
        case Until(first, second, steps):
            return _until(condition_margin(first, series), condition_margin(second, series), steps)
        case _:
            assert_never(path)


def _until(first: Tensor, second: Tensor, steps: int) -> Tensor:
    """The best over steps k of: the second holds at k, and the first at every step before."""
    before = first[..., : steps - 1].cummin(-1).values
    reached = torch.cat([second[..., :1], torch.minimum(second[..., 1:steps], before)], -1)
    return reached.amax(-1)


def condition_margin(condition: Expression, series: Series) -> Float[Tensor, "draws batch time"]:
    """The margin of a condition at every step."""
    match condition:
        case Compare(operator, left, right):
            return _compare_margin(operator, series(left) - series(right))
        case Logical("and", left, right):
            return torch.minimum(condition_margin(left, series), condition_margin(right, series))
        case Logical("or", left, right):
            return torch.maximum(condition_margin(left, series), condition_margin(right, series))
        case Not(operand):
            return -condition_margin(operand, series)
        case If(chosen, then, otherwise):
            return torch.where(series(chosen), condition_margin(then, series), condition_margin(otherwise, series))
        case _:
            raise AssertionError("the checker lets no number stand where a condition is wanted")


def _compare_margin(operator: CompareOperator, difference: Tensor) -> Tensor:
    match operator:
        case ">" | ">=":
            return difference
        case "<" | "<=":
            return -difference
        case "==":
            return -difference.abs()
        case "!=":
            return difference.abs()
        case _:
            assert_never(operator)
