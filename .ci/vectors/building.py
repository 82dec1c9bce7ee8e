"""Signed logs built from plain values, so that what no operation may say can be signed as well.

Nothing here goes through the shapes that are under test: operations are dictionaries, and only canonical JSON, digests
and Ed25519 come from the packages. Keys are derived from names, so every file comes out the same.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from worldmodel.canonical import canonical_json, digest, digest_bytes, tree_digest
from worldmodel.governance.operations import AREAS, FOLDER_AREAS

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PROPOSE, REVIEW = "glassworld-propose@v1", "glassworld-review@v1"
TIME = "2026-01-01T00:00:00Z"
SHOWN = digest("what was shown")
ROSTER, RULES = "governance/roster.toml", "governance/rules.toml"
TANK = "mechanisms/tank.toml"
LAW: Mapping[str, Any] = {TANK: {"law": "Normal(0, 1)"}}
OTHER_LAW: Mapping[str, Any] = {TANK: {"law": "Normal(1, 1)"}}


def key_of(name: str) -> Ed25519PrivateKey:
    """The same key for the same name, always."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"glassworld vector {name}".encode()).digest())


def raw(name: str) -> bytes:
    """The raw public key of a name."""
    return key_of(name).public_key().public_bytes_raw()


def strings(*values: bytes) -> bytes:
    """Length-prefixed strings, as SSH writes them."""
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)


def wire(key: bytes) -> bytes:
    """A raw Ed25519 key as SSH writes it."""
    return strings(b"ssh-ed25519", key)


def line(key: bytes) -> str:
    """A raw key as it stands in a roster."""
    return f"ssh-ed25519 {base64.b64encode(wire(key)).decode()}"


def fingerprint(wire_key: bytes) -> str:
    """OpenSSH's name of a key."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(wire_key).digest()).decode().rstrip("=")


def roster(version: int = 1) -> dict[str, Any]:
    """Four people, one of them with two keys, and an assistant that ada operates."""
    keys = {name: [name] for name in ("ada", "bob", "cy", "dan")} | {"bob": ["bob", "bob-second"]}
    people: dict[str, Any] = {
        name: {"name": name.title(), "kind": "person", "keys": [line(raw(key)) for key in owned], "made_up": True}
        for name, owned in keys.items()
    }
    robot = {"name": "Robot", "kind": "assistant", "operator": "ada", "keys": [line(raw("robot"))]}
    return {"format": 1, "version": version, "people": people | {"robot": robot}}


def rules(quorum: int = 1, version: int = 1) -> dict[str, Any]:
    """The same quorum for every area."""
    return {"format": 1, "version": version, "areas": {area: {"quorum": quorum} for area in AREAS}}


@dataclass(frozen=True)
class World:
    """A world's first roster and rules, the logs merged so far, and what follows from them."""

    roster: Mapping[str, Any] = field(default_factory=roster)
    rules: Mapping[str, Any] = field(default_factory=rules)
    digests: Mapping[str, str] = field(default_factory=dict)
    last_merge: str | None = None
    merged: tuple[tuple[str, ...], ...] = ()
    versions: tuple[Any, ...] = ()

    def now(self) -> dict[str, str]:
        """The digests of all components."""
        return {ROSTER: digest(self.roster), RULES: digest(self.rules), **self.digests}

    def after(self, story: "Story") -> "World":
        """The world once a story that ends with its merge is merged."""
        changed = {path: digest(value) for path, value in story.changes.items() if value is not None}
        kept = {path: value for path, value in self.digests.items() if path not in story.changes}
        new = tuple(value for path, value in story.changes.items() if path in (ROSTER, RULES))
        merged = (*self.merged, tuple(story.texts))
        versions = (*self.versions, *new)
        return replace(self, digests=kept | changed, last_merge=story.tip, merged=merged, versions=versions)


