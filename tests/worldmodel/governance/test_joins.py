"""A joined log means the same whichever side is listed first, loses nothing, and never counts more than it should."""

from itertools import permutations
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.canonical import digest
from worldmodel.errors import InputError
from worldmodel.governance.fold import RequestState, fold, joined
from worldmodel.governance.gate import gate
from worldmodel.governance.statement import Entry

OTHER = {"mechanisms/tank.toml": {"law": "Normal(1, 1)"}}
THIRD = {"mechanisms/tank.toml": {"law": "Normal(2, 1)"}}
HUNK = digest("a hunk")
HUNKS = {"mechanisms/tank.toml": {"law": HUNK}}
TEXT = {"attachments": {"text": digest("why")}}

KINDS = st.sampled_from(["approve", "object", "withdraw", "comment", "mark", "question", "patchset", "answer"])
STEPS = st.lists(st.tuples(KINDS, st.sampled_from(["ada", "bob", "bob-second", "cy", "dan", "eve"])), max_size=4)


def do(log: Any, kind: str, signer: str) -> None:
    match kind:
        case "patchset":
            log.propose("patchset", OTHER, signer, hunks=HUNKS)
        case "mark":
            log.say("mark", signer, state="understood", hunks=[HUNK])
        case "question":
            log.say("mark", signer, state="question", hunks=[HUNK], **TEXT)
        case "answer":
            log.say("answer", signer, question=digest("q"), answer=digest("a"), right=True)
        case "left" | "right":  # a word that only this side can have said
            log.say("comment", signer, path="mechanisms/tank.toml", line=1 + (kind == "right"))
        case _:
            log.say(kind, signer)


def sides(bench: SimpleNamespace, before: Any, left: Any, right: Any) -> tuple[Any, Any]:
    """A log that went two ways after a common beginning."""
    one = bench.Log(bench.standing, bench.change, hunks=HUNKS)
    for step in before:
        do(one, *step)
    other = one.fork()
    for log, steps in ((one, left), (other, right)):
        for step in steps:
            do(log, *step)
    return one, other


def judged(bench: SimpleNamespace, state: RequestState) -> Any:
    return gate(state, bench.standing.ground, ())


def listings(entries: list[Entry]) -> list[list[Entry]]:
    """Every order of a short log in which each entry follows those that it names."""
    return [
        list(order)
        for order in permutations(entries)
        if all(
            set(entry.operation.parents) <= {one.digest for one in order[:place]} for place, entry in enumerate(order)
        )
    ]


@given(before=STEPS, left=STEPS, right=STEPS, signer=st.sampled_from(["ada", "cy"]))
def test_neither_side_comes_first(bench: SimpleNamespace, before: Any, left: Any, right: Any, signer: str) -> None:
    one, other = sides(bench, before, [*left, ("left", "ada")], [*right, ("right", "bob")])
    assert joined(one.state, other.state) == joined(other.state, one.state)
    here, there = one.fork(), other.fork()
    here.join(other, signer)
    there.join(one, signer)
    assert fold(here.entries) == fold(there.entries)
    assert judged(bench, here.state) == judged(bench, there.state)
    assert {entry.digest for entry in here.entries} >= {entry.digest for entry in (*one.entries, *other.entries)}


@given(left=STEPS, right=STEPS)
def test_a_join_never_opens_what_both_sides_could_not(bench: SimpleNamespace, left: Any, right: Any) -> None:
    """Every approval that counts after a join was given on one side, for what is proposed, and by nobody barred."""
    one, other = sides(bench, [], [*left, ("left", "ada")], [*right, ("right", "bob")])
    counted = {person for log in (one, other) for area in judged(bench, log.state).areas for person in area.approved_by}
    objecting = {
        "objection-open" in {reason.code for reason in judged(bench, log.state).reasons} for log in (one, other)
    }
    one.join(other, "ada")
    verdict = judged(bench, one.state)
    assert set(verdict.areas[0].approved_by) <= counted
    if objecting == {True}:
        assert not verdict.open


def test_every_order_of_a_small_joined_log_gives_one_state(bench: SimpleNamespace) -> None:
    one, other = sides(bench, [], [("approve", "bob"), ("patchset", "ada")], [("approve", "cy"), ("object", "eve")])
    one.join(other, "dan")
    found = listings(one.entries)
    assert len(found) == 6
    assert len({repr(fold(order)) for order in found}) == 1


