"""The template's data follow its own laws, know nothing of the future, and start where the fitted part ends."""

from pathlib import Path

import numpy as np
import pytest
import torch

from worldmodel.build import load_world
from worldmodel.data.series import Series, read_series
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.templates import template_files, write_data
from worldmodel.templates.us_macro_data import adaptive, us_macro_columns
from worldmodel.world import World


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("us-macro")
    for path, content in template_files("us-macro").items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    write_data("us-macro", root)
    return root


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return load_world(folder)


@pytest.fixture(scope="module")
def series(world: World, folder: Path) -> Series:
    return read_series(world, folder)


def test_it_is_the_data_of_the_source(series: Series) -> None:
    assert (series.times[0], series.times[-1], len(series.times)) == ("1959Q2", "2009Q3", 202)
    last = {name: float(column[-1]) for name, column in series.values.items()}
    assert (last["unemployment"], last["rate"], last["inflation"]) == (9.6, 0.12, 3.62)
    assert last["consumption"] == pytest.approx(9256.0e3 / 308.013, abs=0.01)


@pytest.mark.parametrize(
    "mechanism",
    [
        "expectations",
        "fisher_equation",
        "natural_rate_average",
        "slack_definition",
        "consumption_level",
    ],
)
def test_constructed_columns_follow_their_laws(world: World, series: Series, mechanism: str) -> None:
    found = world.mechanisms[mechanism]
    steps = len(series.times)
    constants = {name: torch.tensor(entry.value) for name, entry in found.file.constants.items()}
    environment = Environment(
        lambda name: constants[name],
        lambda name, lag: torch.tensor(series.values[name][1 - lag : steps - lag]),
        fixed_environment().start,
    )
    (argument,) = found.law.arguments
    law = evaluate(argument, environment).numpy()
    written = series.values[found.file.assigns][1:]
    assert np.max(np.abs(law - written)) <= (0.006 if mechanism == "consumption_level" else 1.01e-6)


def test_no_column_knows_the_future() -> None:
    """Columns of the first years are the same when the later years are cut off."""
    full = us_macro_columns()
    inflation, gain = full["inflation"], 0.125
    for end in (40, 100, 162):
        assert np.array_equal(adaptive(inflation[:end], gain, inflation[0]), full["expected_inflation"][:end])
    changed = np.where(np.arange(len(inflation)) >= 100, 99.0, inflation)
    assert np.array_equal(adaptive(changed, gain, inflation[0])[:101], full["expected_inflation"][:101])
    assert adaptive(changed, gain, inflation[0])[101] != full["expected_inflation"][101]


def test_simulation_starts_where_the_fitted_part_ends(world: World, series: Series) -> None:
    for name, variable in world.variables.items():
        given = [float(text.removeprefix("Delta(").removesuffix(")")) for text in variable.file.initial]
        before = series.values[name][series.split - len(given) : series.split][::-1]
        assert given == pytest.approx(before, abs=1e-9), name


def test_every_lag_that_is_read_has_its_own_start(world: World) -> None:
    for mechanism in world.mechanisms.values():
        for read in mechanism.inputs:
            assert read.lag <= len(world.variables[read.name].file.initial), (mechanism.file.id, read)


def test_the_effect_of_the_rate_has_two_rivals_and_no_channel_past_them(world: World) -> None:
    assert set(world.weights_of("unemployment")) == {"investment_saving", "tightening"}
    reads_rate = {
        mechanism.file.id
        for mechanism in world.mechanisms.values()
        if mechanism.file.assigns != "rate" and any(read.name in {"rate", "real_rate"} for read in mechanism.inputs)
    }
    assert reads_rate == {"fisher_equation", "investment_saving", "tightening"}


def test_every_learned_number_says_why_and_every_behavioural_law_has_a_source(world: World) -> None:
    for mechanism in world.mechanisms.values():
        assert not mechanism.file.parameters or mechanism.file.sources, mechanism.file.id
        assert len(mechanism.file.law) <= 240
