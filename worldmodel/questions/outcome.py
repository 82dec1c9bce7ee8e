"""The outcome that a question is about: an expression at a step, or a stakeholder's utility over all steps."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Expression
from worldmodel.language.parser import parse_expression
from worldmodel.simulation.paths import utility_values, values_along, variables_of
from worldmodel.simulation.simulate import Trajectories
from worldmodel.simulation.texts import expression_for
from worldmodel.world import Utility, World


@dataclass(frozen=True)
class Outcome:
    """A number for each trajectory: an expression's value at `step`, or a utility's mean over steps 1 to `step`."""

    text: str
    measure: Expression | Utility
    step: int

    @property
    def reads(self) -> frozenset[str]:
        """The variables that trajectories must hold."""
        return variables_of(self.measure.expression if isinstance(self.measure, Utility) else self.measure)

    def values(self, trajectories: Trajectories) -> Float[Tensor, "draws batch"]:
        """The outcome of each trajectory; after a failure, that of the last good values."""
        if isinstance(self.measure, Utility):
            return utility_values(self.measure, trajectories)[..., : self.step].mean(dim=-1)
        return values_along(self.measure, trajectories, {})[..., self.step - 1].to(torch.float64)


def parse_outcome(world: World, text: str, horizon: int) -> Outcome:
    """Reads a utility's id, or an expression such as `inflation` or `inflation - slack[t-1]`, with `@STEP` behind it.

    Without a step it is that of the horizon. Variables may be written bare.
    """
    world = ground(world)
    body, sign, when = text.partition("@")
    step = _step(text, when, horizon) if sign else horizon
    utility = world.utilities.get(body.strip())
    if utility is not None:
        return Outcome(text, utility, step)
    try:
        expression = parse_expression(body.strip())
    except InputError as error:
        raise InputError(replace(problem, where="--of", part=text[:200]) for problem in error.problems) from error
    return Outcome(text, expression_for(world, expression), step)


def _step(text: str, when: str, horizon: int) -> int:
    bare = when.strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) < 7 and 1 <= int(bare) <= horizon):
        raise InputError(
            Problem(
                code="malformed-outcome",
                where="--of",
                found=text[:200],
                wanted=f"UTILITY or EXPRESSION, with @STEP from 1 to {horizon}",
                mend="write for example inflation@12",
            )
        )
    return int(bare)
