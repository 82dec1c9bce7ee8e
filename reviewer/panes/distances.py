"""How far apart two sets of draws are, in words and numbers that a person can read.

The Wasserstein distance of order 1 is the mean distance between draws in the same rank [villani2009]; between normals
that differ by a shift it is the size of the shift. Named values have no order: there it is the total variation, which
is the Wasserstein distance where all names are one apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

LEVELS = (0.05, 0.5, 0.95)
ROUNDING = 2.0**-40
"""The share of a spread, or of a value, below which a difference is the rounding of another order of operations."""
Draws = Float[Tensor, " draws"]


def wasserstein(before: Draws, after: Draws) -> float:
    """W1 between as many draws of two numbers, in their unit; exactly 0 where they are the same."""
    return float((torch.sort(before).values - torch.sort(after).values).abs().mean())


def total_variation(before: Draws, after: Draws, count: int) -> float:
    """Half the sum of the differences of shares of `count` named values."""
    return float((shares(before, count) - shares(after, count)).abs().sum() / 2)


def shares(values: Draws, count: int) -> Float[Tensor, " name"]:
    """The share of each named value, by its code."""
    return torch.stack([(values == code).double().mean() for code in range(count)])


def quantiles(values: Draws, levels: Sequence[float] = LEVELS) -> tuple[float, ...]:
    """Quantiles of some draws; of no draws, not numbers."""
    if not values.numel():
        return (math.nan,) * len(levels)
    found = torch.quantile(values, torch.tensor(levels, dtype=values.dtype))
    return tuple(float(value) for value in found)


@dataclass(frozen=True)
class Told:
    """Two sets of draws as texts: each one's median (5 to 95 percent), their distance, and its share of the spread."""

    before: str
    after: str
    distance: str
    share: str


def told(before: Draws, after: Draws) -> Told:
    """The comparison of two numbers."""
    distance, spread = wasserstein(before, after), float(before.std(correction=0))
    if 0 < distance <= ROUNDING * spread:
        return Told(range_text(before), range_text(after), "rounding", "rounding")
    share = "0" if distance == 0 else "no spread" if spread == 0 else number(distance / spread)
    return Told(range_text(before), range_text(after), number(distance), share)


def range_text(values: Draws) -> str:
    """`median (5 to 95 percent)`; the number alone where there is no other."""
    if not values.numel():
        return "none"
    low, middle, high = map(number, quantiles(values))
    return middle if low == high else f"{middle} ({low} to {high})"


def number(value: float) -> str:
    """A number as the panes print it: three digits that count; 0 only where it is exactly zero.

    >>> [number(value) for value in (0.0, 1234.5678, -0.000123456, 12.0)]
    ['0', '1,235', '−0.000123', '12']
    """
    if math.isnan(value):
        return "none"
    text = f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"
    return ("0" if value == 0 else text).replace("-", "−")


def percent(share: float) -> str:
    """A share of trajectories; never rounded to all or nothing.

    >>> [percent(share) for share in (0.0, 0.00001, 0.5, 0.99999, 1.0)]
    ['0 %', 'under 0.1 %', '50 %', 'over 99.9 %', '100 %']
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{100 * share:.3g} %"
