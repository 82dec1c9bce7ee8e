"""Distances between draws, against what is known of them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reviewer.panes.distances import number, percent, quantiles, told, total_variation, wasserstein
from worldmodel.simulation.noise import Noise

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30)


def normal(mean: float, sd: float, draws: int = 20_000) -> torch.Tensor:
    """Draws by keyed noise."""
    return mean + sd * torch.special.ndtri(Noise(0).uniform("x", 1, draws, 1)[:, 0])


@pytest.mark.parametrize("shift", [0.0, 0.3, -2.5])
def test_normals_that_differ_by_a_shift_are_the_shift_apart(shift: float) -> None:
    assert wasserstein(normal(1, 2), normal(1 + shift, 2)) == pytest.approx(abs(shift), abs=1e-12)


def test_normals_that_differ_by_their_spread_are_apart_by_the_mean_of_its_half_normal() -> None:
    assert wasserstein(normal(0, 1), normal(0, 1.5)) == pytest.approx(0.5 * math.sqrt(2 / math.pi), rel=0.01)


@given(NUMBERS, st.floats(-1e3, 1e3))
def test_a_shift_of_any_draws_is_their_distance_and_order_does_not_matter(values: list[float], shift: float) -> None:
    draws = torch.tensor(values, dtype=torch.float64)
    assert wasserstein(draws, (draws + shift).flip(0)) == pytest.approx(abs(shift), rel=1e-6, abs=1e-6)
    assert wasserstein(draws, draws.flip(0)) == 0


def test_total_variation_counts_what_goes_to_other_names() -> None:
    before, after = torch.tensor([0.0, 0, 1, 2]), torch.tensor([0.0, 1, 1, 1])
    assert total_variation(before, after, 3) == pytest.approx(0.5)
    assert total_variation(before, before, 3) == 0


def test_zero_is_printed_only_where_it_is_exact() -> None:
    assert number(0.0) == "0"
    assert number(1e-9) != "0"
    assert told(torch.zeros(3), torch.zeros(3)).distance == "0"
    assert told(torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0 + 1e-15])).distance in {"0", "rounding"}


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_all_and_nothing_are_printed_only_where_they_are(count: int, total: int) -> None:
    share = min(count, total) / total
    assert (percent(share) == "0 %") == (share == 0)
    assert (percent(share) == "100 %") == (share == 1)


def test_quantiles_of_no_draws_are_no_numbers() -> None:
    assert all(math.isnan(value) for value in quantiles(torch.zeros(0)))
