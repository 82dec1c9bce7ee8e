"""A mechanism and data as a log density over unconstrained parameters: what inference is handed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from assistants.parameters.observations import Observations
from worldmodel.checks.posteriors import scale_of
from worldmodel.components.posterior import Scale
from worldmodel.language.ir import Parameter
from worldmodel.language.walk import walk
from worldmodel.readings.log_density import constants, cumulative, fixed_environment, log_density, longest_lag
from worldmodel.readings.posterior_scale import interval, prior_log_density, to_natural, to_unconstrained
from worldmodel.readings.torch_law import law_quantile
from worldmodel.world import Mechanism

Points = Float[Tensor, "draws dimension"]


@dataclass(frozen=True)
class Target:
    """One mechanism's posterior up to a constant, given the rows that count.

    A mechanism of a family of variables has a target for each element, which share the parameters: one of them carries
    the others as `siblings`.
    """

    mechanism: Mechanism
    observations: Observations
    rows: Bool[Tensor, " time"]
    siblings: tuple["Target", ...] = ()

    @property
    def each(self) -> tuple["Target", ...]:
        """The target of every element."""
        return (replace(self, siblings=()), *self.siblings)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order of the columns of points."""
        return tuple(sorted(self.mechanism.file.parameters))

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        """The scale on which each parameter has no bounds."""
        return tuple(scale_of(self.mechanism.priors[name]) for name in self.names)

    @cached_property
    def constants(self) -> Mapping[str, Float[Tensor, ""]]:
        """The mechanism's constants, which hierarchical priors may read beside its parameters."""
        return constants(self.mechanism)

    def natural(self, points: Points) -> dict[str, Float[Tensor, " draws"]]:
        """The parameters' own values, by name."""
        return {name: self.natural_column(index, points[:, index]) for index, name in enumerate(self.names)}

    def natural_column(self, index: int, column: Float[Tensor, " draws"]) -> Float[Tensor, " draws"]:
        """One parameter's own values."""
        return to_natural(self.scales[index], column, interval(self.mechanism.priors[self.names[index]]))

    def log_density(self, points: Points) -> Float[Tensor, " draws"]:
        """Log prior on the unconstrained scale and the log likelihood of the rows of every element, added up."""
        natural = self.natural(points)
        total = self._likelihood(natural)
        for sibling in self.siblings:
            total = total + sibling._likelihood(natural)
        given = {**self.constants, **natural}
        for name, scale, column in zip(self.names, self.scales, points.T, strict=True):
            total = total + prior_log_density(self.mechanism.priors[name], scale, column, given)
        return total

    def _likelihood(self, natural: Mapping[str, Float[Tensor, " draws"]]) -> Float[Tensor, " draws"]:
        return self.step_density(natural)[:, self.rows[self._skip :]].sum(dim=1)

    def step_density(self, natural: Mapping[str, Float[Tensor, " draws"]]) -> Float[Tensor, "draws scored"]:
        """The log density of every step from the longest lag on."""
        return log_density(self.mechanism, natural, self.observations.values)

    def full_density(self, points: Points) -> Float[Tensor, "draws time"]:
        """The log density of every step of the series, NaN for the first ones and for gaps."""
        return self._whole(self.step_density(self.natural(points)), points)

    def full_places(self, points: Points) -> Float[Tensor, "draws time"]:
        """The distribution function of every step's law at what was observed, NaN for the first ones and for gaps."""
        return self._whole(cumulative(self.mechanism, self.natural(points), self.observations.values), points)

    def _whole(self, scored: Float[Tensor, "draws scored"], points: Points) -> Float[Tensor, "draws time"]:
        front = torch.full((len(points), self._skip), torch.nan, dtype=scored.dtype)
        return torch.cat((front, scored.expand(len(points), -1)), dim=1)

    def prior_draws(self, count: int, generator: np.random.Generator) -> Points:
        """Points of the prior; the first one is the prior's median in every parameter."""
        uniforms = torch.from_numpy(generator.uniform(size=(count, len(self.names))))
        uniforms[0] = 0.5
        return self._prior_points(uniforms)

    def prior_column(self, index: int, count: int = 20_000) -> Float[Tensor, " quantiles"]:
        """One parameter's prior as evenly spaced quantiles: as good as exact, where draws would differ by chance.

        Under a hierarchical prior they are those of evenly spread points of all parameters.
        """
        if not self._reads(self.names[index]):
            even = (torch.arange(count, dtype=torch.float64) + 0.5) / count
            return self._prior_points(even.unsqueeze(1).expand(-1, len(self.names)))[:, index]
        spread = torch.quasirandom.SobolEngine(len(self.names)).draw(count, dtype=torch.float64)
        return self._prior_points(spread.clamp(1e-9, 1 - 1e-9))[:, index].sort().values

    def _reads(self, name: str) -> bool:
        read = {node.name for node in walk(self.mechanism.priors[name]) if isinstance(node, Parameter)}
        return bool(read - set(self.constants))

    def _prior_points(self, uniforms: Float[Tensor, "draws dimension"]) -> Points:
        """The prior's points of some uniform numbers, those of priors that others read first."""
        place = {name: index for index, name in enumerate(self.names)}
        natural = {name: value.expand(len(uniforms)) for name, value in self.constants.items()}
        columns: dict[str, Tensor] = {}
        for name, prior in self.mechanism.priors.items():
            environment = fixed_environment(natural.__getitem__)
            natural[name] = law_quantile(prior, environment, uniforms[:, place[name]]).expand(len(uniforms))
            columns[name] = to_unconstrained(self.scales[place[name]], natural[name], interval(prior))
        return torch.stack([columns[name] for name in self.names], dim=1)

    @property
    def _skip(self) -> int:
        return longest_lag(self.mechanism)
