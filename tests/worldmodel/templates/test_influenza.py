"""The outbreak's published rates follow from the template, and its daily step from the differential equations."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.influenza import (
    BOYS,
    by_daily_euler_steps,
    by_differential_equations,
    by_the_world,
    least_squares,
    posterior,
    rates,
)
from policy.algorithms.pathwise import Trained
from worldmodel.build import load_world
from worldmodel.data.series import read_series
from worldmodel.inference.fit import generator_for
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.templates.influenza_data import IN_BED, IN_BED_BY_MURRAY
from worldmodel.world import World


@pytest.fixture(scope="module")
def folder(template_folder: Callable[[str], Path]) -> Path:
    return template_folder("influenza")


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return load_world(folder)


def test_the_data_are_those_that_were_published(world: World, folder: Path) -> None:
    series = read_series(world, folder)
    assert (series.times[0], series.times[-1]) == ("1978-01-22", "1978-02-04")
    assert tuple(series.values["in_bed"]) == IN_BED
    assert max(abs(a - b) for a, b in zip(IN_BED, IN_BED_BY_MURRAY, strict=True)) == 7


@pytest.mark.parametrize(("contacts", "rate"), [(1.73, 0.54), (1.66, 0.44), (1.0, 0.3)])
def test_a_daily_step_follows_the_differential_equations(world: World, contacts: float, rate: float) -> None:
    """Within 3 percent of the peak, where a daily Euler step is a tenth of the peak and more away."""
    exact = by_differential_equations(contacts, rate)
    assert np.abs(by_the_world(world)(contacts, rate) - exact).max() < 0.03 * exact.max()
    assert np.abs(by_daily_euler_steps(contacts, rate) - exact).max() > 0.1 * exact.max()


def test_nobody_is_lost(world: World) -> None:
    seen = simulate(world, "when_many", 28, 200, 1, 1).values
    total = seen["susceptible"] + seen["infected"] + seen["recovered"]
    assert torch.allclose(total, torch.full_like(total, BOYS), atol=1e-9)


def test_complete_isolation_ends_it_without_a_failure(world: World) -> None:
    seen = simulate(world, None, 100, 200, 1, 1, interventions=[Intervention("isolation", 1.0)])
    assert bool(seen.alive.all())
    assert float(seen.values["susceptible"].min()) == 762.0
    assert float(seen.values["infected"][..., -1].max()) < 0.1


def final_size(reproduction: float) -> float:
    """The share that is ever infected, by Kermack and McKendrick: the rest is s₀ · exp(−R · share), by iteration."""
    left = 0.5
    for _ in range(200):
        left = 762 / BOYS * math.exp(-reproduction * (1 - left))
    return 1 - left


@pytest.mark.parametrize("reproduction", [1.5, 3.2, 3.8])
def test_the_final_size_is_that_of_kermack_and_mckendrick(world: World, reproduction: float) -> None:
    given = {name: value.reshape(-1, 1) for name, value in rates(0.4 * reproduction, 0.4).items()}
    seen = simulate(world, None, 150, 1, 1, 1, parameters=given, interventions=[Intervention("isolation", 0.0)])
    ever = 1 - float(seen.values["susceptible"][0, 0, -1]) / BOYS
    assert ever == pytest.approx(final_size(reproduction), abs=0.01)


def test_the_posterior_is_the_published_one(world: World) -> None:
    """Grinsztajn and others (2021) report 1.73, .54 and 3.2 with standard deviations of about .05, .05 and .3."""
    found = posterior(world)
    assert found.flags == ()
    draws = found.resample(2000, generator_for("draws")).exp()
    contacts, rate = draws[:, 0], draws[:, 1]
    assert float(contacts.mean()) == pytest.approx(1.73, abs=0.05)
    assert float(rate.mean()) == pytest.approx(0.54, abs=0.05)
    assert float((contacts / rate).mean()) == pytest.approx(3.2, abs=0.15)
    assert 0.03 < float(contacts.std()) < 0.08


def test_least_squares_gives_murrays_rates(world: World) -> None:
    """Murray (1989): 2.18e-3 · 763 = 1.66 contacts a day, recovery .44 a day, so that one infects 3.8."""
    contacts, rate = least_squares(by_the_world(world), IN_BED_BY_MURRAY)
    assert (contacts, rate, contacts / rate) == pytest.approx((1.66, 0.44, 3.78), rel=0.02)


def test_it_trains(world: World, short_training: Callable[..., Trained]) -> None:
    trained = short_training(world)
    before, after = trained.readings[0], trained.readings[-1]
    assert after.kept[0] > before.kept[0]
    assert after.alive == before.alive == 1.0
