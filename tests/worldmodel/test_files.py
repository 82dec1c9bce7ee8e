"""Untrusted files: limits before parsing, deceptive text refused, every problem named with its place."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel import limits
from worldmodel.errors import InputError
from worldmodel.files import COMPONENT_PATH, parse_toml, read_document, read_folder


def test_a_line_may_hold_many_decimals() -> None:
    numbers = [0.25] * 100
    assert parse_toml("world.toml", f"row = {numbers}\n".encode()) == {"row": numbers}


def _codes(content: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_toml("world.toml", content)
    return [problem.code for problem in caught.value.problems]


def test_plain_toml_is_read() -> None:
    assert parse_toml("world.toml", b'a = 1\r\nb = "x"\n') == {"a": 1, "b": "x"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a = ", "not-toml"),
        (b"a = 1\na = 2", "not-toml"),
        (b"\xff\xfe", "not-utf8"),
        (b"a = " + b"[" * 100_000, "too-large"),
        (b"a = " + b"[" * 17 + b"]" * 17, "too-large"),
        (b"[" + b"a." * 30_000 + b"a]", "too-large"),
        (b"1." * 17 + b"1 = 2", "too-large"),
        (b"x = { " + b"a . " * 17 + b"a = 2 }", "too-large"),
        (b"a = " + b"9" * 6_295, "too-large"),
        (b"a = 0x" + b"f" * 1_000, "too-large"),
        (b"#" * (limits.FILE_BYTES + 1), "too-large"),
        ('a = "\u202eevil"'.encode(), "deceptive-text"),
        ('a = "\u200bhidden"'.encode(), "deceptive-text"),
        ('a = "\ue000private"'.encode(), "deceptive-text"),
        ('a = "e\u0301"'.encode(), "deceptive-text"),
        (b'a = "\x07bell"', "deceptive-text"),
        ("\ufeffa = 1".encode(), "deceptive-text"),
    ],
)
def test_hostile_files_are_refused(content: bytes, code: str) -> None:
    assert code in _codes(content)


@pytest.mark.parametrize("hiding", ["\ufe0f", "\U000e0101", "\u3164", "\u034f", "\u2028"])
def test_blank_characters_are_refused_as_they_are_and_as_escapes(hiding: str) -> None:
    for text in (f'title = "a{hiding}"', f'title = ["a\\U{ord(hiding):08x}"]', f'"a\\U{ord(hiding):08x}" = 1'):
        with pytest.raises(InputError, match="deceptive-text"):
            parse_toml("world.toml", text.encode())
    assert parse_toml("world.toml", b'title = "two\\nlines"') == {"title": "two\nlines"}


def test_a_path_with_a_line_end_is_no_component() -> None:
    assert not COMPONENT_PATH.match("world.toml\n")


def test_the_place_of_a_toml_error_is_named() -> None:
    with pytest.raises(InputError) as caught:
        parse_toml("world.toml", b"a = 1\nb = x\n")
    (problem,) = caught.value.problems
    assert (problem.part, problem.column) == ("line 2", 5)


def test_brackets_inside_strings_do_not_count_as_depth() -> None:
    assert parse_toml("x.toml", b'a = "' + b"[" * 100 + b'"')["a"] == "[" * 100


@given(st.binary(max_size=300))
def test_any_bytes_parse_or_give_problems(content: bytes) -> None:
    with suppress(InputError):
        parse_toml("world.toml", content)


def test_a_folder_without_a_world_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no-world"):
        read_folder(tmp_path)


def test_links_and_large_files_are_refused_together(tmp_path: Path) -> None:
    (tmp_path / "world.toml").write_bytes(b"#" * (limits.FILE_BYTES + 1))
    (tmp_path / "variables").mkdir()
    (tmp_path / "variables" / "x.toml").symlink_to("/etc/passwd")
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path)
    assert {problem.code for problem in caught.value.problems} == {"too-large", "not-a-file"}


def test_a_document_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "bundle.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="too-large"):
        read_document(tmp_path / "bundle.json")
