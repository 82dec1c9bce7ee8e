"""`glassworld mr answer`: predict first. Asks what a `do` will do; the simulator is the answer key."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands.options import number_argument
from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.comprehension.question import Answer, Question


@click.command("answer")
@number_argument
@click.option(
    "--as", "person", required=True, help="Your identity on the roster: questions differ from person to person."
)
@click.option("--question", "wanted", metavar="ID", help="The question that you answer; without it, they are printed.")
@click.option("--answer", "given", help="Your answer: an option's words or number, or numbers with commas between.")
@world_option
@json_option
@reports
def answer_command(number: int, person: str, wanted: str | None, given: str | None, world: Path, as_json: bool) -> None:
    """Ask you about request NUMBER, or judge your answer and draft it; `glassworld sign` signs it.

    \b
    glassworld mr answer 7 --as ada
    glassworld mr answer 7 --as ada --question 3fa8 --answer "it goes up"
    glassworld mr answer 7 --as ada --question 91bc --answer 0.4
    """
    from reviewer.answering import answer_text, answers_of, asked_now, find_question, owed, subject_asked
    from reviewer.comprehension.judging import judge
    from reviewer.comprehension.question import answer_digest
    from reviewer.drafts import load_drafts, new_draft, save_draft
    from reviewer.history import context_of, find_request, load_history
    from reviewer.panes.pane import Pane
    from reviewer.panes.terminal import pane_text
    from reviewer.repository import open_repository

    if (wanted is None) != (given is None):
        raise click.UsageError("name both a question and an answer, or neither")
    repository = open_repository(world)
    history = load_history(repository)
    request = find_request(repository, history, number)
    drafts = [
        kept.draft for kept in load_drafts(repository) if kept.draft.request == number and kept.draft.who == person
    ]
    answered = answers_of(history, request, person, drafts)
    subject = subject_asked(repository, history, request)
    asked = asked_now(subject, request, person, answered) if owed(request, answered) or wanted else ()
    if wanted is None or given is None:
        value = {"ok": True, "owed": owed(request, answered), "questions": [_value(one) for one in asked]}
        emit(as_json, value, "\n".join([f"{owed(request, answered)} right answers owed.", *map(_text, asked)]))
        return
    question = find_question(asked, wanted)
    answer = _read(question, given)
    judged = judge(subject, question, answer)
    fields: dict[str, Any] = {"question": question.digest, "answer": answer_digest(answer), "right": judged.right}
    context = context_of(history, request)
    draft = new_draft(request, "answer", answer_text(answer), context=context, who=person, **fields)
    file = save_draft(repository, draft)
    told = pane_text(Pane("claims", "Your answer", judged.why))
    value = {"ok": True, "right": judged.right, "draft": str(file), "question": question.digest}
    emit(as_json, value, f"{told}\nDrafted; `glassworld sign` shows and signs it.")


def _read(question: "Question", given: str) -> "Answer":
    """An option by its words or its number from 1, or a list of numbers."""
    if question.options:
        place = int(given) if given.isascii() and given.isdigit() else 0
        return question.options[place - 1] if 0 < place <= len(question.options) else given
    try:
        return [float(part) for part in given.split(",")]
    except ValueError:
        return given


def _value(question: "Question") -> dict[str, Any]:
    return {"id": question.digest, **question.model_dump(mode="json")}


def _text(question: "Question") -> str:
    head = f"\n{question.digest.removeprefix('sha256:')[:12]}  {question.text}"
    if question.options:
        return "\n".join([head, *(f"    {place}. {option}" for place, option in enumerate(question.options, 1))])
    steps = ", ".join(map(str, question.steps))
    return f"{head}\n    numbers for step{'s' if len(question.steps) > 1 else ''} {steps}, in {question.unit}"
