"""Questions and answers about one request: what a person is asked now, and whether answers were judged as they are.

Questions are a function of the person, the proposal and the round; each wrong answer opens the next round. So whoever
has the files can ask them again, answer the key anew, and see whether a signed answer says the truth about itself.
"""

import json
from collections.abc import Iterable

from pydantic import TypeAdapter

from reviewer.comprehension.judging import judge
from reviewer.comprehension.making import questions
from reviewer.comprehension.question import Answer as Answered
from reviewer.comprehension.question import Question, answer_digest
from reviewer.drafts import Draft
from reviewer.history import History, files_before
from reviewer.log import Logged, Request
from reviewer.panes.subject import Subject, subject_of
from reviewer.repository import Repository
from worldmodel.errors import GlassworldError, InputError, Problem
from worldmodel.governance.fold import about_this
from worldmodel.governance.operations import Answer
from worldmodel.governance.shape import parse_json, validate

MOST_ROUNDS = 50
ANSWER: TypeAdapter[Answered] = TypeAdapter(Answered)


def subject_asked(repository: Repository, history: History, request: Request) -> Subject:
    """The change that questions are about: its files alone, and nothing that anybody said of them."""
    return subject_of(files_before(repository, history, request), request.changes())


def answers_of(history: History, request: Request, person: str, drafts: Iterable[Draft] = ()) -> dict[str, bool]:
    """The questions that a person answered about what is proposed now, drafts among them, and whether rightly."""
    found: dict[str, bool] = {}
    for operation in (logged.entry.operation for logged in _said_by(history, request, person)):
        if isinstance(operation, Answer) and about_this(operation, request.state):
            found[operation.question] = operation.right and found.get(operation.question, True)
    for draft in drafts:
        if draft.kind == "answer" and draft.proposal == request.state.proposal and draft.question is not None:
            found[draft.question] = bool(draft.right) and found.get(draft.question, True)
    return found


def asked_now(subject: Subject, request: Request, person: str, answered: dict[str, bool]) -> tuple[Question, ...]:
    """The questions that are still open to a person; another round's once there are not enough of them left."""
    open_ones: dict[str, Question] = {}
    for round_ in range(min(MOST_ROUNDS, 1 + list(answered.values()).count(False))):
        for question in questions(subject, person, request.state.proposal, round_):
            if question.digest not in answered:
                open_ones[question.digest] = question
    return tuple(open_ones.values())


def owed(request: Request, answered: dict[str, bool]) -> int:
    """How many right answers are still wanted of a person."""
    return max(0, request.state.questions - list(answered.values()).count(True))


def answer_text(answer: Answered) -> str:
    """An answer as the text that is bound to its signed entry."""
    return json.dumps({"answer": answer}, ensure_ascii=False)


def misjudged(repository: Repository, history: History, request: Request) -> list[Problem]:
    """Every answer that says it is right and is not, or that answers what was never asked."""
    people = {history.standing.roster.person(logged.entry.key) for logged in request.entries}
    subject = subject_asked(repository, history, request)
    return [
        problem
        for person in sorted(person for person in people if person is not None)
        for problem in _misjudged_by(history, subject, request, person)
    ]


def _misjudged_by(history: History, subject: Subject, request: Request, person: str) -> list[Problem]:
    said = [
        logged
        for logged in _said_by(history, request, person)
        if isinstance(logged.entry.operation, Answer) and about_this(logged.entry.operation, request.state)
    ]
    if not said:
        return []
    wrong = sum(not logged.entry.operation.right for logged in said)  # type: ignore[union-attr]
    known = {
        question.digest: question
        for round_ in range(min(MOST_ROUNDS, 1 + wrong))
        for question in questions(subject, person, request.state.proposal, round_)
    }
    return [_problem(request, person) for logged in said if not _holds(subject, known, logged)]


def _holds(subject: Subject, known: dict[str, Question], logged: Logged) -> bool:
    operation = logged.entry.operation
    assert isinstance(operation, Answer), "only answers are judged"
    question = known.get(operation.question)
    if not operation.right:
        return True
    if question is None:
        return False
    try:
        value = parse_json(logged.attachments.get("text", b""), "answer")
        answer = validate(ANSWER, value["answer"] if isinstance(value, dict) and len(value) == 1 else None, "answer")
        return answer_digest(answer) == operation.answer and judge(subject, question, answer).right
    except (GlassworldError, KeyError):
        return False


def _said_by(history: History, request: Request, person: str) -> list[Logged]:
    roster = history.standing.roster
    return [logged for logged in request.entries if roster.person(logged.entry.key) == person]


def _problem(request: Request, person: str) -> Problem:
    return Problem(
        code="misjudged-answer",
        where=f"merge request {request.state.number}",
        found=f"an answer of {person} that calls itself right, and is not by the simulator, or was never asked",
        wanted="answers to the questions that `glassworld mr answer` asks, judged by the simulator",
        mend="let them answer again with `glassworld mr answer`; the program that wrote this answer is wrong",
    )


def find_question(asked: tuple[Question, ...], text: str) -> Question:
    """The one open question whose digest begins so; raises InputError."""
    found = [question for question in asked if question.digest.removeprefix("sha256:").startswith(text)]
    if len(found) == 1:
        return found[0]
    raise InputError(
        Problem(
            code="nothing-to-ask",
            where="question",
            found=f"{len(found)} open questions that begin with {text!r}",
            wanted="exactly one",
            mend="`glassworld mr answer NUMBER --as YOU` prints them with their IDs",
        )
    )
