"""The commands that import and export: what they write is there whole, and refusals leave nothing behind."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from worldmodel.build import load_world
from worldmodel.commands.export import export_command
from worldmodel.commands.import_ import import_command
from worldmodel.exchange.bif import parse_bif

SPRINKLER = """network sprinkler { }
variable Rain { type discrete [ 2 ] { no, yes }; }
variable Wet { type discrete [ 2 ] { no, yes }; }
probability ( Rain ) { table 0.8, 0.2; }
probability ( Wet | Rain ) { (no) 0.9, 0.1; (yes) 0.05, 0.95; }
"""
GOLDEN = Path(__file__).parents[2] / "golden" / "format-1"


def export(world: Path, to: str, out: Path, *more: str) -> Result:
    return CliRunner().invoke(export_command, ["--world", str(world), "--to", to, "--out", str(out), *more])


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "sprinkler.bif"
    path.write_text(SPRINKLER, encoding="utf-8")
    return path


def test_a_network_becomes_a_folder_and_a_network_again(network: Path, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    result = CliRunner().invoke(import_command, [str(network), str(folder), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["variables"] == 2
    assert load_world(folder).static
    assert export(folder, "latex", tmp_path / "out.tex").exit_code == 0
    assert r"\operatorname{Categorical}" in (tmp_path / "out.tex").read_text(encoding="utf-8")
    result = export(folder, "bif", tmp_path / "out.bif")
    assert result.exit_code == 0, result.output
    out = parse_bif((tmp_path / "out.bif").read_bytes())
    assert out.tables["wet"] == parse_bif(SPRINKLER.lower().encode()).tables["wet"]
    again = CliRunner().invoke(import_command, [str(network), str(folder)])
    assert again.exit_code == 2
    assert "world-exists" in again.output


def test_a_broken_network_writes_nothing(network: Path, tmp_path: Path) -> None:
    network.write_text(SPRINKLER.replace("0.95", "0.5"), encoding="utf-8")
    result = CliRunner().invoke(import_command, [str(network), str(tmp_path / "world")])
    assert result.exit_code == 2
    assert "bif-inconsistent" in result.output
    assert not (tmp_path / "world").exists()


def test_draws_and_texts_are_written_and_twice_the_same(tmp_path: Path) -> None:
    few = ("--draws", "5", "--horizon", "3", "--rule", "roster")
    for to, more in (("csv", few), ("csv", (*few, "--what", "parameters")), ("json", ())):
        first, second = tmp_path / "first", tmp_path / "second"
        for out in (first, second):
            result = export(GOLDEN, to, out, *more)
            assert result.exit_code == 0, result.output
        assert first.read_bytes() == second.read_bytes()
        assert len(first.read_bytes()) > 100


def test_json_has_every_component(tmp_path: Path) -> None:
    assert export(GOLDEN, "json", tmp_path / "ward.json").exit_code == 0
    assert json.loads((tmp_path / "ward.json").read_bytes())["world.toml"]["name"] == "ward"


def test_a_world_that_is_not_finite_is_no_prism_model(tmp_path: Path) -> None:
    result = export(GOLDEN, "prism", tmp_path / "x.prism")
    assert result.exit_code == 2
    assert "not-exportable: variables/patients.toml" in result.output
    assert not (tmp_path / "x.prism").exists()


def test_too_many_numbers_are_refused(tmp_path: Path) -> None:
    result = export(GOLDEN, "csv", tmp_path / "x", "--draws", "1000000", "--horizon", "10000")
    assert result.exit_code == 2
    assert "too-large" in result.output
