"""`init --template` makes every template a world that checks, with its data, and `--templates` tells of each."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewer.commands.init import init_command
from worldmodel.build import check_files
from worldmodel.files import read_folder
from worldmodel.templates import template_lines, template_names


def test_templates_are_listed_by_a_line_each() -> None:
    result = CliRunner().invoke(init_command, ["--templates"])
    assert result.exit_code == 0
    told = [line.split(maxsplit=1) for line in result.output.splitlines()]
    assert dict(told) == template_lines()


@pytest.mark.parametrize("name", template_names())
def test_every_template_becomes_a_world(name: str, tmp_path: Path, roster_of: Any) -> None:
    roster, folder = tmp_path / "roster.toml", tmp_path / "world"
    roster.write_bytes(roster_of())
    words = [str(folder), "--template", name, "--roster", str(roster), "--json"]
    result = CliRunner().invoke(init_command, words)
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["ok"]
    assert check_files(read_folder(folder)) == []
    assert (folder / "data").is_dir() == (name not in {"machine", "shallow-lake"})
