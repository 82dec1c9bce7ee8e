"""People with keys, and logs of merge requests made of signed operations, without any repository."""

import hashlib
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from worldmodel.canonical import digest, tree_digest
from worldmodel.governance.facts import Ground
from worldmodel.governance.fold import RequestState, fold, joined
from worldmodel.governance.hunks import hunk_digests
from worldmodel.governance.operations import OPERATION, areas_of
from worldmodel.governance.replay import Standing, genesis, merged_digests
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.sshsig import render_public_key
from worldmodel.governance.statement import Entry, sign_operation

SHOWN = digest("what was shown")
CONTEXT = digest("what is approved around it")
TIME = "2026-01-01T00:00:00Z"


def key_of(name: str) -> Ed25519PrivateKey:
    """The same key for the same name, always."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def raw(key: Ed25519PrivateKey) -> bytes:
    """The raw public bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def roster(version: int = 1, without: str = "") -> dict[str, Any]:
    """Five people, one of them with two keys, and an assistant that ada operates."""
    people: dict[str, Any] = {
        name: {"name": name.title(), "kind": "person", "keys": [render_public_key(raw(key_of(name)))], "made_up": True}
        for name in ("ada", "bob", "cy", "dan", "eve")
        if name != without
    }
    people["bob"]["keys"].append(render_public_key(raw(key_of("bob-second"))))
    robot = {"name": "Robot", "kind": "assistant", "operator": "ada", "keys": [render_public_key(raw(key_of("robot")))]}
    return {"format": 1, "version": version, "people": people | {"robot": robot}}


def rules(version: int = 1, **quorums: int) -> dict[str, Any]:
    """Rules with three people for everything that is not named."""
    areas = {area: {"quorum": quorum} for area, quorum in quorums.items()}
    return {"format": 1, "version": version, "areas": areas}


def declared(version: int = 1, requirements: Mapping[str, Any] | None = None, **quorums: int) -> dict[str, Any]:
    """Rules of format 2: the usual requirements, and those that are named in their place or beside them."""
    return rules(version, **quorums) | {"format": 2, "requirements": dict(requirements or {})}


class Log:
    """A log under construction: every method signs one operation, as a given signer, and appends it."""

    def __init__(
        self, standing: Standing, changes: Mapping[str, Any], author: str = "ada", number: int = 1, **more: Any
    ):
        self.standing, self.number, self.entries = standing, number, list[Entry]()
        self.context = CONTEXT if standing.rules.binds_context else None
        self.propose("open", changes, author, **more)

    @property
    def state(self) -> RequestState:
        """The fold of the log."""
        return fold(self.entries)

    def propose(self, kind: str, changes: Mapping[str, Any], author: str, **more: Any) -> Entry:
        """Opens the request or adds a patchset."""
        digests = {
            path: {"before": self.standing.digests.get(path), "after": after, "text": after}
            for path, value in changes.items()
            for after in [None if value is None else digest(value)]
        }
        hunks = hunk_digests({}, changes)
        fields: dict[str, Any] = {
            "hunks": hunks if self.standing.rules.binds_context else {},
            "bits": sum(map(len, hunks.values())) if self.standing.rules.binds_context else 0,
            "patchset": 1 if kind == "open" else self.state.proposed.patchset + 1,
            "changes": digests,
            "roster": self.standing.digests[ROSTER_PATH],
            "rules": self.standing.digests[RULES_PATH],
            "provenance": None,
        }
        return self.append(kind, author, **(fields | more))

    def say(self, kind: str, signer: str, **more: Any) -> Entry:
        """Comments, votes or ends, about the current patchset."""
        fields: dict[str, Any] = {
            "patchset": self.state.proposed.patchset,
            "proposal": self.state.proposal,
            "shown": SHOWN,
            "context": self.context,
        }
        if kind == "approve":
            fields["areas"] = list(areas_of(self.state.proposed.changes))
        return self.append(kind, signer, **(fields | more))

    def fork(self) -> "Log":
        """A copy that goes on by itself, as on a machine that is offline."""
        other = copy(self)
        other.entries = list(self.entries)
        return other

    def join(self, other: "Log", signer: str) -> Entry:
        """Takes another copy's entries in, and joins the two tips."""
        both = joined(self.state, other.state)
        parents = sorted((self.entries[-1].digest, other.entries[-1].digest))
        known = {entry.digest for entry in self.entries}
        self.entries += [entry for entry in other.entries if entry.digest not in known]
        fields = {"patchset": both.proposed.patchset, "proposal": both.proposal}
        return self.append("join", signer, parents=parents, **fields)

    def understand(self, *signers: str) -> "Log":
        """Marks every hunk as understood, as each of these signers."""
        for signer in signers:
            self.say("mark", signer, state="understood", hunks=sorted(self.state.hunks))
        return self

    def approve(self, *signers: str) -> "Log":
        """Marks every hunk as understood, and approves, as each of these signers."""
        for signer in signers:
            self.understand(signer).say("approve", signer)
        return self

    @property
    def ground(self) -> Ground:
        """What the request is judged on now."""
        return replace(self.standing.ground, context=self.context)

    def append(self, kind: str, signer: str, **fields: Any) -> Entry:
        """Signs any operation with its place in this log filled in, and appends it."""
        place = {"request": self.number, "parents": [self.entries[-1].digest] if self.entries else [], "time": TIME}
        operation = OPERATION.validate_python({"format": 1, "kind": kind, **(place | fields)})
        self.entries.append(sign_operation(operation, key_of(signer)))
        return self.entries[-1]

    def merge(self, signer: str, **more: Any) -> list[Entry]:
        """Ends with a merge that fits the standing."""
        chain = {
            "previous": self.standing.last_merge,
            "before": tree_digest(self.standing.digests),
            "after": tree_digest(merged_digests(self.standing.digests, self.state)),
        }
        self.say("merge", signer, **(chain | more))
        return self.entries


@pytest.fixture(scope="session")
def bench() -> SimpleNamespace:
    """Everything above, for tests, and the standing of a fresh world."""
    return SimpleNamespace(
        key_of=key_of,
        raw=raw,
        roster=roster,
        rules=rules,
        declared=declared,
        Log=Log,
        standing=genesis(roster(), rules()),
        strict=genesis(roster(), declared()),
        change={"mechanisms/tank.toml": {"law": "Normal(0, 1)"}},
    )
