"""`init --data`: the columns of a file become a world, and their units are given, asked for or marked as unknown."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reviewer.commands import init
from worldmodel.build import load_world


@pytest.fixture
def data(tmp_path: Path) -> Path:
    lines = ["quarter,Price,Balance"]
    lines += [f"{1960 + n // 4}Q{n % 4 + 1},{n**2 + 1},{n % 7 - 7.5}" for n in range(24)]
    path = tmp_path / "macro.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def roster(tmp_path: Path, roster_of: Any) -> Path:
    path = tmp_path / "roster.toml"
    path.write_bytes(roster_of())
    return path


def run(folder: Path, roster: Path, *words: str | Path, typed: str | None = None) -> Result:
    arguments = [folder, "--roster", roster, *words]
    return CliRunner().invoke(init.init_command, list(map(str, arguments)), input=typed)


def test_units_of_the_command_line_stand_and_the_others_are_marked(tmp_path: Path, data: Path, roster: Path) -> None:
    result = run(tmp_path / "w", roster, "--data", data, "--unit", "price=dollar", "--json")
    assert result.exit_code == 0, result.output
    assert "variables/price.toml" in json.loads(result.output)["files"]
    world = load_world(tmp_path / "w")
    assert (world.variables["price"].file.unit, world.variables["balance"].file.unit) == ("dollar", "1")
    assert "fill in" in (tmp_path / "w" / "variables" / "balance.toml").read_text(encoding="utf-8")
    assert (tmp_path / "w" / "data" / "macro.csv").read_bytes() == data.read_bytes()
    assert world.header.data is not None
    assert (world.header.data.time, world.header.step) == ("quarter", "quarter")


def test_a_terminal_is_asked_for_what_was_not_given(
    tmp_path: Path, data: Path, roster: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "_interactive", lambda: True)
    result = run(tmp_path / "w", roster, "--data", data, "--unit", "price=dollar", typed="percent/year\n")
    assert result.exit_code == 0, result.output
    assert "Unit of Balance" in result.output
    assert "Unit of Price" not in result.output
    assert load_world(tmp_path / "w").variables["balance"].file.unit == "percent/year"
    silent = run(tmp_path / "v", roster, "--data", data, typed="\n\n")
    assert silent.exit_code == 0, silent.output
    assert "fill in" in (tmp_path / "v" / "variables" / "price.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--unit", "price=dollar"], "give --data too"),
        (["--data", "DATA", "--unit", "price"], "NAME=UNIT"),
        (["--data", "DATA", "--unit", "prize=dollar"], "data-unknown-unit"),
        (["--data", "DATA", "--unit", "price=xyzzy"], "unknown-unit"),
        (["--data", "DATA", "--template", "us-macro"], "not both"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    tmp_path: Path, data: Path, roster: Path, words: list[str], said: str
) -> None:
    result = run(tmp_path / "w", roster, *(str(data) if word == "DATA" else word for word in words))
    assert result.exit_code == 2
    assert said in result.output
    assert not (tmp_path / "w").exists()
