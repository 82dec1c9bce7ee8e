"""Diagnostics of draws, by ArviZ: Pareto k-hat, rank-normalised split R-hat, and effective sample size.

Only `arviz_stats.base` is used, which needs nothing but NumPy and SciPy. Sources: vehtari2024 (Pareto smoothing),
vehtari2021 (R-hat and effective sample size).
"""

from typing import Any

import numpy as np
import torch
from arviz_stats.base.array import array_stats
from jaxtyping import Float
from torch import Tensor

GOOD_K_HAT = 0.7
GOOD_R_HAT = 1.01
GOOD_EFFECTIVE_DRAWS = 400

_ARVIZ: Any = array_stats  # its methods carry no types


def smooth(log_weights: Float[Tensor, " draws"]) -> tuple[Float[Tensor, " draws"], float]:
    """Normalised log weights, the largest ones Pareto-smoothed, and k-hat (minus infinity for constant weights)."""
    if float(log_weights.max() - log_weights.min()) < 1e-12:
        return torch.full_like(log_weights, -float(np.log(len(log_weights)))), -np.inf
    # ArviZ takes log likelihoods of what is left out, which are minus log weights.
    smoothed, k_hat = _ARVIZ.psislw(-log_weights.numpy())
    return torch.from_numpy(np.asarray(smoothed)), float(k_hat)


def effective_draws_of_weights(log_weights: Float[Tensor, " draws"]) -> float:
    """How many independent draws the normalised weights are worth: 1 / sum of squares."""
    return float(torch.exp(-torch.logsumexp(2 * log_weights, dim=0)))


def worst_r_hat(chains: Float[Tensor, "chains draws dimension"]) -> float:
    """The largest rank-normalised split R-hat over dimensions; infinite where chains do not move at all."""
    with np.errstate(all="ignore"):
        values = _ARVIZ.rhat(chains.numpy(), chain_axis=0, draw_axis=1, method="rank")
    return float(np.max(np.nan_to_num(values, nan=np.inf)))


def least_effective_draws(chains: Float[Tensor, "chains draws dimension"]) -> float:
    """The smallest of the bulk and tail effective sample sizes over dimensions; 0 where chains do not move at all."""
    draws = chains.numpy()
    if not np.all(np.isfinite(draws)) or np.any(draws.std(axis=(0, 1)) == 0):
        return 0.0
    with np.errstate(all="ignore"):
        bulk = _ARVIZ.ess(draws, chain_axis=0, draw_axis=1, method="bulk")
        tail = _ARVIZ.ess(draws, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95))
    return float(np.nan_to_num(min(np.min(bulk), np.min(tail)), nan=0.0))
