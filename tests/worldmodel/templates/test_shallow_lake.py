"""The lake's published numbers follow from the template's own text: the critical level, irreversibility, hysteresis."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks.shallow_lake import change_of_the_lake, equilibria, most_that_it_bears
from policy.algorithms.pathwise import Trained
from worldmodel.build import load_world
from worldmodel.language.ir import Number, Probability
from worldmodel.language.walk import walk
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.paths import probability_holds
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import World

CRITICAL = 0.54454  # Quinn, Reed and Keller (2017) and the tutorials on it, for b = .42 and q = 2


@pytest.fixture(scope="module")
def world(template_folder: Callable[[str], Path]) -> World:
    return load_world(template_folder("shallow-lake"))


def test_the_critical_level_is_the_published_one(world: World) -> None:
    critical, turbid = equilibria(change_of_the_lake(world))
    assert critical == pytest.approx(CRITICAL, abs=5e-6)
    # of .42 (1 + x²) = x, whose other root is the turbid lake that no cut brings back
    assert (critical, turbid) == pytest.approx([(1 - sign * math.sqrt(1 - 0.84**2)) / 0.84 for sign in (1, -1)])


def test_the_floor_is_the_critical_level(world: World) -> None:
    formula = world.properties["stays_clear"].formula
    assert isinstance(formula, Probability)
    (bound,) = [node.value for node in walk(formula) if isinstance(node, Number)]
    (critical, _turbid) = equilibria(change_of_the_lake(world))
    assert bound < critical < bound + 1e-4


def test_the_critical_level_is_an_edge_and_the_others_are_not(world: World) -> None:
    change = change_of_the_lake(world)
    critical, turbid = equilibria(change)
    levels = torch.tensor([0.01, critical - 0.01, critical + 0.01, turbid - 0.01, turbid + 0.01], dtype=torch.float64)
    assert torch.sign(change(levels)).tolist() == [-1, -1, 1, 1, -1]


def test_how_much_a_clear_lake_bears(world: World) -> None:
    """The fold is where .42 = 2x / (1 + x²)²; a little less is borne for ever, a little more tips the lake."""
    most, level = most_that_it_bears(change_of_the_lake(world))
    assert 2 * level / (1 + level**2) ** 2 == pytest.approx(0.42, abs=1e-4)
    below, above = settled(world, [most - 5e-4], 3000)[0], settled(world, [most + 5e-4], 3000)[0]
    assert below < level < CRITICAL < above


@pytest.mark.parametrize(
    ("loss", "turbid_without_inputs", "kinds"),
    [(0.42, True, 3), (0.499, True, 3), (0.501, False, 3), (0.6, False, 3), (0.64, False, 3), (0.66, False, 1)],
)
def test_which_lakes_come_back(world: World, loss: float, turbid_without_inputs: bool, kinds: int) -> None:
    """For q = 2: irreversible below a half, hysteretic up to 3√3/8 = .6495, reversible above (Mäler and others)."""
    assert bool(equilibria(change_of_the_lake(world, loss=loss))) == turbid_without_inputs
    levels, inputs = torch.linspace(1e-4, 5.0, 5001).double(), torch.arange(0.0, 0.13, 2e-4).double()
    signs = torch.sign(change_of_the_lake(world, loss=loss)(levels, inputs.unsqueeze(-1)))
    assert int((signs[:, 1:] != signs[:, :-1]).sum(-1).max()) == kinds


def run(world: World, steps: int, *done: Intervention) -> Trajectories:
    dry = Intervention("inflow", 0.0)
    return simulate(world, None, steps, 1, 1, 1, interventions=[dry, *done])


@pytest.mark.parametrize(("loss", "comes_back"), [(0.42, False), (0.55, True)])
def test_a_turbid_lake_without_any_inflow(world: World, loss: float, comes_back: bool) -> None:
    """Thirty years of full loading, then three hundred of none."""
    lake = with_loss(world, loss)
    seen = run(lake, 330, Intervention("loading", 0.1, 1, 30), Intervention("loading", 0.0, 31))
    levels = seen.values["phosphorus"][0, 0]
    assert levels[29] > CRITICAL
    assert (float(levels[-1]) < 0.01) == comes_back
    if not comes_back:
        (_critical, turbid) = equilibria(change_of_the_lake(lake))
        assert float(levels[-1]) == pytest.approx(turbid, abs=1e-9)


def test_hysteresis(world: World) -> None:
    """With a loss of .55 the lake tips at a higher loading than the one at which it comes back."""
    lake = with_loss(world, 0.55)
    loadings = [0.02, 0.05, 0.07, 0.09]
    up = settled(lake, loadings)
    down = settled(lake, [0.1, *reversed(loadings)])[1:][::-1]
    apart = [loading for loading, low, high in zip(loadings, up, down, strict=True) if high - low > 0.3]
    assert apart
    assert up[0] == pytest.approx(down[0], abs=1e-3)


def settled(world: World, loadings: Sequence[float], years: int = 200) -> list[float]:
    """Where the lake stands after each loading was held for so long, one after the other."""
    held = [
        Intervention("loading", loading, place * years + 1, (place + 1) * years)
        for place, loading in enumerate(loadings)
    ]
    levels = run(world, years * len(loadings), *held).values["phosphorus"][0, 0]
    return levels[years - 1 :: years].tolist()


def with_loss(world: World, loss: float) -> World:
    recycling = world.mechanisms["recycling"]
    entry = recycling.file.constants["loss"].model_copy(update={"value": loss})
    file = recycling.file.model_copy(update={"constants": {**recycling.file.constants, "loss": entry}})
    return replace(world, mechanisms={**world.mechanisms, "recycling": replace(recycling, file=file)})


def test_the_rain_has_its_published_moments(world: World) -> None:
    seen = simulate(world, None, 4, 20_000, 1, 1, keep=["inflow"]).values["inflow"]
    assert float(seen.mean()) == pytest.approx(0.02, rel=3e-3)
    assert float(seen.var()) == pytest.approx(10**-5.5, rel=0.03)


@pytest.mark.parametrize(("rule", "kept"), [("steady", True), ("brake", True), ("as_much_as_possible", False)])
def test_which_rules_keep_the_floor(world: World, rule: str, kept: bool) -> None:
    seen = simulate(world, rule, 100, 500, 1, 1)
    formula = world.properties["stays_clear"].formula
    assert isinstance(formula, Probability)
    share = float(probability_holds(formula, seen).double().mean())
    assert share == (1.0 if kept else 0.0)


def test_it_trains(world: World, short_training: Callable[..., Trained]) -> None:
    trained = short_training(world, iterations=6)
    assert all(math.isfinite(reading.objective) for reading in trained.readings)
    assert trained.readings[-1].objective > trained.readings[0].objective
