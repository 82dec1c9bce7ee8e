"""Kullback–Leibler divergence of laws that were made a little uncertain by a declared width.

Plain divergence between a deterministic law and any other is infinite, however close they are. So both laws are first
convolved with a normal of the declared width; between two deterministic laws a apart the answer is then (a/width)²/2,
in nats. Laws are given as atoms of equal weight (their quantiles, or draws).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

NODES = 24
"""Of the Gauss–Hermite rule around each atom: exact for polynomials of degree 47."""

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Divergence:
    """The thickened divergence in nats, the width it was thickened by, and what plain divergence would say."""

    nats: float
    width: float
    plain_is_infinite: bool


def thickened_divergence(first: ArrayLike, second: ArrayLike, width: float) -> Divergence:
    """KL(first ∗ N(0, width²) ‖ second ∗ N(0, width²)) by quadrature over each atom of the first."""
    left, right = (np.sort(np.asarray(atoms, dtype=np.float64)) for atoms in (first, second))
    if not (width > 0 and len(left) and len(right) and np.isfinite(left).all() and np.isfinite(right).all()):
        raise ValueError("a positive width, and laws of finite atoms")
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    points = (left[:, np.newaxis] + width * nodes).ravel()
    gap = _log_density(points, left, width) - _log_density(points, right, width)
    nats = float(np.mean(gap.reshape(len(left), NODES) @ weights) / math.sqrt(2 * math.pi))
    return Divergence(max(nats, 0.0), width, _infinite(left, right))


def _log_density(points: Vector, atoms: Vector, width: float) -> Vector:
    """The log density of the thickened law, up to a constant that both laws share."""
    exponents = -0.5 * ((points[:, np.newaxis] - atoms) / width) ** 2
    highest = exponents.max(axis=1, keepdims=True)
    found: Vector = (highest + np.log(np.mean(np.exp(exponents - highest), axis=1, keepdims=True))).ravel()
    return found


def _infinite(left: Vector, right: Vector) -> bool:
    """Whether either law is a single point and the other not the same one."""
    deterministic = left[0] == left[-1] or right[0] == right[-1]
    return bool(deterministic and (left[0] != right[0] or left[-1] != right[-1]))
