"""What a mechanism must beat on held-out steps: a random walk and an autoregression, with exact predictive densities.

Both are fitted by least squares to the fit part only. Under the reference prior the predictive density of a Gaussian
linear model is a Student-t, which carries the uncertainty of the coefficients and of the variance; so the comparison
with a model whose posterior is integrated out is like for like. Steps whose lags are missing have the density NaN.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_LAGS = 8


@dataclass(frozen=True)
class Baseline:
    """Log predictive densities of every step (NaN where undefined) and the number of lags used."""

    log_density: Vector
    lags: int


def random_walk(series: Vector, fitted: int) -> Baseline:
    """Next equals last plus Gaussian noise of unknown variance; the first `fitted` steps set the variance."""
    changes = np.diff(series[:fitted])
    changes = changes[np.isfinite(changes)]
    scale = float(np.sqrt(np.mean(changes**2)))
    density = stats.t.logpdf(np.diff(series), df=len(changes), scale=max(scale, 1e-12))
    return Baseline(np.concatenate(([np.nan], density)), 1)


def autoregression(series: Vector, fitted: int) -> Baseline:
    """AR(p) with an intercept; p by the Bayesian information criterion over the same steps for every p."""
    complete = int(np.isfinite(series[:fitted]).sum())
    most = max(0, min(MOST_LAGS, complete // 10))
    designs = {lags: _design(series, lags) for lags in range(most + 1)}
    usable = _complete(designs[most], series)
    usable[fitted:] = False
    lags = min(designs, key=lambda count: _criterion(designs[count][usable], series[usable]))
    own = _complete(designs[lags], series)
    own[fitted:] = False
    return Baseline(_predictive(designs[lags], series, own), lags)


def _design(series: Vector, lags: int) -> Matrix:
    lagged = (np.concatenate((np.full(lag, np.nan), series[:-lag])) for lag in range(1, lags + 1))
    return np.stack((np.ones(len(series)), *lagged), axis=1)


def _complete(design: Matrix, series: Vector) -> Mask:
    return np.isfinite(design).all(axis=1) & np.isfinite(series)


def _criterion(design: Matrix, target: Vector) -> float:
    residual = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    count = len(target)
    return float(count * np.log(max(float(np.mean(residual**2)), 1e-300)) + design.shape[1] * np.log(count))


def _predictive(design: Matrix, series: Vector, fitted: Mask) -> Vector:
    inside, target = design[fitted], series[fitted]
    coefficients = np.linalg.lstsq(inside, target, rcond=None)[0]
    freedom: int = max(len(target) - design.shape[1], 1)
    variance = float(np.sum((target - inside @ coefficients) ** 2) / freedom)
    spread: Vector = 1 + np.einsum("ti,ij,tj->t", design, np.linalg.pinv(inside.T @ inside), design)
    scale = np.sqrt(max(variance, 1e-24) * spread)
    return np.asarray(stats.t.logpdf(series - design @ coefficients, df=freedom, scale=scale))
