"""The closed set of things that the browser may ask for, and what each does: a draft, or a line in the memory.

Messages come from a browser, so they are data from outside: unknown kinds and fields are refused, texts are bounded,
and what does not fit the scene raises a Problem. Nothing here signs; nothing here can.
"""

from typing import Annotated, Any, Literal, assert_never

from pydantic import Field, StringConstraints, TypeAdapter

from reviewer import clock
from reviewer.drafts import drop_draft, new_draft
from reviewer.history import context_of
from reviewer.log import Request
from reviewer.measuring.quarantine import Verdict, judged
from reviewer.session.looks import FEWEST_LETTERS, sealed
from reviewer.session.marks import draft_marks
from reviewer.session.memory import MOST_UNSENT, FieldName, Look, Memory, Words
from reviewer.session.planted import seconds_open
from reviewer.session.scene import Scene, keep_draft
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.operations import Area, Digest, Number, Path
from worldmodel.governance.shape import Strict, validate

Given = Annotated[str, StringConstraints(max_length=2000)]


class OpenRequest(Strict):
    """Shows another request."""

    kind: Literal["open"]
    number: Number


class Predict(Strict):
    """The first look: what the change will do, before anything else is shown. It is never changed afterwards."""

    kind: Literal["predict"]
    number: Number
    proposal: Digest
    words: Words = ""
    answers: dict[Digest, Given] = {}


class Answer(Strict):
    """An answer to one more question, after the first look."""

    kind: Literal["answer"]
    number: Number
    proposal: Digest
    question: Digest
    text: Given


class MarkHunk(Strict):
    """Marks hunks as understood, or one with a question or objection; no state takes the marks away."""

    kind: Literal["mark"]
    number: Number
    proposal: Digest
    hunks: Annotated[list[Digest], Field(min_length=1, max_length=50_000)]
    state: Literal["understood", "question", "objection"] | None
    text: Words = ""


class Remark(Strict):
    """A draft of a comment, on a line of a component or on the whole."""

    kind: Literal["comment"]
    number: Number
    proposal: Digest
    text: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    path: Path | None = None
    line: Number | None = None


class DraftVote(Strict):
    """A draft of a vote; approving without areas is for all that the change touches.

    On a planted request it is the verdict, and no draft.
    """

    kind: Literal["vote"]
    number: Number
    proposal: Digest
    vote: Literal["approve", "object", "withdraw"]
    areas: list[Area] = []
    text: Words = ""


class Discard(Strict):
    """Drops a draft; not one of an answer, or a wrong one could be taken back."""

    kind: Literal["discard"]
    file: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}-[a-z]+-[0-9a-f]{12}\.json$")]


class Compose(Strict):
    """Keeps what is being typed in a field, so that a crash does not lose it."""

    kind: Literal["compose"]
    field: FieldName
    text: Words


Action = Annotated[
    OpenRequest | Predict | Answer | MarkHunk | Remark | DraftVote | Discard | Compose, Field(discriminator="kind")
]
ACTION: TypeAdapter[Action] = TypeAdapter(Action)


def read_action(value: Any) -> Action:
    """A browser's message as an action; raises InputError with everything that is wrong with it."""
    return validate(ACTION, value, "message from the browser")


def act(scene: Scene, action: Action) -> Memory:
    """Does one thing: writes or drops a draft on disk, and gives the memory to keep."""
    memory = scene.memory
    match action:
        case OpenRequest():
            _found(scene, action.number)
            return memory.model_copy(update={"opened": action.number})
        case Compose():
            return memory.model_copy(update={"unsent": _unsent(memory, action)})
        case Discard():
            for kept in scene.drafts:
                if kept.file.name == action.file and kept.draft.kind != "answer":
                    drop_draft(kept)
            return memory
        case Predict():
            return _predict(scene, action)
        case Answer():
            return _answer(scene, action)
        case MarkHunk():
            _mark(scene, action)
            return memory
        case Remark():
            request = _current(scene, action.number, action.proposal)
            place = {"path": action.path, "line": action.line, "context": context_of(scene.history, request)}
            keep_draft(scene, new_draft(request, "comment", action.text, (), **place))
            return memory
        case DraftVote():
            _vote(scene, action)
            return memory
        case _:
            assert_never(action)


