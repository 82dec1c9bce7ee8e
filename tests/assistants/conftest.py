"""A lake whose truth is known: rain fills it, a gate-keeper reacts to it, and two rivals say how it keeps water."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from worldmodel.build import load_world
from worldmodel.world import World

TRUTH = {"stay": 0.7, "gain": 0.8, "base": 1.0, "noise": 0.5}
ROWS = 140
HELD = 30

HEADER = """format = 1
language = 1
name = "lake"
summary = "A lake"
step = "day"
[data]
file = "data/lake.csv"
time = "time"
holdout = 30

# Two ways in which water stays.
[rivals.level]
keeping = 0.5    # the last level counts
passing = 0.5

[rivals.gate]
keeper = 1.0
"""
KEEPING = """format = 1
id = "keeping"
assigns = "level"
title = "Water stays"
law = "Normal(mix(stay, level[t-1], base) + gain * rain[t], noise)"
[parameters.stay]
prior = "Beta(4, 3)"
why = "some"
[parameters.base]
prior = "Normal(0, 2)"
why = "any"
[parameters.gain]
prior = "HalfNormal(1)"
why = "rain fills"
[parameters.noise]
prior = "LogNormal(-0.5, 0.5)"
why = "waves"
"""
PASSING = """format = 1
id = "passing"
assigns = "level"
title = "Water passes"
law = "Normal(base + gain * rain[t], noise)"
[parameters.base]
prior = "Normal(0, 2)"
why = "any"
[parameters.gain]
prior = "HalfNormal(1)"
why = "rain fills"
[parameters.noise]
prior = "LogNormal(-0.5, 0.5)"
why = "waves"
"""
RAIN = """format = 1
id = "weather"
assigns = "rain"
title = "Rain"
law = "Normal(0, 1)"
"""
KEEPER = """format = 1
id = "keeper"
assigns = "gate"
title = "What the gate-keeper does"
law = "Normal(response * level[t-1], jitter)"
[parameters.response]
prior = "Uniform(-1, 2)"
why = "any"
[parameters.jitter]
prior = "HalfNormal(1)"
why = "habit"
"""


def _variable(name: str, role: str) -> str:
    return (
        f'format = 1\nid = "{name}"\ntitle = "{name}"\nmeaning = "{name}"\nunit = "1"\nrole = "{role}"\n'
        f'initial = ["Delta(0)"]\n[support]\nkind = "real"\n'
    )


FILES = {
    "world.toml": HEADER,
    "variables/level.toml": _variable("level", "state"),
    "variables/rain.toml": _variable("rain", "exogenous"),
    "variables/gate.toml": _variable("gate", "action"),
    "mechanisms/keeping.toml": KEEPING,
    "mechanisms/passing.toml": PASSING,
    "mechanisms/weather.toml": RAIN,
    "mechanisms/keeper.toml": KEEPER,
}


def lake_columns(seed: int, rows: int = ROWS) -> dict[str, NDArray[np.float64]]:
    """Data in which water stays, with the parameters of `TRUTH`."""
    generator = np.random.default_rng(seed)
    rain, level, gate = generator.normal(size=rows), np.zeros(rows), np.zeros(rows)
    for step in range(1, rows):
        kept = TRUTH["stay"] * level[step - 1] + (1 - TRUTH["stay"]) * TRUTH["base"]
        level[step] = kept + TRUTH["gain"] * rain[step] + TRUTH["noise"] * generator.normal()
        gate[step] = 0.5 * level[step - 1] + 0.3 * generator.normal()
    return {"rain": rain, "level": level, "gate": gate}


def csv_text(columns: dict[str, NDArray[np.float64]]) -> str:
    """The columns as a CSV file with a count of steps."""
    lines = [",".join(("time", *columns))]
    for step, row in enumerate(zip(*columns.values(), strict=True)):
        lines.append(",".join((str(step + 1), *(f"{value:.6f}" for value in row))))
    return "\n".join(lines) + "\n"


@pytest.fixture
def write_lake(tmp_path: Path) -> Callable[..., Path]:
    """Writes a lake's folder; keyword arguments replace files, and `seed` the data."""

    def write(seed: int = 1, files: dict[str, str] | None = None) -> Path:
        folder = tmp_path / f"lake{len(list(tmp_path.iterdir()))}"
        for path, text in {**FILES, "data/lake.csv": csv_text(lake_columns(seed)), **(files or {})}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The lake as a checked world."""
    folder = tmp_path_factory.mktemp("lake")
    for path, text in FILES.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return load_world(folder)


@pytest.fixture(scope="session")
def columns() -> Callable[..., dict[str, NDArray[np.float64]]]:
    """Makes the lake's data for a seed."""
    return lake_columns
