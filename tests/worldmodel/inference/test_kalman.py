"""Filter, smoother and likelihood against statsmodels, and against conditioning of the whole joint Gaussian."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.statespace.kalman_smoother import KalmanSmoother

from worldmodel.inference.kalman import Gaussian, Measurement, Step, kalman_filter, kalman_smoother

LENGTH = 60


def tensor(values):
    return torch.as_tensor(np.asarray(values, dtype=np.float64))


def systems():
    """Name → (transition, noise factor, design, measurement variances, start mean, start covariance)."""
    one = np.array([[1.0]])
    seasonal = np.zeros((5, 5))
    seasonal[0, :2], seasonal[1, 1] = 1, 1
    seasonal[2, 2:], seasonal[3, 2], seasonal[4, 3] = -1, 1, 1
    factors = np.zeros((5, 3))
    factors[0, 0], factors[1, 1], factors[2, 2] = 0.5, 0.1, 0.3
    companion = np.array([[0.6, 0.1, 0.2, 0.0], [0.0, 0.5, 0.0, -0.3], [1, 0, 0, 0], [0, 1, 0, 0.0]])
    singular = np.array([[1.0], [0.4], [0.0], [0.0]])
    return {
        "local level": (one, 0.7 * one, one, [2.0], np.zeros(1), 10 * one),
        "second order with noise": (
            np.array([[1.2, -0.5], [1, 0]]), np.array([[1.0], [0]]), np.array([[1.0, 0]]), [0.3], np.ones(2), np.eye(2),
        ),
        "trend and season": (seasonal, factors, np.array([[1.0, 0, 1, 0, 0]]), [0.5], np.zeros(5), 4 * np.eye(5)),
        "two series, singular noise": (
            companion, singular, np.array([[1.0, 0.5, 0, 0], [0, 1, 1, 0]]), [0.2, 0.1], np.zeros(4),
            np.diag([1, 1, 0, 0]),
        ),
    }  # fmt: skip


def ours(system, data):
    transition, noise, design, variances, mean, covariance = map(tensor, system)
    steps = []
    for place, row in enumerate(data):
        measured = tuple(
            Measurement(design[i], tensor(0.0), variances[i], tensor(row[i])) for i in range(len(variances))
        )
        # The start is the state of the first measurement, as in statsmodels.
        moves = transition if place else torch.eye(len(mean), dtype=torch.float64)
        steps.append(Step(moves, torch.zeros_like(mean), noise if place else noise * 0, measured))
    found = kalman_filter(Gaussian(mean, covariance), steps)
    return found, kalman_smoother(found, steps)


def theirs(system, data):
    transition, noise, design, variances, mean, covariance = map(np.asarray, system)
    peer = KalmanSmoother(k_endog=len(variances), k_states=len(mean), k_posdef=noise.shape[1])
    peer["design"], peer["obs_cov"] = design.astype(float), np.diag(variances)
    peer["transition"], peer["selection"] = transition.astype(float), noise.astype(float)
    peer["state_cov"] = np.eye(noise.shape[1])
    peer.initialize_known(mean.astype(float), covariance.astype(float))
    peer.bind(np.asarray(data, dtype=float))
    peer.tolerance = 0.0
    return peer.smooth()


def simulated(system, seed):
    transition, noise, design, variances, mean, covariance = map(np.asarray, system)
    generator = np.random.default_rng(seed)
    state = generator.multivariate_normal(mean, covariance)
    rows = []
    for _ in range(LENGTH):
        rows.append(design @ state + generator.normal(size=len(variances)) * np.sqrt(variances))
        state = transition @ state + noise @ generator.normal(size=noise.shape[1])
    data = np.array(rows)
    data[generator.uniform(size=data.shape) < 0.2] = np.nan
    data[40:45] = np.nan
    return data


@pytest.mark.parametrize("name", systems())
def test_filter_smoother_and_likelihood_equal_statsmodels(name):
    system = systems()[name]
    data = simulated(system, 3)
    found, smoothed = ours(system, data)
    peer = theirs(system, data)
    assert float(found.log_density) == pytest.approx(peer.llf, rel=1e-10)
    for place in range(LENGTH):
        assert np.allclose(found.states[place].mean, peer.filtered_state[:, place], atol=1e-8)
        assert np.allclose(found.states[place].covariance, peer.filtered_state_cov[..., place], atol=1e-8)
        assert np.allclose(smoothed[place].mean, peer.smoothed_state[:, place], atol=1e-8)
        assert np.allclose(smoothed[place].covariance, peer.smoothed_state_cov[..., place], atol=1e-8)


def test_many_draws_at_once_are_each_one_alone_and_gradients_are_those_of_differences():
    data = simulated(systems()["local level"], 1)
    scales = tensor([0.2, 0.7, 1.5]).requires_grad_(True)

    def density(scale):
        noise = scale[..., None, None]
        one = torch.ones(1, 1, dtype=torch.float64)
        measured = [(Measurement(one[0], tensor(0.0), tensor(2.0), tensor(row[0])),) for row in data]
        steps = [Step(one, tensor([0.0]), noise, entry) for entry in measured]
        return kalman_filter(Gaussian(tensor([0.0]), one), steps).log_density

    together = density(scales)
    alone = torch.stack([density(scale) for scale in scales])
    assert torch.allclose(together, alone, rtol=1e-13)
    (slope,) = torch.autograd.grad(together.sum(), scales)
    width = 1e-6
    with torch.no_grad():
        difference = (density(scales + width) - density(scales - width)) / (2 * width)
    assert torch.allclose(slope, difference, rtol=1e-6)


def test_a_certain_measurement_agrees_or_is_impossible_and_teaches_nothing():
    start = Gaussian(tensor([1.0, 2.0]), tensor(np.diag([1.0, 4.0])))
    total = tensor([[1.0, 0], [0, 1], [1, 1]])  # the third is the sum of the first two
    rows = torch.eye(3, dtype=torch.float64)

    def run(values):
        measured = tuple(
            Measurement(row, tensor(0.0), tensor(0.0), tensor(value)) for row, value in zip(rows, values, strict=True)
        )
        return kalman_filter(start, [Step(total, tensor([0.0, 0, 0]), tensor(np.zeros((3, 0))), measured)])

    agreed = run([0.3, 1.1, 1.4])
    expected = -math.log(2 * math.pi) - math.log(2) - 0.5 * (0.7**2 + (0.9 / 2) ** 2)
    assert float(agreed.log_density) == pytest.approx(expected, rel=1e-12)
    assert agreed.states[0].covariance.abs().max() == 0
    assert float(run([0.3, 1.1, 1.5]).log_density) == -math.inf


def test_a_nearly_exact_measurement_leaves_no_negative_variance():
    one = tensor([[1.0]])
    steps = [
        Step(one, tensor([0.0]), tensor([[1e-6]]), (Measurement(one[0], tensor(0.0), tensor(1e-12), tensor(5.0)),))
        for _ in range(200)
    ]
    found = kalman_filter(Gaussian(tensor([0.0]), tensor([[1e8]])), steps)
    assert all(float(state.covariance) > 0 for state in found.states)
    assert float(found.states[-1].covariance) == pytest.approx(0.618e-12, rel=1e-2)
    smoothed = kalman_smoother(found, steps)
    assert min(float(state.covariance) for state in smoothed) > 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 3), st.integers(1, 5))
def test_equals_conditioning_of_the_joint_gaussian(seed, size, noises, length):
    generator = np.random.default_rng(seed)
    transition = generator.normal(size=(size, size)) * 0.6
    noise = generator.normal(size=(size, noises))
    rows = max(1, size - 1)
    design = generator.normal(size=(rows, size))
    variances = generator.uniform(0.1, 1, size=rows)
    data = generator.normal(size=(length, rows))
    data[generator.uniform(size=data.shape) < 0.3] = np.nan
    system = (transition, noise, design, variances, generator.normal(size=size), np.eye(size))
    found, smoothed = ours(system, data)
    mean, covariance = _joint(system, length)
    big = np.kron(np.eye(length), design)
    seen = ~np.isnan(data.ravel())
    big, wanted = big[seen], data.ravel()[seen]
    total = big @ covariance @ big.T + np.diag(np.tile(variances, length)[seen])
    apart = wanted - big @ mean
    gain = np.linalg.solve(total, big @ covariance).T
    mean, covariance = mean + gain @ apart, covariance - gain @ big @ covariance
    density = -0.5 * (apart @ np.linalg.solve(total, apart) + np.linalg.slogdet(2 * np.pi * total)[1])
    assert float(found.log_density) == pytest.approx(density, rel=1e-8, abs=1e-8)
    for place, state in enumerate(smoothed):
        part = slice(place * size, (place + 1) * size)
        assert np.allclose(state.mean, mean[part], atol=1e-8)
        assert np.allclose(state.covariance, covariance[part, part], atol=1e-8)


def _joint(system, length):
    """The mean and covariance of all states in a row."""
    transition, noise, _, _, mean, covariance = system
    size = len(mean)
    means = [mean]
    loading = [[np.linalg.cholesky(covariance)]]
    for _ in range(1, length):
        means.append(transition @ means[-1])
        loading.append([transition @ part for part in loading[-1]] + [noise])
    columns = size + noise.shape[1] * (length - 1)
    whole = np.zeros((size * length, columns))
    for place, parts in enumerate(loading):
        row = np.concatenate(parts, axis=1)
        whole[place * size : (place + 1) * size, : row.shape[1]] = row
    return np.concatenate(means), whole @ whole.T
