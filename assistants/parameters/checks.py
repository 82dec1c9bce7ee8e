"""Posterior predictive checks: would the fitted mechanism have produced a series like the observed one?

A replicated series runs freely in the mechanism's own variable: its own lags are read from the replication, all other
inputs from the data. So what the law does to itself over time is tested, and what other mechanisms do is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from assistants.parameters.target import Target
from worldmodel.grounding.names import element_name, element_of
from worldmodel.readings.log_density import constant, constants, longest_lag
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_quantile

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Check:
    """A statistic of the observed series, the middle nine tenths of its replications, and P(replicated >= observed)."""

    observed: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class Checks:
    """The checks by name, and the share of replications that left all bounds (these do not count in the checks)."""

    by_name: Mapping[str, Check]
    exploded: float


def predictive_checks(
    target: Target, points: Float[Tensor, "draws dimension"], generator: np.random.Generator
) -> Checks:
    """Replicates the rows that were fitted, once for every draw of the parameters; of a family, for each element."""
    if not target.siblings:
        return _predictive_checks(target, points, generator)
    each = {element_of(one.mechanism.assigns): _predictive_checks(one, points, generator) for one in target.each}
    named = {element_name(name, key): check for key, own in each.items() for name, check in own.by_name.items()}
    return Checks(named, max(own.exploded for own in each.values()))


def _predictive_checks(
    target: Target, points: Float[Tensor, "draws dimension"], generator: np.random.Generator
) -> Checks:
    rows = target.rows.numpy()
    observed = target.observations.values[target.mechanism.assigns].numpy()[rows]
    replicated = replicate(target, points, generator).numpy()[:, rows]
    sane = np.isfinite(replicated).all(axis=1) & (np.abs(replicated).max(axis=1) < 1e6 * (1 + np.abs(observed).max()))
    if not sane.any():
        return Checks({}, 1.0)
    checks = {name: _check(statistic, observed, replicated[sane]) for name, statistic in STATISTICS.items()}
    return Checks(checks, float(1 - sane.mean()))


def replicate(
    target: Target, points: Float[Tensor, "draws dimension"], generator: np.random.Generator
) -> Float[Tensor, "draws time"]:
    """Series that the mechanism draws anew at the rows that were fitted; elsewhere the observed values stand."""
    mechanism, observations = target.mechanism, target.observations
    own, first = mechanism.assigns, longest_lag(mechanism)
    fixed = {name: value.expand(len(points)) for name, value in constants(mechanism).items()}
    parameters = fixed | target.natural(points)
    columns = list(observations.values[own].expand(len(points), -1).unbind(dim=1))

    def environment(step: int) -> Environment:
        def variable(name: str, lag: int) -> Tensor:
            return columns[step - lag] if name == own else observations.values[name][step - lag].expand(len(points))

        def start(name: str) -> Tensor:
            value = observations.values[name][first - 1] if first else torch.tensor(torch.nan)
            return value.expand(len(points))

        return Environment(parameters.__getitem__, variable, start, lambda: constant(step + 1))

    with torch.no_grad():
        for step in torch.nonzero(target.rows).flatten().tolist():
            uniforms = torch.from_numpy(generator.uniform(size=len(points)))
            columns[step] = law_quantile(mechanism.law, environment(step), uniforms)
    return torch.stack(columns, dim=1)


def _check(statistic: Callable[[Matrix], Matrix], observed: Matrix, replicated: Matrix) -> Check:
    value = float(statistic(observed[None, :])[0])
    values = statistic(replicated)
    low, high = np.quantile(values, (0.05, 0.95))
    return Check(value, float(low), float(high), float(np.mean(values >= value)))


def _autocorrelation(series: Matrix) -> Matrix:
    centred = series - series.mean(axis=1, keepdims=True)
    return np.asarray((centred[:, 1:] * centred[:, :-1]).sum(axis=1) / _positive((centred**2).sum(axis=1)))


def _skewness(series: Matrix) -> Matrix:
    centred = series - series.mean(axis=1, keepdims=True)
    return np.asarray((centred**3).mean(axis=1) / _positive((centred**2).mean(axis=1)) ** 1.5)


def _positive(values: Matrix) -> Matrix:
    return np.maximum(values, 1e-300)


STATISTICS: Mapping[str, Callable[[Matrix], Matrix]] = {
    "mean": lambda series: np.asarray(series.mean(axis=1)),
    "sd": lambda series: np.asarray(series.std(axis=1)),
    "autocorrelation": _autocorrelation,
    "skewness": _skewness,
    "minimum": lambda series: np.asarray(series.min(axis=1)),
    "maximum": lambda series: np.asarray(series.max(axis=1)),
}
