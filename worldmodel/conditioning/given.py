"""What every exact method answers, given parameters: the log evidence of each draw, and marginals of weighted draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Cell
from worldmodel.conditioning.marginals import Marginal

Draws = Mapping[str, Float[Tensor, " draws"]]
"""Parameters by `owner.name`; all have one length, and there is at least one draw."""


class NotExactError(Exception):
    """Why a method has no exact answer here; caught by whoever chooses the method."""


@dataclass(frozen=True)
class Answer:
    """Marginals, and the probability that some unknown value lies outside its support, which the method ignored."""

    marginals: Mapping[Cell, Marginal]
    outside: float = 0.0


class Given(Protocol):
    """An exact method, once parameters are given."""

    @property
    def method(self) -> str:
        """Its name."""

    @property
    def why(self) -> str:
        """What makes it exact, in words."""

    def log_evidence(self, parameters: Draws) -> Float[Tensor, " draws"]:
        """The exact log probability (density, of real values) of what is known; differentiable."""

    def answer(self, parameters: Draws, weights: Float[Tensor, " draws"], wanted: Sequence[Cell]) -> Answer:
        """The marginals, averaged over weighted draws; the weights add up to 1."""


def chunks(parameters: Draws, size: int) -> list[Draws]:
    """The draws in parts of a size."""
    count = max((len(draws) for draws in parameters.values()), default=1)
    return [
        {name: draws[begin : begin + size] for name, draws in parameters.items()} for begin in range(0, count, size)
    ]
