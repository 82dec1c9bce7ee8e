"""A mechanism and data as a log density over unconstrained parameters: what inference is handed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from assistants.parameters.observations import Observations
from worldmodel.checks.posteriors import scale_of
from worldmodel.components.posterior import Scale
from worldmodel.families.table import FAMILIES
from worldmodel.readings.log_density import log_density, longest_lag
from worldmodel.readings.posterior_scale import (
    interval,
    prior_arguments,
    prior_log_density,
    to_natural,
    to_unconstrained,
)
from worldmodel.world import Mechanism

Points = Float[Tensor, "draws dimension"]


@dataclass(frozen=True)
class Target:
    """One mechanism's posterior up to a constant, given the rows that count."""

    mechanism: Mechanism
    observations: Observations
    rows: Bool[Tensor, " time"]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order of the columns of points."""
        return tuple(sorted(self.mechanism.file.parameters))

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        """The scale on which each parameter has no bounds."""
        return tuple(scale_of(self.mechanism.priors[name]) for name in self.names)

    def natural(self, points: Points) -> dict[str, Float[Tensor, " draws"]]:
        """The parameters' own values, by name."""
        return {name: self.natural_column(index, points[:, index]) for index, name in enumerate(self.names)}

    def natural_column(self, index: int, column: Float[Tensor, " draws"]) -> Float[Tensor, " draws"]:
        """One parameter's own values."""
        return to_natural(self.scales[index], column, interval(self.mechanism.priors[self.names[index]]))

    def log_density(self, points: Points) -> Float[Tensor, " draws"]:
        """Log prior on the unconstrained scale and the log likelihood of the rows, added up."""
        total = self.step_density(self.natural(points))[:, self.rows[self._skip :]].sum(dim=1)
        for name, scale, column in zip(self.names, self.scales, points.T, strict=True):
            total = total + prior_log_density(self.mechanism.priors[name], scale, column)
        return total

    def step_density(self, natural: Mapping[str, Float[Tensor, " draws"]]) -> Float[Tensor, "draws scored"]:
        """The log density of every step from the longest lag on."""
        return log_density(self.mechanism, natural, self.observations.values)

    def full_density(self, points: Points) -> Float[Tensor, "draws time"]:
        """The log density of every step of the series, NaN for the first ones and for gaps."""
        density = self.step_density(self.natural(points))
        front = torch.full((len(points), self._skip), torch.nan, dtype=density.dtype)
        return torch.cat((front, density.expand(len(points), -1)), dim=1)

    def prior_draws(self, count: int, generator: np.random.Generator) -> Points:
        """Points of the prior; the first one is the prior's median in every parameter."""
        uniforms = torch.from_numpy(generator.uniform(size=(count, len(self.names))))
        uniforms[0] = 0.5
        return torch.stack([self._prior_quantile(index, uniforms[:, index]) for index in range(len(self.names))], dim=1)

    def prior_column(self, index: int, count: int = 20_000) -> Float[Tensor, " quantiles"]:
        """One parameter's prior as evenly spaced quantiles: as good as exact, where draws would differ by chance."""
        return self._prior_quantile(index, (torch.arange(count, dtype=torch.float64) + 0.5) / count)

    def _prior_quantile(self, index: int, uniforms: Tensor) -> Tensor:
        prior = self.mechanism.priors[self.names[index]]
        arguments = (value.expand_as(uniforms) for value in prior_arguments(prior))
        natural = FAMILIES[prior.family].quantile(uniforms, *arguments)
        return to_unconstrained(self.scales[index], natural, interval(prior))

    @property
    def _skip(self) -> int:
        return longest_lag(self.mechanism)
