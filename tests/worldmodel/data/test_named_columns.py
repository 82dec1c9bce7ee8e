"""A column of names becomes a finite variable that checks, simulates and can be fitted; other texts are left out."""

from pathlib import Path

import numpy as np
import torch

from assistants.parameters.learn import learn
from assistants.parameters.observations import Observations
from worldmodel.build import build_world
from worldmodel.data.series import read_series
from worldmodel.data.starting_world import starting_world
from worldmodel.files import parse_toml
from worldmodel.grounding.ground import ground
from worldmodel.simulation.simulate import simulate


def chain(rows: int, stay: float) -> list[str]:
    generator = np.random.Generator(np.random.Philox(3))
    names = ["cloudy", "dry", "wet"]
    now, found = 0, []
    for _ in range(rows):
        if generator.random() > stay:
            now = (now + 1 + int(generator.integers(2))) % 3
        found.append(names[now])
    return found


def test_names_become_a_finite_variable_from_file_to_posterior(tmp_path: Path) -> None:
    sky = chain(400, 0.85)
    rows = "\n".join(f"{day},{name},Odd Text {day}" for day, name in enumerate(sky, start=1))
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "sky.csv"
    path.write_text(f"day,sky,remark\n{rows}\n")
    files = starting_world(path)
    assert set(files) == {"world.toml", "variables/sky.toml", "mechanisms/sky_persistence.toml"}
    assert b"remark" in files["world.toml"]
    world = build_world({name: parse_toml(name, content) for name, content in files.items()})
    assert world.variables["sky"].file.support.values == ("cloudy", "dry", "wet")
    series = read_series(world, tmp_path)
    values = {name: torch.tensor(column, dtype=torch.float64) for name, column in series.values.items()}
    learned = learn(ground(world).mechanisms["sky_persistence"], Observations(values, series.split, series.digest))
    stay = learned.target.natural(learned.kept)["stay"]
    assert abs(stay.mean().item() - 0.85) < 0.05
    with torch.no_grad():
        run = simulate(world, None, 3, 2000)
    assert set(run.values["sky"].unique().tolist()) == {0.0, 1.0, 2.0}
    assert (run.before["sky"][0] == ["cloudy", "dry", "wet"].index(sky[series.split - 1])).all()
