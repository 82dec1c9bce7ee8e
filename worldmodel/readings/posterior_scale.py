"""From the scale on which a posterior is jointly Gaussian to a parameter's own numbers, and back."""

from collections.abc import Mapping
from typing import assert_never

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.components.posterior import PosteriorFile, Scale
from worldmodel.language.ir import Law
from worldmodel.readings.log_density import NONE, fixed_environment
from worldmodel.readings.torch_expression import evaluate
from worldmodel.readings.torch_law import law_log_prob


def correlation_factor(posterior: PosteriorFile) -> Float[Tensor, "parameter parameter"]:
    """The lower triangular factor of the correlation matrix, which the checker has found positive definite."""
    return torch.from_numpy(np.linalg.cholesky(np.array(posterior.correlation, dtype=np.float64)))


def to_natural(
    scale: Scale, unconstrained: Float[Tensor, "..."], ends: tuple[float, float] = (0.0, 1.0)
) -> Float[Tensor, "..."]:
    """A parameter's own numbers; `ends` is what a logit scale maps to."""
    match scale:
        case "identity":
            return unconstrained
        case "log":
            return torch.exp(unconstrained)
        case "logit":
            return ends[0] + (ends[1] - ends[0]) * torch.sigmoid(unconstrained)
        case _:
            assert_never(scale)


def to_unconstrained(
    scale: Scale, natural: Float[Tensor, "..."], ends: tuple[float, float] = (0.0, 1.0)
) -> Float[Tensor, "..."]:
    """The inverse of `to_natural`."""
    match scale:
        case "identity":
            return natural
        case "log":
            return torch.log(natural)
        case "logit":
            return torch.logit((natural - ends[0]) / (ends[1] - ends[0]))
        case _:
            assert_never(scale)


def prior_log_density(
    prior: Law, scale: Scale, unconstrained: Float[Tensor, "..."], given: Mapping[str, Tensor] = NONE
) -> Float[Tensor, "..."]:
    """The log density of a prior on the unconstrained scale; `given` are the parameters and constants that it reads."""
    ends = interval(prior)
    density = law_log_prob(prior, fixed_environment(given.__getitem__), to_natural(scale, unconstrained, ends))
    match scale:
        case "identity":
            return density
        case "log":
            return density + unconstrained
        case "logit":
            both = torch.nn.functional.logsigmoid(unconstrained) + torch.nn.functional.logsigmoid(-unconstrained)
            return density + both + float(np.log(ends[1] - ends[0]))
        case _:
            assert_never(scale)


def prior_arguments(prior: Law) -> tuple[Float[Tensor, ""], ...]:
    """The numbers of a prior or an initial law."""
    return tuple(evaluate(argument, fixed_environment()) for argument in prior.arguments)


def interval(prior: Law) -> tuple[float, float]:
    """The ends that a logit scale maps to: those of a uniform prior, and 0 and 1 otherwise."""
    if prior.family != "Uniform":
        return 0.0, 1.0
    low, high = (argument.item() for argument in prior_arguments(prior))
    return low, high
