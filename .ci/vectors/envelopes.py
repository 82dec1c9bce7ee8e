"""Vectors about one envelope: its JSON, its statement, its signature blob and the key in it.

The good twin is always the same: ada opens a request, bob approves it, and the gate is open. In the bad one, bob's
approval is changed in one way.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from vectors import building as b

from worldmodel.canonical import canonical_json

ORDER = 2**252 + 27742317777372353535851937790883648493


def vectors() -> Iterator[dict[str, Any]]:
    """All of them."""
    opening = b.Story(b.World())
    approval = opening.saying("approve")
    payload = canonical_json(opening.statement(approval))
    text = b.seal(payload, "bob")
    good = opening.case(*opening.texts, text)
    for name, about, expected, changed in (*_json(text), *_statements(opening, approval, payload), *_blobs(payload)):
        yield b.vector(name, about, expected, opening.case(*opening.texts, changed), good)


Row = tuple[str, str, dict[str, Any], str]


def _json(text: str) -> Iterator[Row]:
    value = json.loads(text)
    [signature] = value["signatures"]
    second = {"keyid": signature["keyid"], "sig": signature["sig"]}
    malformed, record = b.refused("malformed-document"), b.refused("malformed-record")

    def with_(**more: Any) -> str:
        return canonical_json(value | more).decode()

    yield "json-not-canonical", "a space after a comma", b.refused("not-canonical"), text.replace(',"', ', "', 1)
    yield "json-key-twice", "a key occurs twice; the first has a signature", malformed, '{"payload":"AAAA",' + text[1:]
    yield "json-trailing-bytes", "a line end after the document", b.refused("not-canonical"), text + "\n"
    yield "json-truncated", "the last character is gone", malformed, text[:-1]
    yield "json-nested", "brackets a thousand deep", malformed, "[" * 1000 + "]" * 1000
    yield "json-not-a-number", "a constant that JSON does not have", malformed, text[:-1] + ',"x":NaN}'
    yield "json-byte-order-mark", "a mark before the document", malformed, "\ufeff" + text
    yield "envelope-unknown-field", "a field that no version knows", b.refused("unknown-field"), with_(certificate="")
    yield "envelope-two-signatures", "one good signature, twice", record, with_(signatures=[signature, second])
    yield "envelope-no-signature", "no signature at all", record, with_(signatures=[])
    yield "envelope-other-type", "another payload type", record, with_(payloadType="application/json")
    yield (
        "envelope-other-keyid",
        "the key id of another person",
        malformed,
        with_(signatures=[signature | {"keyid": b.fingerprint(b.wire(b.raw("cy")))}]),
    )
    yield (
        "base64-stray-bits",
        "the last character has bits that say nothing",
        malformed,
        with_(payload=_stray(value["payload"])),
    )
    yield (
        "base64-newline",
        "a line end inside base64",
        record,
        with_(payload=value["payload"][:76] + "\n" + value["payload"][76:]),
    )
    yield "base64-url-alphabet", "the alphabet of URLs", record, with_(payload=value["payload"][:-8] + "-_-_-_-_")


def _stray(text: str) -> str:
    """Another spelling of the same bytes; a character is changed where padding leaves bits unused."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    assert len(body) < len(text), "no padding, no stray bits"
    return body[:-1] + alphabet[alphabet.index(body[-1]) + 1] + text[len(body) :]


def _statements(story: b.Story, approval: dict[str, Any], payload: bytes) -> Iterator[Row]:
    record, malformed, unknown = (
        b.refused("malformed-record"),
        b.refused("malformed-document"),
        b.refused("unknown-field"),
    )

    def said(**more: Any) -> str:
        kept = {name: value for name, value in (approval | more).items() if value is not ...}
        return b.seal(canonical_json(story.statement(kept)), "bob")

    def stated(**more: Any) -> str:
        return b.seal(canonical_json(story.statement(approval) | more), "bob")

    other = [{"name": "proposal", "digest": {"sha256": "0" * 64}}]
    yield "operation-unknown", "a kind of operation that nobody knows", unknown, said(kind="bless")
    yield "operation-unknown-field", "a field that no operation has", unknown, said(weight=2)
    yield "operation-without-kind", "no kind", unknown, said(kind=...)
    yield "operation-field-left-out", "a field left out that has a default", malformed, said(attachments=...)
    yield "operation-newer-format", "another format", record, said(format=2)
    yield (
        "operation-huge-number",
        "a patchset with thirty digits",
        malformed,
        b.seal(payload.replace(b'"patchset":1', b'"patchset":' + b"1" * 30), "bob"),
    )
    yield "operation-truth-for-number", "true where 1 is wanted", record, said(patchset=True)
    yield "operation-nul", "a NUL in the name of an area", record, said(areas=["mechanisms\0"])
    yield "operation-no-areas", "an approval of nothing", record, said(areas=[])
    yield "operation-time-in-words", "a time that is no time", record, said(time="yesterday")
    yield "operation-time-impossible", "a thirteenth month", record, said(time="2026-13-01T00:00:00Z")
    yield "operation-time-other-digits", "digits of another script", record, said(time="٢٠٢٦-01-01T00:00:00Z")
    yield "operation-digest-upper-case", "a digest in capital letters", record, said(shown=b.SHOWN.upper())
    yield "statement-other-subject", "a subject that is not what the vote is about", malformed, stated(subject=other)
    yield "statement-two-subjects", "two subjects", record, stated(subject=other * 2)
    yield "statement-other-predicate", "another type of predicate", record, stated(predicateType="urn:other:v1")
    yield "statement-unknown-field", "a field that no statement has", unknown, stated(note="")


