"""Canonical JSON follows RFC 8785, and what has no canonical form is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.canonical import canonical_json, digest, digest_bytes, tree_digest
from worldmodel.errors import InputError
from worldmodel.governance.shape import parse_canonical

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_the_example_of_the_standard() -> None:
    """RFC 8785, section 3.2.2."""
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    wanted = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_json(value) == wanted.encode()


@given(json_values)
def test_reading_back_gives_the_value_and_the_same_bytes(value: object) -> None:
    data = canonical_json(value)
    assert canonical_json(parse_canonical(data, "test")) == data


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60, {1: 2}, "\ud800", object()])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="not-canonical"):
        canonical_json(value)


def test_whole_floats_and_integers_are_one_number() -> None:
    assert digest({"a": 1}) == digest({"a": 1.0}) != digest({"a": 2})


def test_digests_name_bytes() -> None:
    assert digest_bytes(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree_digest({"b": "2", "a": "1"}) == tree_digest({"a": "1", "b": "2"}) != tree_digest({"a": "1"})
