"""Known answers of aggregation and risk, and the sign of the tail."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.components.purpose import Aggregation, ObjectiveFile, Risk
from worldmodel.readings.objective import aggregate, at_risk, discounted, objective_value, worst_share_mean

WHO = ("savers", "workers")
ZERO = torch.zeros(2, dtype=torch.float64)


def gaussian(mean: float, sd: float, draws: int = 200_001) -> torch.Tensor:
    probabilities = (torch.arange(draws, dtype=torch.float64) + 0.5) / draws
    return mean + sd * torch.special.ndtri(probabilities)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (3.0, 2.0), (-1.0, 0.5)])
def test_the_tail_mean_of_a_gaussian_return_is_mu_minus_2_0627_sigma(mean: float, sd: float) -> None:
    assert float(worst_share_mean(gaussian(mean, sd), 0.05)) == pytest.approx(mean - 2.0627 * sd, abs=2e-3 * sd)


def test_cvar_of_a_gaussian_loss_is_mu_plus_2_0627_sigma() -> None:
    loss = gaussian(1.0, 2.0)
    assert -float(worst_share_mean(-loss, 0.05)) == pytest.approx(1 + 2.0627 * 2, abs=5e-3)


def test_the_draw_on_the_edge_counts_in_part() -> None:
    values = torch.tensor([4.0, 1.0, 3.0, 2.0], dtype=torch.float64)
    assert float(worst_share_mean(values, 0.375)) == pytest.approx((1 + 0.5 * 2) / 1.5)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_smaller_tail_is_never_better(values: list[float], one: float, two: float) -> None:
    rows = torch.tensor(values, dtype=torch.float64)
    small, large = sorted((one, two))
    slack = 1e-9 * (1 + float(rows.abs().max()))
    assert (
        float(rows.min()) - slack
        <= float(worst_share_mean(rows, small))
        <= float(worst_share_mean(rows, large)) + slack
    )
    assert float(worst_share_mean(rows, 1.0)) == pytest.approx(float(rows.mean()), abs=slack)


def test_risk_measures() -> None:
    values = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64)
    assert float(at_risk(values, Risk(measure="mean"))) == 3
    assert float(at_risk(values, Risk(measure="worst"))) == 1
    assert float(at_risk(values, Risk(measure="cvar", level=2 / 3))) == pytest.approx(1.5)


def test_discounting_starts_at_the_first_step() -> None:
    assert float(discounted(torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64), 0.5)) == 3


def test_utilitarian_adds_up_and_maximin_takes_the_worst_off() -> None:
    returns = torch.tensor([[1.0, 5.0], [3.0, 2.0]], dtype=torch.float64)
    weighted = Aggregation(rule="utilitarian", weights={"savers": 2.0})
    assert aggregate(returns, WHO, weighted, ZERO).tolist() == [5, 12]
    assert aggregate(returns, WHO, Aggregation(rule="maximin"), ZERO).tolist() == [1, 2]
    only = Aggregation(rule="maximin", weights={"savers": 0.0})
    assert aggregate(returns, WHO, only, ZERO).tolist() == [3, 2]


def test_nash_is_the_log_of_the_product_of_gains_and_does_not_see_a_common_scale() -> None:
    rule = Aggregation(rule="nash")
    point = torch.tensor([1.0, 2.0], dtype=torch.float64)
    first, second = torch.tensor([[3.0, 2.0], [5.0, 8.0]], dtype=torch.float64), torch.tensor([[21.0], [32.0]])
    values = aggregate(first, WHO, rule, point)
    assert values.tolist() == pytest.approx([math.log(2 * 3), math.log(1 * 6)])
    scaled = aggregate(second.to(torch.float64), WHO, rule, 10 * point - torch.tensor([9.0, 18.0]))
    assert scaled.tolist() == pytest.approx([math.log(20 * 30)])


def test_nash_stays_finite_and_rising_where_somebody_loses() -> None:
    returns = torch.tensor([[-5.0, -1.0, 0.0, 0.001], [1.0, 1.0, 1.0, 1.0]], dtype=torch.float64)
    values = aggregate(returns, WHO, Aggregation(rule="nash"), ZERO)
    assert bool(values.isfinite().all())
    assert bool((values.diff() > 0).all())


def test_noise_is_averaged_before_risk_is_taken_over_draws() -> None:
    objective = ObjectiveFile(
        format=1,
        horizon=1,
        discount=1.0,
        aggregation=Aggregation(rule="utilitarian"),
        risk=Risk(measure="worst"),
        why="x",
    )
    utilities = torch.tensor([[[[0.0], [10.0]], [[4.0], [4.0]]]], dtype=torch.float64)
    assert float(objective_value(utilities, ("all",), objective, torch.zeros(1))) == 4