def _blobs(payload: bytes) -> Iterator[Row]:
    bad, message = b.refused("bad-signature"), b.authenticated(payload)
    mine = b.fingerprint(b.wire(b.raw("bob")))
    good = b.blob(message, "bob")
    inner = b.strings(b"ssh-ed25519", good[-64:])

    def wrapped(blob: bytes, keyid: str = mine) -> str:
        return b.wrap(payload, blob, keyid)

    def signed(other: bytes, namespace: str = b.REVIEW) -> str:
        return wrapped(b.blob(other, "bob", namespace))

    shifted = b"DSSEv1 4 appl %d %s" % (len(payload) + 24, b"ication/vnd.in-toto+json" + payload)
    yield "signature-namespace-of-proposals", "a vote signed as a proposal", bad, signed(message, b.PROPOSE)
    yield "signature-namespace-of-git", "a vote signed as a commit", bad, signed(message, "git")
    yield "signature-namespace-longer", "a namespace that begins alike", bad, signed(message, b.REVIEW + "0")
    yield "signature-over-other-bytes", "the signature of something else", bad, signed(b.authenticated(payload + b" "))
    yield "signature-over-bare-payload", "the payload without DSSE's encoding", bad, signed(payload)
    yield "signature-over-shifted-encoding", "type and payload split elsewhere", bad, signed(shifted)
    yield (
        "signature-over-other-type",
        "the same payload under another type",
        bad,
        signed(b.authenticated(payload, "application/json")),
    )
    yield (
        "signature-relabelled-namespace",
        "signed as a proposal, labelled as a review",
        bad,
        wrapped(
            b.pack(b.wire(b.raw("bob")), b.REVIEW, b.strings(b"ssh-ed25519", b.blob(message, "bob", b.PROPOSE)[-64:]))
        ),
    )
    relabelled = b.pack(b.wire(b.raw("bob")), b.PROPOSE, inner)
    yield "signature-mislabelled-namespace", "signed as a review, labelled as a proposal", bad, wrapped(relabelled)
    padded = b.pack(b.wire(b.raw("bob")), b.REVIEW, inner, reserved=b"x")
    yield "signature-reserved-field-unsigned", "the reserved field is set after signing", bad, wrapped(padded)
    yield (
        "signature-of-another-key",
        "bob's key beside cy's signature",
        bad,
        wrapped(b.pack(b.wire(b.raw("bob")), b.REVIEW, b.strings(b"ssh-ed25519", b.blob(message, "cy")[-64:]))),
    )
    yield from _forms(message, wrapped)
    yield from _keys(message, payload)


def _forms(message: bytes, wrapped: Callable[[bytes], str]) -> Iterator[Row]:
    """The blob itself: lengths, versions, hashes, and another spelling of a good signature."""
    bad, good = b.refused("bad-signature"), b.blob(message, "bob")
    inner = b.strings(b"ssh-ed25519", good[-64:])
    yield "signature-trailing-bytes", "a byte after the blob", bad, wrapped(good + b"\0")
    yield "signature-truncated", "the last byte is gone", bad, wrapped(good[:-1])
    yield "signature-empty", "no blob", b.refused("malformed-record"), wrapped(b"")
    yield (
        "signature-inner-trailing-bytes",
        "a byte after the inner signature",
        bad,
        wrapped(b.pack(b.wire(b.raw("bob")), b.REVIEW, inner + b"\0")),
    )
    yield (
        "signature-long-length",
        "a field that announces four gigabytes",
        bad,
        wrapped(good[:10] + b"\xff\xff\xff\xff" + good[14:]),
    )
    yield "signature-other-magic", "another magic word", bad, wrapped(b"SSHSIX" + good[6:])
    yield "signature-other-version", "version 2 of the blob", bad, wrapped(good[:6] + b"\0\0\0\2" + good[10:])
    yield "signature-unknown-hash", "a hash that is not allowed", bad, wrapped(b.blob(message, "bob", hash_name="sha1"))
    yield "signature-reserved-field", "the reserved field is set", bad, wrapped(b.blob(message, "bob", reserved=b"x"))
    yield "signature-malleable", "S replaced by S + L", bad, wrapped(good[:-32] + _plus_order(good[-32:]))


