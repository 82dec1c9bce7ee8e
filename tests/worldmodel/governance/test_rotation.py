"""Keys come and go: a vote is judged by its place in the log, and a revoked key never comes back."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.errors import InputError, RefusedError
from worldmodel.governance.gate import excluded, gate
from worldmodel.governance.replay import Standing, merge
from worldmodel.governance.roster import ROSTER_PATH, load_roster
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.sshsig import render_public_key


def line(bench: SimpleNamespace, name: str) -> str:
    return render_public_key(bench.raw(bench.key_of(name)))


def rotated(bench: SimpleNamespace, version: int, who: str, *keys: str, revoked: tuple[str, ...] = ()) -> Any:
    """The roster with other keys for one member."""
    value = bench.roster(version)
    value["people"][who]["keys"] = [line(bench, name) for name in keys]
    if revoked:
        value["people"][who]["revoked"] = [{"key": line(bench, name), "why": "stolen"} for name in revoked]
    return value


def adopt(bench: SimpleNamespace, standing: Standing, value: Any, number: int, voters: tuple[str, ...]) -> Standing:
    log = bench.Log(standing, {ROSTER_PATH: value}, author="eve", number=number)
    for voter in voters:
        log.say("approve", voter)
    return merge(standing, log.merge("eve"), {digest(value): value})


def codes(state: Any, standing: Standing) -> list[str]:
    return [reason.code for reason in gate(state, standing.ground, ()).reasons]


def again(log: Any, standing: Standing, author: str) -> None:
    """A new patchset of the same change under the roster in force now."""
    log.standing = standing
    log.propose("patchset", {"mechanisms/tank.toml": {"law": "Normal(0, 1)"}}, author)


@pytest.fixture
def merged(bench: SimpleNamespace) -> tuple[Standing, Standing]:
    """A world that merged a change with dan's first key, and then gave dan another."""
    log = bench.Log(bench.standing, bench.change, number=1)
    for voter in ("bob", "cy", "dan"):
        log.say("approve", voter)
    first = merge(bench.standing, log.merge("ada"), {})
    return first, adopt(bench, first, rotated(bench, 2, "dan", "dan-new"), 2, ("bob", "cy", "dan"))


def test_what_a_removed_key_approved_stays_approved(bench: SimpleNamespace, merged: tuple[Standing, Standing]) -> None:
    assert [state.number for state in merged[1].merged] == [1, 2]
    assert merged[1].roster.person(bench.raw(bench.key_of("dan"))) is None
    assert merged[1].roster.person(bench.raw(bench.key_of("dan-new"))) == "dan"


def test_on_an_open_request_the_vote_of_a_removed_key_counts_no_more(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, number=7)
    for voter in ("bob", "cy", "dan"):
        log.say("approve", voter)
    assert codes(log.state, bench.standing) == []
    moved = adopt(bench, bench.standing, rotated(bench, 2, "dan", "dan-new"), 1, ("bob", "cy", "ada"))
    assert "dan" not in gate(log.state, moved.ground, ()).areas[0].approved_by
    assert codes(log.state, moved) == ["governance-moved", "quorum-missing"]
    again(log, moved, "ada")
    for voter in ("bob", "cy"):
        log.say("approve", voter)
    assert codes(log.state, moved) == ["quorum-missing"]
    log.say("approve", "dan-new")
    assert codes(log.state, moved) == []


def test_a_removed_key_that_speaks_later_spoils_the_request(bench: SimpleNamespace) -> None:
    moved = adopt(bench, bench.standing, rotated(bench, 2, "dan", "dan-new"), 1, ("bob", "cy", "ada"))
    log = bench.Log(moved, bench.change, number=7)
    log.say("comment", "dan")
    assert "voice-of-no-person" in codes(log.state, moved)


def test_an_objection_outlives_its_key_and_a_stolen_key_cannot_lift_it(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, number=7)
    log.say("object", "dan")
    moved = adopt(bench, bench.standing, rotated(bench, 2, "dan", "dan-new", revoked=("dan",)), 1, ("bob", "cy", "ada"))
    log.say("withdraw", "dan")
    again(log, moved, "ada")
    for voter in ("bob", "cy", "eve"):
        log.say("approve", voter)
    assert codes(log.state, moved) == ["objection-open"]
    log.say("withdraw", "dan-new")
    assert codes(log.state, moved) == []


