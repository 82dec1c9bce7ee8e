"""Pyro's NUTS, another implementation and another algorithm, finds what our own samplers find."""

import torch
from torch import Tensor

from worldmodel.inference.diagnosis import least_effective_draws
from worldmodel.inference.fit import fit, generator_for
from worldmodel.inference.nuts import run_nuts


def log_density(points: Tensor) -> Tensor:
    """Ten values of a Gamma's logarithm and a correlated companion: skewed, so that a Gaussian would not do."""
    first, second = points[:, 0], points[:, 1]
    return 3 * first - torch.exp(first) - 0.5 * (second - first) ** 2


def test_nuts_and_importance_sampling_agree() -> None:
    posterior = fit(log_density, torch.zeros(2, 2, dtype=torch.float64), generator_for("skewed"))
    points = run_nuts(log_density, posterior.mode, seed=7, draws=400, warmup=200, compiled=False).points
    effective = least_effective_draws(points.unsqueeze(0))
    sd = posterior.covariance.diagonal().sqrt()
    apart = (points.mean(dim=0) - posterior.mean).abs() / sd
    assert posterior.flags == ()
    assert bool((apart < 4 / effective**0.5).all())
    assert bool(((points.std(dim=0) / sd - 1).abs() < 4 / (2 * effective) ** 0.5 + 0.05).all())


def test_nuts_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    run_nuts(log_density, torch.zeros(2, dtype=torch.float64), seed=1, draws=5, warmup=5, compiled=False)
    assert torch.equal(before, torch.get_rng_state())
