"""Applies the changes of a request piece by piece to a world that lacks some of the requests before it.

A hunk is applied only where it finds what it changed, as a patch would be: a change that builds upon another one does
nothing without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worldmodel.canonical import canonical_json
from worldmodel.governance.hunks import pieces_of

Component = Mapping[str, Any]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Piece:
    """One piece of a component before and after a request; None where it is not there."""

    path: str
    place: Place
    before: Any
    after: Any


def pieces_between(before: Mapping[str, Component], after: Mapping[str, Component]) -> tuple[Piece, ...]:
    """Every piece that differs between two worlds' parsed components."""
    old, new = _pieces(before), _pieces(after)
    return tuple(
        Piece(*where, old.get(where), new.get(where))
        for where in sorted(old.keys() | new.keys(), key=repr)
        if not _same(old.get(where), new.get(where))
    )


def apply(components: Mapping[str, Component], pieces: tuple[Piece, ...]) -> dict[str, Any]:
    """The components once each piece that fits is changed; a component without any piece left is gone."""
    found = _pieces(components)
    for piece in pieces:
        where = (piece.path, piece.place)
        if not _same(found.get(where), piece.before):
            continue
        if piece.after is None:
            found.pop(where, None)
        else:
            found[where] = piece.after
    return _components(found)


def _pieces(components: Mapping[str, Component]) -> dict[tuple[str, Place], Any]:
    return {(path, place): value for path, component in components.items() for _, place, value in pieces_of(component)}


def _components(pieces: Mapping[tuple[str, Place], Any]) -> dict[str, Any]:
    components: dict[str, dict[str, Any]] = {}
    for (path, place), value in sorted(pieces.items(), key=lambda one: (one[0][0], _rank(one[0][1]))):
        component, name = components.setdefault(path, {}), str(place[0])
        if len(place) == 1:
            component[name] = value
        elif isinstance(place[1], int):
            _into(component, name, []).append(value)
        else:
            _into(component, name, {})[place[1]] = value
    return components


def _into(component: dict[str, Any], name: str, empty: Any) -> Any:
    """The table or list of that name; one of the other sort is replaced, since a file can hold only one."""
    if type(component.get(name)) is not type(empty):
        component[name] = empty
    return component[name]


def _rank(place: Place) -> tuple[str, int, str]:
    inner = place[1] if len(place) > 1 else ""
    return (str(place[0]), inner, "") if isinstance(inner, int) else (str(place[0]), -1, inner)


def _same(one: Any, other: Any) -> bool:
    return canonical_json(one) == canonical_json(other)
