"""Drafts: what a reviewer decided to say and has not signed yet, kept in files that survive a crash.

Notebooks and `glassworld mr approve` write them; only `glassworld sign`, a separate process, turns one into a signed
operation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from reviewer import clock
from reviewer.diff import render_diff, shown_digest
from reviewer.durable import remove_durably, write_durably
from reviewer.history import History, context_of
from reviewer.log import Request
from reviewer.repository import Repository
from reviewer.requests import attachments_digests
from worldmodel.canonical import digest_bytes
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.operations import (
    OPERATION,
    Area,
    Digest,
    MarkState,
    Name,
    Number,
    Operation,
    Path,
    areas_of,
)
from worldmodel.governance.shape import Strict, parse_json, validate

Kind = Literal["approve", "object", "withdraw", "comment", "abandon", "mark", "answer", "attention", "bypass"]


class Draft(Strict):
    """One thing to say about one exact proposal, in the context that it had when the draft was written.

    Fields that belong to other kinds stay at their default.
    """

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
    context: Digest | None = None
    reply_to: Digest | None = None
    resolved: bool | None = None
    hunks: list[Digest] = []
    state: MarkState | None = None
    question: Digest | None = None
    answer: Digest | None = None
    right: bool | None = None
    who: Name | None = None
    act: Literal["add", "remove"] | None = None
    requirements: list[Name] = []

    def own(self) -> dict[str, Any]:
        """The fields of its own that an operation of this kind has."""
        return {name: getattr(self, name) for name in FIELDS[self.kind]}

    def attachments(self) -> dict[str, bytes]:
        """The free text, which the operation binds by digest."""
        return {"text": self.text.encode("utf-8")} if self.text else {}


@dataclass(frozen=True)
class Kept:
    """A draft and the file it lies in."""

    draft: Draft
    file: FilePath


FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "approve": ("areas",),
    "object": (),
    "withdraw": (),
    "comment": ("path", "line", "reply_to", "resolved"),
    "abandon": (),
    "mark": ("hunks", "state"),
    "answer": ("question", "answer", "right"),
    "attention": ("who", "act"),
    "bypass": ("requirements",),
}
"""What each kind of operation says besides its text."""


def new_draft(request: Request, kind: Kind, text: str = "", areas: tuple[Area, ...] = (), **fields: object) -> Draft:
    """A draft about the current patchset; an approval without areas is for all areas that the change touches.

    `fields` are those of `FIELDS` for the kind, and `context` (`reviewer.history.context_of`), where it is known.
    """
    state = request.state
    chosen = list(areas or areas_of(state.proposed.changes)) if kind == "approve" else []
    said = {
        "patchset": state.proposed.patchset,
        "proposal": state.proposal,
        "tip": state.tip,
        "areas": chosen,
        "text": text,
    }
    return validate(Draft, {"kind": kind, "request": state.number, **said, **fields}, "draft")


def save_draft(repository: Repository, draft: Draft, folder: FilePath | None = None) -> FilePath:
    """Keeps a draft on disk, where signing finds it or in a folder of its own; the same draft twice is one draft."""
    data = (json.dumps(draft.model_dump(mode="json"), indent=2, sort_keys=True) + "\n").encode("utf-8")
    name = f"{draft.request:06d}-{draft.kind}-{digest_bytes(data)[7:19]}.json"
    path = (folder or drafts_folder(repository)) / name
    write_durably(path, data)
    return path


def load_drafts(repository: Repository, folder: FilePath | None = None) -> list[Kept]:
    """All drafts, in the order of their requests; marks first, so that a vote is signed after what it rests on."""
    files = sorted((folder or drafts_folder(repository)).glob("[!.]*.json"))
    kept = [Kept(validate(Draft, parse_json(file.read_bytes(), file.name), file.name), file) for file in files]
    return sorted(kept, key=lambda one: (one.draft.request, one.draft.kind not in ("mark", "answer")))


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
        and all(getattr(entry.operation, name) == value for name, value in draft.own().items())
        for entry in later
    )


def to_operation(draft: Draft, history: History, request: Request) -> Operation:
    """The operation that signing the draft now would append; raises RefusedError if the proposal is another by now."""
    context = context_of(history, request)
    if draft.proposal != request.state.proposal:
        current = request.state.proposed.patchset
        raise _stale(draft, f"a draft about patchset {draft.patchset}; patchset {current} is current")
    if draft.context not in (None, context):
        raise _stale(draft, "a draft from before the approved world around this change moved")
    said = {
        "request": draft.request,
        "parents": [request.state.tip],
        "time": clock.now(),
        "attachments": attachments_digests(draft.attachments()),
        "patchset": request.state.proposed.patchset,
        "proposal": draft.proposal,
        "shown": shown_digest(render_diff(history.files, request.changes())),
        "context": context,
    }
    return validate(OPERATION, {"format": 1, "kind": draft.kind, **said, **draft.own()}, "draft")


def _stale(draft: Draft, found: str) -> RefusedError:
    return RefusedError(
        Problem(
            code="stale-draft",
            where=f"merge request {draft.request}",
            found=found,
            wanted="a draft about what is proposed now",
            mend=f"look at `glassworld mr diff {draft.request}` again and write a new draft; "
            "`glassworld sign --discard` drops the old one",
        )
    )


def drafts_folder(repository: Repository) -> FilePath:
    """Where the drafts lie that `glassworld sign` signs."""
    return repository.git_directory / "glassworld" / "drafts"
