"""Whether a variable really moves: draw by draw, with common random numbers, in trajectories alive in both worlds."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from reviewer.panes.runs import Pair


@dataclass(frozen=True)
class Movement:
    """What happens to one variable.

    `share` of the trajectories differ at some step, the first of them at `first` (0 where none does). `size` is the
    mean distance at the last step draw by draw, and `relative` the same as a share of the spread before.
    """

    name: str
    share: float
    first: int
    size: float
    relative: float


def movements(pair: Pair) -> Iterator[Movement]:
    """Every variable that both worlds have, in alphabetical order."""
    for name in pair.common:
        yield _movement(name, pair)


def _movement(name: str, pair: Pair) -> Movement:
    difference = torch.where(pair.both, pair.difference(name), torch.zeros(()))
    differs: Bool[Tensor, "draws time"] = difference != 0
    steps = torch.nonzero(differs.any(dim=0)).flatten()
    first = int(steps[0]) + 1 if len(steps) else 0
    share = float(differs.any(dim=1).double().mean())
    size, spread = _size(difference, pair), _spread(name, pair)
    relative = 0.0 if size == 0 else torch.inf if spread == 0 else size / spread
    return Movement(name, share, first, size, relative)


def _size(difference: Float[Tensor, "draws time"], pair: Pair) -> float:
    alive = pair.both[:, -1]
    return float(difference[alive, -1].abs().mean()) if bool(alive.any()) else 0.0


def _spread(name: str, pair: Pair) -> float:
    alive = pair.both[:, -1]
    return float(pair.series("before", name)[alive, -1].std(correction=0)) if bool(alive.any()) else 0.0