def test_votes_of_both_sides_count(bench: SimpleNamespace) -> None:
    one, other = sides(bench, [("approve", "bob")], [("approve", "cy")], [("approve", "dan")])
    one.join(other, "cy")
    assert judged(bench, one.state).open


def test_a_vote_on_a_patchset_that_the_other_side_replaced_does_not_count(bench: SimpleNamespace) -> None:
    steps = [("approve", "bob"), ("approve", "cy"), ("approve", "dan")]
    one, other = sides(bench, [], [("patchset", "ada")], steps)
    one.join(other, "ada")
    assert judged(bench, one.state).areas[0].approved_by == ()
    assert one.state.proposed.patchset == 2


def test_two_patchsets_of_one_number_void_everything_until_a_third(bench: SimpleNamespace) -> None:
    votes = [("approve", "bob"), ("approve", "cy"), ("approve", "dan")]
    one, other = sides(bench, [], [("patchset", "ada"), *votes], [])
    other.propose("patchset", THIRD, "eve")
    one.join(other, "ada")
    codes = {reason.code for reason in judged(bench, one.state).reasons}
    assert {"patchsets-split", "quorum-missing"} <= codes
    for voter in ("bob", "cy", "dan"):
        one.say("approve", voter)
    assert judged(bench, one.state).areas[0].approved_by == ()
    one.propose("patchset", OTHER, "ada")
    assert one.state.proposed.patchset == 3
    assert judged(bench, one.state).areas[0].approved_by == ()
    for voter in ("bob", "cy", "dan"):
        one.say("approve", voter)
    assert judged(bench, one.state).open


@pytest.mark.parametrize("against", ["object", "withdraw"])
def test_of_two_words_that_know_nothing_of_each_other_the_wary_one_counts(bench: SimpleNamespace, against: str) -> None:
    others = [("approve", "cy"), ("approve", "dan")]
    one, other = sides(bench, [*others], [("approve", "bob")], [(against, "bob-second")])
    one.join(other, "cy")
    assert not judged(bench, one.state).open
    one.say("approve", "bob")
    assert judged(bench, one.state).open


def test_an_abandonment_on_one_side_ends_both(bench: SimpleNamespace) -> None:
    one, other = sides(bench, [], [("abandon", "ada")], [("approve", "bob")])
    one.join(other, "ada")
    assert one.state.status == "abandoned"
    one.append("comment", "bob", patchset=1, proposal=other.state.proposal, shown=digest("x"))
    with pytest.raises(InputError, match="after the request was abandoned"):
        fold(one.entries)


def test_a_log_that_parted_must_be_joined(bench: SimpleNamespace) -> None:
    one, other = sides(bench, [], [("approve", "bob")], [("approve", "cy")])
    with pytest.raises(InputError, match="2 ends that nobody joined"):
        fold([*one.entries, other.entries[-1]])


@pytest.mark.parametrize(
    "fields", [{"patchset": 2}, {"proposal": digest("another")}, {"parents": sorted((digest("a"), digest("b")))}]
)
def test_a_join_says_exactly_what_it_joins(bench: SimpleNamespace, fields: dict[str, Any]) -> None:
    one, other = sides(bench, [], [("approve", "bob")], [("approve", "cy")])
    operation = one.fork().join(other, "cy").operation
    one.entries.append(other.entries[-1])
    usual = {"parents": operation.parents, "patchset": operation.patchset, "proposal": operation.proposal}
    one.append("join", "cy", **(usual | fields))
    with pytest.raises(InputError, match="broken-log"):
        fold(one.entries)


def test_a_join_of_an_entry_with_its_own_past_is_refused(bench: SimpleNamespace) -> None:
    one, _ = sides(bench, [("approve", "bob"), ("approve", "cy")], [], [])
    state, parents = one.state, sorted(entry.digest for entry in one.entries[-2:])
    one.append("join", "cy", parents=parents, patchset=1, proposal=state.proposal)
    with pytest.raises(InputError, match="broken-log"):
        fold(one.entries)


def test_a_stranger_who_joins_shuts_the_gate(bench: SimpleNamespace) -> None:
    one, other = sides(bench, [("approve", "bob")], [("approve", "cy")], [("approve", "dan")])
    one.join(other, "robot")
    assert {reason.code for reason in judged(bench, one.state).reasons} == {"voice-of-no-person"}
