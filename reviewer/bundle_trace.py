"""From every number of a bundle back to the signed statements and people behind it, from the bundle alone.

The bundle is verified first: every request is replayed through the gate. Which request last changed a component follows
from the digests that its merge binds. Which of them brought a piece of it (a hunk) is what the request states under its
author's signature; `proved` says where the hunk's digest was computed again from the bundle.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewer.trace import approvals, understanding
from worldmodel.bundle.verify import Bundle
from worldmodel.errors import InputError, Problem
from worldmodel.governance.fold import RequestState
from worldmodel.governance.hunks import hunks_of, pieces_of
from worldmodel.governance.sshsig import fingerprint


@dataclass(frozen=True)
class Leaf:
    """One value of a component that is no table: its JSON pointer from the bundle's root, and the piece it is in."""

    path: str
    pointer: str
    value: Any
    piece: str


def trace_bundle(bundle: Bundle, pointer: str = "") -> list[dict[str, Any]]:
    """Every leaf under a JSON pointer, each with the request, author, assistant and people behind it.

    Raises InputError where the pointer leads to no value of a component.
    """
    found = [
        _described(bundle, leaf)
        for path, component in sorted(bundle.components.items())
        for leaf in leaves(path, component)
        if f"{leaf.pointer}/".startswith(f"{pointer}/")
    ]
    if not found:
        raise InputError(_nothing(pointer))
    return found


def leaves(path: str, component: Mapping[str, Any]) -> Iterator[Leaf]:
    """The leaves of one component, piece by piece."""
    for key, place, piece in pieces_of(component):
        for inside, value in _values(piece):
            steps = ("components", path, *place, *inside)
            yield Leaf(path, "".join(f"/{_escaped(str(step))}" for step in steps), value, key)


def _values(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    empty = True
    for key, part in inner:
        empty = False
        yield from (((key, *rest), leaf) for rest, leaf in _values(part))
    if empty:
        yield (), value


def _described(bundle: Bundle, leaf: Leaf) -> dict[str, Any]:
    state, earlier = _origin(bundle.standing.merged, leaf)
    roster = bundle.standing.roster.at(state.proposed.roster)
    provenance, upload = state.proposed.provenance, state.uploads[-1]
    return {
        "pointer": leaf.pointer,
        "value": leaf.value,
        "hunk": leaf.piece,
        "proved": _proved(bundle, leaf, state, earlier),
        "request": state.number,
        "author": roster.label(roster.owner(upload.key)),
        "author_key": fingerprint(upload.key),
        "provenance": None if provenance is None else provenance.model_dump(),
        "proposal": state.proposal,
        "merge": None if state.end is None else state.end.digest,
        "approvals": approvals(leaf.path, state, roster),
        "understood": understanding(leaf.path, {leaf.piece}, state, roster),
    }


def _origin(merged: Sequence[RequestState], leaf: Leaf) -> tuple[RequestState, bool]:
    """The last merge that changed this piece, and whether the component was there before it."""
    for state in reversed(merged):
        change = state.proposed.changes.get(leaf.path)
        if change is None or change.before == change.after:
            continue
        stated = state.proposed.hunks.get(leaf.path)
        if change.before is None or not stated or leaf.piece in stated:
            return state, change.before is not None
    raise InputError(_nothing(leaf.pointer))


def _proved(bundle: Bundle, leaf: Leaf, state: RequestState, earlier: bool) -> bool:
    """Whether the piece is, by its digest, what the request made: of a new component, all that was signed is here."""
    stated = state.proposed.hunks.get(leaf.path, {}).get(leaf.piece)
    made = {hunk.key: hunk.digest for hunk in hunks_of(leaf.path, None, bundle.components[leaf.path])}
    return not earlier and stated is not None and stated == made[leaf.piece]


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _nothing(pointer: str) -> Problem:
    return Problem(
        code="nothing-to-trace",
        where=pointer or "bundle",
        found="no value of a component there",
        wanted="a JSON pointer such as /components/mechanisms~1leak.toml/law",
        mend="`glassworld trace BUNDLE.json` without a pointer lists all",
    )
