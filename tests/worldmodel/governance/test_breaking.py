"""Attempts to get a change past its reviewers, or a word of theirs out of the way, by logs that a program wrote."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.errors import RefusedError
from worldmodel.governance.attention import turns
from worldmodel.governance.conditions import holds, parse_condition
from worldmodel.governance.facts import Review
from worldmodel.governance.fold import fold
from worldmodel.governance.gate import gate
from worldmodel.governance.replay import genesis, merge
from worldmodel.governance.requirements import KINDS

PATH = "mechanisms/tank.toml"
CHANGE = {PATH: {"law": "Normal(0, 1)", "parameters": {"slope": {"prior": "N"}}}}
OTHER = {PATH: {"law": "Normal(1, 1)", "parameters": {"slope": {"prior": "N"}}}}
TEXT = {"attachments": {"text": digest("why")}}


def judge(log: Any) -> Any:
    return gate(log.state, log.ground, ())


def codes(log: Any) -> set[str]:
    return {reason.code for reason in judge(log).reasons}


@pytest.mark.parametrize("lift", ["withdraw", "approve"])
@pytest.mark.parametrize("remark", range(4))
def test_joins_that_cross_do_not_hide_that_two_words_were_said_apart(
    bench: SimpleNamespace, lift: str, remark: int
) -> None:
    """An objection is joined first with a remark and then with a word that never knew of it."""
    trunk = bench.Log(bench.strict, CHANGE).approve("bob", "dan", "eve")
    objection, lifting, aside = trunk.fork(), trunk.fork(), trunk.fork()
    objection.say("object", "cy")
    lifting.say(lift, "cy")
    aside.say("comment", "bob", path=PATH, line=1 + remark)  # other digests, so another side is named first
    one, other = objection.fork(), objection.fork()
    one.join(aside, "bob")
    other.join(lifting, "bob")
    one.join(other, "bob")
    assert codes(one) == {"objection-open"}


def test_a_patchset_that_cuts_the_same_change_into_fewer_hunks_voids_the_votes(bench: SimpleNamespace) -> None:
    """A bundle has no files: who marked one of two hunks must not count once the other is no longer listed."""
    log = bench.Log(bench.strict, CHANGE)
    listed = log.state.proposed.hunks[PATH]
    for signer in ("bob", "cy", "dan"):
        log.say("mark", signer, state="understood", hunks=[listed["law"]])
        log.say("approve", signer)
    assert codes(log) == {"not-understood"}
    log.propose("patchset", CHANGE, "ada", hunks={PATH: {"law": listed["law"]}}, bits=1)
    assert judge(log).areas[0].approved_by == ()


def test_a_patchset_that_says_there_is_less_to_read_voids_the_votes(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.strict, CHANGE, bits=70_000).approve("bob", "cy", "dan")
    log.propose("patchset", CHANGE, "ada", bits=1)
    assert judge(log).areas[0].approved_by == ()


@pytest.mark.parametrize("author", ["ada", "eve", "robot"])
def test_questions_that_were_asked_for_are_not_dropped_by_a_later_patchset(bench: SimpleNamespace, author: str) -> None:
    log = bench.Log(bench.strict, CHANGE, questions=2).approve("bob", "cy", "dan")
    log.propose("patchset", CHANGE, author, questions=0)
    assert codes(log) == {"not-answered"}
    log.propose("patchset", OTHER, author, questions=0)
    log.approve("bob", "cy", "dan")
    assert codes(log) == {"not-answered"}


def test_an_assistant_took_part_whether_or_not_it_says_so(bench: SimpleNamespace) -> None:
    strict = {"applicable_if": "assistant", "submittable_if": "approvals >= 4"}
    standing = genesis(bench.roster(), bench.declared(requirements={"assisted": strict}))
    silent = bench.Log(standing, CHANGE, "robot", provenance=None).approve("bob", "cy", "dan")
    assert codes(silent) == {"requirement-unmet"}
    hidden = bench.Log(standing, CHANGE, "robot", provenance=None)
    hidden.propose("patchset", CHANGE, "eve")
    assert codes(hidden.approve("bob", "cy", "dan")) == {"requirement-unmet"}
    person = bench.Log(standing, CHANGE, "ada").approve("bob", "cy", "dan")
    assert judge(person).open


def reverting(bench: SimpleNamespace, changes: dict[str, Any]) -> tuple[Any, Any]:
    """A world after one merge of two components, and a request that says that it takes that merge back."""
    first = bench.Log(bench.strict, CHANGE | {"mechanisms/pump.toml": {"law": "Delta(1)"}}).approve("bob", "cy", "dan")
    standing = merge(bench.strict, first.merge("ada"), {})
    return standing, bench.Log(standing, changes, number=2, reverts=standing.last_merge, hunks=cut(changes))


def cut(changes: dict[str, Any]) -> dict[str, dict[str, str]]:
    """One hunk for each component."""
    return {path: {"law": digest(path)} for path in changes}


def test_what_says_that_it_takes_a_merge_back_takes_back_that_and_no_more(bench: SimpleNamespace) -> None:
    gone = {PATH: None, "mechanisms/pump.toml": None}
    standing, honest = reverting(bench, gone)
    merge(standing, honest.approve("bob", "cy", "dan").merge("ada"), {})
    for changes in (OTHER, {PATH: None}, gone | {"mechanisms/new.toml": {"law": "Delta(2)"}}):
        standing, lie = reverting(bench, changes)
        with pytest.raises(RefusedError, match="takes back"):
            merge(standing, lie.approve("bob", "cy", "dan").merge("ada"), {})
    standing, turned = reverting(bench, gone)
    turned.propose("patchset", OTHER, "ada", hunks=cut(OTHER))
    with pytest.raises(RefusedError, match="takes back"):
        merge(standing, turned.approve("bob", "cy", "dan").merge("ada"), {})


@pytest.mark.parametrize("signer", ["robot", "stranger"])
def test_only_people_take_others_out_of_the_attention_set(bench: SimpleNamespace, signer: str) -> None:
    log = bench.Log(bench.strict, CHANGE)
    log.say("attention", signer, who="cy", act="remove", **TEXT)
    review = Review(log.state, log.ground)
    assert "cy" in {turn.person for turn in turns(review, judge(log))}


@pytest.mark.parametrize("text", ["bits" + " * bits" * 60 + " * 1.5 > 1", "1.5" + " * bits" * 60 + " > 1"])
def test_a_condition_has_a_value_for_all_facts(text: str) -> None:
    condition = parse_condition(text, KINDS, "rules", "x")
    facts = dict.fromkeys(KINDS, 10**12)
    assert holds(condition, facts)


@pytest.mark.parametrize("kind", ["comment", "mark", "attention", "vote"])
def test_a_person_who_says_a_thousand_things_makes_nobody_wait(bench: SimpleNamespace, kind: str) -> None:
    """Judging a log costs no more than a few times what reading it does (a hundred times, where each looked at all)."""
    log = bench.Log(bench.strict, CHANGE)
    fields: dict[str, dict[str, Any]] = {
        "comment": {"resolved": False},
        "mark": {"state": "question", "hunks": sorted(log.state.hunks)[:1], **TEXT},
        "attention": {"who": "cy", "act": "add", **TEXT},
        "vote": {"areas": ["mechanisms"]},
    }
    about = {"patchset": 1, "proposal": log.state.proposal, "shown": digest("x"), "context": log.context}
    for place in range(1500):
        objects = kind == "vote" and place % 2
        said = {} if objects else fields[kind]
        log.append("object" if objects else kind.replace("vote", "approve"), "bob", **about, **said)
    began = time.process_time()
    state = fold(log.entries)
    read = time.process_time()
    turns(Review(state, log.ground), gate(state, log.ground, ()))
    assert time.process_time() - read < 10 * (read - began)
