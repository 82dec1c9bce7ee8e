"""CSV text: read strictly, within limits, with every problem at once."""

import codecs
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.components.base import IDENTIFIER_PATTERN
from worldmodel.data import text
from worldmodel.data.text import capped, identifier, read_text
from worldmodel.errors import InputError, Problem


def write(folder: Path, content: bytes) -> Path:
    path = folder / "data.csv"
    path.write_bytes(content)
    return path


def codes(folder: Path, content: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_text(write(folder, content), "data.csv")
    return [problem.code for problem in caught.value.problems]


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    found = read_text(write(tmp_path, b'Time, GDP growth (%)\n1999Q1," 1.5"\n1999Q2,2\n\n'), "data.csv")
    assert found.header == ("time", "gdp_growth")
    assert found.titles == ("Time", "GDP growth (%)")
    assert found.column("gdp_growth") == ("1.5", "2")


def test_line_ends_and_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    plain = read_text(write(tmp_path, b"t1,x\n1,2\n"), "data.csv")
    windows = read_text(write(tmp_path, codecs.BOM_UTF8 + b"t1,x\r\n1,2\r\n"), "data.csv")
    assert (plain.header, plain.rows) == (windows.header, windows.rows)
    assert plain.digest != windows.digest


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "data-not-csv"),
        (b"a,b\n", "data-not-csv"),
        (b'a,b\n1,"2\n', "data-not-csv"),
        (b"a,b\n1,2\n1\n1,2,3\n", "data-not-csv"),
        (b"a,A\n1,2\n", "data-bad-header"),
        (b"a,\n1,2\n", "data-bad-header"),
        (b"a,b\n1,\xff\n", "not-utf8"),
        (b"a,b\n1," + b"9" * 2000 + b"\n", "data-too-large"),
        (b"a,b\n1," + b"9" * 200_000 + b"\n", "data-not-csv"),
        (b"a," * 3000 + b"\n", "data-too-large"),
    ],
)
def test_what_is_no_csv_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert code in codes(tmp_path, content)


def test_every_ragged_row_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_text(write(tmp_path, b"a,a\n1\n1,2\n1,2,3\n"), "data.csv")
    assert [problem.part for problem in caught.value.problems] == ["line 1, column 2", "row 2", "row 4"]


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(InputError, match="data-no-file"):
            read_text(path, "data.csv")


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "FILE_BYTES", 8)
    with pytest.raises(InputError, match="data-too-large"):
        read_text(write(tmp_path, b"a,b\n1,2\n3,4\n"), "data.csv")


def test_too_many_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "ROWS", 2)
    assert codes(tmp_path, b"a\n1\n2\n3\n") == ["data-too-large"]


@given(st.text(max_size=120))
def test_an_identifier_is_one_or_empty(title: str) -> None:
    import re

    name = identifier(title)
    assert name == "" or re.fullmatch(IDENTIFIER_PATTERN, name)
    assert identifier(name) == name


def test_words_of_the_language_are_no_names() -> None:
    assert identifier("log") == "log_x"
    assert identifier("Mean") == "mean_x"
    assert identifier("3m rate") == "x3m_rate"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_of_text_or_an_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "data.csv"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        found = read_text(path, "data.csv")
        assert all(len(row) == len(found.header) for row in found.rows)


def test_problems_of_one_kind_are_counted_beyond_the_first_twenty() -> None:
    problems = [Problem(code="data-gap", where="f", found=str(number)) for number in range(50)]
    other = Problem(code="data-bad-cell", where="f", found="x")
    kept = capped([*problems, other])
    assert len(kept) == text.REPORTED + 1
    assert "30 more" in kept[text.REPORTED - 1].found
    assert kept[-1] == other
