"""Floors in training: a smooth stand-in for how often each is broken, and multipliers that grow until it is kept.

An augmented Lagrangian for inequalities. The stand-in only gives a direction; multipliers move by the frequency that
was really counted, and which policy is kept is decided by `policy.selection`, where no utility can make up for a floor.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

_SOFTNESS = 0.25
_LARGEST = 1000.0
_SMALLEST_SPREAD = 1e-9


@dataclass(frozen=True)
class Multipliers:
    """What a broken floor costs at present.

    `growth` is how fast that rises with each iteration in which it is broken too often.
    """

    values: Float[Tensor, " floor"]
    allowed: Float[Tensor, " floor"]
    growth: float = 2.0


def fresh_multipliers(shares: list[float]) -> Multipliers:
    """Multipliers of zero for floors that must be kept with the given shares."""
    allowed = torch.tensor([1 - share for share in shares], dtype=torch.float64)
    return Multipliers(torch.zeros_like(allowed), allowed)


def softly_broken(margins: Float[Tensor, "floor draws batch"]) -> Float[Tensor, " floor"]:
    """A differentiable stand-in for the share of trajectories that break each floor.

    Its width is a quarter of the margins' sd.
    """
    rows = margins.flatten(1)
    width = (_SOFTNESS * rows.detach().std(-1, correction=0)).clamp(min=_SMALLEST_SPREAD)
    return torch.sigmoid(-rows / width[:, None]).mean(-1)


def broken_share(kept: Bool[Tensor, "floor draws batch"]) -> Float[Tensor, " floor"]:
    """The share of trajectories that broke each floor."""
    return 1 - kept.flatten(1).to(torch.float64).mean(-1)


def penalty(margins: Float[Tensor, "floor draws batch"], multipliers: Multipliers) -> Float[Tensor, ""]:
    """The augmented Lagrangian's term for every floor together; 0 where a floor is kept with room to spare."""
    if len(margins) == 0:
        return margins.sum()
    excess = softly_broken(margins) - multipliers.allowed
    pressed = (multipliers.values + multipliers.growth * excess).clamp(min=0)
    return ((pressed**2 - multipliers.values**2) / (2 * multipliers.growth)).sum()


def raised(multipliers: Multipliers, kept: Bool[Tensor, "floor draws batch"]) -> Multipliers:
    """The multipliers after an iteration in which these floors were kept."""
    excess = broken_share(kept) - multipliers.allowed
    return replace(multipliers, values=(multipliers.values + multipliers.growth * excess).clamp(0, _LARGEST))
