"""Newton's method finds modes from far away, on ground where plain Newton steps go the wrong way."""

import torch
from torch import Tensor

from worldmodel.inference.newton import find_mode


def starts(*rows: tuple[float, ...]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def test_a_quadratic_takes_one_step_to_its_exact_mode_and_precision() -> None:
    precision = torch.tensor([[4.0, 1.0], [1.0, 2.0]], dtype=torch.float64)

    def log_density(points: Tensor) -> Tensor:
        return -0.5 * torch.einsum("di,ij,dj->d", points - 1, precision, points - 1)

    mode = find_mode(log_density, starts((3.0, -2.0)))
    assert mode.is_peak
    assert torch.allclose(mode.point, torch.ones(2, dtype=torch.float64))
    assert torch.allclose(mode.precision, precision)


def test_it_climbs_where_the_curvature_has_the_wrong_sign() -> None:
    def log_density(points: Tensor) -> Tensor:
        return -torch.log1p(points**2).sum(dim=1)  # convex beyond 1

    mode = find_mode(log_density, starts((30.0, -8.0)))
    assert mode.is_peak
    assert torch.allclose(mode.point, torch.zeros(2, dtype=torch.float64), atol=1e-5)


def test_it_turns_back_from_impossible_points() -> None:
    def log_density(points: Tensor) -> Tensor:
        return (torch.log(points) - points).sum(dim=1)  # NaN below zero

    mode = find_mode(log_density, starts((6.0,), (0.01,)))
    assert mode.is_peak
    assert torch.allclose(mode.point, torch.ones(1, dtype=torch.float64))


def test_the_higher_of_two_hills_wins_and_the_other_is_counted() -> None:
    def log_density(points: Tensor) -> Tensor:
        x = points[:, 0]
        return torch.logaddexp(-0.5 * (x - 5) ** 2, -0.5 * (x + 5) ** 2 + 1)

    mode = find_mode(log_density, starts((4.0,), (-4.0,)))
    assert abs(float(mode.point[0]) + 5) < 1e-3
    assert mode.rivals == 1


def test_a_slope_without_end_is_no_peak() -> None:
    assert not find_mode(lambda points: points.sum(dim=1), starts((0.0,)), limit=20).is_peak
