"""A statement that holds on every box of some cover holds everywhere: boxes are cut until it does, or work runs out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from reviewer.claims.budget import Budget
from reviewer.claims.region import Numbers, Region

Holds = Callable[[Numbers, Numbers], Any]
"""Given boxes' lower and upper ends (things read × boxes), on which of them the statement surely holds."""
_MOST_AT_ONCE = 2048


@dataclass(frozen=True)
class Cover:
    """Whether the statement holds on the whole region, how many boxes it took, and boxes on which it is still open."""

    proved: bool
    boxes: int
    lower: Numbers
    upper: Numbers


def cover(region: Region, holds: Holds, budget: Budget, size: int, matters: Any, real: int | None = None) -> Cover:
    """Cuts the region in halves, widest side first, until the statement holds on every part.

    `size` is what one box costs, `matters` says which things are cut, and `real` is the row of one whose whole numbers
    are treated as real ones.
    """
    lower, upper = region.lower, region.upper
    most = max(1, min(budget.boxes, budget.work // max(1, size)))
    used = 0
    while lower.shape[1]:
        count = min(lower.shape[1], _MOST_AT_ONCE, most - used)
        if count <= 0:
            return Cover(False, used, lower, upper)
        here_lower, here_upper = lower[:, :count], upper[:, :count]
        used += count
        open_ones = ~np.broadcast_to(holds(here_lower, here_upper), (count,))
        parts = _halves(region, here_lower[:, open_ones], here_upper[:, open_ones], matters, real)
        if parts is None:
            return Cover(False, used, here_lower[:, open_ones], here_upper[:, open_ones])
        lower = np.concatenate([lower[:, count:], parts[0]], axis=1)
        upper = np.concatenate([upper[:, count:], parts[1]], axis=1)
    return Cover(True, used, lower, upper)


def _halves(
    region: Region, lower: Numbers, upper: Numbers, matters: Any, real: int | None
) -> tuple[Numbers, Numbers] | None:
    """Both halves of every box, cut where it is widest for its region; None where one is a point and cannot be cut."""
    if not lower.shape[1]:
        return lower, upper
    if not lower.shape[0]:
        return None
    width = (_bent(upper) - _bent(lower)) / np.maximum(_bent(region.upper) - _bent(region.lower), 1e-300)
    middle: Numbers = _middle(lower, upper)
    whole = (np.array(region.whole, np.bool_) & (np.arange(len(region.keys)) != real))[:, None]
    first: Numbers = np.where(whole, np.floor(middle), middle)
    second = np.where(whole, first + 1, middle)
    can = (first < upper) & (lower < second) & (lower < upper) & matters[:, None]
    side: Numbers = np.argmax(np.where(can, width, -1.0), axis=0)
    at = (side, np.arange(lower.shape[1]))
    if not np.all(can[at]):
        return None
    left, right = upper.copy(), lower.copy()
    left[at], right[at] = first[at], second[at]
    return np.concatenate([lower, right], axis=1), np.concatenate([left, upper], axis=1)


def _bent(x: Numbers) -> Numbers:
    """The line as an interval: order is kept, and infinity has a place."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(x), np.sign(x), x / (1 + np.abs(x)))


def _middle(lower: Numbers, upper: Numbers) -> Numbers:
    """Halfway where both ends are near enough, and halfway on the bent line otherwise."""
    bent = (_bent(lower) + _bent(upper)) / 2
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        straight = lower / 2 + upper / 2
        curved = np.where(np.abs(bent) < 1, bent / (1 - np.abs(bent)), np.sign(bent) * 1e300)
        plain = np.isfinite(lower) & np.isfinite(upper) & (upper - lower < 1e4)
    found = np.where(plain, straight, curved)
    return np.clip(np.where(np.isnan(found), straight, found), lower, upper)
