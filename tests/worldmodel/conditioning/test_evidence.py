"""Evidence as text, as a series and as a mapping, read against a world."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.conditioning.evidence import evidence_of_series, parse_evidence, parse_wanted
from worldmodel.errors import InputError


def test_texts_become_sites(small):
    static = small({"x": "Normal(0, 1)"})
    dynamic = small({"x": "Normal(0, 1)"}, step="day")
    assert parse_evidence(static, ["x=1.5"]) == {("x", 1): 1.5}
    assert parse_evidence(dynamic, ["x = -2e3 @ 4", "infected[north]=3@0", "smoke=yes@2"]) == {
        ("x", 4): -2000.0, ("infected[north]", 0): 3.0, ("smoke", 2): "yes",
    }  # fmt: skip
    assert parse_wanted(["x", "x@3", "infected[north,young]@-1"]) == ["x", ("x", 3), ("infected[north,young]", -1)]
    with pytest.raises(InputError, match="no-such-step: --given: x: no step"):
        parse_evidence(dynamic, ["x=1"])


def test_a_series_is_evidence_where_it_has_numbers():
    found = evidence_of_series({"x": [1.0, math.nan, 3.0], "y": [math.nan] * 3}, first=5)
    assert found == {("x", 5): 1.0, ("x", 7): 3.0}


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(small, text):
    for read in (lambda: parse_evidence(small({"x": "Normal(0, 1)"}), [text]), lambda: parse_wanted([text])):
        problems = ()
        try:
            found = read()
        except InputError as error:
            found, problems = [text], error.problems
        assert len(found) == 1
        assert {problem.code for problem in problems} <= {"malformed-evidence"}
