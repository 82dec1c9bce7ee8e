"""Times make a regular grid, or each one that does not is named."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.data.times import Grid, read_times
from worldmodel.errors import InputError


def codes(cells: list[str]) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read_times(cells, "data.csv", "time")
    return [(problem.code, problem.part.partition(",")[0]) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("cells", "step"),
    [
        (["1959Q3", "1959Q4", "1960Q1"], "quarter"),
        (["1959-q4", "1960 Q4"], "year"),
        (["1959-11", "1959-12", "1960-01"], "month"),
        (["1959M1", "1959M4", "1959M7"], "quarter"),
        (["1959-11-30", "1959-12-31", "1960-01-31", "1960-02-29"], "month"),
        (["1960-01-01", "1960-04-01", "1960-07-01"], "quarter"),
        (["2020-02-28", "2020-02-29", "2020-03-01"], "day"),
        (["2020-02-24", "2020-03-02", "2020-03-09"], "week"),
        (["1999", "2000", "2001"], None),
        (["-5"], None),
    ],
)
def test_what_reads_as_time(cells: list[str], step: str | None) -> None:
    assert read_times(cells, "data.csv", "time").step == step


def test_gaps_duplicates_and_disorder_are_named_at_once() -> None:
    cells = ["1959Q1", "1959Q2", "1959Q3", "1959Q3", "1959Q4", "1960Q3", "1960Q2", "1960Q3"]
    assert codes(cells) == [
        ("data-duplicate-time", "row 5"),
        ("data-gap", "row 7"),
        ("data-time-order", "row 8"),
        ("data-duplicate-time", "row 9"),
    ]


@pytest.mark.parametrize("cell", ["", "1959Q5", "1959-13", "2021-02-29", "1.5", "today", "١٩٥٩", "9" * 40, "1959-02"])
def test_a_cell_that_is_no_time_is_named(cell: str) -> None:
    assert codes(["1959Q1", "1959Q2", cell, "1959Q4"]) == [("data-bad-time", "row 4")]


def test_working_days_have_gaps() -> None:
    assert codes(["2020-02-27", "2020-02-28", "2020-03-02", "2020-03-03"]) == [("data-gap", "row 4")]


@given(st.integers(0, 8000), st.integers(1, 40), st.integers(2, 60), st.data())
def test_a_row_taken_out_of_a_grid_is_a_gap(first: int, stride: int, count: int, data: st.DataObject) -> None:
    places = range(first, first + stride * (count + 2), stride)
    quarters = [f"{1000 + place // 4:04}Q{place % 4 + 1}" for place in places]
    assert read_times(quarters, "data.csv", "time") == Grid("quarter", stride)
    hole = data.draw(st.integers(1, len(quarters) - 2))
    holed = quarters[:hole] + quarters[hole + 1 :]
    if len(holed) > 3:
        assert [code for code, _ in codes(holed)] == ["data-gap"]


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 400))
def test_days_are_a_grid(first: dt.date, count: int) -> None:
    days = [(first + dt.timedelta(days=number)).isoformat() for number in range(count + 2)]
    assert read_times(days, "data.csv", "time") == Grid("day", 1)
