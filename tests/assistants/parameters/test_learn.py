"""Planted parameters are found as often as the posterior says; scores know better from worse; checks see faults."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy import stats

from assistants.parameters.checks import predictive_checks
from assistants.parameters.learn import fit_target, learn, summary_draws, target_for
from assistants.parameters.observations import Observations
from assistants.parameters.scores import standard_error, step_scores
from assistants.parameters.target import Target
from worldmodel.inference.fit import Settings, generator_for
from worldmodel.world import World

Columns = Callable[..., dict[str, np.ndarray]]
QUICK = Settings(starts=3, draws=2000)
RANKS = 20


def observations(columns: dict[str, np.ndarray], held: int = 30) -> Observations:
    values = {name: torch.from_numpy(column) for name, column in columns.items()}
    return Observations(values, len(columns["level"]) - held, "sha256:" + "1" * 64)


def simulated(world: World, seed: int, rows: int) -> tuple[Target, torch.Tensor]:
    """Parameters drawn from the prior of `keeping`, and data drawn with them."""
    generator = np.random.default_rng(seed)
    rain, level = torch.from_numpy(generator.normal(size=rows)), torch.zeros(rows, dtype=torch.float64)
    seen = Observations({"rain": rain, "level": level, "gate": level}, rows, f"data {seed}")
    target = target_for(world.mechanisms["keeping"], seen)
    truth = target.prior_draws(2, generator)[1]
    base, gain, noise, stay = (float(value) for value in target.natural(truth[None]).values())
    for step in range(1, rows):
        level[step] = stay * level[step - 1] + (1 - stay) * base + gain * rain[step] + noise * generator.normal()
    return target, truth


def ranks(world: World, seeds: range, settings: Settings = QUICK) -> np.ndarray:
    """The rank of each true parameter among nineteen draws of its posterior, one row a data set."""
    rows = []
    for seed in seeds:
        target, truth = simulated(world, seed, rows=50)
        draws = fit_target(target, "ranks", settings=settings).resample(RANKS - 1, generator_for(str(seed)))
        rows.append((draws < truth).sum(dim=0).numpy())
    return np.array(rows)


def uniformity(values: np.ndarray) -> float:
    """The p-value of a chi-square test that ranks from 0 to 19 fall evenly into four bins."""
    return float(stats.chisquare(np.bincount(values // (RANKS // 4), minlength=4)).pvalue)


def test_ranks_of_the_truth_are_uniform(lake: World) -> None:
    found = ranks(lake, range(40))
    assert min(uniformity(column) for column in found.T) > 0.001


@pytest.mark.stress
def test_ranks_of_the_truth_are_uniform_over_many_data_sets(lake: World) -> None:
    found = ranks(lake, range(1000, 1600), Settings())
    assert min(uniformity(column) for column in found.T) > 0.001


def test_the_uniformity_test_can_fail() -> None:
    assert uniformity(np.random.default_rng(0).integers(3, 17, size=200)) < 0.001


def test_planted_parameters_lie_within_the_rounded_summary(lake: World, columns: Columns) -> None:
    learned = learn(lake.mechanisms["keeping"], observations(columns(3)))
    draws = summary_draws(learned.summary, 4000, generator_for("summary"))
    natural = learned.target.natural(draws)
    for name, truth in {"stay": 0.7, "gain": 0.8, "base": 1.0, "noise": 0.5}.items():
        low, high = torch.quantile(natural[name], torch.tensor([0.001, 0.999], dtype=torch.float64)).tolist()
        assert low < truth < high, name
    assert learned.summary_cost < 0.5


def test_the_model_beats_its_prior_and_the_baselines_on_its_own_data(lake: World, columns: Columns) -> None:
    learned = learn(lake.mechanisms["keeping"], observations(columns(3)))
    assert learned.scores is not None
    assert learned.scores.steps == 30
    for other in ("prior", "random_walk", "autoregression"):
        gain, error = learned.scores.gain(other)
        assert gain > 2 * error > 0, other
    gain, error = learned.scores.gain("full_posterior")
    assert abs(gain) < 0.03


def test_a_step_score_is_the_log_of_the_mean_density(lake: World, columns: Columns) -> None:
    target = target_for(lake.mechanisms["keeping"], observations(columns(5)))
    points = target.prior_draws(50, generator_for("prior"))
    natural = {name: value.numpy() for name, value in target.natural(points).items()}
    level, rain = (target.observations.values[name].numpy() for name in ("level", "rain"))
    location = natural["stay"] * level[9] + (1 - natural["stay"]) * natural["base"] + natural["gain"] * rain[10]
    expected = np.log(np.mean(stats.norm(location, natural["noise"]).pdf(level[10])))
    assert step_scores(target, points)[10] == pytest.approx(expected)
    assert np.isnan(step_scores(target, points)[0])


def test_replications_of_the_right_law_look_like_the_data_and_of_a_wrong_one_do_not(
    lake: World, columns: Columns
) -> None:
    seen = observations(columns(6))
    right = learn(lake.mechanisms["keeping"], seen).checks.by_name
    wrong = learn(lake.mechanisms["passing"], seen).checks.by_name
    assert 0.02 < right["autocorrelation"].p_value < 0.98
    assert wrong["autocorrelation"].p_value < 0.02


def test_replications_that_explode_are_counted(lake: World, columns: Columns) -> None:
    target = target_for(lake.mechanisms["keeping"], observations(columns(7)))
    wild = target.prior_draws(4, generator_for("wild"))
    wild[:, target.names.index("base")] = 1e30
    checks = predictive_checks(target, wild, generator_for("wild"))
    assert checks.exploded == 1.0
    assert checks.by_name == {}


def test_the_error_of_a_mean_grows_with_the_correlation_of_steps() -> None:
    generator = np.random.default_rng(8)
    noise = generator.normal(size=4000)
    assert standard_error(noise) == pytest.approx(1 / np.sqrt(4000), rel=0.1)
    assert standard_error(np.convolve(noise, np.ones(4), "valid")) == pytest.approx(4 / np.sqrt(4000), rel=0.2)


def test_the_same_data_give_the_same_numbers_and_others_do_not(lake: World, columns: Columns) -> None:
    mechanism = lake.mechanisms["keeper"]
    first, second = (learn(mechanism, observations(columns(9)), QUICK).summary for _ in range(2))
    assert first == second
    assert learn(mechanism, observations(columns(10)), QUICK).summary != first


def test_a_uniform_prior_keeps_its_parameter_between_its_ends(lake: World, columns: Columns) -> None:
    learned = learn(lake.mechanisms["keeper"], observations(columns(11)), QUICK)
    response = learned.target.natural(learned.kept)["response"]
    assert float(response.min()) > -1
    assert float(response.max()) < 2
    assert abs(float(response.mean()) - 0.5) < 0.15
