"""One merge request as the browser shows it: plain JSON, every text with its deceptive characters made visible.

What is sealed is not in the value at all, so that no browser can show it early.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewer.drafts import Kept
from reviewer.history import files_before
from reviewer.log import Logged, Request
from reviewer.merge import judge
from reviewer.naming import who
from reviewer.panes.compare import PANES
from reviewer.panes.pane import PaneId
from reviewer.session.asking import Asked, Interview
from reviewer.session.computed import Computed, visible
from reviewer.session.looks import look_at, may_see, sealed
from reviewer.session.marks import Marked, marks_of, review_of
from reviewer.session.order import shuffled
from reviewer.session.reading import Component, pieces, read_change
from reviewer.session.scene import Scene
from worldmodel.commands.output import one_line, printable
from worldmodel.governance.attention import turns
from worldmodel.governance.fold import approved_areas, objects
from worldmodel.governance.gate import Verdict, excluded, votes_by_person
from worldmodel.governance.hunks import Hunk
from worldmodel.governance.operations import areas_of

SHORT: Mapping[PaneId, str] = {
    "change": "Change",
    "one-step": "One step",
    "paths": "Paths",
    "properties": "Properties",
    "action": "Best action",
    "scores": "Held-out",
    "ablation": "Ablation",
    "credit": "Credit",
    "bits": "Bits",
    "downstream": "Downstream",
    "claims": "Claims",
    "provenance": "Origin",
    "prose": "Rationale",
}
"""What stands on the tabs; the whole title stands over the pane."""


@dataclass(frozen=True)
class Opened:
    """A request with the scene around it and what was computed of it."""

    scene: Scene
    request: Request
    computed: Computed

    @property
    def sealed(self) -> bool:
        """Whether this reviewer has still to predict."""
        return sealed(self.scene, self.request)

    @property
    def debrief(self) -> str | None:
        """What is told of a planted request after the verdict, on one line."""
        text = self.scene.debrief(self.request.state.number)
        return None if text is None else one_line(text)


def status_word(scene: Scene, request: Request) -> str:
    """One word: open, merged, abandoned, or planted once this reviewer was told so."""
    return request.state.status if scene.debrief(request.state.number) is None else "planted"


def opened_value(opened: Opened) -> dict[str, Any]:
    """Everything that the browser shows of the opened request."""
    state, hidden, debrief = opened.request.state, opened.sealed, opened.debrief
    judging = not hidden and debrief is None and opened.computed.checks is not None
    return {
        "number": state.number,
        "title": None if hidden else opened.request.title,
        "status": status_word(opened.scene, opened.request),
        "patchset": state.proposed.patchset,
        "proposal": state.proposal,
        "author": None if hidden else who(opened.scene.history.standing.roster, state.authors[-1]),
        "sealed": hidden,
        "own": opened.scene.memory.viewer in excluded(state, opened.scene.history.standing.roster),
        "areas": list(areas_of(state.proposed.changes)),
        "look": _look(opened),
        "files": _files(opened),
        "panes": _panes(opened),
        "checks": _checks(opened),
        "gate": _gate(opened) if judging else None,
        "debrief": debrief,
        "votes": [] if hidden else list(_votes(opened)),
        "remarks": [] if hidden else [_remark(opened, logged) for logged in _remarks(opened.request)],
        "drafts": [draft_value(kept, opened.request) for kept in _drafts(opened)],
    }


def draft_value(kept: Kept, request: Request | None) -> dict[str, Any]:
    """A draft of this reviewer's, and whether it still speaks of what is proposed now."""
    draft = kept.draft
    return {
        "file": kept.file.name,
        "kind": draft.kind,
        "areas": list(draft.areas),
        "text": printable(draft.text),
        "path": draft.path,
        "line": draft.line,
        "state": draft.state,
        "count": len(draft.hunks),
        "stale": request is None or draft.proposal != request.state.proposal,
    }


def _drafts(opened: Opened) -> list[Kept]:
    number = opened.request.state.number
    return [kept for kept in opened.scene.drafts if kept.draft.request == number]


def _look(opened: Opened) -> dict[str, Any]:
    look, interview = look_at(opened.scene.memory, opened.request), opened.computed.interview
    found = Interview() if interview is None else interview
    return {
        "taken": None if look is None else look.time,
        "words": "" if look is None else printable(look.words),
        "ready": interview is not None,
        "asked": [_asked(one) for one in found.asked],
        "owed": found.owed,
        "right": found.right,
        "problems": [one_line(str(problem)) for problem in found.problems],
    }


def _asked(one: Asked) -> dict[str, Any]:
    question = one.question
    return {
        "digest": question.digest,
        "kind": question.kind,
        "text": printable(question.text),
        "options": [printable(option) for option in question.options],
        "steps": list(question.steps),
        "unit": printable(question.unit),
        "answer": None if one.answer is None else printable(one.answer),
        "judged": None if one.judged is None else {"right": one.judged.right, "why": visible(one.judged.why)},
    }


