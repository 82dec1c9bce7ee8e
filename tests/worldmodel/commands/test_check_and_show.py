"""`check` and `show` as a person and as a machine would call them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.worldmodel.surface_worlds import EPIDEMIC
from worldmodel.commands.check import check_command
from worldmodel.commands.show import show_command


@pytest.fixture
def folder(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> Path:
    for path, content in tank().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def test_a_good_world_checks_with_exit_code_0(folder: Path) -> None:
    result = CliRunner().invoke(check_command, ["--world", str(folder)])
    assert (result.exit_code, result.output) == (0, "6 files, nothing wrong\n")


def test_a_bad_world_checks_with_exit_code_1_and_every_problem(folder: Path) -> None:
    law = folder / "mechanisms" / "level.toml"
    law.write_text(law.read_text().replace("noise)", "nois)"))
    column = "Normal(level[t-1] + (inflow[t] - valve[t]) * step, nois)".index("nois") + 1
    result = CliRunner().invoke(check_command, ["--world", str(folder), "--json"])
    assert result.exit_code == 1
    answer = json.loads(result.output)
    assert not answer["ok"]
    assert {problem["code"] for problem in answer["problems"]} == {"unknown-name", "unused-name"}
    assert answer["problems"][0]["column"] == column


def test_a_folder_that_is_no_world_has_exit_code_2(tmp_path: Path) -> None:
    result = CliRunner().invoke(check_command, ["--world", str(tmp_path)])
    assert result.exit_code == 2
    assert "no-world" in result.stderr


def test_show_prints_equations_graph_and_units(folder: Path) -> None:
    result = CliRunner().invoke(show_command, ["--world", str(folder)])
    assert result.exit_code == 0
    assert "level[t] ~ Normal(level[t-1] + (inflow[t] - valve[t]) * step, noise)" in result.output
    assert "level ← inflow[t], level[t-1], valve[t]" in result.output
    assert "m**3/minute" in result.output


def test_show_one_mechanism_in_full(folder: Path) -> None:
    result = CliRunner().invoke(show_command, ["inflow", "--world", str(folder), "--json"])
    facts = json.loads(result.output)["mechanism"]
    wanted = {"prior": "Gamma(2, 4)", "unit": "1", "why": "spread of rain", "over": [], "posterior": None}
    assert facts["parameters"]["s"] == wanted


def test_show_of_an_unknown_name_has_exit_code_2(folder: Path) -> None:
    result = CliRunner().invoke(show_command, ["rain", "--world", str(folder)])
    assert result.exit_code == 2
    assert "inflow, level, valve" in result.stderr


def test_markup_in_a_file_is_shown_and_not_obeyed(folder: Path) -> None:
    title = folder / "variables" / "valve.toml"
    title.write_text(title.read_text().replace('title = "valve"', 'title = "[red]v[/red]"'))
    result = CliRunner().invoke(show_command, ["--world", str(folder)])
    assert "[red]v[/red]" in result.output


def test_show_writes_a_page_and_a_picture(folder: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "graph.svg"
    asked = ["--world", str(folder), "--html", str(page), "--svg", str(picture), "--json"]
    result = CliRunner().invoke(show_command, asked)
    assert json.loads(result.output) == {"written": [str(page), str(picture)]}
    assert page.read_text().startswith("<!doctype html>")
    assert picture.read_text().startswith("<svg")


def test_show_prints_a_latex_document_or_one_equation(folder: Path) -> None:
    whole = CliRunner().invoke(show_command, ["--world", str(folder), "--latex"])
    assert whole.output.startswith("\\documentclass")
    assert whole.output.rstrip().endswith("\\end{document}")
    one = CliRunner().invoke(show_command, ["inflow", "--world", str(folder), "--latex"])
    assert one.output.startswith("\\text{inflow}_{t} \\sim")
    facts = json.loads(CliRunner().invoke(show_command, ["--world", str(folder), "--latex", "--json"]).output)
    assert set(facts["latex"]) == {"inflow", "level"}


def test_show_names_units_loops_and_parameters(folder: Path) -> None:
    result = CliRunner().invoke(show_command, ["--world", str(folder)])
    assert "inflow[t] ~ LogNormal(m, s)  [m**3/minute]" in result.output
    assert "level.noise" in result.output
    assert "0.0314 to 0.98" in result.output
    one = CliRunner().invoke(show_command, ["level", "--world", str(folder)])
    assert "the time step" in one.output
    variable = CliRunner().invoke(show_command, ["valve", "--world", str(folder)])
    assert "is read by level" in variable.output


def test_one_element_of_a_family_is_shown_with_its_law_written_out(tmp_path: Path) -> None:
    for path, text in EPIDEMIC.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    shown = CliRunner().invoke(show_command, ["infected[north]", "--world", str(tmp_path)])
    assert shown.exit_code == 0
    assert shown.output.startswith("infected[north]: infected")
    assert "infected[north, t] ~ " in shown.output
    assert "infected[south]" in shown.output.partition("\nreads ")[2]
    spaced = CliRunner().invoke(show_command, ["infected[ north ]", "--world", str(tmp_path), "--json"])
    facts = json.loads(spaced.output)["variable"]
    assert facts["id"] == "infected[north]"
    (mechanism,) = facts["mechanisms"]
    whole = CliRunner().invoke(show_command, [mechanism, "--world", str(tmp_path)])
    assert whole.exit_code == 0
    unknown = CliRunner().invoke(show_command, ["infected[west]", "--world", str(tmp_path)])
    assert unknown.exit_code == 2
    assert "unknown-name" in unknown.output
