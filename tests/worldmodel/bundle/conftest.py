"""A small bundle, made from signed operations alone, without any repository."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from worldmodel.bundle.bits import learned_bits
from worldmodel.bundle.layout import dump_bundle
from worldmodel.canonical import digest, tree_digest
from worldmodel.governance.fold import fold
from worldmodel.governance.operations import OPERATION, areas_of
from worldmodel.governance.replay import genesis, merged_digests
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.sshsig import render_public_key
from worldmodel.governance.statement import Entry, sign_operation

TIME = "2026-01-01T00:00:00Z"
COMPONENTS: Mapping[str, Any] = {
    "world.toml": {"format": 1, "language": 1, "name": "tank", "summary": "A tank.", "step": "hour"},
    "variables/level.toml": {
        "format": 1,
        "id": "level",
        "title": "Level",
        "meaning": "height of the water",
        "unit": "m",
        "role": "state",
        "initial": ["Normal(1, 0.1)"],
        "support": {"kind": "real"},
    },
    "mechanisms/leak.toml": {
        "format": 1,
        "id": "leak",
        "assigns": "level",
        "title": "It leaks",
        "law": "Normal(0.9 * level[t-1], s)",
        "parameters": {"s": {"prior": "HalfNormal(1)", "unit": "m", "why": "waves"}},
    },
}
RULES = {"format": 1, "version": 1}


def key_of(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def roster() -> dict[str, Any]:
    people = {}
    for name in ("ada", "bob", "cy", "dan"):
        raw = key_of(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        people[name] = {"name": name, "kind": "person", "keys": [render_public_key(raw)], "made_up": True}
    return {"format": 1, "version": 1, "people": people}


@dataclass
class Sealer:
    """Seals a small world; keyword arguments replace what goes in."""

    def log(self, components: Mapping[str, Any], approvers: tuple[str, ...]) -> list[Entry]:
        """The signed log of the one request that brought the components in."""
        standing = genesis(roster(), RULES)
        changes = {
            path: {"before": None, "after": digest(value), "text": digest(value)} for path, value in components.items()
        }
        ground = {"roster": standing.digests[ROSTER_PATH], "rules": standing.digests[RULES_PATH], "provenance": None}
        entries = [self.sign([], "ada", "open", patchset=1, changes=changes, **ground)]
        state = fold(entries)
        about = {"patchset": 1, "proposal": state.proposal, "shown": digest("shown")}
        for name in approvers:
            areas = list(areas_of(state.proposed.changes))
            entries.append(self.sign(entries, name, "approve", areas=areas, **about))
        trees = {
            "before": tree_digest(standing.digests),
            "after": tree_digest(merged_digests(standing.digests, state)),
        }
        return [*entries, self.sign(entries, "ada", "merge", previous=None, **trees, **about)]

    def sign(self, entries: list[Entry], signer: str, kind: str, **fields: Any) -> Entry:
        parents = [entries[-1].digest] if entries else []
        place = {"format": 1, "kind": kind, "request": 1, "parents": parents, "time": TIME}
        return sign_operation(OPERATION.validate_python(place | fields), key_of(signer))

    def parts(self, approvers: tuple[str, ...] = ("bob", "cy", "dan")) -> dict[str, Any]:
        """What `dump_bundle` takes."""
        log = [json.loads(entry.data) for entry in self.log(COMPONENTS, approvers)]
        return {
            "fingerprint": genesis(roster(), RULES).fingerprint,
            "components": dict(COMPONENTS),
            "governance": {"rosters": [roster()], "rules": [RULES]},
            "requests": [{"number": 1, "log": log}],
            "bits": learned_bits(COMPONENTS),
        }

    def seal(self, **replaced: Any) -> bytes:
        """The bytes of the bundle."""
        return dump_bundle(**(self.parts() | replaced))


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    """Makes bundles."""
    return Sealer()


@pytest.fixture(scope="session")
def bundle(sealer: Sealer) -> bytes:
    """A good bundle."""
    return sealer.seal()
