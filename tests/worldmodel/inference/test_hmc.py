"""Chains have the target's moments, narrow in tolerance, where whitening helps and where it starts out wrong."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from worldmodel.inference.diagnosis import least_effective_draws, worst_r_hat
from worldmodel.inference.evidence import evidence_of_draws
from worldmodel.inference.fit import generator_for
from worldmodel.inference.hmc import Chains, HmcSettings, run_chains

EULER = 0.5772156649015329
LONG = HmcSettings(chains=64, warmup=100, draws=250)


def run(log_density: object, dimension: int, name: str, scale: float = 1.0) -> Chains:
    generator = generator_for(name)
    starts = scale * torch.from_numpy(generator.normal(size=(LONG.chains, dimension)))
    centre, factor = torch.zeros(dimension, dtype=torch.float64), scale * torch.eye(dimension, dtype=torch.float64)
    return run_chains(log_density, starts, centre, factor, generator, LONG)  # type: ignore[arg-type]


def skewed(points: Tensor) -> Tensor:
    """The logarithm of a Gamma(3, 1) in each column: mean digamma(3), variance trigamma(3); the integral is 1."""
    return (3 * points - torch.exp(points)).sum(dim=1) - points.shape[1] * math.log(2)


@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_a_skewed_target_has_its_moments_and_its_evidence(scale: float) -> None:
    chains = run(skewed, 2, f"skewed {scale}", scale)
    assert worst_r_hat(chains.points) < 1.01
    assert chains.divergences == 0
    effective = least_effective_draws(chains.points)
    mean, variance = 1.5 - EULER, math.pi**2 / 6 - 1.25
    flat = chains.points.reshape(-1, 2)
    assert flat.mean(dim=0).numpy() == pytest.approx([mean] * 2, abs=4 * math.sqrt(variance / effective))
    assert flat.var(dim=0).numpy() == pytest.approx([variance] * 2, rel=0.05)
    evidence = evidence_of_draws(skewed, flat, effective, generator_for("bridge"))
    assert abs(evidence.value) < max(4 * evidence.error, 0.01)


def test_a_strongly_correlated_target_has_its_covariance() -> None:
    factor = torch.linalg.cholesky(torch.tensor([[1.0, 0.99 * 3], [0.99 * 3, 9.0]], dtype=torch.float64))

    def log_density(points: Tensor) -> Tensor:
        white = torch.linalg.solve_triangular(factor, points.T, upper=False)
        return -0.5 * (white**2).sum(dim=0)

    chains = run(log_density, 2, "correlated")
    found = np.cov(chains.points.reshape(-1, 2).numpy().T)
    assert found == pytest.approx((factor @ factor.T).numpy(), rel=0.06)
    assert least_effective_draws(chains.points) > 4000


def test_acceptance_is_what_was_asked_for_at_the_steps_of_a_second_order_integrator() -> None:
    chains = run(skewed, 3, "acceptance")
    assert chains.acceptance == pytest.approx(LONG.acceptance, abs=0.05)
    assert chains.step_size > 0.5


def test_chains_that_never_move_have_no_effective_draws() -> None:
    still = torch.zeros(4, 50, 2, dtype=torch.float64)
    assert worst_r_hat(still) == float("inf")
    assert least_effective_draws(still) == 0.0