def test_an_objection_goes_with_the_person_who_leaves(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, number=7)
    log.say("object", "dan")
    moved = adopt(bench, bench.standing, bench.roster(2, without="dan"), 1, ("bob", "cy", "ada"))
    again(log, moved, "ada")
    for voter in ("bob", "cy", "eve"):
        log.say("approve", voter)
    assert codes(log.state, moved) == []


def test_an_author_does_not_become_a_reviewer_by_a_new_key(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change, author="dan", number=7)
    moved = adopt(bench, bench.standing, rotated(bench, 2, "dan", "dan-new"), 1, ("bob", "cy", "ada"))
    again(log, moved, "cy")
    for voter in ("bob", "eve", "dan-new"):
        log.say("approve", voter)
    assert excluded(log.state, moved.roster) == {"dan", "cy"}
    assert codes(log.state, moved) == ["quorum-missing"]


def test_whoever_ever_operated_the_assistant_stays_barred(bench: SimpleNamespace) -> None:
    origin = {"assistant": "robot", "version": "1", "data_digest": None, "alternatives_tried": 1}
    log = bench.Log(bench.standing, bench.change, author="dan", number=7, provenance=origin)
    value = bench.roster(2)
    value["people"]["robot"]["operator"] = "bob"
    moved = adopt(bench, bench.standing, value, 1, ("bob", "cy", "ada"))
    again(log, moved, "dan")
    assert excluded(log.state, moved.roster) == {"dan", "ada", "bob"}


def test_a_revoked_key_comes_back_for_nobody(bench: SimpleNamespace) -> None:
    for who in ("bob", "cy"):
        value = rotated(bench, 2, "bob", "bob", revoked=("bob-second",))
        value["people"][who]["keys"].append(line(bench, "bob-second"))
        with pytest.raises(InputError, match="revoked-key"):
            load_roster(value)
    value = rotated(bench, 2, "bob", "bob", revoked=("bob-second", "bob-second"))
    with pytest.raises(InputError, match="revoked-key"):
        load_roster(value)


@pytest.mark.parametrize("next_roster", ["forgotten", "rewritten", "moved", "member gone"])
def test_a_revocation_is_kept_as_it_is(bench: SimpleNamespace, next_roster: str) -> None:
    second = rotated(bench, 2, "bob", "bob", revoked=("bob-second",))
    moved = adopt(bench, bench.standing, second, 1, ("bob", "cy", "ada"))
    third = rotated(bench, 3, "bob", "bob", revoked=("bob-second",))
    match next_roster:
        case "forgotten":
            third["people"]["bob"]["revoked"] = []
        case "rewritten":
            third["people"]["bob"]["revoked"][0]["why"] = "never mind"
        case "moved":
            third["people"]["cy"]["revoked"] = third["people"]["bob"].pop("revoked")
        case "member gone":
            del third["people"]["bob"]
    with pytest.raises(RefusedError, match="revocation-undone"):
        adopt(bench, moved, third, 2, ("cy", "ada", "dan"))


def test_a_key_is_revoked_under_the_name_of_its_owner_only(bench: SimpleNamespace) -> None:
    value = rotated(bench, 2, "bob", "bob")
    value["people"]["cy"]["revoked"] = [{"key": line(bench, "bob-second"), "why": "stolen"}]
    with pytest.raises(RefusedError, match="revocation-undone"):
        adopt(bench, bench.standing, value, 1, ("dan", "cy", "ada"))


def test_who_has_left_is_not_waited_for(bench: SimpleNamespace) -> None:
    value = rotated(bench, 2, "dan", revoked=("dan",))
    moved = adopt(bench, bench.standing, value, 1, ("bob", "cy", "ada"))
    assert moved.roster.people() == ("ada", "bob", "cy", "eve")
    assert moved.roster.revoked[bench.raw(bench.key_of("dan"))] == "dan"


def test_a_roster_without_revocations_means_what_it_meant(bench: SimpleNamespace) -> None:
    roster = load_roster(bench.roster())
    assert (dict(roster.revoked), roster.digest, dict(roster.earlier)) == ({}, digest(bench.roster()), {})
    assert roster.at("sha256:" + "0" * 64) is roster
    assert bench.standing.digests[RULES_PATH] == digest(bench.rules())
