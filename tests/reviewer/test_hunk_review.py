"""Reviewing hunk by hunk in a repository: marks, questions, bypasses, reverts, and what votes outlive."""

from typing import Any

import pytest

from reviewer import computing, merge, requests
from reviewer.drafts import new_draft
from reviewer.merge import judge, whose_turn
from reviewer.release import seal
from reviewer.reverting import reverting
from worldmodel.errors import RefusedError

PUMP = b'format = 1\nid = "pump"\nassigns = "flow"\ntitle = "A pump"\nlaw = "Normal(flow[t-1], 1)"\n'


def codes(verdict: Any) -> set[str]:
    return {reason.code for reason in verdict.reasons}


def leak(team: Any, factor: str) -> dict[str, bytes]:
    return {"mechanisms/leak.toml": team.files["mechanisms/leak.toml"].replace(b"0.9", factor.encode())}


def with_pump(team: Any) -> dict[str, bytes]:
    flow = team.files["variables/level.toml"].replace(b'"level"', b'"flow"')
    return {**team.files, "variables/flow.toml": flow, "mechanisms/pump.toml": PUMP.replace(b"1)", b"0.5)")}


def verdict_of(team: Any, number: int) -> Any:
    return judge(team.history, team.request(number))


@pytest.fixture
def pumped(team: Any) -> Any:
    """A world of two variables that have nothing to do with each other."""
    files = with_pump(team)
    files["mechanisms/pump.toml"] = (
        files["mechanisms/pump.toml"].replace(b"1, 0.5", b"1]").replace(b"Normal(flow[t-1], 0.5)", b"0.5 * flow[t-1]")
    )
    team.adopt(files)
    return team


def test_an_approval_without_marks_does_not_merge(team: Any) -> None:
    number = team.open(team.files)
    for who in ("bob", "cy", "dan"):
        team.sign(team.draft(number, "approve"), who)
    assert codes(verdict_of(team, number)) == {"not-understood"}
    team.understand(number, "bob", "cy", "dan")
    assert verdict_of(team, number).open


def test_votes_outlive_a_base_that_moved_elsewhere(pumped: Any) -> None:
    number = pumped.open(leak(pumped, "0.8"))
    pumped.say(number, "approve", "bob", "cy", "dan")
    pump = pumped.history.files["mechanisms/pump.toml"].replace(b"0.5", b"0.4")
    pumped.adopt({"mechanisms/pump.toml": pump})
    assert verdict_of(pumped, number).open
    pumped.merge(number)


def test_votes_do_not_outlive_a_base_that_moved_next_to_it(pumped: Any) -> None:
    number = pumped.open(leak(pumped, "0.8"))
    pumped.say(number, "approve", "bob", "cy", "dan")
    level = pumped.files["variables/level.toml"].replace(b"height", b"depth")
    pumped.adopt({"variables/level.toml": level})
    assert codes(verdict_of(pumped, number)) == {"quorum-missing"}
    pumped.say(number, "approve", "bob", "cy", "dan")
    pumped.merge(number)


def test_a_draft_from_before_the_base_moved_is_not_signed(pumped: Any) -> None:
    number = pumped.open(leak(pumped, "0.8"))
    draft = pumped.draft(number, "approve", context=pumped.context(number))
    pumped.adopt({"variables/level.toml": pumped.files["variables/level.toml"].replace(b"height", b"depth")})
    with pytest.raises(RefusedError, match="stale-draft"):
        pumped.sign(draft, "bob")


def test_a_comment_alone_in_the_file_keeps_votes_and_marks(team: Any) -> None:
    team.adopt()
    number = team.open(leak(team, "0.8"))
    team.say(number, "approve", "bob", "cy", "dan")
    [changed] = leak(team, "0.8").values()
    team.update(number, {"mechanisms/leak.toml": b"# why\n" + changed})
    assert verdict_of(team, number).open
    team.update(number, {"mechanisms/leak.toml": b"# why\n" + changed.replace(b"0.8", b"0.7")})
    assert codes(verdict_of(team, number)) == {"quorum-missing"}


@pytest.mark.parametrize("lie", [{"bits": 1}, {"hunks": {}}, {"questions": 0}])
def test_a_proposal_that_misstates_itself_never_merges(
    team: Any, monkeypatch: pytest.MonkeyPatch, lie: dict[str, Any]
) -> None:
    """As a program of the author's own would: whoever reads it computes everything again."""
    if "questions" in lie:
        monkeypatch.setattr(merge, "least_questions", lambda _before, _changes: 1)
    monkeypatch.setattr(requests, "computed", lambda *known: computing.computed(*known) | lie)
    number = team.open(team.files)
    with pytest.raises(RefusedError, match="misstated-proposal"):
        team.say(number, "approve", "bob")
    assert "misstated" in codes(verdict_of(team, number))
    with pytest.raises(RefusedError, match="misstated-proposal"):
        team.merge(number)


def test_a_bypass_is_in_the_bundle_for_ever(team: Any) -> None:
    number = team.open(team.files)
    team.say(number, "approve", "bob", "cy", "dan")
    team.sign(
        team.draft(number, "mark", "?", state="question", hunks=sorted(team.request(number).state.hunks)[:1]), "eve"
    )
    with pytest.raises(RefusedError, match="own-request"):
        team.sign(team.draft(number, "bypass", "no time", requirements=["questions"]), "ada")
    for who in ("bob", "cy"):
        team.sign(team.draft(number, "bypass", "no time", requirements=["questions"]), who)
    assert verdict_of(team, number).bypassed == ("questions",)
    team.merge(number)
    _, bundle = seal(team.history)
    assert bundle.bypasses == ("merge request 1: questions was bypassed by Bob (made-up), Cy (made-up)",)


def test_a_merge_is_taken_back_by_a_new_request(team: Any) -> None:
    team.adopt()
    changed = team.adopt(leak(team, "0.8"))
    suggestion = reverting(team.repository, team.history, changed)
    number = team.open(suggestion.changes, reverts=suggestion.reverts)
    team.say(number, "approve", "bob", "cy", "dan")
    team.merge(number)
    assert team.history.files["mechanisms/leak.toml"] == team.files["mechanisms/leak.toml"]
    assert team.request(number).state.reverts == team.request(changed).state.tip
    with pytest.raises(RefusedError, match="changed since"):
        reverting(team.repository, team.history, changed)


def test_what_never_merged_cannot_be_taken_back(team: Any) -> None:
    number = team.open(team.files)
    with pytest.raises(RefusedError, match="not merged"):
        reverting(team.repository, team.history, number)
    lie = team.open(team.files, reverts=team.request(number).state.tip)
    assert "misstated" in codes(verdict_of(team, lie))


def test_questions_asked_for_once_are_not_dropped_by_a_patchset(team: Any) -> None:
    number = team.open(team.files, questions=2)
    team.update(number, {**team.files, **leak(team, "0.8")})
    assert team.request(number).state.proposed.questions == 2


def test_the_turn_goes_around(team: Any) -> None:
    number = team.open(team.files)
    assert [turn.person for turn in whose_turn(team.history, team.request(number))] == ["bob", "cy", "dan", "eve"]
    team.say(number, "approve", "bob", "cy", "dan")
    [turn] = whose_turn(team.history, team.request(number))
    assert (turn.person, turn.reason) == ("ada", "nothing is missing: merge it")


def test_a_draft_of_one_kind_has_no_fields_of_another(team: Any) -> None:
    number = team.open(team.files)
    draft = new_draft(team.request(number), "comment", "hm", resolved=False)
    assert draft.own() == {"path": None, "line": None, "reply_to": None, "resolved": False}
