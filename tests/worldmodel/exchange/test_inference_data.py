"""What ArviZ reads: groups, dimensions and numbers are those of the draws, and families have labelled axes."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from worldmodel.build import build_world
from worldmodel.data.series import Series
from worldmodel.errors import EnvironmentProblem
from worldmodel.exchange.inference_data import to_inference_data, to_netcdf
from worldmodel.files import parse_toml, read_folder
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

GOLDEN = Path(__file__).parents[2] / "golden" / "format-1"


@pytest.fixture(scope="module")
def ward() -> World:
    return build_world({path: parse_toml(path, content) for path, content in read_folder(GOLDEN).items()})


@pytest.fixture(scope="module")
def tree(ward: World) -> Any:
    pytest.importorskip("xarray")
    with torch.no_grad():
        posterior = simulate(ward, "roster", 4, 6, batch=2, seed=1)
        prior = simulate(ward, "roster", 4, 6, batch=2, seed=1, source="prior")
    series = Series(("2020-01-01", "2020-01-02"), {"visitors": np.array([1.0, 2.0])}, 1, "sha256:" + "0" * 64)
    return to_inference_data(ward, posterior, prior, series)


def test_groups_and_dimensions(tree: Any) -> None:
    assert set(tree.children) == {"posterior", "posterior_predictive", "prior", "prior_predictive", "observed_data"}
    assert tree["posterior"]["visits.shape"].dims == ("chain", "draw")
    assert tree["posterior"]["occupancy.noise"].dims == ("chain", "draw", "wing")
    predicted = tree["posterior_predictive"]["patients"]
    assert predicted.dims == ("chain", "draw", "trajectory", "time", "wing")
    assert predicted.shape == (1, 6, 2, 4, 2)
    assert list(predicted.coords["wing"].values) == ["east", "west"]
    assert list(predicted.coords["time"].values) == [1, 2, 3, 4]
    assert predicted.attrs == {"units": "person", "long_name": "Patients"}
    assert list(tree["observed_data"]["visitors"].coords["time"].values) == ["2020-01-01", "2020-01-02"]


def test_the_numbers_are_the_simulators(ward: World, tree: Any) -> None:
    with torch.no_grad():
        run = simulate(ward, "roster", 4, 6, batch=2, seed=1)
    west = tree["posterior_predictive"]["patients"].sel(wing="west", chain=0).values
    assert np.array_equal(west, run.values["patients[west]"].numpy())
    noise = tree["posterior"]["occupancy.noise"].sel(wing="east", chain=0).values
    assert np.array_equal(noise, run.parameters["occupancy.noise[east]"].numpy().reshape(-1))


def test_the_file_is_the_same_twice_and_reads_back(tree: Any) -> None:
    pytest.importorskip("h5netcdf")
    xarray: Any = pytest.importorskip("xarray")
    content = to_netcdf(tree)
    assert content == to_netcdf(tree)
    again = xarray.open_datatree(io.BytesIO(content), engine="h5netcdf")
    assert np.array_equal(again["prior"]["visits.usual"].values, tree["prior"]["visits.usual"].values)


def test_without_xarray_the_error_says_what_to_install(ward: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(EnvironmentProblem, match="package-missing"):
        to_inference_data(ward)
