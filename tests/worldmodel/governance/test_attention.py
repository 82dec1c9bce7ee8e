"""Whose turn it is follows from what was said, and always says why."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.governance.attention import turns
from worldmodel.governance.facts import Review
from worldmodel.governance.gate import gate, settled

CHANGE = {"mechanisms/tank.toml": {"law": "Normal(0, 1)"}}
OTHER = {"mechanisms/tank.toml": {"law": "Normal(1, 1)"}}
TEXT = {"attachments": {"text": digest("why")}}


def whose(log: Any) -> dict[str, str]:
    state = settled(log.state, log.standing.roster)
    review = Review(state, log.ground)
    return {turn.person: turn.reason for turn in turns(review, gate(state, log.ground, ()))}


@pytest.fixture
def log(bench: SimpleNamespace) -> Any:
    return bench.Log(bench.strict, CHANGE)


def test_after_the_opening_it_is_everyones_whose_approval_is_wanted(log: Any) -> None:
    assert whose(log) == dict.fromkeys(["bob", "cy", "dan", "eve"], "an approval for mechanisms is wanted")
    assert set(whose(log.approve("bob"))) == {"cy", "dan", "eve"}


def test_who_approves_without_understanding_is_told_so(log: Any) -> None:
    log.say("approve", "bob")
    assert "have not marked every hunk" in whose(log)["bob"]


@pytest.mark.parametrize("kind", ["question", "objection", "object"])
def test_a_doubt_is_the_authors_turn_until_they_answer(log: Any, kind: str) -> None:
    if kind == "object":
        doubt = log.say("object", "bob")
    else:
        doubt = log.say("mark", "bob", state=kind, hunks=sorted(log.state.hunks), **TEXT)
    assert "Bob (made-up) has an open" in whose(log)["ada"]
    assert "bob" not in whose(log)
    log.say("comment", "ada", reply_to=doubt.digest)
    assert "ada" not in whose(log)
    assert "say whether that settles it" in whose(log)["bob"]


def test_a_new_patchset_answers_and_asks_those_who_voted(log: Any) -> None:
    log.approve("bob", "cy").say("object", "dan")
    log.propose("patchset", OTHER, "ada")
    found = whose(log)
    assert found["bob"] == found["cy"] == "patchset 2 means something else than what you voted on"
    assert found["dan"] == "your objection was answered: say whether that settles it"
    assert "ada" not in found


def test_when_nothing_is_missing_it_is_the_authors(log: Any) -> None:
    assert whose(log.approve("bob", "cy", "dan")) == {"ada": "nothing is missing: merge it"}


def test_the_operator_answers_for_the_assistant(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, author="robot").approve("bob", "cy", "dan")
    assert set(whose(log)) == {"ada"}


def test_people_are_added_until_they_speak_and_removed_until_something_else_is_proposed(log: Any) -> None:
    log.approve("bob", "cy", "dan")
    log.say("attention", "bob", who="eve", act="add", **TEXT)
    assert whose(log)["eve"] == "Bob (made-up) asks you to look"
    log.say("comment", "eve")
    assert "eve" not in whose(log)
    log.say("attention", "ada", who="ada", act="remove", **TEXT)
    assert whose(log) == {}
    log.propose("patchset", OTHER, "ada")
    log.approve("bob", "cy", "dan")
    assert set(whose(log)) == {"ada"}


def test_of_an_ended_request_it_is_nobodys_turn(log: Any) -> None:
    log.say("abandon", "ada")
    assert whose(log) == {}
