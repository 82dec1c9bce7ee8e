"""`diff` as a person and as a machine would call it."""

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from worldmodel.commands.diff import diff_command


def write(folder: Path, files: dict[str, bytes]) -> str:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return str(folder)


def test_what_changed_is_said_in_sentences(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    old = write(tmp_path / "old", tank())
    new = write(tmp_path / "new", tank({"mechanisms/level.toml": ("HalfNormal(0.5)", "HalfNormal(1)")}))
    result = CliRunner().invoke(diff_command, [old, new])
    assert result.exit_code == 0, result.output
    assert "scale of HalfNormal, that doubled: 0.5 → 1" in result.output
    told = json.loads(CliRunner().invoke(diff_command, [old, "--world", new, "--json"]).output)
    assert {one["component"] for one in told["differences"]} == {"mechanisms/level.toml"}
    assert [one["kind"] for one in told["differences"]] == ["prior", "text"]
    assert told["formatting"] == []


def test_formatting_is_told_apart(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    old = write(tmp_path / "old", tank())
    new = write(tmp_path / "new", tank({"mechanisms/level.toml": ("value = 1\n", "value   = 1.0  # one\n")}))
    result = CliRunner().invoke(diff_command, [old, new])
    assert result.output == "nothing changed\n\nonly formatting or comments changed: mechanisms/level.toml\n"


def test_a_world_that_does_not_load_is_refused(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    old = write(tmp_path / "old", tank())
    new = write(tmp_path / "new", tank({"mechanisms/level.toml": ("noise)", "nois)")}))
    result = CliRunner().invoke(diff_command, [old, new])
    assert result.exit_code == 2
    assert "unknown-name" in result.stderr


def test_a_revision_that_is_none_is_refused(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    folder = write(tmp_path / "world", tank())
    result = CliRunner().invoke(diff_command, ["HEAD~1", "--world", folder])
    assert result.exit_code == 2
    assert "unknown-revision" in result.stderr
