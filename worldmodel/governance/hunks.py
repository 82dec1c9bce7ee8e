"""The hunks of a change: the pieces that reviewers mark, one for each key of a parsed component that differs.

A hunk is a top-level key of a component (`law`), an entry of a table of tables (`parameters.slope`) or of a list of
tables (`claims[1]`). Equal components have no hunk, and components that differ have one at least, so that all hunks
together are the whole change. A hunk's digest is of its path, its key, and the values before and after.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worldmodel.canonical import canonical_json, digest

PLAIN = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_KEY = 200

Component = Mapping[str, Any]


@dataclass(frozen=True)
class Hunk:
    """One piece of a change: where it is, and what was and will be there; None where the key is absent.

    TOML has no null, so that None is never a value.
    """

    path: str
    key: str
    before: Any
    after: Any

    @property
    def digest(self) -> str:
        """The name by which marks bind this hunk."""
        return digest({"path": self.path, "key": self.key, "before": self.before, "after": self.after})


def hunks_of(path: str, before: Component | None, after: Component | None) -> tuple[Hunk, ...]:
    """The hunks of one component, in the order of their keys; None is a component that is not there."""
    old, new = ({key: value for key, _, value in pieces_of(component or {})} for component in (before, after))
    return tuple(
        Hunk(path, key, old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if not _same(old.get(key), new.get(key))
    )


def pieces_of(component: Component) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    """The pieces of a component: the key of the hunk that each would be, where it is, and what it says."""
    for name, value in component.items():
        key = _spelled(name)
        if isinstance(value, Mapping) and value and all(isinstance(inner, Mapping) for inner in value.values()):
            yield from ((_fitting(f"{key}.{_spelled(inner)}"), (name, inner), piece) for inner, piece in value.items())
        elif isinstance(value, list) and value and all(isinstance(inner, Mapping) for inner in value):
            yield from ((_fitting(f"{key}[{place}]"), (name, place), piece) for place, piece in enumerate(value))
        else:
            yield _fitting(key), (name,), value


def hunk_digests(before: Mapping[str, Component], changes: Mapping[str, Component | None]) -> dict[str, dict[str, str]]:
    """For each changed path, the digest of each hunk by its key; paths without a hunk are left out."""
    found = {
        path: {hunk.key: hunk.digest for hunk in hunks_of(path, before.get(path), after)}
        for path, after in changes.items()
    }
    return {path: hunks for path, hunks in sorted(found.items()) if hunks}


def _same(before: Any, after: Any) -> bool:
    """Whether two values have the same canonical bytes (1 and 1.0 have, 1 and True have not)."""
    return canonical_json(before) == canonical_json(after)


def _spelled(name: str) -> str:
    """A key as TOML would write it: bare, or quoted with everything but plain ASCII as escapes."""
    return name if PLAIN.fullmatch(name) else json.dumps(name)


def _fitting(key: str) -> str:
    """A key of bearable length; the digest at the end of a cut one keeps two long keys apart."""
    return key if len(key) <= LONGEST_KEY else f"{key[: LONGEST_KEY - 65]}~{digest(key)[7:]}"