class Story:
    """A log under construction; each method signs one operation as somebody and appends it."""

    def __init__(
        self, world: World, changes: Mapping[str, Any] = LAW, author: str = "ada", number: int = 1, **more: Any
    ):
        self.world, self.number, self.texts, self.patchset = world, number, list[str](), 0
        self.changes: Mapping[str, Any] = changes
        self.proposal = ""
        self.propose(changes, author, **more)

    @property
    def tip(self) -> str:
        """The digest of the last entry."""
        return digest_bytes(self.texts[-1].encode())

    def propose(self, changes: Mapping[str, Any], author: str, **more: Any) -> "Story":
        """Opens the request, or adds a patchset."""
        kind = "open" if not self.texts else "patchset"
        self.changes, self.patchset = changes, self.patchset + 1
        operation = self.place() | self.proposing(changes) | {"kind": kind, "patchset": self.patchset} | more
        short = {path: {"before": one["before"], "after": one["after"]} for path, one in operation["changes"].items()}
        self.proposal = digest({"changes": short, "roster": operation["roster"], "rules": operation["rules"]})
        return self.append(operation, author, namespace=PROPOSE)

    def say(self, kind: str, who: str, /, **more: Any) -> "Story":
        """Appends something about the current patchset."""
        return self.append(self.saying(kind) | more, who)

    def merge(self, who: str, **more: Any) -> "Story":
        """Ends with the merge that fits the world."""
        after = self.world.now() | {path: digest(value) for path, value in self.changes.items()}
        chain = {
            "previous": self.world.last_merge,
            "before": tree_digest(self.world.now()),
            "after": tree_digest(after),
        }
        return self.say("merge", who, **(chain | more))

    def append(self, operation: Mapping[str, Any], who: str, **more: Any) -> "Story":
        """Signs any operation and appends it."""
        self.texts.append(self.envelope(operation, who, **more))
        return self

    def place(self) -> dict[str, Any]:
        """What every operation says."""
        parents = [self.tip] if self.texts else []
        return {"format": 1, "request": self.number, "parents": parents, "time": TIME, "attachments": {}}

    def proposing(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The changes by digest, and the roster and rules in force."""
        now = self.world.now()
        found = {
            path: {"before": now.get(path), "after": after, "text": after}
            for path, value in changes.items()
            for after in [None if value is None else digest(value)]
        }
        return {"changes": found, "roster": now[ROSTER], "rules": now[RULES], "provenance": None}

    def saying(self, kind: str) -> dict[str, Any]:
        """An operation about the current patchset."""
        said = {"kind": kind, "patchset": self.patchset, "proposal": self.proposal, "shown": SHOWN}
        areas = sorted({FOLDER_AREAS[path.split("/")[0]] for path in self.changes})
        by_kind: dict[str, dict[str, Any]] = {"approve": {"areas": areas}, "comment": {"path": None, "line": None}}
        return self.place() | said | by_kind.get(kind, {})

    def statement(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """The in-toto statement of an operation."""
        return {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "proposal", "digest": {"sha256": self.proposal.removeprefix("sha256:")}}],
            "predicateType": "urn:glassworld:operation:v1",
            "predicate": dict(operation),
        }

    def envelope(self, operation: Mapping[str, Any], who: str, namespace: str = REVIEW) -> str:
        """The signed envelope of an operation as text."""
        return seal(canonical_json(self.statement(operation)), who, namespace)

    def case(self, *texts: str, end: str = "open", **more: Any) -> dict[str, Any]:
        """This log in its world as a case; with `texts`, these entries instead of those that were appended."""
        return case_of(self.world, texts or self.texts, end, **more)


def case_of(world: World, log: Sequence[str], end: str = "open", **more: Any) -> dict[str, Any]:
    """A case: a world, what was merged, and a log that is to be judged or merged."""
    value = {"roster": world.roster, "rules": world.rules, "merged": [list(one) for one in world.merged]}
    return value | {"versions": list(world.versions), "log": list(log), "end": end, **more}


def seal(payload: bytes, who: str, namespace: str = REVIEW, message: bytes | None = None) -> str:
    """Signs a payload, or other bytes in its place, and wraps it."""
    made = blob(authenticated(payload) if message is None else message, who, namespace)
    return wrap(payload, made, fingerprint(wire(raw(who))))


def wrap(payload: bytes, signature: bytes, keyid: str, **more: Any) -> str:
    """The envelope of any payload and any signature blob."""
    signed = [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}]
    value = {"payload": base64.b64encode(payload).decode(), "payloadType": PAYLOAD_TYPE, "signatures": signed}
    return canonical_json(value | more).decode()


def authenticated(payload: bytes, kind: str = PAYLOAD_TYPE) -> bytes:
    """DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


def signed_data(message: bytes, namespace: str, hash_name: str = "sha512", reserved: bytes = b"") -> bytes:
    """What an OpenSSH signature signs."""
    hashed = hashlib.new(hash_name, message).digest()
    return b"SSHSIG" + strings(namespace.encode(), reserved, hash_name.encode(), hashed)


def blob(message: bytes, who: str, namespace: str = REVIEW, hash_name: str = "sha512", reserved: bytes = b"") -> bytes:
    """An OpenSSH signature blob."""
    signature = key_of(who).sign(signed_data(message, namespace, hash_name, reserved))
    return pack(wire(raw(who)), namespace, strings(b"ssh-ed25519", signature), hash_name, reserved)


def pack(
    wire_key: bytes,
    namespace: str,
    signature: bytes,
    hash_name: str = "sha512",
    reserved: bytes = b"",
    version: int = 1,
) -> bytes:
    """The blob around any key and any signature."""
    fields = strings(wire_key, namespace.encode(), reserved, hash_name.encode(), signature)
    return b"SSHSIG" + version.to_bytes(4, "big") + fields


def vector(name: str, about: str, expected: Mapping[str, Any], bad: Any, good: Any) -> dict[str, Any]:
    """One vector: a case that must be refused or not count, why, and its twin that passes."""
    return {"format": 1, "name": name, "about": about, "expected": dict(expected), "bad": bad, "good": good}


def refused(*codes: str) -> dict[str, Any]:
    """Reading, folding or replaying raises these codes."""
    return {"refused": sorted(codes)}


def shut(*codes: str) -> dict[str, Any]:
    """The gate gives these reasons."""
    return {"shut": sorted(codes)}


def ignored() -> dict[str, Any]:
    """The gate is open all the same: what was said does not count."""
    return {"open": True}
