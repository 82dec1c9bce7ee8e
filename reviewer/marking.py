"""The hunks of a request with what people made of them, for listings."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reviewer.computing import hunks_between
from reviewer.history import History, context_of
from reviewer.log import Request
from reviewer.pointing import short
from worldmodel.governance.facts import Review
from worldmodel.governance.heard import understood
from worldmodel.governance.hunks import Hunk
from worldmodel.governance.roster import Roster

ABSENT = "—"


def hunk_rows(
    before: Mapping[str, bytes], history: History, request: Request, viewer: str | None = None
) -> list[dict[str, Any]]:
    """Each hunk with its values before and after, the people who understand it, and whether the viewer does."""
    review = review_of(history, request)
    marked = {person: understood(words, review.counts) for person, words in sorted(review.words.items())}
    stated = {digest for hunks in request.state.proposed.hunks.values() for digest in hunks.values()}
    rows = []
    for hunk in hunks_between(before, request.changes()):
        if hunk.digest in stated:
            people = [person for person, hunks in marked.items() if hunk.digest in hunks]
            rows.append(_row(hunk) | {"understood_by": people, "yours": viewer in people if viewer else None})
    return rows


def _row(hunk: Hunk) -> dict[str, Any]:
    names = {"id": short(hunk.digest), "digest": hunk.digest, "path": hunk.path, "key": hunk.key}
    return names | {"before": _text(hunk.before), "after": _text(hunk.after)}


def review_of(history: History, request: Request) -> Review:
    """A request as the gate sees it, without any check having been run."""
    return Review(request.state, replace(history.standing.ground, context=context_of(history, request)))


def hunk_text(row: Mapping[str, Any], roster: Roster) -> str:
    """One hunk for the terminal."""
    mark = {None: "", True: "  [you understand it]", False: "  [not marked by you]"}[row["yours"]]
    people = ", ".join(map(roster.label, row["understood_by"]))
    return (
        f"{row['id']}  {row['path']}: {row['key']}{mark}\n"
        f"  before  {row['before'] or ABSENT}\n  after   {row['after'] or ABSENT}"
        + (f"\n  understood by {people}" if people else "")
    )


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
