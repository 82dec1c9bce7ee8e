"""The baselines' predictive densities are the textbook ones, and the right one wins on data of its own kind."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from statsmodels.tsa.ar_model import AutoReg

from assistants.parameters.baselines import Baseline, autoregression, random_walk


def autoregressive(seed: int, rows: int, *coefficients: float) -> np.ndarray:
    generator, series = np.random.default_rng(seed), np.zeros(rows)
    for step in range(len(coefficients), rows):
        past = sum(weight * series[step - lag] for lag, weight in enumerate(coefficients, start=1))
        series[step] = past + generator.normal()
    return series


def test_a_random_walk_is_scored_with_its_students_t() -> None:
    series = np.array([0.0, 1.0, -1.0, 0.0, 3.0])
    answer = random_walk(series, fitted=4)
    scale = np.sqrt((1 + 4 + 1) / 3)
    assert np.isnan(answer.log_density[0])
    assert answer.log_density[4] == pytest.approx(stats.t(3, scale=scale).logpdf(3.0))


def test_the_order_is_found_and_the_fit_is_that_of_statsmodels() -> None:
    series = autoregressive(2, 400, 0.5, 0.3)
    answer = autoregression(series, fitted=300)
    reference = AutoReg(series[:300], lags=2).fit()
    location = reference.params[0] + reference.params[1] * series[299] + reference.params[2] * series[298]
    freedom = 298 - 3
    assert answer.lags == 2
    scale = np.sqrt(np.sum(reference.resid**2) / freedom)
    # The coefficients' own uncertainty widens the density by less than one percent here.
    assert answer.log_density[300] == pytest.approx(stats.t(freedom, location, scale).logpdf(series[300]), abs=0.02)


@pytest.mark.parametrize("baseline", [random_walk, autoregression])
def test_what_is_held_out_has_no_say_in_what_was_fitted(baseline: Callable[[np.ndarray, int], Baseline]) -> None:
    series = autoregressive(5, 60, 0.5)
    other = np.concatenate((series[:41], series[41:] + 100))
    before, after = baseline(series, 40), baseline(other, 40)
    assert before.lags == after.lags
    assert np.array_equal(before.log_density[:41], after.log_density[:41], equal_nan=True)


def test_the_predictive_density_is_calibrated() -> None:
    scores = [autoregression(autoregressive(seed, 30, 0.5), fitted=29).log_density[29] for seed in range(600)]
    truth = -0.5 * np.log(2 * np.pi) - 0.5
    assert truth - 0.4 < np.mean(scores) < truth


def test_each_wins_on_its_own_kind_of_data() -> None:
    walk, noise = np.cumsum(np.random.default_rng(2).normal(size=300)), np.random.default_rng(3).normal(size=300)
    assert (
        np.mean(random_walk(walk, 200).log_density[200:]) > np.mean(autoregression(walk, 200).log_density[200:]) - 0.05
    )
    assert (
        np.mean(random_walk(noise, 200).log_density[200:]) < np.mean(autoregression(noise, 200).log_density[200:]) - 0.1
    )


def test_a_gap_makes_the_steps_that_need_it_undefined_and_no_others() -> None:
    series = autoregressive(4, 200, 0.6)
    series[50] = np.nan
    answer = autoregression(series, fitted=150)
    undefined = np.flatnonzero(np.isnan(answer.log_density))
    assert set(undefined) == {*range(answer.lags), *range(50, 51 + answer.lags)}
