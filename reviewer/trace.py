"""From a line of the approved world back to the merge that brought it, the request, and the signed approvals of people.

The history is replayed first, so every signature named here was verified, and every merge went through the gate.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pygit2
from pygit2.enums import BlameFlag

from reviewer.history import History, MergedRequest
from reviewer.repository import Repository
from worldmodel.errors import GlassworldError, InputError, Problem
from worldmodel.files import parse_toml
from worldmodel.governance.fold import RequestState, about_this, approved_areas
from worldmodel.governance.gate import excluded
from worldmodel.governance.heard import understood, votes_by_person, words_by_person
from worldmodel.governance.hunks import hunks_of
from worldmodel.governance.operations import area_of
from worldmodel.governance.roster import Roster
from worldmodel.governance.sshsig import fingerprint

MOST_LINES = 500
"""The most lines of one value that are read to find where it begins or ends."""


@dataclass(frozen=True)
class Origin:
    """A run of lines (counted from 1) and the merge that brought it; None for what the world began with.

    `keys` are those of the component to which the lines belong.
    """

    first: int
    last: int
    merged: MergedRequest | None
    keys: frozenset[str] = frozenset()


def trace_file(repository: Repository, history: History, path: str, line: int | None) -> list[Origin]:
    """Where the lines of an approved file come from; all of them, or the one that is asked for."""
    data = history.files.get(path)
    if data is None or (line is not None and line > len(data.splitlines())):
        raise InputError(
            Problem(
                code="nothing-to-trace",
                where=path if line is None else f"{path}:{line}",
                found="no such line in the approved world" if data is not None else "no such approved component",
                wanted=f"one of {len(data.splitlines())} lines" if data is not None else "a component that was merged",
                mend="`glassworld mr list` shows what still waits for approval",
            )
        )
    merges = {merged.commit: merged for merged in history.merged}
    blame = repository.git.blame(path, flags=BlameFlag.FIRST_PARENT, newest_commit=history.tip)
    hunks = [blame.for_line(line)] if line is not None else list(blame)
    runs = [(line or hunk.final_start_line_number, hunk) for hunk in hunks]
    return [_origin(path, data, first, line or first + hunk.lines_in_hunk - 1, merges, hunk) for first, hunk in runs]


def _origin(
    path: str, data: bytes, first: int, last: int, merges: Mapping[pygit2.Oid, MergedRequest], hunk: pygit2.BlameHunk
) -> Origin:
    return Origin(first, last, merges.get(hunk.final_commit_id), keys_of_lines(path, data, first, last))


def describe(path: str, origin: Origin) -> dict[str, Any]:
    """One origin as a JSON value: the request, its author, and each counted approval with key, time and entry."""
    place: dict[str, Any] = {"first": origin.first, "last": origin.last}
    if origin.merged is None:
        return place | {"request": None, "from": "the first roster and rules, by their fingerprint", "approvals": []}
    state, roster = origin.merged.request.state, origin.merged.roster
    proposed = state.proposed
    return place | {
        "request": state.number,
        "title": origin.merged.request.title,
        "commit": str(origin.merged.commit),
        "author": roster.label(roster.owner(state.authors[-1])),
        "provenance": None if proposed.provenance is None else proposed.provenance.model_dump(),
        "proposal": state.proposal,
        "digest": proposed.changes[path].after if path in proposed.changes else None,
        "approvals": approvals(path, state, roster),
        "understood": understanding(path, origin.keys, state, roster),
    }


def approvals(path: str, state: RequestState, roster: Roster) -> list[dict[str, str]]:
    """Each counted approval of a merged component: person, key, time and entry."""
    found = []
    for person, votes in sorted(votes_by_person(state, roster).items()):
        if person in excluded(state, roster) or area_of(path) not in approved_areas(votes, state):
            continue
        cast = votes[-1]
        found.append(
            {
                "person": person,
                "label": roster.label(person),
                "key": fingerprint(cast.key),
                "time": cast.operation.time,
                "entry": cast.entry,
                "signature": "verified",
            }
        )
    return found


def understanding(path: str, keys: Collection[str], state: RequestState, roster: Roster) -> list[dict[str, Any]]:
    """Who marked the hunks of these keys as understood; of all hunks of the component where none has such a key."""
    hunks = state.proposed.hunks.get(path, {})
    wanted = {key: hunks[key] for key in sorted(keys) if key in hunks} or hunks
    marked = {
        person: understood(words, lambda said: about_this(said, state))
        for person, words in sorted(words_by_person(state, roster).items())
    }
    return [
        {"hunk": key, "digest": digest, "by": [roster.label(who) for who, known in marked.items() if digest in known]}
        for key, digest in sorted(wanted.items())
    ]


def keys_of_lines(path: str, data: bytes, first: int, last: int) -> frozenset[str]:
    """The keys of a component to which a run of lines (counted from 1) belongs, as the parser of the file says.

    What the file says up to the last line is compared with what it says before the first one, so that no text inside a
    value can pose as a key.
    """
    lines = data.splitlines(keepends=True)
    before = _longest(path, lines, range(first - 1, -1, -1))
    after = _longest(path, lines, range(last, len(lines) + 1))
    return frozenset(hunk.key for hunk in hunks_of(path, before, after))


def _longest(path: str, lines: Sequence[bytes], ends: Iterable[int]) -> Mapping[str, Any]:
    for end in islice(ends, MOST_LINES):
        with suppress(GlassworldError):
            return parse_toml(path, b"".join(lines[:end]))
    return {}
