"""Tables in and out: the same bytes for the same inputs, exact numbers, Parquet where CSV is read."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from worldmodel.data.series import read_series
from worldmodel.data.starting_world import starting_world
from worldmodel.data.table import read_table
from worldmodel.data.text import read_text
from worldmodel.errors import EnvironmentProblem, InputError
from worldmodel.exchange.tables import data_table, parameter_table, to_csv, to_parquet, trajectory_table
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import World

Maker = Callable[..., World]


def run_of(world: World) -> Trajectories:
    with torch.no_grad():
        return simulate(world, None, 4, 3, batch=2, seed=1)


@pytest.fixture
def world(finite_world: Maker) -> World:
    return finite_world(
        {"sky": "Bernoulli(p)", "count": "Poisson(1)"},
        {"sky": ["dry", "wet"], "count": (0, 50)},
        initial={"sky": ["Categorical(1, 0)"]},
        parameters={"sky": {"p": "Beta(1, 1)"}},
    )


def test_trajectories_have_a_row_for_each_draw_trajectory_and_step(world: World) -> None:
    run = run_of(world)
    rows = list(csv.DictReader(io.StringIO(to_csv(trajectory_table(world, run)).decode())))
    assert len(rows) == 3 * 2 * 5
    for row in rows:
        draw, trajectory, step = int(row["draw"]), int(row["trajectory"]), int(row["step"])
        assert row["alive"] == "true"
        if step:
            assert int(row["count"]) == int(run.values["count"][draw, trajectory, step - 1])
            assert row["sky"] == ("dry", "wet")[int(run.values["sky"][draw, trajectory, step - 1])]
        else:
            assert (row["sky"], row["count"]) == ("dry", "0")


def test_parameters_are_written_exactly_and_twice_the_same(world: World) -> None:
    drawn = draw_parameters(world, 7, 20)
    content = to_csv(parameter_table(drawn))
    assert content == to_csv(parameter_table(draw_parameters(world, 7, 20)))
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [float(row["sky.p"]) for row in rows] == drawn["sky.p"].reshape(-1).tolist()


def quarters(count: int) -> list[str]:
    return [f"{1960 + place // 4}Q{place % 4 + 1}" for place in range(count)]


def macro(folder: Path) -> Path:
    (folder / "data").mkdir()
    path = folder / "data" / "macro.csv"
    lines = ["quarter,Price (USD),Balance"]
    lines += [f"{time},{place**2 + 0.1},{place % 7 - 7.5}" for place, time in enumerate(quarters(24))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_data_go_out_as_they_came_in(tmp_path: Path) -> None:
    from worldmodel.build import build_world
    from worldmodel.files import parse_toml

    path = macro(tmp_path)
    loaded = build_world({name: parse_toml(name, content) for name, content in starting_world(path).items()})
    series = read_series(loaded, tmp_path)
    again = tmp_path / "again.csv"
    again.write_bytes(to_csv(data_table(loaded, series)))
    first, second = read_table(path, "quarter"), read_table(again, "quarter")
    assert first.times == second.times
    assert all(np.array_equal(first.columns[name], second.columns[name]) for name in first.columns)


def test_data_of_a_family_come_back_to_its_elements(tmp_path: Path) -> None:
    from worldmodel.build import build_world

    head = {"format": 1, "language": 1, "name": "w", "summary": "w", "step": "day"}
    world = build_world(
        {
            "world.toml": head | {"indices": {"wing": ["east", "west"]}, "data": {"file": "d.csv", "time": "day"}},
            "variables/sky.toml": {
                "format": 1,
                "id": "sky",
                "title": "x",
                "meaning": "x",
                "unit": "1",
                "role": "state",
                "over": ["wing"],
                "support": {"kind": "finite", "values": ["dry", "wet"]},
                "initial": ["Categorical(1, 0)"],
            },
            "mechanisms/sky.toml": {"format": 1, "id": "sky", "assigns": "sky", "title": "x", "law": "Bernoulli(0.5)"},
        }
    )
    text = "day,sky_east,sky_west\n1,dry,wet\n2,wet,wet\n3,dry,dry\n4,wet,dry\n"
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    assert to_csv(data_table(world, read_series(world, tmp_path))).decode() == text


def test_without_pyarrow_the_error_says_what_to_install(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(EnvironmentProblem, match="package-missing"):
        to_parquet(parameter_table(draw_parameters(world, 7, 2)))


def test_parquet_is_read_where_csv_is(tmp_path: Path) -> None:
    arrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    path = macro(tmp_path)
    table = read_table(path, "quarter")
    columns = {
        "quarter": list(table.times),
        "Price (USD)": table.columns["price_usd"],
        "Balance": table.columns["balance"],
    }
    other = path.with_name("macro.parquet")
    parquet.write_table(arrow.table(columns), other)
    found = read_table(other, "quarter")
    assert found.times == table.times
    assert all(np.array_equal(found.columns[name], table.columns[name]) for name in table.columns)
    files = starting_world(other)
    csv_files = starting_world(path)
    assert {name for name in files if files[name] != csv_files[name]} == {"world.toml"}


def test_dates_counts_names_and_holes_of_parquet(tmp_path: Path) -> None:
    import datetime as dt

    arrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "x.parquet"
    days = [dt.date(2020, 1, 1 + place) for place in range(3)]
    stamps = [dt.datetime(2020, 1, 1 + place) for place in range(3)]  # noqa: DTZ001  (data often have no zone)
    parquet.write_table(
        arrow.table(
            {"day": days, "stamp": stamps, "n": [1, 2, None], "word": ["a", "b", "c"], "big": [0.1, 1e300, -0.0]}
        ),
        path,
    )
    text = read_text(path, "x.parquet")
    assert text.rows == (
        ("2020-01-01", "2020-01-01", "1", "a", "0.1"),
        ("2020-01-02", "2020-01-02", "2", "b", "1e+300"),
        ("2020-01-03", "2020-01-03", "", "c", "-0.0"),
    )
    with pytest.raises(InputError, match="data-bad-cell"):
        read_table(path, "day", ["n"])


def test_damaged_nested_and_huge_parquet_files_are_refused(tmp_path: Path) -> None:
    arrow: Any = pytest.importorskip("pyarrow")
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1" + b"\x00" * 100 + b"PAR1")
    with pytest.raises(InputError, match="data-not-parquet"):
        read_text(path, "x")
    parquet.write_table(arrow.table({"a": [[1, 2], [3]]}), path)
    with pytest.raises(InputError, match="data-not-parquet"):
        read_text(path, "x")
    parquet.write_table(arrow.table({"a": np.zeros(1_000_001)}), path)
    with pytest.raises(InputError, match="data-too-large"):
        read_text(path, "x")
    parquet.write_table(arrow.table({"a": [1.0, 2.0], "b": [1.0, 2.0]}), path)
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_text(path, "x")
        except InputError:
            continue


def test_parquet_out_is_the_same_bytes_and_types(world: World) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    table = trajectory_table(world, run_of(world))
    content = to_parquet(table)
    assert content == to_parquet(trajectory_table(world, run_of(world)))
    found = parquet.read_table(io.BytesIO(content))
    assert found.column_names == list(table)
    assert [str(field.type) for field in found.schema] == ["int64", "int64", "int64", "bool", "int64", "string"]
    assert found["count"].to_pylist() == [int(value) for value in table["count"]]
