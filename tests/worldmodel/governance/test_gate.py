"""The gate counts distinct people other than author and operator, on the exact proposal, and says what is missing."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.errors import Problem
from worldmodel.governance.gate import Ground, Verdict, gate, settled
from worldmodel.governance.replay import genesis
from worldmodel.governance.roster import load_roster
from worldmodel.governance.rules import load_rules

OTHER = {"mechanisms/tank.toml": {"law": "Normal(1, 1)"}}
PROVENANCE = {"assistant": "robot", "version": "1", "data_digest": None, "alternatives_tried": 3}


def judge(log: Any, checks: tuple[Problem, ...] = (), viewer: str | None = None) -> Verdict:
    return gate(log.state, log.standing.ground, checks, viewer)


def codes(verdict: Verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


def approve(log: Any, *signers: str) -> Any:
    for signer in signers:
        log.say("approve", signer)
    return log


@pytest.fixture
def log(bench: SimpleNamespace) -> Any:
    return bench.Log(bench.standing, bench.change)


def test_three_other_people_open_the_gate(log: Any) -> None:
    for signer, missing in (("bob", 2), ("cy", 1), ("dan", 0)):
        verdict = judge(approve(log, signer))
        assert (verdict.open, verdict.areas[0].missing) == (missing == 0, missing)
    assert verdict.areas[0].approved_by == ("bob", "cy", "dan")


def test_a_second_key_of_one_person_counts_once(log: Any) -> None:
    verdict = judge(approve(log, "bob", "bob-second", "cy"))
    assert (verdict.open, verdict.areas[0].approved_by) == (False, ("bob", "cy"))


def test_the_author_never_counts(log: Any) -> None:
    assert judge(approve(log, "ada", "bob", "cy")).areas[0].missing == 1


def test_whoever_uploaded_any_patchset_is_an_author(log: Any) -> None:
    log.propose("patchset", OTHER, "bob")
    assert judge(approve(log, "bob", "cy", "dan")).areas[0].approved_by == ("cy", "dan")


def test_the_operator_of_the_assistant_never_counts(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, author="robot", provenance=PROVENANCE)
    verdict = judge(approve(log, "ada", "bob", "cy"), viewer="ada")
    assert verdict.areas[0].approved_by == ("bob", "cy")
    [reason] = verdict.reasons
    assert reason.text == "one more approval for mechanisms; you operated this assistant, so yours would not count"


def test_the_operator_never_counts_when_another_person_opens_the_proposal(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, author="eve", provenance=PROVENANCE)
    assert judge(approve(log, "ada", "eve", "bob", "cy")).areas[0].approved_by == ("bob", "cy")


def test_a_later_patchset_cannot_hide_the_assistant(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, author="eve", provenance=PROVENANCE)
    log.propose("patchset", OTHER, "eve")
    assert judge(approve(log, "ada", "bob", "cy")).areas[0].approved_by == ("bob", "cy")


@pytest.mark.parametrize("signer", ["robot", "stranger"])
def test_an_assistant_or_a_stranger_in_the_log_shuts_the_gate(log: Any, signer: str) -> None:
    verdict = judge(approve(log, "bob", "cy", "dan", signer))
    assert "voice-of-no-person" in codes(verdict)
    assert "author-unknown" in codes(judge(type(log)(log.standing, OTHER, author="stranger")))


def test_the_latest_vote_of_a_person_wins(log: Any) -> None:
    approve(log, "bob", "cy", "dan")
    log.say("withdraw", "bob-second")
    assert judge(log).areas[0].approved_by == ("cy", "dan")
    assert judge(approve(log, "bob")).open


def test_an_objection_blocks_until_the_same_person_lifts_it(log: Any) -> None:
    approve(log, "bob", "cy", "dan")
    log.say("object", "eve")
    assert codes(judge(log)) == {"objection-open"}
    log.propose("patchset", OTHER, "ada")
    assert "objection-open" in codes(judge(approve(log, "bob", "cy", "dan")))
    log.say("withdraw", "eve")
    assert judge(log).open


def test_a_new_patchset_voids_every_approval(log: Any) -> None:
    approve(log, "bob", "cy", "dan")
    log.propose("patchset", OTHER, "ada")
    assert judge(log).areas[0].approved_by == ()


def test_going_back_to_an_old_patchset_does_not_bring_its_votes_back(bench: SimpleNamespace, log: Any) -> None:
    approve(log, "bob", "cy", "dan")
    log.propose("patchset", OTHER, "ada")
    log.propose("patchset", bench.change, "ada")
    assert judge(log).areas[0].approved_by == ()


def test_a_patchset_that_changes_only_formatting_keeps_the_votes(bench: SimpleNamespace, log: Any) -> None:
    approve(log, "bob", "cy")
    log.propose("patchset", bench.change, "ada")
    assert judge(approve(log, "dan")).open


def test_an_approval_is_for_the_areas_that_it_names(bench: SimpleNamespace) -> None:
    both = bench.change | {"objective.toml": {"horizon": 40}}
    log = bench.Log(bench.standing, both)
    approve(log, "bob", "cy")
    log.say("approve", "dan", areas=["objective"])
    assert {area.area: area.missing for area in judge(log).areas} == {"mechanisms": 1, "objective": 0}


def test_a_failed_check_or_a_moved_base_shuts_the_gate(log: Any) -> None:
    approve(log, "bob", "cy", "dan")
    problem = Problem(code="cycle", where="world", found="x → y → x")
    assert codes(judge(log, checks=(problem,))) == {"check-failed"}
    ground = log.standing.ground
    moved = Ground(ground.roster, ground.rules, {**ground.current, "mechanisms/tank.toml": digest("elsewhere")})
    assert codes(gate(log.state, moved, ())) == {"base-moved"}
    other = Ground(ground.roster, ground.rules, {**ground.current, "governance/rules.toml": digest("new rules")})
    assert codes(gate(log.state, other, ())) == {"governance-moved"}


def test_governance_comes_alone_and_from_people(bench: SimpleNamespace) -> None:
    mixed = bench.Log(bench.standing, bench.change | {"governance/roster.toml": bench.roster(2)})
    assert "governance-mixed" in codes(judge(mixed))
    robot = bench.Log(bench.standing, {"governance/roster.toml": bench.roster(2)}, author="robot")
    assert "governance-by-assistant" in codes(judge(robot))


def test_an_ended_request_cannot_merge(log: Any) -> None:
    approve(log, "bob", "cy", "dan").say("abandon", "ada")
    assert codes(judge(log)) == {"request-ended"}


@pytest.mark.parametrize(
    ("viewer", "words"),
    [
        ("ada", "you wrote this, so yours would not count"),
        ("bob", "yours is counted"),
        ("eve", "yours would count"),
        ("robot", "only people approve"),
    ],
)
def test_reasons_speak_to_whoever_looks(log: Any, viewer: str, words: str) -> None:
    assert words in judge(approve(log, "bob"), viewer=viewer).reasons[0].text


def test_a_small_roster_is_told_that_people_are_missing(bench: SimpleNamespace) -> None:
    value = bench.roster()
    value["people"] = {name: value["people"][name] for name in ("ada", "bob")}
    small = Ground(load_roster(value), load_rules(bench.rules()), bench.standing.digests)
    state = bench.Log(bench.standing, bench.change).state
    assert "only 1 on the roster could give one and 3 are needed" in gate(state, small, ()).reasons[0].text


def test_everyone_else_stands_in_for_a_quorum_of_governance_alone(bench: SimpleNamespace) -> None:
    value = bench.roster()
    value["people"] = {name: value["people"][name] for name in ("ada", "bob")}
    lenient = bench.rules() | {"areas": {"governance": {"quorum": 3, "or_everyone": True}}}
    small = Ground(load_roster(value), load_rules(lenient), bench.standing.digests)
    log = bench.Log(bench.standing, {"governance/roster.toml": bench.roster(2)})
    assert not gate(log.state, small, ()).open
    assert gate(approve(log, "bob").state, small, ()).open


def test_whoever_corrected_an_earlier_patchset_still_has_to_be_asked(bench: SimpleNamespace) -> None:
    """Everyone else stands in for a quorum, so an author must not make others vanish by having them upload once."""
    members = {name: bench.roster()["people"][name] for name in ("ada", "bob", "cy")}
    lenient = bench.rules() | {"areas": {"governance": {"quorum": 3, "or_everyone": True}}}
    standing = genesis(bench.roster() | {"people": members}, lenient)
    corrected, alone = (
        {"governance/roster.toml": bench.roster(2) | {"people": people}}
        for people in (members, {"ada": members["ada"]})
    )
    log = bench.Log(standing, alone)
    log.propose("patchset", corrected, "bob")
    log.propose("patchset", corrected, "cy")
    log.propose("patchset", alone, "ada")
    assert "2 more approvals" in judge(log).reasons[0].text
    log.propose("patchset", alone, "bob")
    log.propose("patchset", alone, "cy")
    assert judge(log).open  # now all three have signed the very same proposal


@pytest.mark.parametrize(
    ("author", "signer", "ends"), [("robot", "ada", True), ("bob", "bob-second", True), ("ada", "bob", False)]
)
def test_only_an_author_or_their_operator_abandons(
    bench: SimpleNamespace, author: str, signer: str, ends: bool
) -> None:
    log = bench.Log(bench.standing, bench.change, author=author)
    log.say("abandon", signer)
    approve(log, "cy", "dan", "eve")
    assert (codes(judge(log)) == {"request-ended"}) == ends
    assert settled(log.state, log.standing.roster).status == ("abandoned" if ends else "open")


def test_who_becomes_an_author_later_did_not_abandon_as_one(log: Any) -> None:
    log.say("abandon", "bob")
    log.propose("patchset", OTHER, "bob")
    assert "request-ended" not in codes(judge(log))
