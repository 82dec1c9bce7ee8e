"""From a line of the approved world back to the merge that brought it, the request, and the signed approvals of people.

The history is replayed first, so every signature named here was verified, and every merge went through the gate.
"""

from dataclasses import dataclass
from typing import Any

from pygit2.enums import BlameFlag

from reviewer.history import History, MergedRequest
from reviewer.repository import Repository
from worldmodel.errors import InputError, Problem
from worldmodel.governance.fold import approved_areas
from worldmodel.governance.gate import excluded, votes_by_person
from worldmodel.governance.operations import area_of
from worldmodel.governance.sshsig import fingerprint


@dataclass(frozen=True)
class Origin:
    """A run of lines (counted from 1) and the merge that brought it; None for what the world began with."""

    first: int
    last: int
    merged: MergedRequest | None


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
    return [
        Origin(
            line or hunk.final_start_line_number,
            line or hunk.final_start_line_number + hunk.lines_in_hunk - 1,
            merges.get(hunk.final_commit_id),
        )
        for hunk in hunks
    ]


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
        "approvals": _approvals(path, origin.merged),
    }


def _approvals(path: str, merged: MergedRequest) -> list[dict[str, str]]:
    state, roster = merged.request.state, merged.roster
    times = {logged.entry.digest: logged.entry.operation.time for logged in merged.request.entries}
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
                "time": times[cast.entry],
                "entry": cast.entry,
                "signature": "verified",
            }
        )
    return found
