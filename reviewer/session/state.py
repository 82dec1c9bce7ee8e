"""One JSON value of everything that the browser shows: a pure function of what was read and what was computed of it.

So the whole application can be tested without a browser, and a browser holds nothing that is not in this value.
"""

import shlex
from typing import Any

from reviewer.log import Request
from reviewer.naming import made_up_note, who
from reviewer.session.computed import Computed
from reviewer.session.looks import look_at, sealed
from reviewer.session.opened import Opened, draft_value, opened_value, status_word, verdict_of
from reviewer.session.order import shuffled
from reviewer.session.scene import Scene
from worldmodel.commands.output import one_line, printable
from worldmodel.governance.gate import excluded
from worldmodel.governance.operations import areas_of

FORMAT = 1


def view(scene: Scene, computed: Computed, epoch: str) -> dict[str, Any]:
    """What the browser shows now."""
    roster, viewer = scene.history.standing.roster, scene.memory.viewer
    number = scene.memory.opened
    request = None if number is None else scene.requests.get(number)
    opened = None if request is None else Opened(scene, request, computed)
    return {
        "format": FORMAT,
        "epoch": epoch,
        "viewer": {"id": viewer, "label": one_line(roster.label(viewer))},
        "note": printable(made_up_note(scene.history)),
        "queue": [_entry(scene, scene.requests[one]) for one in queue(scene)],
        "broken": [
            {"number": one, "problems": [one_line(str(problem)) for problem in problems]}
            for one, problems in sorted(scene.broken.items())
        ],
        "opened": None if opened is None else opened_value(opened),
        "status": status(opened),
        "drafts": [
            {"request": kept.draft.request, **draft_value(kept, scene.requests.get(kept.draft.request))}
            for kept in scene.drafts
        ],
        "sign": f"glassworld sign --world {shlex.quote(printable(str(scene.repository.folder)))}",
        "unsent": dict(sorted(scene.memory.unsent.items())),
    }


def queue(scene: Scene) -> list[int]:
    """The numbers of the requests in this reviewer's order: the open ones, and after them those that have ended."""
    seed = scene.memory.seed
    running = [number for number, request in scene.requests.items() if status_word(scene, request) == "open"]
    ended = sorted(set(scene.requests) - set(running), reverse=True)
    return [int(name) for name in shuffled(seed, map(str, running))] + ended


def status(opened: Opened | None) -> str:
    """The sentence that is read aloud whenever it changes: where the request stands, for this reviewer."""
    if opened is None:
        return "No request is open. Choose one on the left."
    state = opened.request.state
    name = f"Request {state.number}"
    if opened.debrief is not None:
        return opened.debrief
    if state.end is not None:
        return f"{name} was {state.status}."
    if opened.sealed:
        return f"{name}: first look. Say what it will do; then behaviour, checks, votes and rationale are shown."
    if opened.computed.checks is None:
        return f"{name}: the checks are running."
    verdict = verdict_of(opened)
    if verdict.open:
        return f"{name}: the gate is open."
    rest = f" and {len(verdict.reasons) - 1} more" if len(verdict.reasons) > 1 else ""
    return f"{name}: the gate is shut: {one_line(verdict.reasons[0].text)}{rest}."


def _entry(scene: Scene, request: Request) -> dict[str, Any]:
    state, roster = request.state, scene.history.standing.roster
    hidden = sealed(scene, request)
    return {
        "number": state.number,
        "title": None if hidden else request.title,
        "author": None if hidden else one_line(who(roster, state.authors[-1])),
        "status": status_word(scene, request),
        "patchset": state.proposed.patchset,
        "areas": list(areas_of(state.proposed.changes)),
        "components": len(state.proposed.changes),
        "stage": _stage(scene, request),
    }


def _stage(scene: Scene, request: Request) -> str:
    """How far this reviewer is with a request, in one word of a closed set."""
    state, viewer = request.state, scene.memory.viewer
    roster = scene.history.standing.roster
    if state.end is not None:
        return state.status
    if scene.debrief(state.number) is not None:
        return scene.planted[state.number].verdicts[viewer].verdict
    if viewer in excluded(state, roster):
        return "own"
    if any(kept.draft.request == state.number for kept in scene.drafts):
        return "drafted"
    since = state.since
    spoken = [cast for cast in state.votes if roster.person(cast.key) == viewer and cast.vote.patchset >= since]
    if spoken:
        return "voted"
    return "unseen" if look_at(scene.memory, request) is None else "seen"
