"""The outbreak's published rates follow from the template: its step is the differential equations', its posterior Stan's.

Latent variables of this world are deterministic given the rates, so the density of the counts given rates is that of
the counts about the trajectory that the simulator makes: nothing of the model is written down a second time here.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from jaxtyping import Float
from scipy.integrate import solve_ivp
from scipy.optimize import minimize
from torch import Tensor

from policy.algorithms.pathwise import Trained
from worldmodel.build import load_world
from worldmodel.data.series import read_series
from worldmodel.inference.fit import Settings, fit, generator_for
from worldmodel.readings.log_density import constants, log_prior
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_part
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.templates.influenza_data import IN_BED, IN_BED_BY_MURRAY
from worldmodel.world import World

BOYS = 763.0
NAMES = ("transmission.contacts", "recovery.rate", "bed_count.surplus")
Points = Float[Tensor, "draws dimension"]


@pytest.fixture(scope="module")
def folder(template_folder: Callable[[str], Path]) -> Path:
    return template_folder("influenza")


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return load_world(folder)


def infected(world: World, natural: dict[str, Tensor], days: int = 14, *done: Intervention) -> Tensor:
    """The infected by day for each draw of the rates, by the world's own simulator; shape draws × days."""
    parameters = {name: natural[name].reshape(-1, 1) for name in NAMES}
    draws = len(natural[NAMES[0]])
    seen = simulate(world, None, days, draws, 1, 1, keep=["infected"], parameters=parameters, interventions=done)
    return seen.values["infected"][:, 0]


def rates(contacts: float, rate: float) -> dict[str, Tensor]:
    return dict(zip(NAMES, torch.tensor([[contacts], [rate], [0.1]], dtype=torch.float64), strict=True))


def by_differential_equations(contacts: float, rate: float) -> np.ndarray:
    """The infected at the end of each day of the SIR equations, to nine digits."""

    def slope(_time: float, state: np.ndarray) -> list[float]:
        new = contacts * state[0] * state[1] / BOYS
        return [-new, new - rate * state[1]]

    days = np.arange(1, 15)
    return np.asarray(solve_ivp(slope, (0, 14), [762, 1], t_eval=days, rtol=1e-10, atol=1e-9).y[1])


def test_the_data_are_those_that_were_published(world: World, folder: Path) -> None:
    series = read_series(world, folder)
    assert (series.times[0], series.times[-1]) == ("1978-01-22", "1978-02-04")
    assert tuple(series.values["in_bed"]) == IN_BED
    assert max(abs(a - b) for a, b in zip(IN_BED, IN_BED_BY_MURRAY, strict=True)) == 7


@pytest.mark.parametrize(("contacts", "rate"), [(1.73, 0.54), (1.66, 0.44), (1.0, 0.3)])
def test_a_daily_step_follows_the_differential_equations(world: World, contacts: float, rate: float) -> None:
    """Within 3 percent of the peak, where a daily Euler step is a tenth of the peak and more away."""
    exact = by_differential_equations(contacts, rate)
    ours = infected(world, rates(contacts, rate))[0].numpy()
    susceptible, ill, euler = 762.0, 1.0, []
    for _ in range(14):
        new = contacts * susceptible * ill / BOYS
        susceptible, ill = susceptible - new, ill + new - rate * ill
        euler.append(ill)
    assert np.abs(ours - exact).max() < 0.03 * exact.max()
    assert np.abs(np.array(euler) - exact).max() > 0.1 * exact.max()


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
    """The share that is ever infected, of Kermack and McKendrick's relation: 1 − s = R (1 − s₀ …) solved by iteration."""
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


def posterior_density(world: World) -> Callable[[Points], Float[Tensor, " draws"]]:
    """Log prior and log density of the fourteen counts, over the logarithms of the three parameters."""
    counts = torch.tensor(IN_BED, dtype=torch.float64)
    parts = [name.split(".") for name in NAMES]
    bed_count = world.mechanisms["bed_count"]

    def density(points: Points) -> Float[Tensor, " draws"]:
        natural = {name: points[:, place].exp() for place, name in enumerate(NAMES)}
        total = points.sum(1)
        for (mechanism, own), name in zip(parts, NAMES, strict=True):
            total = total + log_prior(world.mechanisms[mechanism], {own: natural[name]})
        ill = infected(world, natural)
        named = {**constants(bed_count), "surplus": natural[NAMES[2]].unsqueeze(-1)}
        environment = Environment(lambda name: named[name], lambda _name, _lag: ill, lambda _name: ill)
        return total + law_part(bed_count.law, environment).log_prob(counts).sum(-1)

    return density


def test_the_posterior_is_the_published_one(world: World) -> None:
    """Grinsztajn and others (2021) report 1.73, .54 and 3.2 with standard deviations of about .05, .05 and .3."""
    density = posterior_density(world)
    start = torch.log(torch.tensor([[2.0, 0.45, 0.1], [1.5, 0.6, 0.2]], dtype=torch.float64))
    posterior = fit(density, start, generator_for("influenza"), Settings(draws=2000, starts=2))
    draws = posterior.resample(2000, generator_for("draws")).exp()
    contacts, rate = draws[:, 0], draws[:, 1]
    assert float(contacts.mean()) == pytest.approx(1.73, abs=0.05)
    assert float(rate.mean()) == pytest.approx(0.54, abs=0.05)
    assert float((contacts / rate).mean()) == pytest.approx(3.2, abs=0.15)
    assert 0.03 < float(contacts.std()) < 0.08


def least_squares(world: World) -> tuple[float, float]:
    counts = np.array(IN_BED_BY_MURRAY)

    def loss(logs: np.ndarray) -> float:
        return float(((infected(world, rates(*np.exp(logs)))[0].numpy() - counts) ** 2).sum())

    contacts, rate = np.exp(minimize(loss, np.log([1.5, 0.5]), method="Nelder-Mead", options={"maxfev": 120}).x)
    return float(contacts), float(rate)


def test_least_squares_gives_murrays_rates(world: World) -> None:
    """Murray (1989): 2.18e-3 · 763 = 1.66 contacts a day, recovery .44 a day, so that one infects 3.8."""
    contacts, rate = least_squares(world)
    assert (contacts, rate, contacts / rate) == pytest.approx((1.66, 0.44, 3.78), rel=0.02)


def test_it_trains(world: World, short_training: Callable[..., Trained]) -> None:
    trained = short_training(world)
    before, after = trained.readings[0], trained.readings[-1]
    assert after.kept[0] > before.kept[0]
    assert after.alive == before.alive == 1.0
