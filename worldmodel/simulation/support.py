"""A variable's support as a test on tensors, and the way back into it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.components.variable import Support


@dataclass(frozen=True)
class Within:
    """The numbers from `lower` to `upper`, both included, or the whole ones of them. Named values count from 0."""

    lower: float
    upper: float
    whole: bool

    @staticmethod
    def of(support: Support) -> "Within":
        """The set that a component declares."""
        if support.kind == "finite":
            return Within(0.0, float(len(support.values) - 1), True)
        lower = -math.inf if support.lower is None else support.lower
        upper = math.inf if support.upper is None else support.upper
        return Within(lower, upper, support.kind == "integer")

    @property
    def unbounded(self) -> bool:
        """Whether every finite number belongs to it."""
        return self.lower == -math.inf and self.upper == math.inf and not self.whole

    def contains(self, value: Float[Tensor, "..."]) -> Bool[Tensor, "..."]:
        """Where a value is finite and in the set."""
        if self.lower == -math.inf and self.upper == math.inf:
            inside = torch.isfinite(value)
        else:
            low = value > -math.inf if self.lower == -math.inf else value >= self.lower
            high = value < math.inf if self.upper == math.inf else value <= self.upper
            inside = low & high
        return inside & (value == torch.round(value)) if self.whole else inside

    def holds(self, value: float) -> bool:
        """Whether one number is in the set."""
        return (
            math.isfinite(value) and self.lower <= value <= self.upper and (not self.whole or float(value).is_integer())
        )

    def nearest(self, value: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The nearest number of the set; NaN stays NaN. No gradient passes where a whole number is wanted."""
        if self.whole:
            value = torch.round(value)
        if self.lower == -math.inf and self.upper == math.inf:
            return value
        return torch.clamp(value, min=self.lower, max=self.upper)

    def __str__(self) -> str:
        lower = "(−∞" if self.lower == -math.inf else f"[{self.lower:g}"
        upper = "∞)" if self.upper == math.inf else f"{self.upper:g}]"
        return f"{'a whole number' if self.whole else 'a number'} in {lower}, {upper}"


def all_finite(values: Sequence[Float[Tensor, "draws batch"]]) -> Bool[Tensor, "draws batch"]:
    """Where every one of some values is finite: 0 · x is 0 for these numbers only, and sums keep a NaN."""
    total = values[0].detach() * 0.0
    for value in values[1:]:
        total = torch.add(total, value.detach(), alpha=0.0)
    return total == 0.0
