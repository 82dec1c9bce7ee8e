"""Upgrades: pure steps in order, files that need none untouched, comments kept, newer formats refused."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from worldmodel.commands.upgrade import upgrade_command
from worldmodel.errors import InputError
from worldmodel.exchange.toml_text import dump_toml
from worldmodel.exchange.upgrade import Step, upgraded, world_files, write_upgraded
from worldmodel.files import parse_toml

OLD = b'# who wrote this\nformat = 1\nname = "x" # a remark\ntext = "# no comment"\nsize = 3\n'


def renames(path: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A made-up step: `size` is called `width`."""
    del path
    return {("width" if key == "size" else key): value for key, value in values.items()}


def doubles(path: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Another one: widths of world.toml count half units."""
    return {**values, "width": values["width"] * 2} if path == "world.toml" else values


STEPS: Mapping[int, Step] = {1: renames, 2: doubles}


def test_steps_are_applied_in_order_and_comments_stay() -> None:
    changed = upgraded({"world.toml": OLD}, STEPS, current=3)
    assert parse_toml("world.toml", changed["world.toml"]) == {
        "format": 3, "name": "x", "text": "# no comment", "width": 6,
    }  # fmt: skip
    assert changed["world.toml"].decode().splitlines()[:3] == ["# who wrote this", "# a remark", "format = 3"]


def test_where_only_the_number_changes_the_text_stays() -> None:
    plain = b'# note\nformat   =  1\nname = "x"   # here\n'
    assert upgraded({"world.toml": plain}, {1: lambda _, values: values}, 2) == {
        "world.toml": plain.replace(b"=  1", b"=  2")
    }


def test_a_format_inside_a_text_is_not_mistaken_for_the_files_own() -> None:
    sly = b'why = """\nformat = 1\n"""\nformat = 1\n'
    changed = upgraded({"world.toml": sly}, {1: lambda _, values: values}, 2)
    assert parse_toml("world.toml", changed["world.toml"]) == {"format": 2, "why": "format = 1\n"}


def test_files_of_the_current_format_are_not_touched_and_twice_is_once() -> None:
    files = {"world.toml": OLD, "variables/a.toml": OLD.replace(b"format = 1", b"format = 3")}
    changed = upgraded(files, STEPS, 3)
    assert set(changed) == {"world.toml"}
    assert upgraded({**files, **changed}, STEPS, 3) == {}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"format = 2\n", "newer-format"),
        (b"format = 999999999999\n", "newer-format"),
        (b"format = 0\n", "no-upgrade"),
        (b"format = -1\n", "no-upgrade"),
        (b"name = 1\n", "missing-field"),
        (b'format = "1"\n', "bad-value"),
        (b"format = true\n", "bad-value"),
        (b"format = 1.0\n", "bad-value"),
        (b"format = ", "not-toml"),
    ],
)
def test_what_cannot_be_upgraded_is_named_and_nothing_changes(text: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        upgraded({"a.toml": text, "world.toml": OLD})
    assert [(problem.code, problem.where) for problem in caught.value.problems] == [(code, "a.toml")]


def world(folder: Path) -> Path:
    (folder / "world.toml").write_bytes(OLD)
    (folder / "governance").mkdir()
    (folder / "governance" / "rules.toml").write_bytes(b"format = 1\nversion = 1\n")
    return folder


def test_written_files_are_whole_and_an_interruption_is_finished_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world(tmp_path)
    steps: Mapping[int, Step] = {1: lambda _, values: {**values, "new": True}}
    before = world_files(folder)
    changed = upgraded(before, steps, 2)
    assert set(changed) == {"world.toml", "governance/rules.toml"}
    calls = []
    real = os.fsync

    def failing(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="No space"):
        write_upgraded(folder, changed)
    monkeypatch.undo()
    half = world_files(folder)
    assert all(half[path] in (before[path], changed[path]) for path in half)
    assert half != before
    assert half != changed
    write_upgraded(folder, upgraded(half, steps, 2))
    assert world_files(folder) == changed
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["rules.toml", "world.toml"]


def test_the_command_says_that_there_is_nothing_to_do(tmp_path: Path) -> None:
    folder = world(tmp_path)
    for arguments in (["--check"], [], ["--json"]):
        result = CliRunner().invoke(upgrade_command, ["--world", str(folder), *arguments])
        assert result.exit_code == 0, result.output
        assert "2" in result.output
    (folder / "world.toml").write_bytes(b"format = 7\n")
    result = CliRunner().invoke(upgrade_command, ["--world", str(folder)])
    assert result.exit_code == 2
    assert "newer-format" in result.output
    assert (folder / "world.toml").read_bytes() == b"format = 7\n"


KEYS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=5)
LEAVES = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


@settings(max_examples=40)
@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_toml_that_is_written_reads_back_as_the_same(values: dict[str, Any]) -> None:
    import tomllib

    assert tomllib.loads(dump_toml(values)) == values
