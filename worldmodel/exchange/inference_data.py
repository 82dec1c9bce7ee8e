"""Draws, predicted trajectories and data in the groups that ArviZ knows, as one tree of labelled arrays.

The groups follow ArviZ's InferenceData schema: `posterior` and `prior` have the parameters, `posterior_predictive` and
`prior_predictive` the variables' trajectories, `observed_data` the data. Arrays are (chain, draw, …). ArviZ from
version 1 on takes the tree itself (`xarray.DataTree`), and every version reads it back from the netCDF file. Families
over index sets are one array with a labelled axis for each set.
"""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldmodel.data.optional import optional
from worldmodel.data.series import Series
from worldmodel.grounding.names import element_of, surface
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import World

Array = NDArray[np.float64]
_PURPOSE = "writes what ArviZ reads"


def to_inference_data(
    world: World,
    posterior: Trajectories | None = None,
    prior: Trajectories | None = None,
    series: Series | None = None,
) -> Any:
    """An `xarray.DataTree` with a group for each thing that is given; EnvironmentProblem without xarray.

    Trajectories have the dimensions chain (one), draw, trajectory and time (steps from 1 on); data have their own time.
    """
    xarray = optional("xarray", _PURPOSE)
    groups: dict[str, Any] = {}
    for kind, run in (("posterior", posterior), ("prior", prior)):
        if run is not None:
            groups[kind] = _dataset(world, dict(_parameters(run.parameters)), ("chain", "draw"), {})
            values = {name: series_.detach().numpy()[np.newaxis] for name, series_ in run.values.items()}
            steps = {"time": np.arange(1, run.horizon + 1)}
            groups[f"{kind}_predictive"] = _dataset(world, values, ("chain", "draw", "trajectory", "time"), steps)
    if series is not None:
        observed = {name: np.asarray(column) for name, column in series.values.items()}
        groups["observed_data"] = _dataset(world, observed, ("time",), {"time": np.array(series.times)})
    tree = xarray.DataTree.from_dict(groups)
    tree.attrs["world"] = world.header.name
    return tree


def to_netcdf(tree: Any) -> bytes:
    """The tree as a netCDF file with a group each, as ArviZ has it; EnvironmentProblem without h5netcdf."""
    optional("h5netcdf", "writes netCDF files")
    buffer = io.BytesIO()
    tree.to_netcdf(buffer, engine="h5netcdf", format="NETCDF4")
    return buffer.getvalue()


def _parameters(parameters: Parameters) -> Iterator[tuple[str, Array]]:
    for name, value in parameters.items():
        yield name, value.detach().numpy().reshape(1, -1)


def _dataset(
    world: World, arrays: Mapping[str, Array], dims: tuple[str, ...], coords: Mapping[str, NDArray[Any]]
) -> Any:
    """A data set of arrays of the same dimensions, with families stacked along labelled axes of their index sets."""
    xarray = optional("xarray", _PURPOSE)
    families: dict[str, dict[tuple[str, ...], Array]] = {}
    for name, array in arrays.items():
        families.setdefault(surface(name), {})[element_of(name)] = array
    data = {name: _stacked(world, name, members, dims) | _attributes(world, name) for name, members in families.items()}
    return xarray.Dataset(
        {name: xarray.DataArray(**entry) for name, entry in data.items()},
        coords={**coords, **_counted(arrays, dims, coords)},
    )


def _counted(arrays: Mapping[str, Array], dims: tuple[str, ...], coords: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """0, 1, … for every dimension without labels of its own."""
    shapes = [array.shape for array in arrays.values()]
    return {dim: np.arange(shapes[0][place]) for place, dim in enumerate(dims) if shapes and dim not in coords}


def _stacked(
    world: World, name: str, members: Mapping[tuple[str, ...], Array], dims: tuple[str, ...]
) -> dict[str, Any]:
    """One array with an axis for each index set behind the others; a scalar's as it is."""
    (count,) = {len(elements) for elements in members}
    sets = [list(dict.fromkeys(elements[place] for elements in members)) for place in range(count)]
    first = next(iter(members.values()))
    stacked = np.full((*first.shape, *map(len, sets)), np.nan)
    for elements, array in members.items():
        place = tuple(labels.index(element) for labels, element in zip(sets, elements, strict=True))
        stacked[(slice(None),) * first.ndim + place] = array
    names = _index_sets(world, name, count)
    return {"data": stacked, "dims": (*dims, *names), "coords": dict(zip(names, sets, strict=True))}


def _index_sets(world: World, name: str, count: int) -> tuple[str, ...]:
    """The index sets of a variable, or of a parameter `mechanism.name`."""
    owner, _, parameter = name.partition(".")
    if parameter:
        over = world.mechanisms[owner].file.parameters[parameter].over
    else:
        over = world.variables[owner].file.over
    assert len(over) == count, f"{name} is over {over}"
    return over


def _attributes(world: World, name: str) -> dict[str, Any]:
    entry = world.variables.get(name)
    return {} if entry is None else {"attrs": {"units": entry.file.unit, "long_name": entry.file.title}}
