"""A posterior in few short numbers: what a person can read and review, and all that passes on.

Means stand on a grid of half a standard deviation, standard deviations have two significant digits, correlations
stand on a grid of .05. Rounding is not free, so its price is computed: the Kullback-Leibler divergence, in nats, from
the Gaussian with exact moments to the rounded one.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import NDArray

from worldmodel.components.posterior import PosteriorFile

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

CORRELATION_STEP = 0.05
LARGEST_CORRELATION = 0.95
LEAST_EIGENVALUE = 0.02
EXHAUSTIVE = 10


@dataclass(frozen=True)
class Summary:
    """A rounded Gaussian on the unconstrained scale; `cost` is its divergence from the exact moments, in nats."""

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    grid: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...]
    cost: float

    @property
    def covariance(self) -> Matrix:
        """The covariance matrix that the numbers stand for."""
        sd = np.array(self.sd)
        return np.array(self.correlation) * np.outer(sd, sd)


def summary_of(posterior: PosteriorFile, names: Sequence[str]) -> Summary:
    """The summary that an approved posterior states, its parameters in the order of `names`; its cost is not known."""
    entries = [posterior.parameters[name] for name in names]
    places = [posterior.order.index(name) for name in names]
    correlation = tuple(tuple(posterior.correlation[row][column] for column in places) for row in places)
    return Summary(
        tuple(entry.mean for entry in entries),
        tuple(entry.sd for entry in entries),
        tuple(entry.grid for entry in entries),
        correlation,
        math.nan,
    )


def summarise(mean: Vector, covariance: Matrix) -> Summary:
    """Rounds the moments of a posterior on its unconstrained scale."""
    exact_sd = np.sqrt(np.diag(covariance))
    sd = [Decimal(f"{value:.1e}") for value in exact_sd]
    grid = [value / 2 for value in sd]
    correlation = round_correlation(covariance / np.outer(exact_sd, exact_sd))
    pairs = zip(mean.tolist(), grid, strict=True)
    cells = [int((Decimal(value) / step).to_integral_value(ROUND_FLOOR)) for value, step in pairs]
    steps = np.array([float(step) for step in grid])
    chosen = _nearest_cell(mean, np.array(cells), steps, np.linalg.inv(covariance).astype(np.float64))
    rounded = tuple(float(int(cell) * step) for cell, step in zip(chosen, grid, strict=True))
    numbers = tuple(float(value) for value in sd)
    cost = divergence(mean, covariance, np.array(rounded), correlation * np.outer(numbers, numbers))
    rows = tuple(tuple(row) for row in correlation.tolist())
    return Summary(rounded, numbers, tuple(float(step) for step in grid), rows, cost)


def round_correlation(correlation: Matrix) -> Matrix:
    """The correlation matrix on its grid, drawn towards zero as little as makes it safely positive definite."""
    for shrink in np.arange(1.0, -0.001, -0.02):
        steps = np.round(np.clip(correlation * shrink, -LARGEST_CORRELATION, LARGEST_CORRELATION) / CORRELATION_STEP)
        rounded = np.round(steps * CORRELATION_STEP, 2) + 0.0
        np.fill_diagonal(rounded, 1.0)
        if np.linalg.eigvalsh(rounded)[0] >= LEAST_EIGENVALUE:
            return rounded
    return np.eye(len(correlation))


def divergence(mean: Vector, covariance: Matrix, other_mean: Vector, other_covariance: Matrix) -> float:
    """Kullback-Leibler divergence from the first Gaussian to the other one, in nats."""
    precision = np.linalg.inv(other_covariance)
    offset = other_mean - mean
    log_ratio = np.linalg.slogdet(other_covariance)[1] - np.linalg.slogdet(covariance)[1]
    return float(0.5 * (np.trace(precision @ covariance) + offset @ precision @ offset - len(mean) + log_ratio))


def _nearest_cell(mean: Vector, below: NDArray[np.int64], steps: Vector, precision: Matrix) -> Sequence[int]:
    """The corner of the grid cell around the mean that is nearest in the posterior's own metric.

    With correlated parameters that is often not the corner that is nearest in each one alone, and costs fewer nats.
    """
    if len(mean) > EXHAUSTIVE:
        return [int(cell) for cell in np.round(mean / steps)]
    corners = below + np.array(list(itertools.product((0, 1), repeat=len(mean))))
    offsets = corners * steps - mean
    distances = np.einsum("ci,ij,cj->c", offsets, precision, offsets)
    return [int(cell) for cell in corners[int(np.argmin(distances))]]
