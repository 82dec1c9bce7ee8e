"""Any CSV file of numbers becomes a world that checks."""

import contextlib
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistants.parameters.learn import learn
from assistants.parameters.observations import Observations
from assistants.parameters.posterior import posterior_file
from worldmodel.build import build_world, check_files
from worldmodel.data.series import read_series
from worldmodel.data.starting_world import starting_columns, starting_world
from worldmodel.errors import InputError
from worldmodel.files import parse_toml
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World


def written(folder: Path, header: str, rows: list[str], name: str = "mine.csv") -> Path:
    path = folder / "data" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def quarters(count: int) -> list[str]:
    return [f"{1960 + place // 4}Q{place % 4 + 1}" for place in range(count)]


def world_of(files: dict[str, bytes]) -> World:
    assert check_files(files) == []
    return build_world({path: parse_toml(path, content) for path, content in files.items()})


def test_a_file_becomes_a_world_that_reads_its_data(tmp_path: Path) -> None:
    rows = [
        f"{quarter},{place**2 + 100},{place % 7 - 7.5},good,3,{place}" for place, quarter in enumerate(quarters(30))
    ]
    path = written(tmp_path, "Quarter,Price (USD),Balance,remark,constant,row number", rows)
    world = world_of(starting_world(path))
    assert set(world.variables) == {"price_usd", "balance"}
    assert "remark, constant, row number" in world.header.summary
    series = read_series(world, tmp_path)
    assert series.split == 24
    assert world.variables["price_usd"].file.initial == ("Delta(629.0)",)


def test_what_is_above_zero_stays_there(tmp_path: Path) -> None:
    rows = [f"{quarter},{place**2 + 1},{place**2}" for place, quarter in enumerate(quarters(20))]
    world = world_of(starting_world(written(tmp_path, "quarter,above,touching", rows)))
    assert world.mechanisms["above_persistence"].law.family == "LogNormal"
    assert world.variables["above"].file.support.lower == 0
    assert world.mechanisms["touching_persistence"].law.family == "Normal"
    assert world.variables["touching"].file.support.lower is None


def test_priors_know_the_order_of_magnitude_and_no_more(tmp_path: Path) -> None:
    def priors(scale: float) -> dict[str, bytes]:
        rows = [f"{quarter},{scale * (place % 5 - 2)}" for place, quarter in enumerate(quarters(20))]
        return {
            path: c for path, c in starting_world(written(tmp_path, "quarter,x", rows)).items() if "mechanisms" in path
        }

    assert priors(100.0) == priors(130.0)
    assert priors(100.0) != priors(10_000.0)


def test_it_fits_and_simulates_at_once(tmp_path: Path) -> None:
    random = np.random.Generator(np.random.Philox(1))
    noise = random.standard_normal((80, 2))
    price, balance, rows = 100.0, 0.0, []
    for quarter, (one, other) in zip(quarters(80), noise, strict=True):
        price, balance = price * float(np.exp(0.05 * one)), 0.8 * balance + float(other)
        rows.append(f"{quarter},{price:.6f},{balance:.6f}")
    world = world_of(starting_world(written(tmp_path, "quarter,price,balance", rows)))
    series = read_series(world, tmp_path)
    tensors = {name: torch.tensor(column) for name, column in series.values.items()}
    observations = Observations(tensors, series.split, series.digest)
    learned = {name: learn(mechanism, observations) for name, mechanism in world.mechanisms.items()}
    files = {name: posterior_file(world, entry) for name, entry in learned.items()}
    pull = learned["balance_persistence"].target.natural(learned["balance_persistence"].kept)["pull"]
    assert 0.05 < float(pull.mean()) < 0.5
    for source in ("prior", "posterior"):
        run = simulate(replace(world, posteriors=files), None, 20, 200, source=source)
        assert bool(run.alive.all())
        assert all(bool(torch.isfinite(values).all()) for values in run.values.values())


