"""The fold refuses an entry that was moved, dropped, replayed or signed about something else."""

from types import SimpleNamespace
from typing import Any

import pytest

from worldmodel.canonical import digest
from worldmodel.errors import InputError
from worldmodel.governance.fold import fold

OTHER = {"mechanisms/tank.toml": {"law": "Normal(1, 1)"}}


@pytest.fixture
def log(bench: SimpleNamespace) -> Any:
    log = bench.Log(bench.standing, bench.change)
    for kind, signer in (("comment", "bob"), ("approve", "bob"), ("object", "cy"), ("withdraw", "cy")):
        log.say(kind, signer)
    return log


def test_the_state_tells_the_log(log: Any, bench: SimpleNamespace) -> None:
    state = log.state
    assert (state.status, len(state.votes), len(state.comments)) == ("open", 3, 1)
    assert state.authors == (bench.raw(bench.key_of("ada")),)
    assert state.tip == log.entries[-1].digest
    log.say("abandon", "ada")
    assert log.state.status == "abandoned"


def test_no_entry_can_be_dropped_moved_or_doubled(log: Any) -> None:
    entries = log.entries
    for place in range(len(entries) - 1):
        with pytest.raises(InputError, match="broken-log"):
            fold([*entries[:place], *entries[place + 1 :]])
        with pytest.raises(InputError, match="broken-log"):
            fold([*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]])
        with pytest.raises(InputError, match="broken-log"):
            fold([*entries[: place + 1], *entries[place:]])


def test_a_vote_cannot_be_replayed_on_another_request(bench: SimpleNamespace, log: Any) -> None:
    twin = bench.Log(bench.standing, bench.change, number=2)
    for entry in log.entries[1:]:
        with pytest.raises(InputError, match="another place"):
            fold([*twin.entries, entry])


def test_a_vote_on_a_replaced_patchset_is_refused(log: Any) -> None:
    old = {"patchset": 1, "proposal": log.state.proposal}
    log.propose("patchset", OTHER, "ada")
    log.say("approve", "dan", **old)
    with pytest.raises(InputError, match="not the current one"):
        fold(log.entries)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("approve", {"proposal": digest("another")}),
        ("approve", {"patchset": 2}),
        ("approve", {"parents": []}),
        ("approve", {"request": 7}),
        ("patchset", {"patchset": 3}),
        ("patchset", {"patchset": 1}),
    ],
)
def test_an_entry_that_does_not_fit_is_refused(log: Any, kind: str, fields: dict[str, Any]) -> None:
    if kind == "patchset":
        log.propose(kind, OTHER, "ada", **fields)
    else:
        log.say(kind, "dan", **fields)
    with pytest.raises(InputError, match="broken-log"):
        fold(log.entries)


def test_nothing_follows_the_end(log: Any) -> None:
    log.say("abandon", "ada")
    last = log.entries[-1].digest
    state = fold(log.entries[:-1])
    log.append(
        "approve",
        "dan",
        parents=[last],
        patchset=1,
        proposal=state.proposal,
        shown=digest(""),
        areas=["mechanisms"],
    )
    with pytest.raises(InputError, match="after the request was abandoned"):
        fold(log.entries)


def test_a_log_begins_with_its_opening(bench: SimpleNamespace, log: Any) -> None:
    with pytest.raises(InputError, match="broken-log"):
        fold([])
    with pytest.raises(InputError, match="broken-log"):
        fold(log.entries[1:])
    second = bench.Log(bench.standing, bench.change, number=1).entries
    with pytest.raises(InputError, match="broken-log"):
        fold([*log.entries, *second])
