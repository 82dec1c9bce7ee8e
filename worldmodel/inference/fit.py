"""From a log density to a posterior: chooses the method, says what and why, and flags what it would not rely on.

Newton to the mode with Pareto-smoothed importance sampling comes first, since it is both the fastest and able
to say when it fails (k-hat above .7); then batched Hamiltonian Monte Carlo, which is flagged where its chains
disagree. See docs/decisions/0004-inference.md.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.inference.density import LogDensity, evaluate
from worldmodel.inference.diagnosis import (
    GOOD_EFFECTIVE_DRAWS,
    GOOD_K_HAT,
    GOOD_R_HAT,
    least_effective_draws,
    worst_r_hat,
)
from worldmodel.inference.evidence import Evidence, evidence_of_draws, evidence_of_weights
from worldmodel.inference.hmc import Chains, HmcSettings, run_chains
from worldmodel.inference.newton import Mode, find_mode
from worldmodel.inference.psis import StudentProposal, Weighted, importance_sample, matched, proposal_from_precision

Method = Literal["newton-psis", "hmc"]
LONGER = ((1, 0.9), (3, 0.97))
"""Chains that do not agree are run anew: how many times as long, and the acceptance that the step size is tuned to."""
MOST_MATCHES = 5
COMFORTABLE_K_HAT = 0.5
WIDEST = 4.0


@dataclass(frozen=True)
class Settings:
    """How hard to try; the defaults suit a mechanism of up to some twenty parameters.

    Without `newton_steps` chains run at once: where second derivatives are not to be had. `repeats` is how long, and
    how carefully, chains run one time after the other as long as they do not agree.
    """

    starts: int = 8
    draws: int = 8000
    hmc: HmcSettings = HmcSettings()
    newton_steps: int = 100
    repeats: tuple[tuple[int, float], ...] = LONGER


@dataclass(frozen=True)
class Posterior:
    """Weighted draws with their diagnosis. `flags` is empty exactly where the answer may be relied on.

    `why` says how the method was chosen.
    """

    points: Float[Tensor, "draws dimension"]
    log_weights: Float[Tensor, " draws"]
    method: Method
    why: str
    flags: tuple[str, ...]
    mode: Float[Tensor, " dimension"]
    k_hat: float | None
    r_hat: float | None
    divergences: int | None
    effective_draws: float
    evidence: Evidence

    @property
    def mean(self) -> Float[Tensor, " dimension"]:
        """The weighted mean of the draws."""
        return torch.exp(self.log_weights) @ self.points

    @property
    def covariance(self) -> Float[Tensor, "dimension dimension"]:
        """The weighted covariance of the draws."""
        centred = self.points - self.mean
        return (centred * torch.exp(self.log_weights).unsqueeze(1)).T @ centred

    def resample(self, count: int, generator: np.random.Generator) -> Float[Tensor, "draws dimension"]:
        """Draws without weights, by systematic resampling in random order."""
        cumulative = np.cumsum(torch.exp(self.log_weights).numpy())
        places = (generator.uniform() + np.arange(count)) / count * cumulative[-1]
        chosen = np.minimum(np.searchsorted(cumulative, places), len(cumulative) - 1)
        return self.points[torch.from_numpy(generator.permutation(chosen))]


def generator_for(*names: str) -> np.random.Generator:
    """A random generator that is a function of names (digests, a stage) and of nothing else."""
    key = hashlib.sha256("\x00".join(names).encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key[:16], "little")))


def fit(
    log_density: LogDensity,
    starts: Float[Tensor, "starts dimension"],
    generator: np.random.Generator,
    settings: Settings = Settings(),
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Posterior:
    """The posterior by the first method whose own diagnosis is good; `starts` are points that the prior allows."""
    found = _by_newton(log_density, starts, generator, settings)
    if isinstance(found, Posterior):
        return found
    return _by_hmc(log_density, starts, found.mode, found.factor, found.why, generator, settings, progress)


def fit_by_newton(
    log_density: LogDensity,
    starts: Float[Tensor, "starts dimension"],
    generator: np.random.Generator,
    settings: Settings = Settings(),
) -> Posterior | str:
    """The posterior by Newton and importance sampling alone; a string says why that is not reliable."""
    found = _by_newton(log_density, starts, generator, settings)
    return found if isinstance(found, Posterior) else found.why


@dataclass(frozen=True)
class _NoPeak:
    """Why importance sampling around a mode is not to be relied on, and what chains may start from."""

    why: str
    mode: Mode
    factor: Tensor | None


def _by_newton(
    log_density: LogDensity, starts: Tensor, generator: np.random.Generator, settings: Settings
) -> Posterior | _NoPeak:
    with torch.random.fork_rng(devices=[]):
        mode = find_mode(log_density, starts[: settings.starts], limit=settings.newton_steps)
    if not mode.is_peak:
        return _NoPeak("no point was found from which the density falls in every direction", mode, None)
    proposal = proposal_from_precision(mode.point, mode.precision)
    weighted, rounds = _importance(log_density, proposal, generator, settings)
    if not _is_good(weighted):
        found = f"k-hat {weighted.k_hat:.2f}, {weighted.effective_draws:.0f} effective draws"
        return _NoPeak(f"importance sampling around the mode is not reliable here: {found}", mode, proposal.factor)
    return _by_importance(weighted, mode, rounds)


def _importance(
    log_density: LogDensity, proposal: StudentProposal, generator: np.random.Generator, settings: Settings
) -> tuple[Weighted, int]:
    """Importance draws; while they leave something to wish for, the proposal moves to their moments.

    Not where the weights have no mean (k-hat of 1 or more), nor further than `WIDEST`: tails so heavy would let a
    proposal that follows them hide its own failure. What was followed draws anew in the end, so that its k-hat is not
    the luck of having been chosen for it.
    """
    first = weighted = importance_sample(log_density, proposal, settings.draws, generator)
    best: tuple[float, StudentProposal | None, int] = (first.k_hat, None, 0)
    for count in range(1, MOST_MATCHES + 1):
        moved = matched(weighted)
        if moved is None or first.k_hat >= 1 or best[0] <= COMFORTABLE_K_HAT:
            break
        if _stretch(proposal, moved) > WIDEST:
            break
        weighted = importance_sample(log_density, moved, settings.draws, generator)
        if weighted.k_hat < best[0]:
            best = (weighted.k_hat, moved, count)
    _, chosen, rounds = best
    if chosen is None:
        return first, 0
    anew = importance_sample(log_density, chosen, settings.draws, generator)
    return (anew, rounds) if anew.k_hat <= GOOD_K_HAT else (first, 0)


def _stretch(proposal: StudentProposal, moved: StudentProposal) -> float:
    """How many times wider the second proposal is than the first, in the direction in which it is most so."""
    relative = torch.linalg.solve_triangular(proposal.factor, moved.factor, upper=False)
    return float(torch.linalg.matrix_norm(relative, ord=2))


def _is_good(weighted: Weighted) -> bool:
    return weighted.k_hat <= GOOD_K_HAT and weighted.effective_draws >= GOOD_EFFECTIVE_DRAWS


def _by_importance(weighted: Weighted, mode: Mode, rounds: int) -> Posterior:
    flags = (f"{mode.rivals} other maxima lie within five nats of the highest",) if mode.rivals else ()
    return Posterior(
        points=weighted.points,
        log_weights=weighted.log_weights,
        method="newton-psis",
        why=f"k-hat {weighted.k_hat:.2f} is at most {GOOD_K_HAT} after {rounds} rounds of moment matching",
        flags=flags,
        mode=mode.point,
        k_hat=weighted.k_hat,
        r_hat=None,
        divergences=None,
        effective_draws=weighted.effective_draws,
        evidence=evidence_of_weights(weighted),
    )


def _by_hmc(
    log_density: LogDensity,
    starts: Tensor,
    mode: Mode,
    factor: Tensor | None,
    why: str,
    generator: np.random.Generator,
    settings: Settings,
    progress: Callable[[int, int], None],
) -> Posterior:
    dimension = starts.shape[1]
    scale = torch.eye(dimension, dtype=starts.dtype) if factor is None else factor
    begin = _chain_starts(log_density, mode, scale, settings.hmc.chains, generator)
    for longer, acceptance in settings.repeats:
        warmup, draws = longer * settings.hmc.warmup, longer * settings.hmc.draws
        length = replace(settings.hmc, warmup=warmup, draws=draws, acceptance=acceptance)
        chains = run_chains(log_density, begin, mode.point, scale, generator, length, progress)
        r_hat, effective = worst_r_hat(chains.points), least_effective_draws(chains.points)
        flags = _chain_flags(chains, r_hat, effective)
        if not flags:
            break
    points = chains.points.reshape(-1, dimension)
    return Posterior(
        points=points,
        log_weights=torch.full((len(points),), -float(np.log(len(points))), dtype=points.dtype),
        method="hmc",
        why=why,
        flags=flags,
        mode=mode.point,
        k_hat=None,
        r_hat=r_hat,
        divergences=chains.divergences,
        effective_draws=effective,
        evidence=evidence_of_draws(log_density, points, effective, generator),
    )


def _chain_starts(
    log_density: LogDensity, mode: Mode, factor: Tensor, chains: int, generator: np.random.Generator
) -> Tensor:
    """Starts around every place where Newton came to rest, spread wider than the Hessian suggests.

    So R-hat can see disagreement, between hills too.
    """
    centres = mode.ends[torch.arange(chains) % len(mode.ends)]
    spread = centres + 2.0 * torch.from_numpy(generator.standard_normal(tuple(centres.shape))) @ factor.T
    possible = torch.isfinite(evaluate(log_density, spread))
    return torch.where(possible.unsqueeze(1), spread, centres)


def _chain_flags(chains: Chains, r_hat: float, effective: float) -> tuple[str, ...]:
    total = chains.points.shape[0] * chains.points.shape[1]
    flags = []
    if not r_hat <= GOOD_R_HAT:
        flags.append(f"R-hat {r_hat:.3f} is above {GOOD_R_HAT}: the chains do not agree")
    if not effective >= GOOD_EFFECTIVE_DRAWS:
        flags.append(f"{effective:.0f} effective draws are fewer than {GOOD_EFFECTIVE_DRAWS}")
    if chains.divergences > 0.001 * total:
        flags.append(f"{chains.divergences} of {total} transitions diverged")
    return tuple(flags)
