"""Sobol indices and Shapley effects against closed forms, with standard errors that are what they say."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from worldmodel.errors import InputError
from worldmodel.questions.inputs import question
from worldmodel.questions.outcome import parse_outcome
from worldmodel.questions.sensitivity import Estimate, sobol_indices
from worldmodel.questions.shapley import shapley_effects
from worldmodel.world import World

MakeWorld = Callable[..., World]


def near(estimate: Estimate, expected: float) -> bool:
    """Within four standard errors, with a little room for what is known exactly."""
    return abs(estimate.value - expected) <= 4 * estimate.error + 1e-9


def test_the_g_function_of_sobol(world_of: MakeWorld) -> None:
    """Π (|4 xᵢ − 2| + aᵢ) / (1 + aᵢ), with Vᵢ = 1 / 3 (1 + aᵢ)² and variance Π (1 + Vᵢ) − 1."""
    weights = [0.0, 1.0, 4.5]
    law = " * ".join(f"(abs(4 * p{place} - 2) + {a}) / (1 + {a})" for place, a in enumerate(weights))
    world = world_of(laws={"g": law}, parameters={f"g.p{place}": "Uniform(0, 1)" for place in range(3)})
    answer = sobol_indices(question(world, parse_outcome(world, "g", 1), 20_000))
    parts = [1 / (3 * (1 + a) ** 2) for a in weights]
    variance = np.prod([1 + part for part in parts]) - 1
    assert answer.variance == pytest.approx(variance, rel=0.05)
    by_name = {entry.name: entry for entry in answer.indices}
    for place, part in enumerate(parts):
        entry = by_name[f"g.p{place}"]
        rest = np.prod([1 + other for at, other in enumerate(parts) if at != place])
        assert near(entry.first, part / variance)
        assert near(entry.total, part * rest / variance)
        assert entry.first.error < 0.02


def linear(world_of: MakeWorld, correlation: float) -> World:
    """y = a + 2 b + noise, with a and b of one posterior that correlates them."""
    entry = {"scale": "identity", "mean": 0.0, "sd": 1.0, "grid": 0.5, "bits": 0.0}
    posterior: dict[str, Any] = {
        "order": ["a", "b"],
        "parameters": {"a": entry, "b": entry},
        "correlation": [[1.0, correlation], [correlation, 1.0]],
    }
    return world_of(
        laws={"y": "Normal(a + 2 * b, 1.5)"},
        parameters={"y.a": "Normal(0, 1)", "y.b": "Normal(0, 1)"},
        posteriors={"y": posterior},
    )


@pytest.mark.parametrize("correlation", [-0.8, 0.0, 0.5])
def test_shapley_effects_of_the_gaussian_linear_model(correlation: float, world_of: MakeWorld) -> None:
    """Owen and Prieur (2017): for two inputs, β₁² (1 − ρ²/2) + β₁β₂ρ + β₂² ρ²/2, and the other way round."""
    world = linear(world_of, correlation)
    answer = shapley_effects(question(world, parse_outcome(world, "y", 1), 20_000, seed=1))
    effects = dict(answer.effects)
    first, second, noise = 1.0, 4.0, 1.5**2
    cross = 1 * 2 * correlation
    variance = first + second + 2 * cross + noise
    swap = correlation**2 / 2 * (second - first)
    assert near(effects["y.a"], (first + cross + swap) / variance)
    assert near(effects["y.b"], (second + cross - swap) / variance)
    assert near(effects["chance"], noise / variance)
    assert sum(effect.value for effect in effects.values()) == pytest.approx(1)
    assert max(effect.error for effect in effects.values()) < 0.02


def test_correlated_parameters_are_one_input_for_sobol(world_of: MakeWorld) -> None:
    world = linear(world_of, 0.5)
    together, chance = sobol_indices(question(world, parse_outcome(world, "y", 1), 10_000)).indices
    variance = 5 + 2 + 1.5**2
    assert (together.name, chance.name) == ("y", "chance")
    for entry, expected in ((together, 7 / variance), (chance, 1.5**2 / variance)):
        assert near(entry.first, expected)
        assert near(entry.total, expected)
    prior = sobol_indices(question(world, parse_outcome(world, "y", 1), 10_000, source="prior"))
    assert [entry.name for entry in prior.indices] == ["y.a", "y.b", "chance"]


def test_chance_by_site_in_an_autoregression(world_of: MakeWorld) -> None:
    """x and z are random walks of variance 3 and 12 after three steps, and their product has no first-order part."""
    world = world_of(laws={"x": "Normal(x[t-1], 1)", "z": "Normal(z[t-1], 2)", "s": "x[t] + z[t]", "p": "x[t] * z[t]"})
    added = sobol_indices(question(world, parse_outcome(world, "s@3", 5), 10_000), "apart")
    by_name = {entry.name: entry for entry in added.indices}
    assert near(by_name["chance in x"].first, 3 / 15)
    assert near(by_name["chance in z"].total, 12 / 15)
    product = sobol_indices(question(world, parse_outcome(world, "p@3", 5), 10_000), "apart")
    by_name = {entry.name: entry for entry in product.indices}
    assert near(by_name["chance in x"].first, 0.0)
    assert near(by_name["chance in x"].total, 1.0)


def test_standard_errors_are_calibrated(world_of: MakeWorld) -> None:
    """Over forty seeds the spread of the estimates is what their standard errors say."""
    world = world_of(laws={"y": "Normal(a * b + a, 1)"}, parameters={"y.a": "Normal(0, 1)", "y.b": "Gamma(2, 2)"})
    outcome = parse_outcome(world, "y", 1)
    runs = [sobol_indices(question(world, outcome, 500, seed=seed)).indices[0] for seed in range(40)]
    shares = [dict(shapley_effects(question(world, outcome, 500, seed=seed)).effects)["y.a"] for seed in range(40)]
    for estimates in ([run.first for run in runs], [run.total for run in runs], shares):
        spread = np.std([estimate.value for estimate in estimates], ddof=1)
        said = np.mean([estimate.error for estimate in estimates])
        assert 0.6 < spread / said < 1.5


def test_an_outcome_that_nothing_moves_is_refused(world_of: MakeWorld) -> None:
    world = world_of(laws={"y": "1", "z": "Normal(0, 1)"})
    for analyse in (sobol_indices, shapley_effects):
        with pytest.raises(InputError, match="constant-outcome"):
            analyse(question(world, parse_outcome(world, "y", 1), 10))
    with pytest.raises(InputError, match="outcome-not-finite"):
        sobol_indices(question(world, parse_outcome(world, "log(z)", 1), 10))
    for text in ("y@0", "y@9", "y@"):
        with pytest.raises(InputError, match="malformed-outcome"):
            parse_outcome(world, text, 5)
    for text in ("q", "y +", "y > 1"):
        with pytest.raises(InputError, match="--of"):
            parse_outcome(world, text, 5)
