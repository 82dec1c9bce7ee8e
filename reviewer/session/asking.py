"""Questions to one reviewer about one proposal, and what the machine found of the answers.

`Questions` is all that the session asks for; `from_the_simulator` answers it with `reviewer.comprehension`, and a
session without questions falls back to a prediction in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from reviewer.comprehension.judging import judge
from reviewer.comprehension.making import questions, required_questions
from reviewer.comprehension.question import Answer, Question
from reviewer.panes.subject import Subject
from reviewer.panes.value import block_value
from worldmodel.errors import GlassworldError, InputError, Problem

MOST_ROUNDS = 8


@dataclass(frozen=True)
class Judged:
    """What the machine found of an answer, and why, as JSON blocks."""

    right: bool
    why: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """One question with the answer that was given, if one was, and its judgement."""

    question: Question
    answer: str | None = None
    judged: Judged | None = None


@dataclass(frozen=True)
class Interview:
    """All questions so far, in order; `owed` is how many right answers are wanted, `problems` why none are asked."""

    asked: tuple[Asked, ...] = ()
    owed: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def right(self) -> int:
        """How many answers were right."""
        return sum(1 for one in self.asked if one.judged is not None and one.judged.right)


class Questions(Protocol):
    """Where questions come from and who judges the answers; the key is in the simulator."""

    def __call__(self, subject: Subject, person: str, proposal: str, answers: Mapping[str, str]) -> Interview:
        """The interview so far; `answers` are texts by the digests of questions, empty before the first look."""


def no_questions(_subject: Subject, _person: str, _proposal: str, _answers: Mapping[str, str]) -> Interview:
    """An interview without questions: the reviewer predicts in words."""
    return Interview()


def from_the_simulator(subject: Subject, person: str, proposal: str, answers: Mapping[str, str]) -> Interview:
    """Questions of the first round; once answered, one more for each that was wrong, from the rounds after it."""
    try:
        owed = required_questions(subject)
        first = _round(subject, person, proposal, 0) if owed else ()
    except GlassworldError as error:
        return Interview(problems=error.problems)
    asked = [_asked(subject, question, answers.get(question.digest)) for question in first]
    for number in range(1, MOST_ROUNDS):
        if not answers or any(one.answer is None for one in asked) or Interview(tuple(asked)).right >= owed:
            break
        for question in _round(subject, person, proposal, number):
            if question.digest not in {one.question.digest for one in asked}:
                asked.append(_asked(subject, question, answers.get(question.digest)))
                break
    return Interview(tuple(asked), owed)


def read_answer(question: Question, text: str) -> Answer:
    """What was typed or chosen, as an answer; raises InputError where it is none."""
    if question.options:
        return text
    try:
        return [float(word) for word in text.replace(",", " ").split()]
    except ValueError as error:
        raise InputError(
            Problem(
                code="malformed-answer",
                where="answer",
                found=text[:200],
                wanted=f"{len(question.steps)} numbers with spaces between",
                mend="write numbers such as 0.5 -1 2e3",
            )
        ) from error


@lru_cache(maxsize=64)
def _round(subject: Subject, person: str, proposal: str, number: int) -> tuple[Question, ...]:
    return questions(subject, person, proposal, number)


def _asked(subject: Subject, question: Question, text: str | None) -> Asked:
    if text is None:
        return Asked(question)
    try:
        judgement = judge(subject, question, read_answer(question, text))
    except GlassworldError as error:
        said = [{"kind": "sentence", "tone": "bad", "text": str(problem)} for problem in error.problems]
        return Asked(question, text, Judged(False, said))
    return Asked(question, text, Judged(judgement.right, [block_value(block) for block in judgement.why]))
