"""Scales: how a parameter with a limited support is written on the whole real line, and what that does to its density.

`identity` for the whole line, `log` for positive numbers, `logit` for an interval that is first brought to (0, 1). The
scale follows from the prior's support and from nothing else, so a posterior file can be read without the data that it
was fitted to.
"""

from dataclasses import dataclass
from typing import assert_never

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.components.posterior import Scale
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Law
from worldmodel.language.signatures import FAMILIES
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.torch_expression import evaluate


@dataclass(frozen=True)
class Transform:
    """A scale, and for `logit` the ends of the interval."""

    scale: Scale
    low: float = 0.0
    high: float = 1.0

    def to_natural(self, unconstrained: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """From the whole real line to the parameter's own numbers."""
        match self.scale:
            case "identity":
                return unconstrained
            case "log":
                return torch.exp(unconstrained)
            case "logit":
                return self.low + (self.high - self.low) * torch.sigmoid(unconstrained)
            case _:
                assert_never(self.scale)

    def to_unconstrained(self, natural: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """From the parameter's own numbers to the whole real line."""
        match self.scale:
            case "identity":
                return natural
            case "log":
                return torch.log(natural)
            case "logit":
                return torch.logit((natural - self.low) / (self.high - self.low))
            case _:
                assert_never(self.scale)

    def log_jacobian(self, unconstrained: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """log |d natural / d unconstrained|, which a log density gains when it moves to the unconstrained scale."""
        match self.scale:
            case "identity":
                return torch.zeros_like(unconstrained)
            case "log":
                return unconstrained
            case "logit":
                width = torch.tensor(self.high - self.low, dtype=unconstrained.dtype)
                below, above = (
                    torch.nn.functional.logsigmoid(unconstrained),
                    torch.nn.functional.logsigmoid(-unconstrained),
                )
                return torch.log(width) + below + above
            case _:
                assert_never(self.scale)


def transform_of(prior: Law, where: str) -> Transform:
    """The transform that a prior's support asks for; raises InputError where the prior is discrete or a point."""
    family = FAMILIES[prior.family]
    match family.support:
        case "real":
            return Transform("identity")
        case "positive" | "nonnegative":
            return Transform("log")
        case "unit":
            return Transform("logit")
        case "interval":
            low, high = (evaluate(argument, fixed_environment({})).item() for argument in prior.arguments)
            return Transform("logit", low, high)
        case "count" | "binary" | "point":
            raise InputError(_without_scale(where, prior.family))
        case _:
            assert_never(family.support)


def _without_scale(where: str, family: str) -> Problem:
    return Problem(
        code="prior-without-scale",
        where=where,
        found=f"a parameter with the prior {family}, which has no density",
        wanted="a continuous prior",
        mend="make the parameter a constant, or give it a continuous prior",
    )
