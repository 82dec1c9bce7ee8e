"""Known answers: conjugate posteriors and evidences in closed form, and targets on which a method must give up."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from worldmodel.inference.fit import Posterior, Settings, fit, generator_for
from worldmodel.inference.hmc import HmcSettings

SHORT = Settings(draws=2000, hmc=HmcSettings(chains=16, draws=50, warmup=50))
QUICK = Settings(draws=4000, hmc=HmcSettings(draws=250, warmup=150))


def starts(dimension: int, spread: float = 0.5) -> Tensor:
    return torch.from_numpy(generator_for("starts").normal(scale=spread, size=(8, dimension)))


def regression() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    design = np.column_stack((np.ones(60), generator.normal(size=60), generator.normal(size=60) + 2))
    return design, design @ np.array([1.0, -0.5, 0.3]) + generator.normal(scale=0.7, size=60)


def linear_model(design: np.ndarray, outcome: np.ndarray, noise: float, prior_sd: float) -> tuple:
    """The log density of a Bayesian linear regression, its posterior mean and covariance, and its log evidence."""
    x, y = torch.from_numpy(design), torch.from_numpy(outcome)

    def log_density(points: Tensor) -> Tensor:
        residual = (y - points @ x.T) / noise
        likelihood = -0.5 * (residual**2).sum(dim=1) - len(y) * math.log(noise * math.sqrt(2 * math.pi))
        prior = -0.5 * (points / prior_sd) ** 2 - math.log(prior_sd * math.sqrt(2 * math.pi))
        return likelihood + prior.sum(dim=1)

    size = design.shape[1]
    covariance = np.linalg.inv(design.T @ design / noise**2 + np.eye(size) / prior_sd**2)
    mean = covariance @ design.T @ outcome / noise**2
    marginal = noise**2 * np.eye(len(outcome)) + prior_sd**2 * design @ design.T
    return log_density, mean, covariance, stats.multivariate_normal(cov=marginal).logpdf(outcome)


def mean_error(posterior: Posterior, mean: np.ndarray, covariance: np.ndarray) -> float:
    """The largest error of a mean, in standard errors of that many effective draws."""
    sd = np.sqrt(np.diag(covariance) / posterior.effective_draws)
    return float(np.max(np.abs(posterior.mean.numpy() - mean) / sd))


def test_linear_regression_has_its_closed_form_answer() -> None:
    log_density, mean, covariance, evidence = linear_model(*regression(), noise=0.7, prior_sd=2.0)
    posterior = fit(log_density, starts(3), generator_for("regression"), QUICK)
    assert posterior.method == "newton-psis"
    assert posterior.flags == ()
    assert mean_error(posterior, mean, covariance) < 4
    assert posterior.covariance.numpy() == pytest.approx(covariance, rel=0.1, abs=0.1 * covariance.max())
    assert abs(posterior.evidence.value - evidence) < 4 * posterior.evidence.error + 1e-9
    assert posterior.evidence.error < 0.02


def test_hamiltonian_chains_have_the_same_answer() -> None:
    log_density, mean, covariance, evidence = linear_model(*regression(), noise=0.7, prior_sd=2.0)

    few = Settings(draws=300, hmc=QUICK.hmc)  # too few importance draws to be enough
    posterior = fit(log_density, starts(3), generator_for("chains"), few)
    assert posterior.method == "hmc"
    assert posterior.flags == ()
    assert mean_error(posterior, mean, covariance) < 4
    assert posterior.covariance.numpy() == pytest.approx(covariance, rel=0.15, abs=0.1 * covariance.max())
    assert posterior.evidence.value == pytest.approx(evidence, abs=0.05)


def test_a_heavy_tailed_target_goes_to_chains() -> None:
    def heavy(points: Tensor) -> Tensor:
        return -0.6 * torch.log1p(points**2).sum(dim=1)

    posterior = fit(heavy, starts(2), generator_for("heavy"), replace(SHORT, draws=8000))
    assert posterior.method == "hmc"
    assert "k-hat" in posterior.why


def test_a_target_that_chains_cannot_explore_is_flagged() -> None:
    def two_hills(points: Tensor) -> Tensor:
        first = -0.5 * ((points - 20) ** 2).sum(dim=1)
        second = -0.5 * ((points + 20) ** 2).sum(dim=1)
        return torch.logaddexp(first, second)

    posterior = fit(
        two_hills, torch.tensor([[19.0, 20.0], [-21.0, -19.0]], dtype=torch.float64), generator_for("hills"), SHORT
    )
    assert posterior.flags


def test_a_funnel_is_flagged_or_right() -> None:
    def funnel(points: Tensor) -> Tensor:
        width = points[:, 0]
        return -0.5 * (width / 3) ** 2 - 0.5 * (points[:, 1:] ** 2).sum(dim=1) * torch.exp(-width) - width

    posterior = fit(funnel, starts(3), generator_for("funnel"), SHORT)
    right = abs(float(posterior.mean[0])) < 0.5 and abs(float(posterior.covariance[0, 0]) - 9) < 2
    assert posterior.flags or right


def test_a_density_without_a_peak_is_flagged() -> None:
    posterior = fit(lambda points: points.sum(dim=1), starts(2), generator_for("slope"), SHORT)
    assert posterior.flags


def test_the_same_names_give_the_same_bits_and_others_do_not() -> None:
    log_density, *_ = linear_model(*regression(), noise=0.7, prior_sd=2.0)
    first, second, other = (fit(log_density, starts(3), generator_for(*names), QUICK) for names in ("ab", "ab", "ba"))
    assert torch.equal(first.points, second.points)
    assert not torch.equal(first.points, other.points)


def test_fitting_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    log_density, *_ = linear_model(*regression(), noise=0.7, prior_sd=2.0)
    fit(log_density, starts(3), generator_for("quiet"), QUICK)
    assert torch.equal(before, torch.get_rng_state())


def test_resampled_draws_have_the_weighted_moments() -> None:
    log_density, mean, covariance, _ = linear_model(*regression(), noise=0.7, prior_sd=2.0)
    draws = fit(log_density, starts(3), generator_for("draws"), QUICK).resample(2000, generator_for("resample")).numpy()
    assert np.max(np.abs(draws.mean(axis=0) - mean) / np.sqrt(np.diag(covariance))) < 0.1
    assert np.cov(draws.T) == pytest.approx(covariance, rel=0.2, abs=0.15 * covariance.max())
