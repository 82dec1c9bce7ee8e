"""Replaying merges: an unbroken chain from the first roster, and nothing that the gate would not have let through."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.errors import GlassworldError, RefusedError
from worldmodel.governance.replay import Standing, genesis, merge

OTHER = {"mechanisms/tank.toml": {"law": "Normal(1, 1)"}}


def approved(bench: SimpleNamespace, standing: Standing, changes: dict[str, Any], number: int = 1) -> Any:
    log = bench.Log(standing, changes, number=number)
    for signer in ("bob", "cy", "dan"):
        log.say("approve", signer)
    return log


def versions(*values: Any) -> dict[str, Any]:
    return {digest(value): value for value in values}


def test_a_chain_of_merges_leads_to_the_digests_of_the_world(bench: SimpleNamespace) -> None:
    first = merge(bench.standing, approved(bench, bench.standing, bench.change).merge("ada"), {})
    second = merge(first, approved(bench, first, OTHER, number=2).merge("eve"), {})
    gone = merge(second, approved(bench, second, {"mechanisms/tank.toml": None}, number=3).merge("eve"), {})
    assert second.digests["mechanisms/tank.toml"] == digest(OTHER["mechanisms/tank.toml"])
    assert gone.digests == bench.standing.digests
    assert [state.number for state in gone.merged] == [1, 2, 3]


def test_a_merge_without_its_quorum_is_a_bypass(bench: SimpleNamespace) -> None:
    log = bench.Log(bench.standing, bench.change)
    log.say("approve", "bob")
    with pytest.raises(RefusedError, match="2 more approvals"):
        merge(bench.standing, log.merge("ada"), {})


@pytest.mark.parametrize("signer", ["robot", "stranger"])
def test_only_people_on_the_roster_merge(bench: SimpleNamespace, signer: str) -> None:
    with pytest.raises(RefusedError, match="gate-bypassed"):
        merge(bench.standing, approved(bench, bench.standing, bench.change).merge(signer), {})


@pytest.mark.parametrize("field", ["previous", "before", "after"])
def test_a_merge_that_does_not_fit_the_chain_is_refused(bench: SimpleNamespace, field: str) -> None:
    entries = approved(bench, bench.standing, bench.change).merge("ada", **{field: digest("x")})
    with pytest.raises(RefusedError, match="broken-chain"):
        merge(bench.standing, entries, {})


def test_a_truncated_log_is_refused(bench: SimpleNamespace) -> None:
    log = approved(bench, bench.standing, bench.change)
    log.say("object", "eve")
    log.say("withdraw", "eve")
    entries = log.merge("ada")
    for cut in range(1, len(entries)):
        with pytest.raises(GlassworldError):
            merge(bench.standing, entries[:cut], {})
        with pytest.raises(GlassworldError):
            merge(bench.standing, [*entries[:cut], entries[-1]][: len(entries) - 1], {})


def test_a_hidden_objection_cannot_be_cut_out_of_a_merged_log(bench: SimpleNamespace) -> None:
    log = approved(bench, bench.standing, bench.change)
    log.say("object", "eve")
    entries = log.merge("ada")
    with pytest.raises(RefusedError, match="objects"):
        merge(bench.standing, entries, {})
    with pytest.raises(GlassworldError, match="broken-log"):
        merge(bench.standing, [*entries[:-2], entries[-1]], {})


def test_the_roster_moves_on_by_one_version_under_the_old_roster(bench: SimpleNamespace) -> None:
    smaller = bench.roster(2, without="eve")
    log = approved(bench, bench.standing, {"governance/roster.toml": smaller})
    moved = merge(bench.standing, log.merge("eve"), versions(smaller))
    assert "eve" not in moved.roster.members
    late = approved(bench, moved, bench.change, number=2)
    late.say("approve", "eve")
    with pytest.raises(RefusedError, match="no person's key"):
        merge(moved, late.merge("ada"), versions(smaller))


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_is_not_the_next_is_refused(bench: SimpleNamespace, version: int) -> None:
    other = bench.roster(version, without="eve")
    log = approved(bench, bench.standing, {"governance/roster.toml": other})
    with pytest.raises(RefusedError, match="governance-version"):
        merge(bench.standing, log.merge("ada"), versions(other))


def test_governance_cannot_be_rolled_back(bench: SimpleNamespace) -> None:
    second = bench.roster(2, without="eve")
    moved = merge(
        bench.standing,
        approved(bench, bench.standing, {"governance/roster.toml": second}).merge("ada"),
        versions(second),
    )
    back = approved(bench, moved, {"governance/roster.toml": bench.roster(1)}, number=2)
    with pytest.raises(RefusedError, match="governance-version"):
        merge(moved, back.merge("ada"), versions(bench.roster(1)))


@pytest.mark.parametrize("path", ["governance/roster.toml", "governance/rules.toml"])
def test_governance_cannot_be_removed(bench: SimpleNamespace, path: str) -> None:
    with pytest.raises(GlassworldError):
        merge(bench.standing, approved(bench, bench.standing, {path: None}).merge("ada"), {})


def test_a_request_approved_under_old_rules_is_void(bench: SimpleNamespace) -> None:
    pending = approved(bench, bench.standing, bench.change, number=2)
    stricter = bench.rules(2, mechanisms=2)
    log = approved(bench, bench.standing, {"governance/rules.toml": stricter})
    moved = merge(bench.standing, log.merge("ada"), versions(stricter))
    pending.standing = moved
    with pytest.raises(RefusedError, match="the roster or the rules changed"):
        merge(moved, pending.merge("ada"), versions(stricter))


def test_a_world_begins_with_version_one(bench: SimpleNamespace) -> None:
    with pytest.raises(RefusedError, match="broken-chain"):
        genesis(bench.roster(2), bench.rules())


def test_the_fingerprint_covers_roster_and_rules(bench: SimpleNamespace) -> None:
    worlds = [
        genesis(bench.roster(), bench.rules()),
        genesis(bench.roster(without="eve"), bench.rules()),
        genesis(bench.roster(), bench.rules(mechanisms=2)),
    ]
    assert len({world.fingerprint for world in worlds}) == 3


def test_the_approvals_of_a_merged_request_cannot_undo_a_later_merge(bench: SimpleNamespace) -> None:
    """A log cut before its merge fits again as soon as someone brought the old base back; its votes are spent."""
    log = approved(bench, bench.standing, bench.change)
    spent = list(log.entries)
    first = merge(bench.standing, log.merge("ada"), {})
    taken_back = merge(first, approved(bench, first, {"mechanisms/tank.toml": None}, number=2).merge("eve"), {})
    log.standing, log.entries = taken_back, spent
    with pytest.raises(RefusedError, match="merged before"):
        merge(taken_back, log.merge("ada"), {})


def test_a_later_roster_does_not_make_real_what_made_up_people_approved(bench: SimpleNamespace) -> None:
    real = bench.roster(2)
    for member in real["people"].values():
        member.pop("made_up", None)
    second = merge(
        bench.standing,
        approved(bench, bench.standing, {"governance/roster.toml": real}).merge("ada"),
        versions(real),
    )
    assert "Ada (made-up)" in second.made_up
    assert second.roster.label("ada") == "Ada"
