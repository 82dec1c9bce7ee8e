"""Whether an answer is right, by the simulator, and why: what a wrong answer is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from reviewer.comprehension.key import Truth, truths
from reviewer.comprehension.making import CLEAR, DOWN, LESS, MORE, SAME, STILL, TOLERANCE, UP, reached_by
from reviewer.comprehension.question import Answer, Question
from reviewer.panes.distances import number
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.subject import Subject
from worldmodel.errors import InputError, Problem

LENIENT = 2.0
"""Near the edge of what is noticeable both answers are right: up to twice and from half of it."""


@dataclass(frozen=True)
class Judgement:
    """Whether an answer is right, and what the simulator says."""

    right: bool
    why: tuple[Block, ...]


def judge(subject: Subject, question: Question, answer: Answer) -> Judgement:
    """Judges one answer; raises InputError where it is no answer to this question."""
    _check(question, answer)
    found = truths(subject, question)
    right = _right(subject, question, answer, found)
    verdict = Sentence("Right." if right else "Not right.", "good" if right else "bad")
    return Judgement(right, (verdict, *_why(subject, question, found)))


def _right(subject: Subject, question: Question, answer: Answer, found: dict[str, Truth]) -> bool:
    truth = found[question.outcomes[0]]
    match question.kind:
        case "direction":
            return answer in _accepted(truth.share(question.steps[0]), (UP, DOWN, STILL))
        case "change":
            return answer in _accepted(truth.shift(question.steps[0]), (MORE, LESS, SAME))
        case "size" | "curve":
            return isinstance(answer, list) and _close(
                answer, [float(truth.after[step - 1]) for step in question.steps]
            )
        case "unmoved":
            return answer not in reached_by(subject, question.push.variable)
        case _:
            assert_never(question.kind)


def _accepted(share: float, options: tuple[str, str, str]) -> set[str]:
    """The right answers for a movement of this share of the spread: two of them near the edge of the noticeable."""
    up, down, still = options
    found = {still} if abs(share) < CLEAR * LENIENT else set()
    if abs(share) > CLEAR / LENIENT:
        found.add(up if share > 0 else down)
    return found


def _close(answer: list[float], truth: list[float]) -> bool:
    """Whether the whole distance is at most the tolerated share of the whole size; of no response, only 0 is right."""
    off = sum(abs(given - wanted) for given, wanted in zip(answer, truth, strict=True))
    return off <= TOLERANCE * sum(map(abs, truth))


def _why(subject: Subject, question: Question, found: dict[str, Truth]) -> Iterator[Block]:
    if question.kind == "unmoved":
        reached = reached_by(subject, question.push.variable)
        free = [name for name in question.options if name not in reached]
        yield Sentence(f"No chain of mechanisms leads from {question.push.variable} to {', '.join(free)}.")
    rows = [
        (name, str(step), *map(number, (float(truth.before[step - 1]), float(truth.after[step - 1]), truth.spread)))
        for name, truth in found.items()
        for step in _shown(question, len(truth.after))
    ]
    yield Table(
        "Mean response to the push, by the simulator, and the usual spread of the outcome",
        ("outcome", "step", "before the change", "after", "spread"),
        tuple(rows),
    )


def _shown(question: Question, horizon: int) -> list[int]:
    wanted = question.steps if question.kind != "unmoved" else [1, 4, horizon]
    return sorted({step for step in wanted if step <= horizon})


def _check(question: Question, answer: Answer) -> None:
    if question.options:
        fits = answer in question.options
        wanted = f"one of: {'; '.join(question.options)}"
    else:
        fits = isinstance(answer, list) and len(answer) == len(question.steps)
        wanted = f"{len(question.steps)} numbers, one for each of steps {', '.join(map(str, question.steps))}"
    if not fits:
        raise InputError(
            Problem(
                code="malformed-answer",
                where="answer",
                found=str(answer)[:200],
                wanted=wanted,
                mend="answer the question as it is put",
            )
        )
