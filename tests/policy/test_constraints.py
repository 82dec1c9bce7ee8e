"""Multipliers grow while a floor is broken, and the penalty pushes the right way."""

import pytest
import torch

from policy.constraints import broken_share, fresh_multipliers, penalty, raised, softly_broken


def test_the_soft_share_is_close_to_the_counted_one() -> None:
    margins = torch.special.ndtri((torch.arange(1000, dtype=torch.float64) + 0.5) / 1000).reshape(1, 100, 10) + 1.0
    counted = broken_share(margins >= 0)
    assert float(softly_broken(margins)) == pytest.approx(float(counted), abs=0.03)


def test_the_gradient_raises_margins() -> None:
    margins = torch.full((1, 4, 2), -0.1, dtype=torch.float64, requires_grad=True)
    penalty(margins + torch.arange(8).reshape(1, 4, 2) * 0.01, fresh_multipliers([0.9])).backward()
    assert margins.grad is not None
    assert bool((margins.grad < 0).all())


def test_multipliers_rise_while_broken_and_fall_to_zero_when_kept() -> None:
    broken, kept = torch.zeros((1, 4, 2), dtype=torch.bool), torch.ones((1, 4, 2), dtype=torch.bool)
    multipliers = fresh_multipliers([0.9])
    seen = [float(multipliers.values)]
    for _ in range(3):
        multipliers = raised(multipliers, broken)
        seen.append(float(multipliers.values))
    assert seen == sorted(seen)
    assert seen[-1] > 3
    for _ in range(60):
        multipliers = raised(multipliers, kept)
    assert float(multipliers.values) == 0


def test_a_world_without_floors_has_no_penalty() -> None:
    assert float(penalty(torch.zeros((0, 4, 2)), fresh_multipliers([]))) == 0


def test_a_floor_kept_with_room_to_spare_costs_nothing() -> None:
    margins = 100 + torch.randn((1, 50, 2), dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert float(penalty(margins, fresh_multipliers([0.9]))) == pytest.approx(0, abs=1e-12)
