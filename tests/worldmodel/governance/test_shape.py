"""Shape before content: one value has one spelling, and hostile documents end in a problem."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.canonical import canonical_json
from worldmodel.errors import InputError
from worldmodel.governance.proposal import dump_proposal, load_proposal
from worldmodel.governance.shape import decode_base64, encode_base64, parse_canonical, parse_json


@given(st.binary(max_size=40))
def test_base64_has_one_spelling(data: bytes) -> None:
    assert decode_base64(encode_base64(data), "test") == data


@pytest.mark.parametrize("text", ["QR==", "QQ", "QQ= =", "Q-_=", "QQ==\n", "é"])
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        decode_base64(text, "test")


@pytest.mark.parametrize("data", [b'{"a":1,"a":1}', b'{"a":NaN}', b"[" * 1000, b'"\xff"', b"1e", b"9" * 5000, b"1e999"])
def test_ambiguous_or_hostile_json_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse_json(data, "test")


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(SCALARS, st.lists, max_leaves=9)


@given(VALUES)
def test_canonical_json_is_read_back_and_nothing_else_is(value: object) -> None:
    data = canonical_json(value)
    assert parse_canonical(data, "test") == value
    with pytest.raises(InputError):
        parse_canonical(data + b" ", "test")


PROPOSAL = b'{"format":1,"title":"t","author":"person","changes":{"mechanisms/a.toml":"x = 1","world.toml":null}}'


def test_a_proposal_file_round_trips() -> None:
    proposal = load_proposal(PROPOSAL, "test")
    assert load_proposal(dump_proposal(proposal), "test") == proposal
    assert proposal.files() == {"mechanisms/a.toml": b"x = 1", "world.toml": None}


def test_an_assistant_says_where_its_proposal_comes_from() -> None:
    with pytest.raises(InputError, match="provenance"):
        load_proposal(PROPOSAL.replace(b"person", b"assistant"), "test")


@pytest.mark.parametrize(
    "path",
    ["../x.toml", "/etc/passwd", "data/x.toml", "mechanisms/A.toml", "mechanisms/a.toml/b", ".gitignore", "a\\b"],
)
def test_a_proposal_reaches_component_files_only(path: str) -> None:
    with pytest.raises(InputError):
        load_proposal(PROPOSAL.replace(b"mechanisms/a.toml", path.encode()), "test")