@pytest.mark.parametrize(
    ("header", "row", "count", "code"),
    [
        ("quarter,x", "{time},{place}", 5, "data-too-short"),
        ("quarter,x", "{time},word", 20, "data-no-numbers"),
        ("quarter,x", "{time},7", 20, "data-no-numbers"),
        ("price,x", "1.{place},{place}", 20, "data-no-time"),
        ("x,quarter", "{place},Q{place}", 20, "data-bad-time"),
        ("quarter,x,X", "{time},1,2", 20, "data-bad-header"),
    ],
)
def test_what_cannot_become_a_world(tmp_path: Path, header: str, row: str, count: int, code: str) -> None:
    if code == "data-bad-time":
        header, row = "quarter,x", "Q{place},{place}"
    rows = [row.format(time=time, place=place) for place, time in enumerate(quarters(count))]
    with pytest.raises(InputError, match=code):
        starting_world(written(tmp_path, header, rows))


def test_a_hole_in_a_column_of_numbers_is_named(tmp_path: Path) -> None:
    rows = [f"{time},{place % 3}" for place, time in enumerate(quarters(20))]
    rows[4] = f"{quarters(20)[4]},"
    with pytest.raises(InputError) as caught:
        starting_world(written(tmp_path, "quarter,x", rows))
    assert [(p.code, p.part) for p in caught.value.problems] == [("data-bad-cell", "row 6, column x")]


def test_units_are_taken_where_they_are_known_and_asked_for_in_the_file_where_not(tmp_path: Path) -> None:
    rows = [f"{time},{place**2 + 1},{place % 7 - 7.5}" for place, time in enumerate(quarters(20))]
    path = written(tmp_path, "quarter,Price,Balance", rows)
    assert starting_columns(path) == {"price": "Price", "balance": "Balance"}
    files = starting_world(path, {"price": "dollar/person"})
    world = world_of(files)
    assert world.variables["price"].file.unit == "dollar/person"
    assert {entry.unit for entry in world.mechanisms["price_persistence"].file.constants.values()} == {"dollar/person"}
    assert "fill in" not in files["variables/price.toml"].decode()
    assert "# fill in: the unit is not known yet" in files["variables/balance.toml"].decode()
    both = world_of(starting_world(path, {"price": "dollar", "balance": "percent/year"}))
    assert both.variables["balance"].file.unit == "percent/year"


@pytest.mark.parametrize(
    ("units", "code"),
    [
        ({"pric": "dollar"}, "data-unknown-unit"),
        ({"price": "florins of old"}, "unknown-unit"),
        ({"price": "xyzzy"}, "unknown-unit"),
    ],
)
def test_units_that_cannot_be_are_refused(tmp_path: Path, units: dict[str, str], code: str) -> None:
    path = written(tmp_path, "quarter,Price", [f"{time},{place**2 + 1}" for place, time in enumerate(quarters(20))])
    with pytest.raises(InputError) as caught:
        starting_world(path, units)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert caught.value.problems[0].where == "--unit"


HOSTILE = st.text(st.characters(exclude_characters="\r\n\x00", codec="utf-8"), min_size=1, max_size=80)
HOSTILE |= st.sampled_from(['x"y', "back\\slash", 'x" # "', "\u202eright to left", "=1+1", "e\u0301"])


def quoted(title: str) -> str:
    return '"' + title.replace('"', '""') + '"'


@given(
    titles=st.lists(HOSTILE, min_size=1, max_size=3), values=st.lists(st.floats(-1e6, 1e6), min_size=14, max_size=14)
)
def test_any_titles_and_numbers_are_a_world_that_checks_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, titles: list[str], values: list[float]
) -> None:
    rows = [",".join((time, *[repr(value)] * len(titles))) for time, value in zip(quarters(14), values, strict=True)]
    path = written(tmp_path_factory.mktemp("any"), ",".join(["quarter", *map(quoted, titles)]), rows)
    with contextlib.suppress(InputError):
        files = starting_world(path)
        assert check_files(files) == []
        assert all(tomllib.loads(content.decode("utf-8")) for content in files.values())
