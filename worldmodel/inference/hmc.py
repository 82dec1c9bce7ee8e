"""Hamiltonian Monte Carlo in whitened coordinates, many chains in one batch.

Every chain is a row of one tensor, so a leapfrog step is one evaluation of the batched gradient. All chains
share the step size, tuned in warm-up by dual averaging on their mean acceptance (hoffman2014), and the number
of leapfrog steps, drawn anew for each iteration so that no orbit closes on itself. Half-way and at three
quarters of the warm-up the whitening is learned anew from all chains.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.inference.density import LogDensity, value_and_gradient

DIVERGENT = 1000.0
MOST_LEAPFROG_STEPS = 64


@dataclass(frozen=True)
class HmcSettings:
    """How long to run, in iterations; `path` is the mean length of an orbit in whitened units.

    `acceptance` is what the step size is tuned to: the higher, the safer where the curvature varies.
    """

    chains: int = 64
    warmup: int = 150
    draws: int = 250
    path: float = 1.6
    acceptance: float = 0.9


@dataclass(frozen=True)
class Chains:
    """Kept draws, how many kept transitions diverged, the mean acceptance and the tuned step size."""

    points: Float[Tensor, "chains draws dimension"]
    divergences: int
    acceptance: float
    step_size: float


@dataclass(frozen=True)
class _State:
    """What the next iteration needs: points in whitened coordinates, with the density and its gradient there."""

    white: Tensor
    value: Tensor
    gradient: Tensor


@dataclass(frozen=True)
class _Frame:
    """Coordinates in which the target looks round: point = centre + factor white."""

    log_density: LogDensity
    centre: Tensor
    factor: Tensor

    def outward(self, white: Tensor) -> Tensor:
        return self.centre + white @ self.factor.T

    def inward(self, points: Tensor) -> Tensor:
        white: Tensor = torch.linalg.solve_triangular(self.factor, (points - self.centre).T, upper=False)
        return white.T

    def state(self, white: Tensor) -> _State:
        value, gradient = value_and_gradient(self.log_density, self.outward(white))
        return _State(white, value, gradient @ self.factor)


@dataclass(frozen=True)
class _Tuning:
    """Dual averaging of the logarithm of the step size."""

    anchor: float
    count: int = 0
    deficit: float = 0.0
    log_step: float = 0.0
    averaged: float = 0.0
    wanted: float = 0.9

    def after(self, acceptance: float) -> "_Tuning":
        count = self.count + 1
        deficit = self.deficit + (self.wanted - acceptance - self.deficit) / (count + 10)
        log_step = self.anchor - np.sqrt(count) / 0.05 * deficit
        share = count**-0.75
        averaged = share * log_step + (1 - share) * self.averaged
        return replace(self, count=count, deficit=deficit, log_step=log_step, averaged=averaged)


def _tuning(step_size: float, wanted: float) -> _Tuning:
    log_step = float(np.log(step_size))
    return _Tuning(anchor=log_step + float(np.log(2)), log_step=log_step, averaged=log_step, wanted=wanted)


def run_chains(
    log_density: LogDensity,
    starts: Float[Tensor, "chains dimension"],
    centre: Float[Tensor, " dimension"],
    factor: Float[Tensor, "dimension dimension"],
    generator: np.random.Generator,
    settings: HmcSettings,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Chains:
    """Warm-up, then kept iterations; `progress` is told how many iterations of how many are done."""
    total = settings.warmup + settings.draws
    frame = _Frame(log_density, centre, factor)
    state = frame.state(frame.inward(starts))
    tuning = _tuning(0.5, settings.acceptance)
    gathered: list[Tensor] = []
    for iteration in range(settings.warmup):
        state, acceptance, _ = _iterate(frame, state, float(np.exp(tuning.log_step)), settings.path, generator)
        tuning = tuning.after(float(acceptance.mean()))
        gathered.append(frame.outward(state.white))
        if iteration in (settings.warmup // 2, 3 * settings.warmup // 4):
            frame, state = _whiten(frame, state, torch.cat(gathered[len(gathered) // 2 :]))
            tuning = _tuning(float(np.exp(tuning.averaged)), settings.acceptance)
            gathered = []
        progress(iteration + 1, total)
    step_size = float(np.exp(tuning.averaged))
    kept, divergences, accepted = [], 0, 0.0
    for iteration in range(settings.draws):
        state, acceptance, divergent = _iterate(frame, state, step_size, settings.path, generator)
        kept.append(frame.outward(state.white))
        divergences += int(divergent.sum())
        accepted += float(acceptance.mean()) / settings.draws
        progress(settings.warmup + iteration + 1, total)
    return Chains(torch.stack(kept, dim=1), divergences, accepted, step_size)


def _whiten(frame: _Frame, state: _State, points: Tensor) -> tuple[_Frame, _State]:
    here = frame.outward(state.white)
    covariance = torch.atleast_2d(torch.cov(points.T))
    scale = covariance.diagonal().mean()
    eye = torch.eye(points.shape[1], dtype=points.dtype)
    factor, failed = torch.linalg.cholesky_ex(covariance + 1e-6 * scale * eye)
    if int(failed):
        return frame, state
    learned = _Frame(frame.log_density, points.mean(dim=0), factor)
    return learned, learned.state(learned.inward(here))


def _iterate(
    frame: _Frame, state: _State, step_size: float, path: float, generator: np.random.Generator
) -> tuple[_State, Tensor, Tensor]:
    """One transition of every chain: the new state, each chain's acceptance probability, and which chains diverged."""
    momentum = torch.from_numpy(generator.standard_normal(tuple(state.white.shape)))
    length = path * float(generator.uniform(0.5, 1.5))
    steps = int(np.clip(np.ceil(length / step_size), 1, MOST_LEAPFROG_STEPS))
    ahead, kick = _leapfrog(frame, state, momentum, step_size, steps)
    change = (ahead.value - 0.5 * (kick**2).sum(dim=1)) - (state.value - 0.5 * (momentum**2).sum(dim=1))
    change = torch.where(torch.isnan(change), torch.full_like(change, -torch.inf), change)
    acceptance = torch.exp(torch.clamp(change, max=0.0))
    take = torch.from_numpy(generator.uniform(size=len(acceptance))) < acceptance
    row = take.unsqueeze(1)
    mixed = _State(
        torch.where(row, ahead.white, state.white),
        torch.where(take, ahead.value, state.value),
        torch.where(row, ahead.gradient, state.gradient),
    )
    return mixed, acceptance, change < -DIVERGENT


def _leapfrog(frame: _Frame, state: _State, momentum: Tensor, step_size: float, steps: int) -> tuple[_State, Tensor]:
    kick = momentum + 0.5 * step_size * state.gradient
    white = state.white
    for remaining in range(steps - 1, -1, -1):
        white = white + step_size * kick
        state = frame.state(white)
        kick = kick + (1.0 if remaining else 0.5) * step_size * state.gradient
    return state, kick