def _predict(scene: Scene, action: Predict) -> Memory:
    request, memory = _current(scene, action.number, action.proposal), scene.memory
    if action.proposal in memory.looks:
        raise RefusedError(
            Problem(
                code="look-taken",
                where=_where(request),
                found="a second first look at the same proposal",
                wanted="one prediction, made before anything else was shown",
                mend="say what you think now in a comment",
            )
        )
    if len(action.words.strip()) < FEWEST_LETTERS and not action.answers:
        raise RefusedError(
            Problem(
                code="look-empty",
                where=_where(request),
                found=f"a prediction of fewer than {FEWEST_LETTERS} letters",
                wanted="what you expect the change to do",
                mend="write a sentence, or answer the questions",
            )
        )
    look = Look(time=clock.now(), words=action.words, answers=action.answers)
    return memory.model_copy(update={"looks": {**memory.looks, action.proposal: look}})


def _answer(scene: Scene, action: Answer) -> Memory:
    request, memory = _current(scene, action.number, action.proposal), scene.memory
    look = memory.looks.get(action.proposal)
    if look is None or action.question in look.answers:
        raise RefusedError(
            Problem(
                code="answer-given",
                where=_where(request),
                found="an answer before the first look, or a second one to the same question",
                wanted="one answer to each question",
                mend="answer the question that is asked now",
            )
        )
    answers = {**look.answers, action.question: action.text}
    looks = {**memory.looks, action.proposal: look.model_copy(update={"answers": answers})}
    return memory.model_copy(update={"looks": looks})


def _mark(scene: Scene, action: MarkHunk) -> None:
    request = _current(scene, action.number, action.proposal)
    if not request.state.hunks.issuperset(action.hunks):
        raise RefusedError(
            Problem(
                code="no-such-hunk",
                where=_where(request),
                found="a mark on a hunk that is not proposed",
                wanted="hunks of the current patchset",
                mend="look at the change as it is shown now",
            )
        )
    if action.state in {"question", "objection"} and not action.text.strip():
        raise RefusedError(
            Problem(
                code="mark-without-words",
                where=_where(request),
                found=f"a {action.state} without a word",
                wanted="what you ask, or what you object to",
                mend="write it below the hunk",
            )
        )
    draft_marks(scene, request, action.hunks, action.state, action.text)


def _vote(scene: Scene, action: DraftVote) -> None:
    request = _current(scene, action.number, action.proposal)
    if sealed(scene, request):
        raise RefusedError(
            Problem(
                code="look-first",
                where=_where(request),
                found="a vote before a first look",
                wanted="a prediction of what the change will do, before anything else is shown",
                mend="predict first; then vote",
            )
        )
    if action.number in scene.planted and action.vote != "withdraw":
        verdict: Verdict = "missed" if action.vote == "approve" else "caught"
        seconds = seconds_open(scene.place, action.number)
        judged(scene.repository, action.number, scene.memory.viewer, verdict, seconds)
        return
    for kept in scene.drafts:  # the latest vote wins, so an earlier draft of one would only confuse
        if kept.draft.request == action.number and kept.draft.kind in {"approve", "object", "withdraw"}:
            drop_draft(kept)
    context = context_of(scene.history, request)
    keep_draft(scene, new_draft(request, action.vote, action.text, tuple(action.areas), context=context))


def _unsent(memory: Memory, action: Compose) -> dict[str, str]:
    kept = {field: text for field, text in memory.unsent.items() if field != action.field}
    if action.text:
        kept[action.field] = action.text
    return dict(list(kept.items())[-MOST_UNSENT:])


def _found(scene: Scene, number: int) -> Request:
    if number not in scene.requests:
        raise RefusedError(
            Problem(
                code="not-in-queue",
                where=f"merge request {number}",
                found="no readable request of this number here",
                wanted="one of the queue",
                mend="fetch it, or choose another one",
            )
        )
    return scene.requests[number]


def _current(scene: Scene, number: int, proposal: str) -> Request:
    """The request, if it still proposes what the browser showed."""
    request = _found(scene, number)
    ended = request.state.end is not None or scene.debrief(number) is not None
    if request.state.proposal != proposal or ended:
        raise RefusedError(
            Problem(
                code="proposal-moved",
                where=_where(request),
                found="something else is proposed now than what was on the screen, or the request has ended",
                wanted="words about what is proposed now",
                mend="look at what is shown now and say it again",
            )
        )
    return request


def _where(request: Request) -> str:
    return f"merge request {request.state.number}"
