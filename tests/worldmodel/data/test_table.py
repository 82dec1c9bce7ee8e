"""Tables of numbers: each stray cell is named with its row and column."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.data.table import parse_number, read_table
from worldmodel.errors import InputError

GOOD = "quarter,x,note\n1999Q1,1.5,hot\n1999Q2,-2e1,cold\n1999Q3,.25,hot\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, GOOD), "Quarter", ["x"])
    assert list(table.columns) == ["x"]
    assert table.columns["x"].tolist() == [1.5, -20.0, 0.25]
    assert table.times == ("1999Q1", "1999Q2", "1999Q3")


def test_named_values_are_read_as_their_place(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, GOOD), "quarter", ["note"], {"note": ("cold", "hot")})
    assert table.columns["note"].tolist() == [1.0, 0.0, 1.0]


def test_columns_cannot_be_written_to(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, GOOD), "quarter", ["x"])
    with pytest.raises(ValueError, match="read-only"):
        table.columns["x"][0] = 3.0


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    text = "quarter,x,y\n1999Q1,NaN,1\n1999Q2,,2\n1999Q4,1e400,3\n1999Q4,1,n/a\n"
    with pytest.raises(InputError) as caught:
        read_table(written(tmp_path, text), "quarter", ["x", "y", "z"])
    found = {(problem.code, problem.part) for problem in caught.value.problems}
    assert found == {
        ("data-missing-column", ""),
        ("data-gap", "row 4, column quarter"),
        ("data-duplicate-time", "row 5, column quarter"),
        ("data-bad-cell", "row 2, column x"),
        ("data-bad-cell", "row 3, column x"),
        ("data-bad-cell", "row 4, column x"),
        ("data-bad-cell", "row 5, column y"),
    }


def test_without_a_time_column_there_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column “date”"):
        read_table(written(tmp_path, GOOD), "date")


@pytest.mark.parametrize(
    "cell", ["", "nan", "inf", "1,5", "1_000", "0x10", "1e999", "٣", "1 2", "--1", "e5", ".", "1" * 61]
)
def test_what_is_no_number(cell: str) -> None:
    assert parse_number(cell) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_read_back(value: float) -> None:
    assert parse_number(repr(value)) == value


@given(st.text(max_size=20))
def test_any_cell_is_a_finite_number_or_none(cell: str) -> None:
    value = parse_number(cell)
    assert value is None or (math.isfinite(value) and value == float(cell))


@given(values=st.lists(st.floats(-1e12, 1e12), min_size=3, max_size=30))
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    rows = [f"{place},{value!r}" for place, value in enumerate(values)]
    path = written(tmp_path_factory.mktemp("table"), "\n".join(["index,x", *rows]))
    assert np.array_equal(read_table(path, "index").columns["x"], values)
