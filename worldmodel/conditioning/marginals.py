"""What is known of one cell: a table over its values, or mean, standard deviation and quantiles of a real one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.families.normal import standard_cdf

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

_HALVINGS = 80


@dataclass(frozen=True)
class Table:
    """The probability of each value; `names` has the values' names, or their numbers as text."""

    names: tuple[str, ...]
    values: tuple[float, ...]
    probabilities: tuple[float, ...]

    def of(self, name: str) -> float:
        """The probability of a value by its name; 0 for one that is not listed."""
        return dict(zip(self.names, self.probabilities, strict=True)).get(name, 0.0)


@dataclass(frozen=True)
class Real:
    """A real value: mean, standard deviation, and the quantiles at `levels`."""

    mean: float
    sd: float
    levels: tuple[float, ...]
    quantiles: tuple[float, ...]


Marginal = Table | Real


def table(values: Sequence[float], probabilities: Sequence[float], names: Sequence[str]) -> Table:
    """A table; `names` are those of the values 0, 1, … of a finite variable, and empty for a numeric one."""
    shown = tuple(names[int(value)] if names else f"{value:g}" for value in values)
    return Table(shown, tuple(map(float, values)), tuple(map(float, probabilities)))


def mixture(
    weights: Float[Tensor, " parts"], means: Float[Tensor, " parts"], variances: Float[Tensor, " parts"]
) -> Real:
    """The summary of a mixture of Gaussians; parts without variance are points."""
    kept = weights > 0
    weights, means = weights[kept] / weights[kept].sum(), means[kept]
    scales = torch.sqrt(torch.clamp(variances[kept], min=0.0))
    mean = float(weights @ means)
    variance = float(weights @ (scales**2 + (means - mean) ** 2))
    return Real(mean, variance**0.5, LEVELS, tuple(_quantile(level, weights, means, scales) for level in LEVELS))


def _quantile(level: float, weights: Tensor, means: Tensor, scales: Tensor) -> float:
    """By halving: the smallest number whose distribution function reaches the level."""
    low, high = float((means - 9 * scales).min()), float((means + 9 * scales).max())
    wide = torch.clamp(scales, min=1e-300)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = torch.where(scales > 0, standard_cdf((middle - means) / wide), (means <= middle).double())
        if float(weights @ below) < level:
            low = middle
        else:
            high = middle
    return high


def weighted(values: Float[Tensor, " draws"], weights: Float[Tensor, " draws"]) -> Real:
    """The summary of weighted draws."""
    weights = weights / weights.sum()
    mean = float(weights @ values)
    sd = float(weights @ (values - mean) ** 2) ** 0.5
    order = torch.argsort(values)
    reached = np.cumsum(weights[order].numpy())
    places = np.minimum(np.searchsorted(reached, np.array(LEVELS) * reached[-1]), len(values) - 1)
    return Real(mean, sd, LEVELS, tuple(float(values[order][int(place)]) for place in places))


def counted(values: Float[Tensor, " draws"], weights: Float[Tensor, " draws"], names: Sequence[str]) -> Table:
    """The table of weighted draws of a finite variable: every named value, and every number that was drawn."""
    listed = sorted({*map(float, range(len(names))), *values.unique().tolist()})
    weights = weights / weights.sum()
    return table(listed, [float(weights[values == value].sum()) for value in listed], names)
