"""A mass at 0 that has probability 0 or 1 has a density with a derivative in that probability."""

import pytest
import torch

from worldmodel.families.composite import Part, zero_inflated
from worldmodel.families.table import FAMILIES


def _gradient(family: str, arguments: tuple[float, ...], chance: float, x: float) -> tuple[float, float]:
    p = torch.tensor(chance, dtype=torch.float64, requires_grad=True)
    part = Part(FAMILIES[family], tuple(torch.tensor(own, dtype=torch.float64) for own in arguments))
    # The other element of the batch takes the other branch: nothing of it may reach this one's gradient.
    values = torch.tensor([x, 3.0 if x == 0 else 0.0], dtype=torch.float64)
    found = zero_inflated(p, part).log_prob(values)
    (gradient,) = torch.autograd.grad(found[0], p)
    return found[0].item(), gradient.item()


@pytest.mark.parametrize("chance", [0.0, 1e-12, 0.3, 1.0])
def test_the_derivative_at_zero_of_a_count_is_the_one_of_the_formula(chance: float) -> None:
    own = torch.exp(torch.tensor(-2.0, dtype=torch.float64)).item()
    value, gradient = _gradient("Poisson", (2.0,), chance, 0.0)
    whole = chance + (1 - chance) * own
    assert value == pytest.approx(torch.log(torch.tensor(whole, dtype=torch.float64)).item(), abs=1e-12)
    assert gradient == pytest.approx((1 - own) / whole, rel=1e-9)


def test_a_count_that_the_part_hardly_ever_leaves_out_keeps_its_density() -> None:
    value, gradient = _gradient("Poisson", (1000.0,), 0.0, 0.0)
    assert value == pytest.approx(-1000.0)
    assert gradient > 1e300


@pytest.mark.parametrize("family", ["Poisson", "Exponential"])
def test_elsewhere_the_derivative_is_that_of_the_rest(family: str) -> None:
    for chance in (0.0, 0.3):
        assert _gradient(family, (2.0,), chance, 1.0)[1] == pytest.approx(-1 / (1 - chance))
    assert _gradient(family, (2.0,), 1.0, 1.0) == (-torch.inf, 0.0)


def test_the_mass_of_a_continuous_law_is_its_probability() -> None:
    assert _gradient("Exponential", (2.0,), 1.0, 0.0) == (0.0, 1.0)
    assert _gradient("Exponential", (2.0,), 0.0, 0.0) == (-torch.inf, 0.0)
