"""Predict first: questions about a request, answers in its log, and answers that call themselves right and are not."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reviewer.answering import answer_text, answers_of, asked_now, misjudged, owed, subject_asked
from reviewer.commands.mr import mr_command
from reviewer.comprehension.judging import judge
from reviewer.comprehension.making import questions
from reviewer.comprehension.question import Answer, Question, answer_digest
from reviewer.merge import judge as verdict_now
from worldmodel.errors import RefusedError

LEAK = "mechanisms/leak.toml"
RAIN = {
    "variables/rain.toml": b"""format = 1
id = "rain"
title = "Rain"
meaning = "rain in an hour"
unit = "m"
role = "state"
initial = ["Delta(0)"]

[support]
kind = "real"
""",
    "mechanisms/rain.toml": b"""format = 1
id = "rain"
assigns = "rain"
title = "It rains"
law = "Normal(0.5 * rain[t-1], wet)"

[parameters.wet]
prior = "HalfNormal(1)"
unit = "m"
why = "clouds"
""",
}


@pytest.fixture
def wet(team: Any) -> Any:
    """The tank under the rain, approved."""
    law = team.files[LEAK].replace(b"0.9 * level[t-1]", b"0.9 * level[t-1] + rain[t-1]")
    team.adopt({**team.files, **RAIN, LEAK: law})
    team.law = law
    return team


def _opened(wet: Any) -> int:
    return int(wet.open({LEAK: wet.law.replace(b"+ rain", b"- rain")}, "ada"))


def _right(wet: Any, number: int, question: Question) -> Answer:
    subject = subject_asked(wet.repository, wet.history, wet.request(number))
    if question.options:
        return next(option for option in question.options if judge(subject, question, option).right)
    from reviewer.comprehension.key import truths

    truth = truths(subject, question)[question.outcomes[0]]
    return [float(truth.after[step - 1]) for step in question.steps]


def _asked(wet: Any, number: int, who: str) -> tuple[Question, ...]:
    request = wet.request(number)
    answered = answers_of(wet.history, request, who)
    return asked_now(subject_asked(wet.repository, wet.history, request), request, who, answered)


def _answer(wet: Any, number: int, who: str, question: Question, answer: Answer, right: bool) -> None:
    fields = {"question": question.digest, "answer": answer_digest(answer), "right": right}
    wet.sign(wet.draft(number, "answer", answer_text(answer), **fields), who)


def test_the_gate_asks_for_an_answer_of_everyone_who_approves(wet: Any) -> None:
    number = _opened(wet)
    assert wet.request(number).state.proposed.questions == 1
    wet.say(number, "approve", "bob", "cy", "dan")
    assert {reason.code for reason in verdict_now(wet.history, wet.request(number)).reasons} == {"not-answered"}
    for who in ("bob", "cy", "dan"):
        question = _asked(wet, number, who)[0]
        _answer(wet, number, who, question, _right(wet, number, question), right=True)
        assert owed(wet.request(number), answers_of(wet.history, wet.request(number), who)) == 0
    assert misjudged(wet.repository, wet.history, wet.request(number)) == []
    wet.merge(number)


def test_an_answer_that_only_calls_itself_right_does_not_merge(wet: Any) -> None:
    number = _opened(wet)
    wet.say(number, "approve", "bob", "cy", "dan")
    for who in ("bob", "cy", "dan"):
        question = next(one for one in _asked(wet, number, who) if one.options)
        wrong = next(option for option in question.options if option != _right(wet, number, question))
        _answer(wet, number, who, question, wrong if who == "cy" else _right(wet, number, question), right=True)
    assert verdict_now(wet.history, wet.request(number)).open
    with pytest.raises(RefusedError, match="misjudged-answer"):
        wet.merge(number)


def test_an_answer_to_what_another_was_asked_does_not_merge(wet: Any) -> None:
    number = _opened(wet)
    wet.say(number, "approve", "bob", "cy", "dan")
    question = questions(
        subject_asked(wet.repository, wet.history, wet.request(number)), "bob", wet.request(number).state.proposal
    )[0]
    for who in ("bob", "cy", "dan"):
        _answer(wet, number, who, question, _right(wet, number, question), right=True)
    with pytest.raises(RefusedError, match="misjudged-answer"):
        wet.merge(number)


def test_a_wrong_answer_opens_other_questions(wet: Any) -> None:
    number = _opened(wet)
    before = {question.digest for question in _asked(wet, number, "bob")}
    question = next(one for one in _asked(wet, number, "bob") if one.options)
    wrong = next(option for option in question.options if option != _right(wet, number, question))
    _answer(wet, number, "bob", question, wrong, right=False)
    after = {one.digest for one in _asked(wet, number, "bob")}
    assert question.digest not in after
    assert after - before
    assert owed(wet.request(number), answers_of(wet.history, wet.request(number), "bob")) == 1


def _run(wet: Any, *words: str) -> Result:
    return CliRunner().invoke(mr_command, ["answer", *words, "--world", str(wet.folder)])


def test_the_command_asks_judges_and_drafts(wet: Any) -> None:
    number = _opened(wet)
    asked = json.loads(_run(wet, str(number), "--as", "bob", "--json").output)
    assert asked["owed"] == 1
    assert "bob" not in json.dumps(asked["questions"])
    question = next(one for one in _asked(wet, number, "bob") if one.options)
    place = question.options.index(str(_right(wet, number, question))) + 1
    told = _run(wet, str(number), "--as", "bob", "--question", question.digest[7:19], "--answer", str(place))
    assert told.exit_code == 0, told.output
    assert "Right." in told.output
    assert json.loads(_run(wet, str(number), "--as", "bob", "--json").output)["owed"] == 0
    assert _run(wet, str(number), "--as", "bob", "--question", "zz", "--answer", "1").exit_code == 2
    assert _run(wet, str(number), "--as", "bob", "--answer", "1").exit_code == 2
