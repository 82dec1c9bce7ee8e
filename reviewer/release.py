"""Seals the approved world into a bundle, and verifies the bundle before anyone gets it."""

from collections.abc import Mapping
from typing import Any

from reviewer.history import GOVERNANCE, History
from worldmodel.bundle.bits import learned_bits
from worldmodel.bundle.layout import dump_bundle
from worldmodel.bundle.verify import Bundle, verify_bundle
from worldmodel.errors import Problem, RefusedError
from worldmodel.files import parse_toml
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.shape import parse_json


def seal(history: History) -> tuple[bytes, Bundle]:
    """The bundle of a verified history, and what verifying it found."""
    components = {path: parse_toml(path, data) for path, data in history.files.items() if path not in GOVERNANCE}
    if not components:
        raise RefusedError(
            Problem(
                code="nothing-approved",
                where="branch approved",
                found="no approved component",
                wanted="a world whose components were merged",
                mend="propose the files with `glassworld mr open`, have them approved, and merge",
            )
        )
    data = dump_bundle(
        history.standing.fingerprint,
        components,
        {"rosters": _versions(history, ROSTER_PATH), "rules": _versions(history, RULES_PATH)},
        [_sealed(merged.request.state.number, merged) for merged in history.merged],
        learned_bits(components),
    )
    return data, verify_bundle(data, history.standing.fingerprint)


def _versions(history: History, path: str) -> list[Mapping[str, Any]]:
    """Every version of a governance file, oldest first."""
    digests: list[str] = []
    for merged in reversed(history.merged):
        change = merged.request.state.proposed.changes.get(path)
        if change is not None and change.before is not None and change.before != change.after:
            digests.insert(0, change.before)
    return [history.versions[found] for found in (*digests, history.standing.digests[path])]


def _sealed(number: int, merged: Any) -> dict[str, Any]:
    log = [parse_json(logged.entry.data, "log") for logged in merged.request.entries]
    return {"number": number, "log": log}