def _plus_order(scalar: bytes) -> bytes:
    return (int.from_bytes(scalar, "little") + ORDER).to_bytes(32, "little")


def _keys(message: bytes, payload: bytes) -> Iterator[Row]:
    """Keys that are not accepted, each with a signature that its own kind would accept."""
    data = b.signed_data(message, b.REVIEW)
    kinds = (
        ("rsa", "an RSA key", *_rsa(data)),
        ("ecdsa", "an ECDSA key", *_ecdsa(data)),
        ("sk", "a key on a security token", *_sk(data)),
        (
            "certificate",
            "a certificate instead of a key",
            b.strings(b"ssh-ed25519-cert-v01@openssh.com", b""),
            _plain(data),
        ),
    )
    for name, about, wire, signature in kinds:
        yield (
            f"key-{name}",
            about,
            b.refused("bad-signature" if name != "certificate" else "malformed-key"),
            b.wrap(payload, b.pack(wire, b.REVIEW, signature), b.fingerprint(wire)),
        )
    identity = (1).to_bytes(32, "little")
    points = (
        ("identity-point", "the neutral point: any signature of zeros verifies", identity, identity + bytes(32)),
        ("zero-point", "a point of order four", bytes(32), bytes(64)),
        ("second-spelling", "y = 1 written as y + p", (2**255 - 18).to_bytes(32, "little"), identity + bytes(32)),
    )
    for name, about, key, signature in points:
        blob = b.pack(b.wire(key), b.REVIEW, b.strings(b"ssh-ed25519", signature))
        yield f"key-{name}", about, b.refused("malformed-key"), b.wrap(payload, blob, b.fingerprint(b.wire(key)))


def _plain(data: bytes) -> bytes:
    return b.strings(b"ssh-ed25519", b.key_of("bob").sign(data))


def _rsa(data: bytes) -> tuple[bytes, bytes]:
    """A key of two Mersenne primes, which needs no drawing of lots."""
    one, two, public = 2**1279 - 1, 2**2203 - 1, 65537
    private = pow(public, -1, (one - 1) * (two - 1))
    key = rsa.RSAPrivateNumbers(
        two,
        one,
        private,
        private % (two - 1),
        private % (one - 1),
        pow(one, -1, two),
        rsa.RSAPublicNumbers(public, one * two),
    ).private_key(unsafe_skip_rsa_key_validation=True)
    size = (one * two).bit_length() // 8 + 1
    wire = b.strings(b"ssh-rsa", public.to_bytes(3, "big"), (one * two).to_bytes(size, "big"))
    return wire, b.strings(b"rsa-sha2-512", key.sign(data, padding.PKCS1v15(), hashes.SHA512()))


def _ecdsa(data: bytes) -> tuple[bytes, bytes]:
    key = ec.derive_private_key(7, ec.SECP256R1())
    point = key.public_key().public_numbers()
    spelled = b"\4" + point.x.to_bytes(32, "big") + point.y.to_bytes(32, "big")
    made = key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    first = made[4 : 4 + made[3]]
    second = made[6 + made[3] :]
    wire = b.strings(b"ecdsa-sha2-nistp256", b"nistp256", spelled)
    return wire, b.strings(b"ecdsa-sha2-nistp256", b.strings(first, second))


def _sk(data: bytes) -> tuple[bytes, bytes]:
    """A token signs the hash of its application, its flags and counter, and the hash of the data."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    application = hashes.Hash(hashes.SHA256())
    application.update(b"ssh:")
    state = b"\1" + (1).to_bytes(4, "big")
    made = b.key_of("bob").sign(application.finalize() + state + digest.finalize())
    kind = b"sk-ssh-ed25519@openssh.com"
    return b.strings(kind, b.raw("bob"), b"ssh:"), b.strings(kind, made) + state
