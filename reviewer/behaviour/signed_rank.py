"""The Bayesian signed-rank test with a region of practical equivalence [benavoli2014].

Of paired differences z it asks how likely it is that the sum of two of them, drawn anew, is above twice the region,
inside it or below. The differences' law has a Dirichlet process prior with one pseudo-observation at 0, so weights are
Dirichlet(s, 1, …, 1) over (0, z₁, …, zₙ). The means of the three shares are exact; which of them is the largest is told
by draws of the weights.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

PRIOR = 0.5
"""The weight s of the pseudo-observation at 0."""

BLOCK = 2**18
"""Weights that are drawn at once, to bound memory."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Three:
    """A number for differences below the region, inside it and above it; the three add up to 1."""

    below: float
    inside: float
    above: float


@dataclass(frozen=True)
class SignedRank:
    """`share` has the exact posterior means of the three shares, `probability` that each of them is the largest."""

    differences: int
    region: float
    share: Three
    probability: Three


def signed_rank(differences: ArrayLike, region: float, draws: int = 4000, seed: int = 0) -> SignedRank:
    """The test of paired differences; `region` is in their unit, and a sum on its edge counts half on either side.

    Takes time in proportion to draws × n log n. Raises ValueError for no differences, one that is not finite, or a
    negative region.
    """
    z = np.asarray(differences, dtype=np.float64)
    if z.ndim != 1 or not len(z) or not np.isfinite(z).all() or region < 0:
        raise ValueError("differences are a row of finite numbers, and the region is not negative")
    ordered = np.sort(np.concatenate(([0.0], z)))
    weights = np.ones(len(ordered))
    weights[np.searchsorted(ordered, 0.0)] = PRIOR
    tables = _Tables.of(ordered, region)
    random = np.random.default_rng(seed)
    block = max(1, BLOCK // len(weights))
    blocks = [min(block, draws - first) for first in range(0, draws, block)]
    shares = np.concatenate([tables.shares(random.dirichlet(weights, size)) for size in blocks])
    largest = shares == shares.max(axis=1, keepdims=True)
    won = (largest / largest.sum(axis=1, keepdims=True)).mean(axis=0)
    return SignedRank(len(z), region, Three(*map(float, tables.means(weights))), Three(*map(float, won)))


@dataclass(frozen=True)
class _Tables:
    """For each difference, how many of the sorted ones make a sum below −2r, up to −2r, below 2r, and up to 2r."""

    counts: NDArray[np.intp]
    own: NDArray[np.float64]

    @classmethod
    def of(cls, ordered: Vector, region: float) -> "_Tables":
        edges = ((-2 * region, "left"), (-2 * region, "right"), (2 * region, "left"), (2 * region, "right"))
        counts = [np.searchsorted(ordered, edge - ordered, side) for edge, side in edges]  # type: ignore[call-overload]
        doubled = 2 * ordered
        below = (doubled < -2 * region) + 0.5 * (doubled == -2 * region)
        above = (doubled > 2 * region) + 0.5 * (doubled == 2 * region)
        return cls(np.array(counts), np.array([below, 1 - below - above, above]))

    def shares(self, weights: Vector) -> Vector:
        """Σᵢⱼ wᵢ wⱼ [the sum's place], for rows of weights in the order of the differences: (…, 3)."""
        up_to = np.concatenate((np.zeros((*weights.shape[:-1], 1)), np.cumsum(weights, axis=-1)), axis=-1)
        below, at_low, until, at_high = ((weights * up_to[..., count]).sum(axis=-1) for count in self.counts)
        low, high = (below + at_low) / 2, 1 - (until + at_high) / 2
        return np.stack([low, 1 - low - high, high], axis=-1)

    def means(self, weights: Vector) -> Vector:
        """The shares' posterior means: E wᵢwⱼ = aᵢaⱼ / A(A+1), and aᵢ more on the diagonal."""
        total = weights.sum()
        shares = self.shares(weights / total)
        found: Vector = (shares * total**2 + self.own @ weights) / (total * (total + 1))
        return found
