"""`energy` as a person and as a machine would call it."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER
from worldmodel.commands.energy import energy_command

INPUTS = ["--given", "level[t-1]=3", "--given", "inflow[t] = 1", "--given", "valve[t]=0.5"]


@pytest.fixture
def folder(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> Path:
    for path, content in tank().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(energy_command, [*words, "--world", str(folder)])
    return result.exit_code, result.output, result.stderr


def test_a_mechanism_at_given_inputs(folder: Path) -> None:
    code, output, _ = run(folder, "level", *INPUTS, "--given", "noise=2", "--beta", "4", "--at", "3.5", "--json")
    facts = json.loads(output)
    assert code == 0
    assert facts["numbers"] == "Normal(3.5, 2)"
    assert facts["tempered"] == "Normal(3.5, 1)"
    assert facts["formula"] == "Normal(level[t-1] + (inflow[t] - valve[t]) * step, noise / 2)"
    assert facts["energies"] == [{"value": 3.5, "energy": pytest.approx(math.log(2 * math.sqrt(2 * math.pi)))}]
    assert facts["log_partition"] == pytest.approx(-1.5 * math.log(2 * math.pi * 4) - 0.5 * math.log(4))
    assert facts["at_prior_median"] == []


def test_a_parameter_that_is_not_given_stands_at_the_median_of_its_prior_and_is_named(folder: Path) -> None:
    code, output, _ = run(folder, "level", *INPUTS)
    assert code == 0
    assert "noise = 0.337245  (the median of its prior)" in output
    assert "Lebesgue" in output


def test_a_prior(folder: Path) -> None:
    code, output, _ = run(folder, "inflow.s", "--beta", "0.5", "--at", "-1")
    assert code == 0
    assert "Gamma(1.5, 2)" in output
    assert "energy at -1 is inf nats" in output
    machine = json.loads(run(folder, "inflow.s", "--at", "-1", "--json")[1])
    assert machine["energies"] == [{"value": -1.0, "energy": None}]


def test_refusals_say_what_is_wrong_all_at_once(folder: Path) -> None:
    code, _, error = run(folder, "level", "--given", "inflow[t]=1", "--given", "rain=2")
    assert code == 2
    assert "level[t-1]" in error
    assert "valve[t]" in error
    assert "rain" in error
    assert "does-not-normalise" in run(folder, "inflow.s", "--beta", "-1")[2]
    assert "unknown-name" in run(folder, "nothing")[2]
    assert "malformed-given" in run(folder, "level", "--given", "noise")[2]
    assert "malformed-given" in run(folder, "level", "--given", "noise=inf")[2]
    assert "out-of-domain" in run(folder, "level", *INPUTS, "--given", "noise=-1")[2]


def surface(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True, parents=True)
        (folder / path).write_text(text)
    return folder


def test_inputs_are_written_as_laws_write_them_with_elements_and_named_values(tmp_path: Path) -> None:
    world = surface(tmp_path, EPIDEMIC)
    ills = ["--given", "infected[north, t-1]=5", "--given", "infected[south,t-1]=1"]
    code, output, error = run(world, "spread[north]", *ills, "--given", "weather[t-1]=wet", "--json")
    assert code == 0, error
    assert json.loads(output)["given"]["infected[south, t-1]"] == 1
    assert (
        run(world, "weather", "--given", "weather[t-1]=wet", "--json")[1]
        == (run(world, "weather", "--given", "weather[t-1]=1", "--json")[1])
    )
    refused = run(world, "weather", "--given", "weather[t-1]=foggy")
    assert refused[0] == 2
    assert "dry, wet" in refused[2]


def test_in_a_static_world_inputs_stand_bare(tmp_path: Path) -> None:
    world = surface(tmp_path, SPRINKLER)
    code, _, error = run(world, "sprinkler", "--given", "rain=yes")
    assert code == 0, error
