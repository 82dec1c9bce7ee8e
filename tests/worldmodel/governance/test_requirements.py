"""Rules of format 2: understanding, answers, open questions, size and bypasses, each missed in words for a person."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.errors import InputError, Problem, RefusedError
from worldmodel.governance.gate import Verdict, gate
from worldmodel.governance.replay import Standing, genesis, merge
from worldmodel.governance.requirements import KINDS, USUAL
from worldmodel.governance.rules import load_rules

PATH = "mechanisms/tank.toml"
CHANGE = {PATH: {"law": "Normal(0, 1)", "parameters": {"slope": {"prior": "N"}}}}
OTHER = {PATH: {"law": "Normal(1, 1)", "parameters": {"slope": {"prior": "N"}}}}
TEXT = {"attachments": {"text": digest("why")}}
PROBLEM = Problem(code="cycle", where="world", found="x → y → x")


def judge(log: Any, checks: tuple[Problem, ...] = (), viewer: str | None = None) -> Verdict:
    return gate(log.state, log.ground, checks, viewer)


def texts(verdict: Verdict) -> list[str]:
    return [reason.text for reason in verdict.reasons]


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


def hunk(log: Any, key: str) -> str:
    found: str = log.state.proposed.hunks[PATH][key]
    return found


@pytest.fixture
def log(bench: SimpleNamespace) -> Any:
    return bench.Log(bench.strict, CHANGE)


def world(bench: SimpleNamespace, **requirements: Any) -> Standing:
    standing: Standing = genesis(bench.roster(), bench.declared(requirements=requirements))
    return standing


def test_three_people_who_understood_open_the_gate(log: Any) -> None:
    for signer in ("bob", "cy"):
        assert not judge(log.approve(signer)).open
    verdict = judge(log.approve("dan"))
    assert verdict.open
    assert verdict.areas[0].answered_by == verdict.areas[0].understood_by == ("bob", "cy", "dan")
    assert {one.status for one in verdict.requirements} == {"fulfilled"}


def test_a_missing_mark_is_named_with_its_hunk_and_person(log: Any) -> None:
    log.approve("bob", "cy")
    log.say("mark", "dan", state="understood", hunks=[hunk(log, "law")])
    log.say("approve", "dan")
    verdict = judge(log)
    assert texts(verdict) == [f"hunk parameters.slope of {PATH} is not marked understood by Dan (made-up)"]
    assert texts(judge(log, viewer="dan")) == [f"hunk parameters.slope of {PATH} is not marked understood by you"]
    log.say("mark", "dan", state="understood", hunks=[hunk(log, "parameters.slope")])
    assert judge(log).open


def test_many_missing_marks_are_counted_and_not_listed(bench: SimpleNamespace) -> None:
    parameters = {name: {"prior": "N"} for name in "abcdefg"}
    log = bench.Log(bench.strict, {PATH: {"law": "N", "parameters": parameters}})
    log.say("approve", "bob")
    found = texts(judge(log))
    assert found[-1].startswith("5 more hunks of mechanisms not marked understood by Bob (made-up)")
    assert len(found) == 5  # two more approvals, three hunks by name, and how many others


def test_one_more_who_approves_without_a_mark_does_not_shut_the_gate(log: Any) -> None:
    log.approve("bob", "cy", "dan").say("approve", "eve")
    assert judge(log).open


def test_what_is_missing_is_said_once(log: Any) -> None:
    assert texts(judge(log, viewer="ada")) == [
        "3 more approvals for mechanisms; you wrote this, so yours would not count"
    ]


def test_the_operator_is_told_why_theirs_would_not_count(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, author="robot").approve("ada", "bob", "cy")
    assert texts(judge(log, viewer="ada")) == [
        "one more approval for mechanisms; you operated this assistant, so yours would not count"
    ]


def test_the_author_understands_in_vain(log: Any) -> None:
    assert judge(log.approve("ada", "bob", "cy")).areas[0].understood_by == ("bob", "cy")


def test_a_question_shuts_the_gate_until_it_is_settled_by_whoever_asked(log: Any) -> None:
    log.approve("bob", "cy", "dan")
    asked = log.say("mark", "eve", state="question", hunks=[hunk(log, "law")], **TEXT)
    [text] = texts(judge(log))
    assert text.startswith(f"Eve (made-up) asks about law of {PATH}")
    log.say("comment", "ada", reply_to=asked.digest, resolved=True)
    assert codes(judge(log)) == {"question-open"}
    log.say("comment", "eve", reply_to=asked.digest)
    assert codes(judge(log)) == {"question-open"}
    log.say("comment", "eve", reply_to=asked.digest, resolved=True)
    assert judge(log).open


@pytest.mark.parametrize("settle", ["mark", "withdraw", "resolve"])
def test_an_objection_to_a_hunk_outlives_patchsets(log: Any, settle: str) -> None:
    doubt = log.say("mark", "eve", state="objection", hunks=[hunk(log, "parameters.slope")], **TEXT)
    log.propose("patchset", OTHER, "ada")
    log.approve("bob", "cy", "dan")
    assert codes(judge(log)) == {"objection-open"}
    match settle:
        case "mark":
            log.understand("eve")
        case "withdraw":
            log.say("withdraw", "eve")
        case _:
            log.say("comment", "eve", reply_to=doubt.digest, resolved=True)
    assert judge(log).open


def test_who_doubts_a_hunk_does_not_understand_it(log: Any) -> None:
    log.approve("bob", "cy", "dan")
    log.say("mark", "dan", state="question", hunks=[hunk(log, "law")], **TEXT)
    assert judge(log).areas[0].understood_by == ("bob", "cy")
    log.understand("dan")
    assert judge(log).open


def test_a_comment_that_wants_an_answer_is_a_question(log: Any) -> None:
    log.approve("bob", "cy", "dan")
    asked = log.say("comment", "bob", path=PATH, line=3, resolved=False)
    assert texts(judge(log))[0].startswith(f"Bob (made-up) asks about {PATH}")
    log.say("comment", "bob", reply_to=asked.digest, resolved=True)
    assert judge(log).open


def answer(log: Any, signer: str, question: str, right: bool) -> None:
    log.say("answer", signer, question=digest(question), answer=digest(f"answer to {question}"), right=right)


def test_everyone_who_counts_answered_as_many_questions_as_the_request_asks(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, questions=2).approve("bob", "cy", "dan")
    for person in ("bob", "cy"):
        answer(log, person, "first", True)
        answer(log, person, "second", True)
    answer(log, "dan", "first", False)
    answer(log, "dan", "first", True)  # the second try shows that dan read the key
    answer(log, "dan", "second", True)
    answer(log, "dan", "second", True)
    [text] = texts(judge(log))
    assert text.startswith("1 of 2 questions about the change answered right by Dan (made-up)")
    answer(log, "dan", "third", True)
    assert judge(log).open


def test_a_mark_an_answer_and_a_vote_hold_in_their_context_only(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, questions=1)
    for person in ("bob", "cy", "dan"):
        answer(log, person, "first", True)
    log.approve("bob", "cy", "dan")
    assert judge(log).open
    log.context = digest("the base moved next to it")
    moved = judge(log)
    assert moved.areas[0].approved_by == ()
    log.say("approve", "bob")
    assert judge(log).areas[0].understood_by == ()
    log.understand("bob")
    assert judge(log).areas[0].answered_by == ()


def test_a_base_that_moved_elsewhere_keeps_everything(log: Any) -> None:
    log.approve("bob", "cy", "dan")
    elsewhere = {**log.standing.digests, "mechanisms/far.toml": digest("far away")}
    assert gate(log.state, replace(log.ground, current=elsewhere), ()).open
    assert not gate(log.state, replace(log.ground, current=elsewhere), (PROBLEM,)).open


def test_a_patchset_of_the_same_meaning_keeps_everything_and_no_other_does(log: Any) -> None:
    log.approve("bob", "cy", "dan")
    log.propose("patchset", CHANGE, "ada")
    assert judge(log).open
    log.propose("patchset", OTHER, "ada")
    log.propose("patchset", CHANGE, "ada")
    assert judge(log).areas[0].approved_by == ()
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer)
    assert judge(log).areas[0].understood_by == ()


def test_what_is_too_large_must_be_split_unless_it_is_the_beginning(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, bits=65537).approve("bob", "cy", "dan")
    assert judge(log).open
    known = {**log.standing.digests, "world.toml": digest("approved")}
    verdict = gate(log.state, replace(log.ground, current=known), ())
    assert codes(verdict) == {"too-large"}
    assert "65537 bits" in texts(verdict)[0]


def test_a_patchset_that_hides_its_hunks_never_merges(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, hunks={})
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer)
    assert codes(judge(log)) == {"hunks-missing"}


def consent(log: Any, *signers: str, name: str = "understood") -> Any:
    for signer in signers:
        log.say("bypass", signer, requirements=[name], **TEXT)
    return log


def ready_but_for_marks(bench: SimpleNamespace) -> Any:
    standing = world(bench, answered={"submittable_if": "true"})
    log = bench.Log(standing, CHANGE)
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer)
    return log


def test_a_bypass_takes_two_eligible_people(bench: SimpleNamespace) -> None:
    log = ready_but_for_marks(bench)
    assert not judge(consent(log, "bob", "bob-second", "ada")).open
    verdict = judge(consent(log, "eve"))
    assert (verdict.open, verdict.bypassed, verdict.bypassed_by) == (True, ("understood",), ("bob", "eve"))
    log.say("withdraw", "eve")
    assert not judge(log).open


def test_a_bypass_is_void_once_something_else_is_proposed(bench: SimpleNamespace) -> None:
    log = consent(ready_but_for_marks(bench), "bob", "eve")
    log.propose("patchset", OTHER, "ada")
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer)
    assert not judge(log).open


@pytest.mark.parametrize("name", ["checks", "objections"])
def test_some_things_cannot_be_bypassed(log: Any, name: str) -> None:
    log.approve("bob", "cy", "dan")
    consent(log, "bob", "cy", "dan", name=name)
    log.say("object", "eve")
    assert codes(judge(log, checks=(PROBLEM,))) == {"check-failed", "objection-open"}


def test_governance_is_never_bypassed_and_keeps_its_quorum_whatever_the_requirements_say(
    bench: SimpleNamespace,
) -> None:
    lax = {name: {"submittable_if": "true", "overridable_if": "true"} for name in ("quorum", "understood", "answered")}
    standing = world(bench, **lax)
    log = bench.Log(standing, {"governance/roster.toml": bench.roster(2)})
    consent(log.approve("bob", "cy"), "bob", "cy", name="quorum")
    assert texts(judge(log)) == ["one more approval for governance"]
    assert judge(log.approve("dan")).open
    world(bench, **lax)  # the same rules leave every other area to whoever opens it
    assert judge(bench.Log(standing, CHANGE)).open


def test_two_consents_do_not_spare_governance_its_marks(bench: SimpleNamespace) -> None:
    own = {"submittable_if": "understood >= quorum", "overridable_if": "true"}
    standing = world(bench, understood=own, answered={"submittable_if": "true"})
    log = bench.Log(standing, {"governance/roster.toml": bench.roster(2)})
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer)
    assert codes(judge(consent(log, "bob", "cy"))) == {"not-understood"}


def test_a_bypassed_merge_is_marked_for_ever(bench: SimpleNamespace) -> None:
    log = consent(ready_but_for_marks(bench), "bob", "eve")
    standing = log.standing
    after = merge(standing, log.merge("ada", bypassed=["understood"]), {})
    sentence = "merge request 1: understood was bypassed by Bob (made-up), Eve (made-up)"
    assert after.bypasses == (sentence,)
    second = bench.Log(after, OTHER, number=2)
    for signer in ("bob", "cy", "dan"):
        second.approve(signer)
    assert merge(after, second.merge("ada"), {}).bypasses == (sentence,)


@pytest.mark.parametrize("named", [[], ["answered", "understood"], ["quorum", "understood"]])
def test_a_merge_names_exactly_what_was_bypassed(bench: SimpleNamespace, named: list[str]) -> None:
    log = consent(ready_but_for_marks(bench), "bob", "eve")
    with pytest.raises(RefusedError, match="bypassed"):
        merge(log.standing, log.merge("ada", bypassed=named), {})


def test_a_merge_says_in_which_context(bench: SimpleNamespace, log: Any) -> None:
    log.approve("bob", "cy", "dan")
    context, log.context = log.context, None
    with pytest.raises(RefusedError, match="context"):
        merge(bench.strict, log.merge("ada"), {})
    log.entries.pop()
    log.context = digest("another")
    with pytest.raises(RefusedError, match="3 more approvals"):
        merge(bench.strict, log.merge("ada"), {})
    log.entries.pop()
    log.context = context
    assert merge(bench.strict, log.merge("ada"), {}).last_merge


def test_a_requirement_of_ones_own_speaks_of_its_paths_alone(bench: SimpleNamespace) -> None:
    own = {"paths": ["mechanisms/t*"], "submittable_if": "approvals >= 4", "description": "four for tanks"}
    log = bench.Log(world(bench, tanks=own), CHANGE).approve("bob", "cy", "dan")
    assert texts(judge(log)) == [
        "mechanisms does not fulfil tanks: four for tanks: `approvals >= 4` does not hold (approvals is 3)"
    ]
    assert judge(log.approve("eve")).open
    elsewhere = bench.Log(world(bench, tanks=own), {"mechanisms/pump.toml": {"law": "N"}}).approve("bob", "cy", "dan")
    assert judge(elsewhere).open


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"format": 3}, "malformed-record"),
        ({"format": 1}, "malformed-record"),
        ({"requirements": {"Quorum": {"submittable_if": "true"}}}, "malformed-record"),
        ({"requirements": {"x": {"applicable_if": "true"}}}, "malformed-record"),
        ({"requirements": {"x": {"submittable_if": "true", "unless": "true"}}}, "unknown-field"),
        ({"requirements": {"x": {"submittable_if": "true", "areas": ["feelings"]}}}, "malformed-record"),
        ({"requirements": {"x": {"submittable_if": "true", "paths": ["../*"]}}, "areas": {}}, "none"),
        ({"requirements": {"x": {"submittable_if": "fridays > 1"}}}, "bad-condition"),
        ({"areas": {"mechanisms": {"quorum": 9}}, "requirements": {"x": {"submittable_if": "1"}}}, "rules-too-weak"),
    ],
)
def test_wrong_rules_are_refused(bench: SimpleNamespace, change: dict[str, Any], code: str) -> None:
    value = bench.declared(requirements={"size": {"submittable_if": "true"}}) | change
    if code == "none":
        assert load_rules(value)
        return
    with pytest.raises(InputError) as refusal:
        load_rules(value)
    assert code in {problem.code for problem in refusal.value.problems}


def test_rules_of_format_1_ask_for_what_they_always_did(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, CHANGE, questions=3, bits=10**9)
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer, context=digest(signer))
    log.say("comment", "eve", resolved=False)
    assert judge(log).open


def test_the_reference_lists_every_fact_and_every_usual_requirement() -> None:
    text = (Path(__file__).parents[3] / "docs/reference/governance.md").read_text(encoding="utf-8")
    table = text.partition("| fact | is |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == KINDS.keys()
    for name, usual in USUAL.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        assert f"`{usual.submittable_if}`" in row
        assert (f"`{usual.overridable_if}`" in row) == (usual.overridable_if != "false")