def _files(opened: Opened) -> list[dict[str, Any]]:
    """The changed components in this reviewer's order, each with its hunks and their marks."""
    scene, request = opened.scene, opened.request
    found = read_change(files_before(scene.repository, scene.history, request), request.changes())
    order = shuffled(f"{scene.memory.seed}/{request.state.number}", request.changes())
    marks = marks_of(scene, request)
    ordered = sorted(found, key=lambda one: order.index(one.path))
    return [_file(component, marks, request.state.hunks) for component in ordered]


def _file(component: Component, marks: Mapping[str, Marked], stated: frozenset[str]) -> dict[str, Any]:
    return {
        "path": component.path,
        "word": component.word,
        "hunks": [_hunk(hunk, marks.get(hunk.digest), stated) for hunk in component.hunks],
        "lines": [
            {"sign": line.sign, "before": line.before, "after": line.after, "text": one_line(line.text)}
            for line in component.lines
        ],
    }


def _hunk(hunk: Hunk, mark: Marked | None, stated: frozenset[str]) -> dict[str, Any]:
    """One hunk; under rules of format 1 a proposal states none, and nothing can be marked."""
    differing, same = pieces(hunk)
    return {
        "key": one_line(hunk.key),
        "digest": hunk.digest,
        "parts": [
            {"name": one_line(piece.name), "before": _printed(piece.before), "after": _printed(piece.after)}
            for piece in differing
        ],
        "same": [one_line(name) for name in same],
        "markable": hunk.digest in stated,
        "mark": None if mark is None else {"state": mark.state, "text": printable(mark.text), "signed": mark.signed},
    }


def _printed(text: str | None) -> str | None:
    return None if text is None else printable(text)


def _panes(opened: Opened) -> list[dict[str, Any]]:
    return [
        {
            "id": pane.id,
            "title": pane.title,
            "short": SHORT[pane.id],
            "sealed": not may_see(opened.scene, opened.request, pane.id),
        }
        for pane in PANES
    ]


def _checks(opened: Opened) -> dict[str, Any]:
    if opened.sealed:
        return {"state": "sealed", "problems": []}
    if opened.request.state.end is not None:
        return {"state": "ended", "problems": []}
    if opened.computed.checks is None:
        return {"state": "running", "problems": []}
    return {"state": "done", "problems": [one_line(str(problem)) for problem in opened.computed.checks]}


def verdict_of(opened: Opened) -> Verdict:
    """The gate's verdict, its reasons addressed to this reviewer."""
    found, viewer = opened.computed.checks or (), opened.scene.memory.viewer
    return judge(opened.scene.history, opened.request, viewer=viewer, found=found)


def _gate(opened: Opened) -> dict[str, Any]:
    verdict, roster = verdict_of(opened), opened.scene.history.standing.roster
    return {
        "open": verdict.open,
        "reasons": [{"code": reason.code, "text": one_line(reason.text)} for reason in verdict.reasons],
        "areas": [
            {
                "area": area.area,
                "quorum": area.quorum,
                "missing": area.missing,
                "approved": [one_line(roster.label(person)) for person in area.approved_by],
                "understood": len(area.understood_by),
                "answered": len(area.answered_by),
            }
            for area in verdict.areas
        ],
        "questions": opened.request.state.questions,
        "bypassed": list(verdict.bypassed),
        "turns": [
            {"who": one_line(roster.label(turn.person)), "reason": one_line(turn.reason)}
            for turn in turns(review_of(opened.scene, opened.request), verdict)
        ],
    }


def _votes(opened: Opened) -> list[dict[str, Any]]:
    state, roster = opened.request.state, opened.scene.history.standing.roster
    counts = review_of(opened.scene, opened.request).counts
    return [
        {
            "person": person,
            "who": one_line(roster.label(person)),
            "vote": "object" if objects(votes) else "approve" if approved_areas(votes, state, counts) else "none",
            "areas": sorted(approved_areas(votes, state, counts)),
        }
        for person, votes in sorted(votes_by_person(state, roster).items())
    ]


def _remarks(request: Request) -> Sequence[Logged]:
    return [logged for logged in request.entries if logged.attachments.get("text")]


def _remark(opened: Opened, logged: Logged) -> dict[str, Any]:
    operation, roster = logged.entry.operation, opened.scene.history.standing.roster
    return {
        "kind": operation.kind,
        "who": one_line(who(roster, logged.entry.key)),
        "time": operation.time,
        "text": printable(logged.attachments["text"].decode("utf-8", "replace")),
        "path": getattr(operation, "path", None),
        "line": getattr(operation, "line", None),
    }
