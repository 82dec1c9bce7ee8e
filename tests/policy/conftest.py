"""Small worlds sealed into real bundles: three made-up people approve, one proposes and merges."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from benchmarks.linear_quadratic import world_components
from policy.configuration import Configuration
from worldmodel.bundle.bits import learned_bits
from worldmodel.bundle.layout import dump_bundle
from worldmodel.canonical import digest, tree_digest
from worldmodel.files import parse_toml, read_folder
from worldmodel.governance.fold import fold
from worldmodel.governance.operations import OPERATION, areas_of
from worldmodel.governance.replay import Standing, genesis, merged_digests
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.shape import parse_json
from worldmodel.governance.sshsig import render_public_key
from worldmodel.governance.statement import Entry, sign_operation

Components = Mapping[str, dict[str, Any]]
PEOPLE = ("ada", "bob", "cy", "dan")


def _key(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())


def _person(name: str) -> dict[str, Any]:
    public = _key(name).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"name": name.title(), "kind": "person", "keys": [render_public_key(public)], "made_up": True}


def _log(standing: Standing, components: Components) -> list[Entry]:
    """The signed log of one request that adds every component: opened, approved by three, merged."""
    entries: list[Entry] = []

    def say(kind: str, signer: str, **fields: Any) -> None:
        place = {"request": 1, "parents": [entries[-1].digest] if entries else [], "time": "2026-01-01T00:00:00Z"}
        operation = OPERATION.validate_python({"format": 1, "kind": kind, **place, **fields})
        entries.append(sign_operation(operation, _key(signer)))

    changes = {
        path: {"before": None, "after": digest(value), "text": digest(value)} for path, value in components.items()
    }
    chain = {"roster": standing.digests[ROSTER_PATH], "rules": standing.digests[RULES_PATH]}
    say("open", "ada", patchset=1, changes=changes, provenance=None, **chain)
    state = fold(entries)
    vote = {"patchset": 1, "proposal": state.proposal, "shown": digest("what was shown")}
    for signer in ("bob", "cy", "dan"):
        say("approve", signer, areas=list(areas_of(state.proposed.changes)), **vote)
    before, after = tree_digest(standing.digests), tree_digest(merged_digests(standing.digests, fold(entries)))
    say("merge", "ada", previous=standing.last_merge, before=before, after=after, **vote)
    return entries


def seal(components: Components) -> bytes:
    """A bundle of these components that passes verification."""
    roster = {"format": 1, "version": 1, "people": {name: _person(name) for name in PEOPLE}}
    rules: dict[str, Any] = {"format": 1, "version": 1, "areas": {}}
    standing = genesis(roster, rules)
    log = [parse_json(entry.data, "log") for entry in _log(standing, components)]
    governance = {"rosters": [roster], "rules": [rules]}
    requests = [{"number": 1, "log": log}]
    return dump_bundle(standing.fingerprint, components, governance, requests, learned_bits(components))


@pytest.fixture(name="seal", scope="session")
def seal_fixture() -> Callable[[Components], bytes]:
    """Makes bundles."""
    return seal


@pytest.fixture(scope="session")
def components() -> Components:
    """A linear-quadratic world with a floor, three states and one action, as parsed components."""
    return world_components(states=3, actions=1, horizon=8, floor=0.8)


@pytest.fixture(scope="session")
def bundle(components: Components) -> bytes:
    """That world, sealed."""
    return seal(components)


@pytest.fixture(scope="session")
def us_macro(repository: Path) -> Components:
    """The template us-macro, from its priors."""
    files = read_folder(repository / "worldmodel" / "templates" / "us_macro")
    return {path: parse_toml(path, data) for path, data in files.items() if not path.startswith("governance/")}


@pytest.fixture(scope="session")
def quick() -> Configuration:
    """A training run of seconds."""
    return Configuration(
        iterations=3, affine_iterations=2, draws=4, batch=2, pool=8, checkpoints=1, validation_draws=16, hidden=(4,)
    )
