"""The trial's published answers follow from the shipped data, and the template's fitted mechanism gives the effect."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
import torch

from assistants.parameters.learn import fit_target, target_for
from assistants.parameters.observations import Observations, problems_with
from assistants.parameters.unseen import measured
from policy.algorithms.pathwise import Trained
from worldmodel.build import load_world
from worldmodel.data.series import Series, read_series
from worldmodel.inference.fit import Settings
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.templates.rossi_data import men
from worldmodel.world import World

COVARIATES = ("fin", "age", "race", "wexp", "mar", "paro", "prio")
# Fox (2002), Cox Proportional-Hazards Regression for Survival Data, and Allison (2010): coefficient and standard error
PUBLISHED = {"fin": (-0.379, 0.191), "age": (-0.057, 0.022), "prio": (0.091, 0.029)}


@pytest.fixture(scope="module")
def folder(template_folder: Callable[[str], Path]) -> Path:
    return template_folder("rossi")


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return load_world(folder)


@pytest.fixture(scope="module")
def series(world: World, folder: Path) -> Series:
    return read_series(world, folder)


@pytest.fixture(scope="module")
def observations(series: Series) -> Observations:
    return Observations({name: torch.tensor(one) for name, one in series.values.items()}, series.split, series.digest)


@pytest.fixture(scope="module")
def posterior(world: World, observations: Observations) -> Mapping[str, torch.Tensor]:
    """Draws of the parameters of `hazard`, by our own inference on the shipped data."""
    target = target_for(measured(world, world.mechanisms["hazard"]), observations)
    fitted = fit_target(target, "test", settings=Settings(draws=4000, starts=2))
    return target.natural(fitted.resample(4000, np.random.default_rng(0)))


def test_a_third_fewer_are_arrested_with_aid(series: Series) -> None:
    """Rossi, Berk and Lenihan (1980): 30.6 percent against 22.2, a difference of 8.3 points."""
    aided, arrested = series.values["aid"], series.values["arrested"]
    assert (len(aided), aided.sum()) == (432, 216)
    without, with_aid = arrested[aided == 0].mean(), arrested[aided == 1].mean()
    assert (without, with_aid) == pytest.approx((0.306, 0.222), abs=5e-4)
    assert without - with_aid == pytest.approx(0.083, abs=5e-4)


def test_the_shipped_file_gives_the_published_cox_regression() -> None:
    """So it is the file that the textbooks analyse, down to the week of each arrest."""
    rows = {name: np.array([man[name] for man in men()]) for name in (*COVARIATES, "week", "arrest")}
    design = np.column_stack([rows[name] for name in COVARIATES])
    fitted = sm.PHReg(rows["week"], design, status=rows["arrest"], ties="efron").fit()
    for name, (coefficient, error) in PUBLISHED.items():
        place = COVARIATES.index(name)
        assert fitted.params[place] == pytest.approx(coefficient, abs=6e-4), name
        assert fitted.bse[place] == pytest.approx(error, abs=6e-4), name
    assert math.exp(fitted.params[0]) == pytest.approx(0.684, abs=5e-4)


def test_the_lot_was_fair() -> None:
    """Aid does not go with anything that was there before it, as by a lot: no |t| above 2.5 among six."""
    drawn = np.array([man["fin"] for man in men()])
    for name in COVARIATES[1:]:
        values = np.array([man[name] for man in men()], dtype=np.float64)
        difference = values[drawn == 1].mean() - values[drawn == 0].mean()
        error = math.sqrt(values[drawn == 1].var(ddof=1) / 216 + values[drawn == 0].var(ddof=1) / 216)
        assert abs(difference / error) < 2.5, name


def test_the_data_reach_an_unseen_risk_through_arrests(world: World, observations: Observations) -> None:
    hazard = world.mechanisms["hazard"]
    assert [problem.code for problem in problems_with(world, [hazard], observations)] == ["not-measured"]
    assert problems_with(world, [measured(world, hazard)], observations) == []


def test_our_own_inference_finds_the_published_effect(posterior: Mapping[str, torch.Tensor]) -> None:
    """The prior LogNormal(0, 1) pulls the Cox coefficient −.379 (.191) to −.379 / (1 + .191²) = −.366.

    The template leaves five covariates out, which a lot makes harmless: within a third of a standard error.
    """
    effect = posterior["ratio"].log()
    assert float(effect.mean()) == pytest.approx(-0.379 / (1 + 0.191**2), abs=0.191 / 3)
    assert float(effect.std()) == pytest.approx(0.191 / math.sqrt(1 + 0.191**2), rel=0.08)
    assert float((effect < 0).double().mean()) > 0.94


@pytest.mark.parametrize(("name", "published", "sign"), [("by_decade", "age", -10), ("by_conviction", "prio", 1)])
def test_age_and_convictions_are_as_published(
    posterior: Mapping[str, torch.Tensor], name: str, published: str, sign: int
) -> None:
    """Within a standard error: work and marriage, left out here, carry some of what age does."""
    coefficient, error = PUBLISHED[published]
    assert float(posterior[name].mean()) == pytest.approx(sign * coefficient, abs=abs(sign) * error)


def test_the_fitted_world_arrests_as_many_as_were_arrested(world: World, posterior: Mapping[str, torch.Tensor]) -> None:
    """Simulated on men like those of the data, with and without aid, arrests average to the shares of the trial."""
    hazard = measured(world, world.mechanisms["hazard"])
    given = {f"hazard.{name}": draws[:300].unsqueeze(-1) for name, draws in posterior.items()}
    others = {"ages.centre": 3.06, "ages.spread": 0.305, "records.average": 2.98, "records.evenness": 2.3}
    given |= {name: torch.full((300, 1), value, dtype=torch.float64) for name, value in others.items()}
    assert set(hazard.priors) == set(posterior)
    shares = []
    for aid in (0.0, 1.0):
        seen = simulate(world, None, 52, 300, 1, 3, parameters=given, interventions=[Intervention("aid", aid)])
        shares.append(float(seen.values["arrested"].mean()))
    assert shares == pytest.approx([0.306, 0.222], abs=0.02)


def test_the_floor_asks_for_every_third_man(world: World) -> None:
    third = simulate(world, None, 150, 1, 1, 1, interventions=[Intervention("aid", 1 / 3)]).values["assured"]
    assert float(third[0, 0, -1]) == pytest.approx(20.0, abs=1e-5)


def test_it_trains(world: World, short_training: Callable[..., Trained]) -> None:
    trained = short_training(world, iterations=3)
    assert {reading.alive for reading in trained.readings} == {1.0}
    assert trained.readings[0] != trained.readings[-1]
    assert trained.readings[trained.kept].kept[0] >= 0.95
