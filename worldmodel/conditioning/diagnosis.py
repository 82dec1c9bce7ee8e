"""How far an answer can be trusted, and weights from log densities."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.inference.diagnosis import GOOD_EFFECTIVE_DRAWS, GOOD_K_HAT, smooth

_FAINTEST = 700.0
_TIES = 10


@dataclass(frozen=True)
class Diagnosis:
    """What the method says of itself; a field that does not apply is None.

    `draws` is how many parameter draws or trajectories the answer averages over; `outside` bounds the probability that
    some unknown value lies outside its support, where the method takes no account of supports.
    """

    draws: int | None = None
    effective_draws: float | None = None
    k_hat: float | None = None
    r_hat: float | None = None
    divergences: int | None = None
    outside: float | None = None


@dataclass(frozen=True)
class Weights:
    """Normalised, smoothed weights of draws, with k-hat, effective draws, and the log of the mean raw weight."""

    values: Float[Tensor, " draws"]
    k_hat: float
    effective: float
    log_mean: float

    @property
    def flags(self) -> tuple[str, ...]:
        """Why the weighted draws are not to be trusted; empty where they are."""
        found = []
        if not self.k_hat <= GOOD_K_HAT:
            found.append(f"k-hat {self.k_hat:.2f} is above {GOOD_K_HAT}: a few draws have most of the weight")
        if not self.effective >= GOOD_EFFECTIVE_DRAWS:
            found.append(f"{self.effective:.0f} effective draws are fewer than {GOOD_EFFECTIVE_DRAWS}")
        return tuple(found)


def weigh(logs: Float[Tensor, " draws"]) -> Weights | None:
    """The weights that log densities give to draws; None where every draw is impossible."""
    possible = logs > -torch.inf
    if not bool(possible.any()):
        return None
    log_mean = float(torch.logsumexp(logs, dim=0)) - math.log(len(logs))
    relative = torch.exp(logs - logs.max())
    k_hat, values = _tail(relative), relative
    if k_hat is None:
        # A weight of exactly zero has no logarithm for the smoothing; such a draw counts for nothing either way.
        smoothed, k_hat = smooth(torch.clamp(logs, min=float(logs.max()) - _FAINTEST))
        values = torch.where(possible, torch.exp(smoothed), torch.zeros_like(logs))
    values = values / values.sum()
    return Weights(values, k_hat, float(1 / (values * values).sum()), log_mean)


def _tail(relative: Float[Tensor, " draws"]) -> float | None:
    """k-hat where a tail cannot be fitted: the largest weight is reached again and again, or hardly any counts."""
    if int((relative > 1 - 1e-9).sum()) >= _TIES:
        return -math.inf
    tail = min(len(relative) // 5, int(3 * len(relative) ** 0.5))
    top = torch.sort(relative, descending=True).values[: tail + 1]
    return math.inf if float(top[3 * tail // 4 - 1] - top[-1]) <= 1e-290 else None
