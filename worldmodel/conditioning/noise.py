"""Noise as points of a real space: standard normal numbers, one for each site, that inference can move about in.

Every draw of a world is a function of its noise, so that the posterior of whatever is unknown is one density over a
standard normal space: nothing needs to be transformed, and nothing has a boundary.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.families.normal import standard_cdf
from worldmodel.simulation.noise import Noise, Uniform

Key = tuple[str, int]
"""A noise site and a step."""

_EDGE = 2.0**-53


@dataclass(frozen=True)
class Placed:
    """Noise at chosen places: `columns` says which column of the points each site has; other sites have the median."""

    columns: Mapping[Key, int]
    points: Float[Tensor, "draws dimension"]

    def uniform(self, site: str, step: int, draws: int, batch: int) -> Float[Tensor, "draws batch"]:
        """The number of a site in (0, 1), one for each point."""
        column = self.columns.get((site, step))
        if column is None:
            return torch.full((draws, batch), 0.5, dtype=torch.float64)
        u = torch.clamp(standard_cdf(self.points[:, column]), _EDGE, 1 - _EDGE)
        return u.unsqueeze(1).expand(draws, batch)


def normal(noise: Uniform, site: str, step: int, draws: int) -> Float[Tensor, "draws 1"]:
    """A standard normal number of a site; of placed noise the very number, which keeps its digits far out."""
    if isinstance(noise, Placed) and (site, step) in noise.columns:
        return noise.points[:, noise.columns[site, step]].unsqueeze(1)
    number: Tensor = torch.special.ndtri(noise.uniform(site, step, draws, 1))
    return number


def columns_of(keys: Sequence[Key]) -> dict[Key, int]:
    """A column for each key, in order."""
    return {key: place for place, key in enumerate(dict.fromkeys(keys))}


def drawn_points(seed: int, keys: Sequence[Key], draws: int) -> Float[Tensor, "draws dimension"]:
    """The points that the counter-based noise of a seed stands at."""
    noise = Noise(seed)
    rows = [torch.special.ndtri(noise.uniform(site, step, draws, 1)).squeeze(1) for site, step in keys]
    return torch.stack(rows, dim=1) if rows else torch.zeros(draws, 0, dtype=torch.float64)


def log_normal_density(points: Float[Tensor, "draws dimension"]) -> Float[Tensor, " draws"]:
    """The log density of the standard normal space."""
    return -0.5 * (points * points).sum(dim=1) - 0.5 * points.shape[1] * math.log(2 * math.pi)
