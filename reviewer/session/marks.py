"""Marks on hunks: what a reviewer said of them already, what is drafted, and the drafts that say it.

All that is understood goes into one draft, so that a person signs once for many hunks; each question and each objection
is a draft of its own with its words.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

from reviewer.drafts import Draft, Kept, drop_draft, new_draft
from reviewer.history import context_of
from reviewer.log import Request
from reviewer.session.scene import Scene, keep_draft
from worldmodel.governance.facts import Review
from worldmodel.governance.operations import Mark, MarkState

Wanted = MarkState | None


@dataclass(frozen=True)
class Marked:
    """What stands on one hunk for this reviewer, with its words; `signed` where it is no draft any more."""

    state: MarkState
    text: str = ""
    signed: bool = False


def review_of(scene: Scene, request: Request) -> Review:
    """The request with everything that was said, sorted by person, in the context that it has now."""
    ground = scene.history.standing.ground
    return Review(request.state, type(ground)(ground.roster, ground.rules, ground.current, _context(scene, request)))


def marks_of(scene: Scene, request: Request) -> dict[str, Marked]:
    """The marks of this reviewer by the digests of hunks: what is signed, and over it what is drafted."""
    review = review_of(scene, request)
    texts = {logged.entry.digest: logged.attachments.get("text", b"") for logged in request.entries}
    found: dict[str, Marked] = {}
    for one in review.words.get(scene.memory.viewer, ()):
        if isinstance(one.operation, Mark) and review.counts(one.operation):
            text = texts.get(one.entry, b"").decode("utf-8", "replace")
            found |= dict.fromkeys(one.operation.hunks, Marked(one.operation.state, text, signed=True))
    for kept in drafted(scene, request):
        state = cast(MarkState, kept.draft.state)
        found |= dict.fromkeys(kept.draft.hunks, Marked(state, kept.draft.text))
    return found


def drafted(scene: Scene, request: Request) -> list[Kept]:
    """The drafts of marks on what is proposed now."""
    state = request.state
    return [
        kept
        for kept in scene.drafts
        if (kept.draft.kind, kept.draft.request, kept.draft.proposal) == ("mark", state.number, state.proposal)
    ]


def draft_marks(scene: Scene, request: Request, hunks: Collection[str], state: Wanted, text: str) -> None:
    """Drafts a mark on these hunks, in place of whatever was drafted on them; None only takes the drafts away."""
    old = drafted(scene, request)
    signed = {hunk for hunk, mark in marks_of(scene, request).items() if mark.signed and mark.state == "understood"}
    understood = {hunk for kept in old if kept.draft.state == "understood" for hunk in kept.draft.hunks} - set(hunks)
    wanted = [kept.draft for kept in old if kept.draft.state != "understood" and not set(kept.draft.hunks) & set(hunks)]
    if state == "understood":
        understood |= set(hunks) - signed
    elif state is not None:
        wanted += [_draft(scene, request, state, [hunk], text) for hunk in sorted(set(hunks))]
    if understood:
        wanted.append(_draft(scene, request, "understood", sorted(understood), ""))
    # What is new is on disk before anything old goes, so that a crash between loses nothing.
    kept_files = {keep_draft(scene, draft) for draft in wanted}
    for kept in old:
        if kept.file not in kept_files:
            drop_draft(kept)


def _draft(scene: Scene, request: Request, state: MarkState, hunks: list[str], text: str) -> Draft:
    kind: Literal["mark"] = "mark"
    return new_draft(request, kind, text, hunks=hunks, state=state, context=_context(scene, request))


def _context(scene: Scene, request: Request) -> str | None:
    return None if request.state.end is not None else context_of(scene.history, request)
