"""A change as a reviewer reads it: component by component, its hunks by key, and its lines with their numbers."""

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from worldmodel.errors import GlassworldError
from worldmodel.files import parse_toml
from worldmodel.governance.hunks import Hunk, hunks_of

CONTEXT = 3
Sign = Literal[" ", "+", "-", "…"]


@dataclass(frozen=True)
class Line:
    """One line of a component with its numbers before and after, counted from 1; `…` stands for lines left out."""

    sign: Sign
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True)
class Component:
    """One changed component: what became of it, the hunks to be marked, and the lines that changed."""

    path: str
    word: Literal["new", "removed", "changed"]
    hunks: tuple[Hunk, ...]
    lines: tuple[Line, ...]


def read_change(before: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> tuple[Component, ...]:
    """All changed components, by path."""
    return tuple(_component(path, before.get(path), changes[path]) for path in sorted(changes))


def spelled(value: Any) -> str:
    """One side of a hunk as text: a string as it stands, anything else as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Piece:
    """One value inside a hunk that differs; None on the side where it is absent."""

    name: str
    before: str | None
    after: str | None


def pieces(hunk: Hunk) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """The values of a hunk that differ, and the names of those that do not; a plain value is one piece by itself."""
    before, after = hunk.before, hunk.after
    if not isinstance(before if before is not None else after, dict) or not isinstance(after or {}, dict):
        return (Piece("", _side(before), _side(after)),), ()
    old, new = before or {}, after or {}
    names = [*new, *(name for name in old if name not in new)]
    differing = tuple(
        Piece(name, _side(old.get(name)), _side(new.get(name))) for name in names if old.get(name) != new.get(name)
    )
    return differing, tuple(name for name in names if name in old and name in new and old[name] == new[name])


def _side(value: Any) -> str | None:
    return None if value is None else spelled(value)


def _component(path: str, before: bytes | None, after: bytes | None) -> Component:
    word: Literal["new", "removed", "changed"] = "new" if before is None else "removed" if after is None else "changed"
    return Component(
        path, word, hunks_of(path, _values(path, before), _values(path, after)), tuple(_lines(before, after))
    )


def _values(path: str, data: bytes | None) -> dict[str, Any] | None:
    """The parsed component; what cannot be read has no hunks of its own, and its lines are shown all the same."""
    if data is None:
        return None
    try:
        return parse_toml(path, data)
    except GlassworldError:
        return None


def _lines(before: bytes | None, after: bytes | None) -> Iterator[Line]:
    old, new = _split(before), _split(after)
    for place, group in enumerate(difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(CONTEXT)):
        if place:
            yield Line("…", None, None, "")
        for code in group:
            yield from _told(code, old, new)


def _told(code: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[Line]:
    word, from_old, to_old, from_new, to_new = code
    if word == "equal":
        for shift in range(to_old - from_old):
            yield Line(" ", from_old + shift + 1, from_new + shift + 1, old[from_old + shift])
        return
    for place in range(from_old, to_old):
        yield Line("-", place + 1, None, old[place])
    for place in range(from_new, to_new):
        yield Line("+", None, place + 1, new[place])


def _split(data: bytes | None) -> list[str]:
    return (data or b"").decode("utf-8", "backslashreplace").splitlines()
