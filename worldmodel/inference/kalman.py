"""The Kalman filter and smoother: exact conditioning of linear systems with Gaussian noise, over many draws at once.

Measurements of one step are taken in one after the other [durbin2012, section 6.4], so that nothing is inverted but a
number, and the covariance keeps Joseph's form, symmetric and never negative. A direction without variance (an identity
between variables, a known start) is allowed: what is certain is left alone, and a measurement that contradicts it has
density 0. Smoothing runs back over scores and informations and inverts nothing either. Differentiable in all numbers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Vector = Float[Tensor, "*draws state"]
Matrix = Float[Tensor, "*draws state state"]
Scalar = Float[Tensor, "*draws"]

_CERTAIN = 1e-13
"""A share of a measurement's largest possible variance below which there is none."""
_SAME = 1e-9
"""How far a measurement of something certain may lie off, as a share of its size."""

_LOG_TWO_PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class Measurement:
    """`value = design · state + offset + Normal(0, variance)`; a NaN was not measured."""

    design: Vector
    offset: Scalar
    variance: Scalar
    value: Scalar


@dataclass(frozen=True)
class Step:
    """`state = transition · state before + shift + noise · Normal(0, 1)`, then what is measured of it.

    The length of the state may change from step to step; before the first step it is that of the start.
    """

    transition: Float[Tensor, "*draws state before"]
    shift: Vector
    noise: Float[Tensor, "*draws state noises"]
    measured: tuple[Measurement, ...] = ()


@dataclass(frozen=True)
class Gaussian:
    """A mean and a covariance matrix."""

    mean: Vector
    covariance: Matrix


@dataclass(frozen=True)
class Gain:
    """What one measurement taught: its design, innovation, innovation variance (0 where nothing) and gain."""

    design: Vector
    innovation: Scalar
    inverse: Scalar
    gain: Vector


@dataclass(frozen=True)
class Filtered:
    """The state given all measurements so far, after each step, and the log density of each step's measurements."""

    states: tuple[Gaussian, ...]
    log_densities: tuple[Scalar, ...]
    gains: tuple[tuple[Gain, ...], ...]

    @property
    def log_density(self) -> Scalar:
        """The log density of all measurements: the exact marginal likelihood."""
        return sum(self.log_densities, torch.zeros((), dtype=torch.float64))


def kalman_filter(start: Gaussian, steps: Sequence[Step]) -> Filtered:
    """Runs forward; a step without measurements is a forecast."""
    state = start
    states, densities, gains = [], [], []
    for step in steps:
        state = _predict(state, step)
        density, own = torch.zeros((), dtype=torch.float64), []
        size = state.covariance.diagonal(dim1=-2, dim2=-1)
        for measurement in step.measured:
            state, log_density, gain = _update(state, measurement, size)
            density = density + log_density
            own.append(gain)
        states.append(state)
        densities.append(density)
        gains.append(tuple(own))
    return Filtered(tuple(states), tuple(densities), tuple(gains))


def _predict(state: Gaussian, step: Step) -> Gaussian:
    moved = step.transition @ state.covariance @ step.transition.mT + step.noise @ step.noise.mT
    return Gaussian(_apply(step.transition, state.mean) + step.shift, 0.5 * (moved + moved.mT))


def _update(state: Gaussian, measurement: Measurement, size: Vector) -> tuple[Gaussian, Scalar, Gain]:
    """The state after one measurement; `size` has the variances before any of this step's."""
    design, variance = measurement.design, measurement.variance
    seen = ~torch.isnan(measurement.value)
    value = torch.where(seen, measurement.value, torch.zeros_like(measurement.value))
    along = _apply(state.covariance, design)
    total = (design * along).sum(dim=-1) + variance
    innovation = value - (design * state.mean).sum(dim=-1) - measurement.offset
    # The number of terms is charged too, since each adds its own rounding.
    most = (design * design * size).sum(dim=-1) * design.shape[-1] + variance
    open_, seen = seen & (total > _CERTAIN * most), seen.expand(total.shape)
    safe = torch.where(open_, total, torch.ones_like(total))
    inverse = torch.where(open_, 1 / safe, torch.zeros_like(safe))
    gain = along * inverse.unsqueeze(-1)
    mean = state.mean + gain * innovation.unsqueeze(-1)
    covariance = _joseph(state.covariance, gain, design, variance)
    density = -0.5 * (innovation * innovation * inverse + torch.log(safe) + _LOG_TWO_PI)
    density = torch.where(open_, density, _certain_density(innovation, value, most))
    density = torch.where(seen, density, torch.zeros_like(density))
    return Gaussian(mean, covariance), density, Gain(design, innovation, inverse, gain)


def _certain_density(innovation: Scalar, value: Scalar, most: Scalar) -> Scalar:
    """The log mass of a measurement of what is certain: 0 where it agrees, minus infinity where it does not."""
    apart = innovation.abs() > _SAME * (1 + value.abs() + torch.sqrt(most))
    return torch.where(apart, torch.full_like(innovation, -torch.inf), torch.zeros_like(innovation))


def _joseph(covariance: Matrix, gain: Vector, design: Vector, variance: Scalar) -> Matrix:
    shrink = torch.eye(gain.shape[-1], dtype=gain.dtype) - _outer(gain, design)
    kept = shrink @ covariance @ shrink.mT + _outer(gain, gain) * variance[..., None, None]
    return 0.5 * (kept + kept.mT)


def kalman_smoother(filtered: Filtered, steps: Sequence[Step]) -> tuple[Gaussian, ...]:
    """The state after each step given all measurements, past and future."""
    last = filtered.states[-1]
    score, information = torch.zeros_like(last.mean), torch.zeros_like(last.covariance)
    smoothed: list[Gaussian] = []
    for place in range(len(steps) - 1, -1, -1):
        state = filtered.states[place]
        along = state.covariance @ information @ state.covariance
        covariance = state.covariance - 0.5 * (along + along.mT)
        smoothed.append(Gaussian(state.mean + _apply(state.covariance, score), covariance))
        for gain in reversed(filtered.gains[place]):
            score, information = _back(gain, score, information)
        transition = steps[place].transition
        score, information = _apply(transition.mT, score), transition.mT @ information @ transition
    return tuple(reversed(smoothed))


def _back(gain: Gain, score: Vector, information: Matrix) -> tuple[Vector, Matrix]:
    shrink = torch.eye(gain.design.shape[-1], dtype=score.dtype) - _outer(gain.gain, gain.design)
    learned = gain.design * (gain.innovation * gain.inverse).unsqueeze(-1)
    precision = _outer(gain.design, gain.design) * gain.inverse[..., None, None]
    return learned + _apply(shrink.mT, score), precision + shrink.mT @ information @ shrink


def _apply(matrix: Float[Tensor, "*draws rows columns"], vector: Vector) -> Float[Tensor, "*draws rows"]:
    product: Tensor = (matrix @ vector.unsqueeze(-1)).squeeze(-1)
    return product


def _outer(left: Vector, right: Vector) -> Matrix:
    return left.unsqueeze(-1) * right.unsqueeze(-2)
