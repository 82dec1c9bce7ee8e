"""Hunks are the whole change and nothing else, whatever a component holds."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from worldmodel.canonical import digest
from worldmodel.governance.hunks import hunk_digests, hunks_of
from worldmodel.governance.operations import HunkKey
from worldmodel.governance.shape import validate
from worldmodel.governance.size import reading_bits

PATH = "mechanisms/tank.toml"
BEFORE = {
    "law": "Normal(0, 1)",
    "parameters": {"slope": {"prior": "N"}, "noise": {"prior": "H"}},
    "claims": [{"c": "a"}],
}

LEAVES = st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=3)
TABLES = st.dictionaries(st.text(max_size=3), LEAVES, max_size=2)
COMPONENTS = st.dictionaries(
    st.sampled_from(["law", "parameters", "claims", "a.b", "ü"]),
    LEAVES | TABLES | st.lists(LEAVES | TABLES, max_size=2) | st.dictionaries(st.text(max_size=2), TABLES, max_size=2),
    max_size=4,
)


def keys(before: Any, after: Any) -> list[str]:
    return [hunk.key for hunk in hunks_of(PATH, before, after)]


def test_a_hunk_is_one_key_that_differs() -> None:
    after = {
        "law": "Normal(0, 2)",
        "parameters": {"slope": {"prior": "M"}, "noise": {"prior": "H"}},
        "claims": [{"c": "a"}, {"c": "b"}],
    }
    assert keys(BEFORE, after) == ["claims[1]", "law", "parameters.slope"]
    assert keys(BEFORE, None) == keys(None, BEFORE) == ["claims[0]", "law", "parameters.noise", "parameters.slope"]
    assert keys({"support": {"kind": "real"}}, {"support": {"kind": "positive"}}) == ["support"]


def test_values_are_told_apart_as_their_canonical_bytes_are() -> None:
    assert keys({"x": 1}, {"x": 1.0}) == []
    assert keys({"x": 1}, {"x": True}) == ["x"]


@given(COMPONENTS, COMPONENTS)
def test_components_that_differ_have_a_hunk_and_equal_ones_have_none(before: Any, after: Any) -> None:
    assert bool(keys(before, after)) == (digest(before) != digest(after))


@given(COMPONENTS, COMPONENTS, COMPONENTS)
def test_two_changes_with_the_same_hunks_are_the_same(before: Any, one: Any, other: Any) -> None:
    same = hunk_digests({PATH: before}, {PATH: one}) == hunk_digests({PATH: before}, {PATH: other})
    assert same == (digest(one) == digest(other))


@given(st.dictionaries(st.text(max_size=300), LEAVES | st.dictionaries(st.text(max_size=300), TABLES, max_size=2)))
def test_every_key_can_be_written_into_a_log_and_none_hides_another(component: dict[str, Any]) -> None:
    found = keys({}, component)
    assert len(set(found)) == len(found)
    for key in found:
        validate(dict[HunkKey, int], {key: 1}, "test")


@given(COMPONENTS, COMPONENTS)
def test_what_differs_has_a_size_and_a_way_back_of_the_same_size(before: Any, after: Any) -> None:
    there, back = hunks_of(PATH, before, after), hunks_of(PATH, after, before)
    assert reading_bits(there) == reading_bits(back)
    assert not reading_bits(hunks_of(PATH, before, before))


def test_more_to_read_is_more_bits() -> None:
    short = hunks_of(PATH, {"law": "a + b"}, {"law": "a + c"})
    long = hunks_of(PATH, {"law": "a + b"}, {"law": "a + c * expected_inflation"})
    assert 0 < reading_bits(short) < reading_bits(long)
