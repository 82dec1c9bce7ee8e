"""What changed, as a reviewer reads it: key by key for the parsed components, then line by line for the text.

The rendered text is what a vote binds (by digest), so rendering is a pure function of the files before and after.
"""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worldmodel.canonical import digest_bytes
from worldmodel.commands.output import printable
from worldmodel.errors import GlassworldError
from worldmodel.files import parse_toml

ABSENT = "—"


@dataclass(frozen=True)
class KeyChange:
    """One key of a component, before and after; None where the key is absent."""

    path: str
    key: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        before, after = (ABSENT if value is None else value for value in (self.before, self.after))
        return f"{self.key}: {before} → {after}"


def render_diff(before: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> str:
    """The whole difference as text, one section per component."""
    return "\n".join(_section(path, before.get(path), changes[path]) for path in sorted(changes))


def shown_digest(text: str) -> str:
    """The digest of what a reviewer was shown."""
    return digest_bytes(text.encode("utf-8"))


def key_changes(path: str, before: bytes | None, after: bytes | None) -> list[KeyChange]:
    """The keys that differ, in the order of the alphabet; empty where only formatting or comments differ."""
    old, new = (dict(_flatten(_values(path, data))) for data in (before, after))
    return [
        KeyChange(path, key, old.get(key), new.get(key))
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]


def text_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    """A unified diff of the text, with deceptive characters shown as escapes."""
    old, new = ((data or b"").decode("utf-8", "backslashreplace").splitlines() for data in (before, after))
    names = (f"a/{path}" if before is not None else "/dev/null", f"b/{path}" if after is not None else "/dev/null")
    return "\n".join(printable(line) for line in difflib.unified_diff(old, new, *names, lineterm=""))


def _section(path: str, before: bytes | None, after: bytes | None) -> str:
    word = "new" if before is None else "removed" if after is None else "changed"
    keys = [f"  {printable(str(change))}" for change in key_changes(path, before, after)] if word == "changed" else []
    if word == "changed" and not keys:
        keys = ["  the meaning is the same; only comments or formatting differ"]
    return "\n".join([f"== {path} ({word})", *keys, text_diff(path, before, after), ""])


def _values(path: str, data: bytes | None) -> dict[str, Any]:
    if data is None:
        return {}
    try:
        return parse_toml(path, data)
    except GlassworldError:
        return {}


def _flatten(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The leaves of nested tables, each with its dotted key."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flatten(inner, f"{prefix}.{key}" if prefix else str(key))
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        for place, inner in enumerate(value):
            yield from _flatten(inner, f"{prefix}[{place}]")
    else:
        yield prefix, repr(value) if isinstance(value, str) else str(value)
