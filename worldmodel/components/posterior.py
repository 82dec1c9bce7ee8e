"""`posteriors/ID.toml`: what data say about one mechanism's parameters, at the limited precision that people reviewed.

The parameters are jointly Gaussian on the unconstrained scale that each one names. `correlation` is the full matrix,
its rows in the order of `order`. Means stand on a grid of half a standard deviation, and `bits` is what each learned
mean says beyond the prior. A parameter over an index set has one entry for each element: `beta[north]`.
"""

from typing import Annotated, Literal

from pydantic import Field

from worldmodel.components.base import Component, ComponentFile, Digest, Finite, Identifier, IndexedName, Text

Scale = Literal["identity", "log", "logit"]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Row = Annotated[tuple[Finite, ...], Field(strict=False)]


class ParameterPosterior(Component):
    """One parameter's Gaussian marginal on the named scale; the mean is a multiple of `grid`."""

    scale: Scale
    mean: Finite
    sd: Positive
    grid: Positive
    bits: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Diagnostics(Component):
    """How far the numbers can be trusted: Pareto k-hat or, after HMC, split R-hat; effective draws."""

    k_hat: Finite | None = None
    effective_draws: Positive
    r_hat: Finite | None = None


class Scores(Component):
    """Mean log density of each held-out step, one step ahead, in nats: of this posterior and of what it must beat."""

    model: Finite
    prior: Finite
    random_walk: Finite
    autoregression: Finite


class PosteriorFile(ComponentFile):
    """A generated component; `id` is the mechanism's, and digests bind it to its law and data."""

    id: Identifier
    mechanism_digest: Digest
    data_digest: Digest
    method: Text
    observations: Annotated[int, Field(ge=1)]
    order: Annotated[tuple[IndexedName, ...], Field(strict=False, min_length=1)]
    parameters: dict[IndexedName, ParameterPosterior]
    correlation: Annotated[tuple[Row, ...], Field(strict=False)]
    log_evidence: Finite
    diagnostics: Diagnostics
    scores: Scores | None = None
    checks: dict[IndexedName, Fraction] = Field(default_factory=dict)
