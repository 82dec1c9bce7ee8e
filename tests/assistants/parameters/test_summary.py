"""Rounding keeps to its grids, stays a distribution, and costs about what it must."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistants.parameters.summary import divergence, round_correlation, summarise


def random_moments(seed: int, size: int, dependence: float) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    factor = np.eye(size) + dependence * generator.normal(size=(size, size))
    scale = np.diag(10.0 ** generator.uniform(-3, 3, size=size))
    return generator.normal(size=size) * 10 * np.diag(scale), scale @ factor @ factor.T @ scale


@given(seed=st.integers(0, 10_000), size=st.integers(1, 6), dependence=st.floats(0, 3))
def test_every_number_stands_on_its_grid(seed: int, size: int, dependence: float) -> None:
    mean, covariance = random_moments(seed, size, dependence)
    summary = summarise(mean, covariance)
    for own, sd, grid, exact, variance in zip(
        summary.mean, summary.sd, summary.grid, mean, np.diag(covariance), strict=True
    ):
        assert Decimal(repr(grid)) * 2 == Decimal(repr(sd))
        assert Decimal(repr(own)) % Decimal(repr(grid)) == 0
        assert abs(own - exact) <= grid * 1.0001
        assert sd == pytest.approx(variance**0.5, rel=0.051)
    steps = np.array(summary.correlation) * 20
    assert np.allclose(steps, np.round(steps))


@given(seed=st.integers(0, 10_000), size=st.integers(1, 6), dependence=st.floats(0, 50))
def test_the_rounded_correlation_is_one(seed: int, size: int, dependence: float) -> None:
    _, covariance = random_moments(seed, size, dependence)
    sd = np.sqrt(np.diag(covariance))
    rounded = round_correlation(covariance / np.outer(sd, sd))
    assert np.array_equal(rounded, rounded.T)
    assert np.array_equal(np.diag(rounded), np.ones(size))
    assert np.linalg.eigvalsh(rounded)[0] >= 0.019


def test_a_nearly_singular_posterior_is_repaired() -> None:
    summary = summarise(np.zeros(2), np.array([[1.0, 0.9999], [0.9999, 1.0]]))
    assert summary.correlation[0][1] == 0.95


def test_independent_means_cost_a_hundredth_of_a_nat_each() -> None:
    costs = [summarise(np.random.default_rng(seed).normal(size=4), np.eye(4)).cost for seed in range(400)]
    assert np.mean(costs) / 4 == pytest.approx(0.5 * 0.25 / 12, rel=0.1)


def test_the_divergence_is_the_textbook_one() -> None:
    value = divergence(np.zeros(1), np.array([[1.0]]), np.array([1.0]), np.array([[4.0]]))
    assert value == pytest.approx(np.log(2) + (1 + 1) / 8 - 0.5)


def test_correlated_means_are_rounded_together() -> None:
    covariance = np.array([[1.0, 0.9], [0.9, 1.0]])
    summary = summarise(np.array([0.24, -0.24]), covariance)
    apart = divergence(np.array([0.24, -0.24]), covariance, np.zeros(2), covariance)
    together = divergence(np.array([0.24, -0.24]), covariance, np.array(summary.mean), covariance)
    assert together <= apart
