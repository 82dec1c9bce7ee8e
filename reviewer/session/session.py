"""A review session as the kernel holds it: messages from browsers in, messages to browsers out.

The browser's half is `static/`; `widget.py` ties both to a comm. Every action is on disk before it is answered.
Nothing here can sign: keys are not read anywhere in this package.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, assert_never

from reviewer import clock
from reviewer.log import Request
from reviewer.panes.subject import Subject, subject_of_request
from reviewer.repository import open_repository
from reviewer.session.actions import act, read_action
from reviewer.session.answers import draft_answers
from reviewer.session.asking import Questions, from_the_simulator
from reviewer.session.background import Background, Part
from reviewer.session.computed import Computed, compute_part, computed_from, fault, parts_of
from reviewer.session.heartbeat import Pulse, hear, may_act, new_pulse
from reviewer.session.looks import may_see
from reviewer.session.memory import claim, holds, note, place_of, remember
from reviewer.session.messages import Act, Beat, Fetch, Hello, Message, read_message
from reviewer.session.scene import read_scene, revision
from reviewer.session.state import queue, view
from reviewer.session.viewer import check_viewer
from worldmodel.commands.output import machine_problem
from worldmodel.errors import GlassworldError, Problem, RefusedError
from worldmodel.visible import shown

MOST_SUBJECTS = 4
Send = Callable[[Mapping[str, Any]], None]


class Session:
    """One reviewer's session; `send` broadcasts to every browser that draws it, `steady` is a clock that only grows."""

    def __init__(
        self,
        folder: Path,
        viewer: str,
        send: Send,
        questions: Questions = from_the_simulator,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder, self.viewer, self.questions = folder, viewer, questions
        self.place = place_of(open_repository(folder), viewer)
        self.pulse: Pulse = new_pulse()
        self.background = Background(self._computed)
        self._send, self._steady = send, steady
        self._lock = threading.RLock()
        self._subjects: dict[Part, Subject] = {}
        self._scene = read_scene(open_repository(folder), viewer)
        check_viewer(self._scene.history.standing.roster, viewer)
        self._revision = ""
        claim(self.place, self.pulse.epoch)
        note(self.place, self.pulse.epoch, "session", viewer=viewer)
        self._note_order()

    def receive(self, value: Any) -> None:
        """Takes one message from a browser and sends what it leads to; a bad one is answered with its problems."""
        with self._lock:
            try:
                message = read_message(value)
            except GlassworldError as error:
                self._refuse(value, error)
                return
            try:
                self._take(message)
            except GlassworldError as error:  # a repository that is refused must be told, and the beats go on
                self._send({"type": "trouble", "problems": [shown(str(problem)) for problem in error.problems]})

    def _take(self, message: Message) -> None:
        match message:
            case Hello():
                self.pulse = hear(self.pulse, message.browser, self._steady())
                self._alive(message.browser, 0)
                self.show()
            case Beat():
                self.pulse = hear(self.pulse, message.browser, self._steady(), message.take)
                self._alive(message.browser, message.number)
                self._look_around()
            case Fetch():
                self._fetch(message)
            case Act():
                self._act(message)
            case _:
                assert_never(message)

    def show(self) -> None:
        """Reads everything anew and sends the whole view."""
        with self._lock:
            repository = open_repository(self.folder)
            self._revision = revision(repository, self.place)
            self._scene = read_scene(repository, self.viewer, self._scene)
            self._send({"type": "view", "view": view(self._scene, self._known(), self.pulse.epoch)})
            self._prepare()

    def _look_around(self) -> None:
        """Shows what changed outside of this session: a draft that was signed, a request that was fetched."""
        if revision(open_repository(self.folder), self.place) != self._revision:
            self.show()

    def _alive(self, browser: str, number: int) -> None:
        held = holds(self.place, self.pulse.epoch)
        acting = held and self.pulse.acting == browser
        said = {"to": browser, "number": number, "epoch": self.pulse.epoch, "acting": acting, "held": held}
        self._send({"type": "alive", **said})

    def _act(self, message: Act) -> None:
        try:
            if not (may_act(self.pulse, message.browser, message.epoch) and holds(self.place, self.pulse.epoch)):
                raise _not_acting()
            action = read_action(message.action)
            scene = read_scene(open_repository(self.folder), self.viewer, self._scene)
            memory = act(scene, action)
            if memory != scene.memory:
                remember(self.place, memory)
            if action.kind != "compose":
                note(self.place, self.pulse.epoch, action.kind, **_facts(message.action))
        except Exception as error:  # noqa: BLE001 - whoever pressed a button is always answered
            self._refuse({"browser": message.browser, "number": message.number}, error)
            return
        self._send({"type": "done", "to": message.browser, "number": message.number, "saved": clock.now()})
        if action.kind == "compose":  # the browser has the text already
            self._scene = replace(self._scene, memory=memory)
            self._revision = revision(open_repository(self.folder), self.place)
        else:
            self.show()

    def _fetch(self, message: Fetch) -> None:
        request = self._opened()
        if request is None or not may_see(self._scene, request, message.pane):
            return
        self._send_part(request, message.pane, first=True)

    def _send_part(self, request: Request, name: str, first: bool) -> None:
        part = self._part(request, name)
        found = self.background.get(part)
        if found is None:
            self.background.want(part, self._compute(request, name), first)
        else:
            self._send({"type": "pane", "proposal": part[1], "approved": part[0], "pane": name, "value": found})

    def _computed(self, part: Part) -> None:
        """A part was finished in the background: it is sent if it is of what is open and may be seen."""
        with self._lock:
            request = self._opened()
            if request is None or self._part(request, part[2]) != part:
                return
            if part[2] == "checks" or part[2].startswith("questions/"):
                self._keep_answers(request)
                self.show()
            elif may_see(self._scene, request, part[2]):
                self._send_part(request, part[2], first=False)

    def _keep_answers(self, request: Request) -> None:
        interview = self._known().interview
        running = request.state.end is None and self._scene.debrief(request.state.number) is None
        if interview is not None and running:
            try:
                draft_answers(read_scene(open_repository(self.folder), self.viewer, self._scene), request, interview)
            except (GlassworldError, OSError) as error:
                self._refuse({}, error)

    def _prepare(self) -> None:
        request = self._opened()
        if request is not None:
            for name in parts_of(self._scene, request):
                urgent = name.startswith("questions/")
                self.background.want(self._part(request, name), self._compute(request, name), first=urgent)

    def _compute(self, request: Request, name: str) -> Callable[[], Any]:
        scene, questions, subject = self._scene, self.questions, self._subject(request)
        return lambda: compute_part(subject, scene, request, name, questions)

    def _subject(self, request: Request) -> Subject:
        """One subject for all parts of a request, since its worlds and runs hang on it."""
        part = self._part(request, "subject")
        if part not in self._subjects:
            scene = self._scene
            self._subjects = dict(list(self._subjects.items())[1 - MOST_SUBJECTS :])
            self._subjects[part] = subject_of_request(scene.repository, scene.history, request)
        return self._subjects[part]

    def _known(self) -> Computed:
        request = self._opened()
        if request is None:
            return Computed()
        return computed_from(self._scene, request, lambda name: self.background.get(self._part(request, name)))

    def _opened(self) -> Request | None:
        number = self._scene.memory.opened
        return None if number is None else self._scene.requests.get(number)

    def _part(self, request: Request, name: str) -> Part:
        return str(self._scene.history.tip), request.state.proposal, name

    def _note_order(self) -> None:
        note(self.place, self.pulse.epoch, "order", seed=self._scene.memory.seed, queue=queue(self._scene))

    def _refuse(self, value: Any, error: Exception) -> None:
        """Answers with problems; only a browser that said who it is gets an answer of its own."""
        told = value if isinstance(value, Mapping) else {}
        said = {"to": told.get("browser"), "number": told.get("number")}
        self._send({"type": "refused", **said, "problems": [shown(str(problem)) for problem in problems_of(error)]})


def problems_of(error: Exception) -> tuple[Problem, ...]:
    """What to tell of a failure: its own problems, what the machine refused, or a fault of the workbench."""
    if isinstance(error, GlassworldError):
        return error.problems
    if isinstance(error, OSError):
        return machine_problem(error).problems
    return (fault("action", error),)


def _facts(action: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal keeps of an action: which, on what, and not the text."""
    return {name: value for name, value in action.items() if name not in {"kind", "text", "words", "answers"}}


def _not_acting() -> RefusedError:
    return RefusedError(
        Problem(
            code="not-acting",
            where="this browser",
            found="another browser or a newer session acts for this reviewer",
            wanted="one place at a time",
            mend="press “Use this browser”, or run the cell again",
        )
    )
