"""Our dozen lines are torch's Adam, its clipping and its cosine schedule."""

import pytest
import torch
from torch import nn

from policy.algorithms import adam


@pytest.mark.parametrize("most", [0.05, 1e6])
def test_it_takes_the_same_steps_as_torch(most: float) -> None:
    def network() -> nn.Sequential:
        torch.manual_seed(3)
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).to(torch.float64)

    ours, theirs, inputs = network(), network(), torch.linspace(-1, 1, 30, dtype=torch.float64).reshape(10, 3)
    optimiser = torch.optim.Adam(theirs.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 20)
    weights = list(ours.parameters())
    moments = adam.fresh_moments(weights)
    for iteration in range(20):
        optimiser.zero_grad()
        theirs(inputs).square().sum().backward()
        norm = nn.utils.clip_grad_norm_(theirs.parameters(), most)
        optimiser.step()
        schedule.step()
        gradient, own = adam.clipped(torch.autograd.grad(ours(inputs).square().sum(), weights), most)
        moments = adam.step(weights, gradient, moments, adam.cosine(0.02, iteration, 20))
        assert float(own) == pytest.approx(float(norm))
    for mine, other in zip(weights, theirs.parameters(), strict=True):
        assert torch.allclose(mine, other, atol=1e-5)


def test_a_gradient_of_zero_moves_nothing() -> None:
    weights = [nn.Parameter(torch.ones(3, dtype=torch.float64))]
    gradient, norm = adam.clipped([torch.zeros(3, dtype=torch.float64)], 1.0)
    adam.step(weights, gradient, adam.fresh_moments(weights), 0.1)
    assert float(norm) == 0
    assert weights[0].tolist() == [1, 1, 1]
