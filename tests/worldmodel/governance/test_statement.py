"""Signed statements: what was signed comes back, and nothing else passes."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import canonical_json, digest
from worldmodel.errors import InputError
from worldmodel.governance import sshsig
from worldmodel.governance.statement import (
    PROPOSE_NAMESPACE,
    REVIEW_NAMESPACE,
    Entry,
    authenticated,
    namespace_of,
    read_entry,
)


def resign(bench: SimpleNamespace, entry: Entry, namespace: str | None = None, **predicate: Any) -> bytes:
    """The entry with fields of its predicate replaced (or dropped, if None), properly signed again by bob."""
    envelope = json.loads(entry.data)
    statement = json.loads(base64.b64decode(envelope["payload"]))
    statement["predicate"] = {
        name: value for name, value in (statement["predicate"] | predicate).items() if value is not ...
    }
    payload = canonical_json(statement)
    key = bench.key_of("bob")
    blob = sshsig.sign(key, authenticated(payload), namespace or namespace_of(entry.operation))
    envelope["payload"] = base64.b64encode(payload).decode()
    signature = {"keyid": sshsig.fingerprint(bench.raw(key)), "sig": base64.b64encode(blob).decode()}
    return canonical_json(envelope | {"signatures": [signature]})


@pytest.fixture
def approval(bench: SimpleNamespace) -> Entry:
    entry: Entry = bench.Log(bench.standing, bench.change).say("approve", "bob")
    return entry


def test_what_was_signed_is_read_back(bench: SimpleNamespace, approval: Entry) -> None:
    read = read_entry(approval.data, "test")
    assert (read.operation, read.key, read.digest) == (
        approval.operation,
        bench.raw(bench.key_of("bob")),
        approval.digest,
    )
    assert read_entry(resign(bench, approval), "test").operation == approval.operation


def test_every_flipped_byte_of_an_envelope_is_refused(approval: Entry) -> None:
    for place in range(len(approval.data)):
        for bit in (0, 5):
            data = bytearray(approval.data)
            data[place] ^= 1 << bit
            with pytest.raises(InputError):
                read_entry(bytes(data), "test")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "bless"}, "unknown-field"),
        ({"weight": 2}, "unknown-field"),
        ({"areas": []}, "malformed-record"),
        ({"areas": ["everything"]}, "malformed-record"),
        ({"format": 2}, "malformed-record"),
        ({"patchset": 1.5}, "malformed-record"),
        ({"parents": [digest("a"), digest("b")]}, "malformed-record"),
        ({"attachments": {"secrets": digest("x")}}, "malformed-record"),
        ({"proposal": digest("another")}, "malformed-document"),
        ({"attachments": ...}, "malformed-document"),
    ],
)
def test_a_signed_but_strange_operation_is_refused(
    bench: SimpleNamespace, approval: Entry, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as refusal:
        read_entry(resign(bench, approval, **change), "test")
    assert code in {problem.code for problem in refusal.value.problems}


def test_a_signature_for_proposing_is_no_review(bench: SimpleNamespace, approval: Entry) -> None:
    with pytest.raises(InputError, match="bad-signature"):
        read_entry(resign(bench, approval, namespace=PROPOSE_NAMESPACE), "test")
    opening = bench.Log(bench.standing, bench.change).entries[0]
    with pytest.raises(InputError, match="bad-signature"):
        read_entry(resign(bench, opening, namespace=REVIEW_NAMESPACE), "test")


@pytest.mark.parametrize(
    "change", ["two signatures", "no signature", "other key id", "unknown field", "reformatted", "twice"]
)
def test_a_strange_envelope_is_refused(approval: Entry, change: str) -> None:
    envelope = json.loads(approval.data)
    signature = envelope["signatures"][0]
    match change:
        case "two signatures":
            data = canonical_json(envelope | {"signatures": [signature, signature]})
        case "no signature":
            data = canonical_json(envelope | {"signatures": []})
        case "other key id":
            data = canonical_json(envelope | {"signatures": [signature | {"keyid": "SHA256:" + "A" * 43}]})
        case "unknown field":
            data = canonical_json(envelope | {"note": "trust me"})
        case "reformatted":
            data = json.dumps(envelope, indent=1).encode()
        case _:
            data = approval.data[:-1] + b',"payloadType":"application/vnd.in-toto+json"}'
    with pytest.raises(InputError):
        read_entry(data, "test")


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{", b'{"a":NaN}', b"\xff", b"[" * 100_000, b'{"payload":1e999}']
)
def test_hostile_documents_are_refused_with_a_problem(data: bytes) -> None:
    with pytest.raises(InputError):
        read_entry(data, "test")
