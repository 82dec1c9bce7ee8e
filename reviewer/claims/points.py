"""Where to look for a counterexample: draws of the priors, and values all over the supports, always the same."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from reviewer.claims.region import Key, Numbers, Region
from worldmodel.simulation.draws import parameters_from
from worldmodel.simulation.noise import Noise, Uniform
from worldmodel.world import Mechanism, World

_EDGE = 0.125


@dataclass(frozen=True)
class _Half:
    """The middle of every law."""

    def uniform(self, site: str, step: int, draws: int, batch: int) -> Float[Tensor, "draws batch"]:
        """One half for each trajectory."""
        return torch.full((draws, batch), 0.5, dtype=torch.float64)


def trial_points(world: World, mechanism: Mechanism, region: Region, count: int, seed: int) -> Numbers:
    """Points of a region (things read × count): parameters are draws of the priors, other values spread over supports.

    The first point is the middle of everything. One value in four lies at an end of its support, where that is finite.
    """
    alone = replace(world, mechanisms={mechanism.file.id: mechanism})
    noise = Noise(seed)
    with torch.no_grad():
        drawn = parameters_from(alone, noise, count, "prior")
        middle = parameters_from(alone, _Half(), 1, "prior")
    rows = [
        _parameter(f"{mechanism.owner}.{key.name}", drawn, middle)
        if key.kind == "parameter"
        else spread(key, "", region, row, noise, count)
        for row, key in enumerate(region.keys)
    ]
    return np.array(rows).reshape(len(region.keys), count)


def _parameter(name: str, drawn: dict[str, Tensor], middle: dict[str, Tensor]) -> Numbers:
    values = drawn[name][:, 0].numpy().copy()
    values[0] = middle[name][0, 0].item()
    return values


def spread(key: Key, site: str, region: Region, row: int, noise: Uniform, count: int) -> Numbers:
    """Values of one thing all over its interval, the first one in its middle."""
    low, high = float(region.lower[row, 0]), float(region.upper[row, 0])
    u = noise.uniform(f"claim{site}:{key}", 0, count, 1)[:, 0].numpy().copy()
    edge = noise.uniform(f"claim edge{site}:{key}", 0, count, 1)[:, 0].numpy()
    u[0] = 0.5
    values = _placed(u, low, high)
    later = np.arange(count) > 0
    values = np.where(later & (edge < _EDGE) & np.isfinite(low), low, values)
    values = np.where(later & (edge > 1 - _EDGE) & np.isfinite(high), high, values)
    return np.clip(np.round(values) if region.whole[row] else values, low, high)


def _placed(u: Numbers, low: float, high: float) -> Numbers:
    """Even over a bounded interval; over an unbounded one most values of ordinary size, and some of any size."""
    if np.isfinite(low) and np.isfinite(high):
        return low + u * (high - low)
    if np.isfinite(low):
        return low + u / (1 - u)
    if np.isfinite(high):
        return high - u / (1 - u)
    return (u - 0.5) / (u * (1 - u))
