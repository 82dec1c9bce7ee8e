"""Signed statements: an operation as an in-toto Statement v1 in a DSSE envelope, signed by one OpenSSH key.

The payload is canonical JSON; the signature is an SSHSIG blob over the DSSE pre-authentication encoding. Proposing and
reviewing have namespaces of their own, and the key of an assistant is good for proposing only, so a replayed proposal
can never pass as a review.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from worldmodel.canonical import canonical_json, digest_bytes
from worldmodel.governance import sshsig
from worldmodel.governance.operations import Open, Operation, Patchset, proposal_digest, to_json
from worldmodel.governance.shape import Strict, decode_base64, encode_base64, parse_canonical, unreadable, validate

PROPOSE_NAMESPACE = "glassworld-propose@v1"
REVIEW_NAMESPACE = "glassworld-review@v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:glassworld:operation:v1"

Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z+/]+={0,2}$")]


class Subject(Strict):
    """What a statement is about: a proposal, by digest."""

    name: Literal["proposal"]
    digest: dict[Literal["sha256"], Hex]


class Statement(Strict):
    """An in-toto statement whose predicate is one operation."""

    type: Annotated[Literal["https://in-toto.io/Statement/v1"], Field(alias="_type")]
    subject: Annotated[list[Subject], Field(min_length=1, max_length=1)]
    predicate_type: Annotated[Literal["urn:glassworld:operation:v1"], Field(alias="predicateType")]
    predicate: Operation


class EnvelopeSignature(Strict):
    """Who signed, by the fingerprint of the key, and the SSHSIG blob."""

    keyid: str
    sig: Base64


class Envelope(Strict):
    """A DSSE envelope with exactly one signature."""

    payload: Base64
    payload_type: Annotated[Literal["application/vnd.in-toto+json"], Field(alias="payloadType")]
    signatures: Annotated[list[EnvelopeSignature], Field(min_length=1, max_length=1)]


@dataclass(frozen=True)
class Entry:
    """One verified entry of a request's log: its bytes, their digest, what it says, and the raw key that signed it."""

    data: bytes
    digest: str
    operation: Operation
    key: bytes


def namespace_of(operation: Operation) -> str:
    """The namespace in which an operation must be signed."""
    return PROPOSE_NAMESPACE if isinstance(operation, Open | Patchset) else REVIEW_NAMESPACE


def subject_of(operation: Operation) -> str:
    """The digest of the proposal that an operation is about."""
    return proposal_digest(operation) if isinstance(operation, Open | Patchset) else operation.proposal


def sign_operation(operation: Operation, signer: sshsig.Signer) -> Entry:
    """Signs an operation and returns the entry that goes into the log."""
    payload = canonical_json(_statement(operation))
    blob = sshsig.sign(signer, authenticated(payload), namespace_of(operation))
    key = sshsig.public_bytes(signer)
    envelope = {
        "payload": encode_base64(payload),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": sshsig.fingerprint(key), "sig": encode_base64(blob)}],
    }
    data = canonical_json(envelope)
    return Entry(data, digest_bytes(data), operation, key)


def read_entry(data: bytes, where: str) -> Entry:
    """Verifies one envelope; raises InputError unless it is exactly what `sign_operation` makes."""
    envelope = validate(Envelope, parse_canonical(data, where), where)
    payload = decode_base64(envelope.payload, where)
    operation = validate(Statement, parse_canonical(payload, where), where).predicate
    if canonical_json(_statement(operation)) != payload:
        raise unreadable(
            where, "a statement whose subject is not what its predicate is about, or with a field left out"
        )
    [signature] = envelope.signatures
    key = sshsig.verify(decode_base64(signature.sig, where), authenticated(payload), namespace_of(operation))
    if signature.keyid != sshsig.fingerprint(key):
        raise unreadable(where, "a key id that is not the fingerprint of the signing key")
    return Entry(data, digest_bytes(data), operation, key)


def signed_parts(entry: Entry) -> tuple[bytes, bytes]:
    """The bytes of a verified entry that are signed, and the signature blob, for programs other than this one."""
    envelope = validate(Envelope, parse_canonical(entry.data, entry.digest), entry.digest)
    payload = decode_base64(envelope.payload, entry.digest)
    return authenticated(payload), decode_base64(envelope.signatures[0].sig, entry.digest)


def authenticated(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding of a payload: the bytes that are signed."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _statement(operation: Operation) -> dict[str, Any]:
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "proposal", "digest": {"sha256": subject_of(operation).removeprefix("sha256:")}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": to_json(operation),
    }
