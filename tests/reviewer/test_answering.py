"""Predict first: questions about a request, answers in its log, and answers that call themselves right and are not."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reviewer.answering import answers_of, misjudged, owed, subject_asked
from reviewer.commands.mr import mr_command
from reviewer.comprehension.making import questions
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


def _approve(wet: Any, number: int) -> None:
    """Approvals of three who have answered nothing yet."""
    for who in ("bob", "cy", "dan"):
        wet.understand(number, who)
        wet.sign(wet.draft(number, "approve"), who)


def test_the_gate_asks_for_an_answer_of_everyone_who_approves(wet: Any) -> None:
    number = _opened(wet)
    assert wet.request(number).state.proposed.questions == 1
    _approve(wet, number)
    assert {reason.code for reason in verdict_now(wet.history, wet.request(number)).reasons} == {"not-answered"}
    for who in ("bob", "cy", "dan"):
        question = wet.asked(number, who)[0]
        wet.answer(number, who, question, wet.right(number, question), right=True)
        assert owed(wet.request(number), answers_of(wet.history, wet.request(number), who)) == 0
    assert misjudged(wet.repository, wet.history, wet.request(number)) == []
    wet.merge(number)


def test_an_answer_that_only_calls_itself_right_does_not_merge(wet: Any) -> None:
    number = _opened(wet)
    _approve(wet, number)
    for who in ("bob", "cy", "dan"):
        question = next(one for one in wet.asked(number, who) if one.options)
        wrong = next(option for option in question.options if option != wet.right(number, question))
        wet.answer(number, who, question, wrong if who == "cy" else wet.right(number, question), right=True)
    assert verdict_now(wet.history, wet.request(number)).open
    with pytest.raises(RefusedError, match="misjudged-answer"):
        wet.merge(number)


def test_an_answer_to_what_another_was_asked_does_not_merge(wet: Any) -> None:
    number = _opened(wet)
    _approve(wet, number)
    question = questions(
        subject_asked(wet.repository, wet.history, wet.request(number)), "bob", wet.request(number).state.proposal
    )[0]
    for who in ("bob", "cy", "dan"):
        wet.answer(number, who, question, wet.right(number, question), right=True)
    with pytest.raises(RefusedError, match="misjudged-answer"):
        wet.merge(number)


def test_a_wrong_answer_opens_other_questions(wet: Any) -> None:
    number = _opened(wet)
    before = {question.digest for question in wet.asked(number, "bob")}
    question = next(one for one in wet.asked(number, "bob") if one.options)
    wrong = next(option for option in question.options if option != wet.right(number, question))
    wet.answer(number, "bob", question, wrong, right=False)
    after = {one.digest for one in wet.asked(number, "bob")}
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
    question = next(one for one in wet.asked(number, "bob") if one.options)
    place = question.options.index(str(wet.right(number, question))) + 1
    told = _run(wet, str(number), "--as", "bob", "--question", question.digest[7:19], "--answer", str(place))
    assert told.exit_code == 0, told.output
    assert "Right." in told.output
    assert json.loads(_run(wet, str(number), "--as", "bob", "--json").output)["owed"] == 0
    assert _run(wet, str(number), "--as", "bob", "--question", "zz", "--answer", "1").exit_code == 2
    assert _run(wet, str(number), "--as", "bob", "--answer", "1").exit_code == 2
