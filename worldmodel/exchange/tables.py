"""Trajectories, parameter draws and data as plain tables in CSV or Parquet: the same table, the same bytes.

A table of trajectories has a row for each draw, trajectory and step, step 0 being the start. Finite variables have
their names for values, as the data reader wants them.
"""

import csv
import io
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from worldmodel.data.optional import optional
from worldmodel.data.series import Series
from worldmodel.data.text import identifier
from worldmodel.grounding.ground import ground
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import World

Column = NDArray[np.float64] | NDArray[np.int64] | NDArray[np.bool_] | tuple[str, ...]
Table = Mapping[str, Column]
"""Columns of one length, by name, in order."""


def trajectory_table(world: World, run: Trajectories) -> dict[str, Column]:
    """`draw`, `trajectory`, `step`, `alive`, and one column for each variable that the run kept."""
    draws, batch, steps = run.alive.shape
    shape = (draws, batch, steps + 1)
    places = np.indices(shape, dtype=np.int64).reshape(3, -1)
    start = np.ones((draws, batch, 1), dtype=bool)
    alive = np.concatenate([start, run.alive.numpy()], axis=-1).reshape(-1)
    table: dict[str, Column] = {"draw": places[0], "trajectory": places[1], "step": places[2], "alive": alive}
    for name, series in run.values.items():
        before = run.before[name][0].unsqueeze(-1)
        whole = np.concatenate([before.detach().numpy(), series.detach().numpy()], axis=-1).reshape(-1)
        table[name] = _named(world, name, whole)
    return table


def parameter_table(parameters: Parameters) -> dict[str, Column]:
    """`draw`, and one column for each `mechanism.parameter`."""
    columns: dict[str, Column] = {name: value.detach().numpy().reshape(-1) for name, value in parameters.items()}
    count = max((len(column) for column in columns.values()), default=0)
    return {"draw": np.arange(count), **columns}


def data_table(world: World, series: Series) -> dict[str, Column]:
    """The time column (`case` in a static world) and the observed variables; all rows, the held-out ones too.

    Columns are named as the data reader wants them: `infected[north]` stands in `infected_north`.
    """
    source = world.header.data
    clock = "case" if source is None or source.time is None else source.time
    return {clock: series.times} | {identifier(name): _named(world, name, c) for name, c in series.values.items()}


def to_csv(table: Table) -> bytes:
    """UTF-8, commas, line feeds; numbers are the shortest that read back as the same."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*(_texts(column) for column in table.values()), strict=True))
    return buffer.getvalue().encode("utf-8")


def to_parquet(table: Table) -> bytes:
    """A Parquet file with the columns' own types; EnvironmentProblem without pyarrow."""
    arrow = optional("pyarrow", "reads and writes Parquet files")
    parquet = optional("pyarrow.parquet", "reads and writes Parquet files")
    columns = {name: arrow.array(list(c) if isinstance(c, tuple) else c) for name, c in table.items()}
    buffer = io.BytesIO()
    parquet.write_table(arrow.table(columns), buffer, compression="snappy")
    return buffer.getvalue()


def _named(world: World, name: str, values: NDArray[np.float64]) -> Column:
    """A finite variable's values by name, whole numbers as such, others as they are."""
    support = ground(world).variables[name].file.support
    match support.kind:
        case "finite":
            return tuple(support.values[int(code)] for code in values)
        case "integer":
            return values.astype(np.int64)
        case "real":
            return values


def _texts(column: Column) -> list[str]:
    if isinstance(column, tuple):
        return list(column)
    if column.dtype == np.bool_:
        return ["true" if value else "false" for value in column.tolist()]
    return [repr(value) for value in column.tolist()]
