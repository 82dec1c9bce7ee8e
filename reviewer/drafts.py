"""Drafts: what a reviewer decided to say and has not signed yet, kept in files that survive a crash.

Notebooks and `glassworld mr approve` write them; only `glassworld sign`, a separate process, turns one into a signed
operation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Literal, assert_never

from pydantic import Field, StringConstraints

from reviewer import clock
from reviewer.diff import render_diff, shown_digest
from reviewer.durable import remove_durably, write_durably
from reviewer.history import History
from reviewer.log import Request
from reviewer.repository import Repository
from reviewer.requests import attachments_digests
from worldmodel.canonical import digest_bytes
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.operations import (
    Abandon,
    Approve,
    Area,
    Comment,
    Digest,
    Number,
    Object,
    Operation,
    Path,
    Withdraw,
    areas_of,
)
from worldmodel.governance.shape import Strict, parse_json, validate

Kind = Literal["approve", "object", "withdraw", "comment", "abandon"]


class Draft(Strict):
    """One thing to say about one exact proposal."""

    format: Literal[1] = 1
    kind: Kind
    request: Number
    patchset: Number
    proposal: Digest
    tip: Digest
    areas: list[Area] = []
    text: Annotated[str, StringConstraints(max_length=100_000)] = ""
    path: Path | None = None
    line: Annotated[int, Field(ge=1)] | None = None

    def attachments(self) -> dict[str, bytes]:
        """The free text, which the operation binds by digest."""
        return {"text": self.text.encode("utf-8")} if self.text else {}


@dataclass(frozen=True)
class Kept:
    """A draft and the file it lies in."""

    draft: Draft
    file: FilePath


def new_draft(request: Request, kind: Kind, text: str = "", areas: tuple[Area, ...] = (), **place: object) -> Draft:
    """A draft about the current patchset; an approval without areas is for all areas that the change touches."""
    state = request.state
    chosen = list(areas or areas_of(state.proposed.changes)) if kind == "approve" else []
    fields = {
        "patchset": state.proposed.patchset,
        "proposal": state.proposal,
        "tip": state.tip,
        "areas": chosen,
        "text": text,
    }
    return validate(Draft, {"kind": kind, "request": state.number, **fields, **place}, "draft")


def save_draft(repository: Repository, draft: Draft) -> FilePath:
    """Keeps a draft on disk; the same draft twice is one draft."""
    data = (json.dumps(draft.model_dump(mode="json"), indent=2, sort_keys=True) + "\n").encode("utf-8")
    name = f"{draft.request:06d}-{draft.kind}-{digest_bytes(data)[7:19]}.json"
    path = _folder(repository) / name
    write_durably(path, data)
    return path


def load_drafts(repository: Repository) -> list[Kept]:
    """All drafts, in the order of their requests."""
    files = sorted(_folder(repository).glob("[!.]*.json"))
    return [Kept(validate(Draft, parse_json(file.read_bytes(), file.name), file.name), file) for file in files]


def drop_draft(kept: Kept) -> None:
    """Removes a draft that was signed or given up."""
    remove_durably(kept.file)


def already_signed(draft: Draft, request: Request, key: bytes) -> bool:
    """Whether this key said exactly this since the draft was written: a crash then kept the draft from going."""
    entries = [logged.entry for logged in request.entries]
    places = [place for place, entry in enumerate(entries) if entry.digest == draft.tip]
    later = entries[places[0] + 1 :] if places else []
    bound = attachments_digests(draft.attachments())
    return any(
        entry.key == key
        and entry.operation.kind == draft.kind
        and dict(entry.operation.attachments) == bound
        and getattr(entry.operation, "areas", []) == draft.areas
        for entry in later
    )


def to_operation(draft: Draft, history: History, request: Request) -> Operation:
    """The operation that signing the draft now would append; raises RefusedError if the proposal is another by now."""
    if draft.proposal != request.state.proposal:
        raise RefusedError(
            Problem(
                code="stale-draft",
                where=f"merge request {draft.request}",
                found=f"a draft about patchset {draft.patchset}; patchset {request.state.proposed.patchset} is current",
                wanted="a draft about what is proposed now",
                mend=f"look at `glassworld mr diff {draft.request}` again and write a new draft; "
                "`glassworld sign --discard` drops the old one",
            )
        )
    said = {
        "request": draft.request,
        "parents": [request.state.tip],
        "time": clock.now(),
        "attachments": attachments_digests(draft.attachments()),
        "patchset": draft.patchset,
        "proposal": draft.proposal,
        "shown": shown_digest(render_diff(history.files, request.changes())),
    }
    return _operation(draft, said)


def _operation(draft: Draft, said: Mapping[str, object]) -> Operation:
    match draft.kind:
        case "approve":
            return validate(Approve, {**said, "areas": draft.areas}, "draft")
        case "object":
            return validate(Object, dict(said), "draft")
        case "withdraw":
            return validate(Withdraw, dict(said), "draft")
        case "comment":
            return validate(Comment, {**said, "path": draft.path, "line": draft.line}, "draft")
        case "abandon":
            return validate(Abandon, dict(said), "draft")
        case _:
            assert_never(draft.kind)


def _folder(repository: Repository) -> FilePath:
    return repository.git_directory / "glassworld" / "drafts"
