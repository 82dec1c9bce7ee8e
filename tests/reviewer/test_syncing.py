"""Two and three people who review apart, through a bare repository and real git: nothing is lost, all end up equal."""

import copy
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewer import syncing
from reviewer.history import request_numbers
from reviewer.log import Logged, log_reference, write_commit
from reviewer.measuring.planting import plant
from reviewer.measuring.quarantine import judged, load_quarantined, quarantine
from reviewer.release import seal
from reviewer.remote import push
from reviewer.syncing import Exchanged, exchange
from worldmodel.bundle.verify import verify_bundle
from worldmodel.errors import GlassworldError, RefusedError
from worldmodel.governance.operations import OPERATION
from worldmodel.governance.statement import sign_operation

LEAK = "mechanisms/leak.toml"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """The repository in the middle."""
    path = tmp_path / "middle.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "approved", path], check=True)
    return path


@pytest.fixture
def clone(team: Any, bare: Path, tmp_path: Path) -> Callable[[str], Any]:
    """Makes clones of what the first world pushed."""
    git(team.folder, "remote", "add", "origin", f"file://{bare}")
    team.adopt()

    def make(name: str) -> Any:
        sync(team, "ada")
        subprocess.run(["git", "clone", "-q", f"file://{bare}", tmp_path / name], check=True)
        other = copy.copy(team)
        other.folder = tmp_path / name
        sync(other, "ada")
        return other

    return make


def sync(team: Any, who: str) -> Exchanged:
    from tests.reviewer.conftest import key_of

    return exchange(team.repository, "origin", lambda: key_of(who))


def no_signer() -> Any:
    raise AssertionError("nothing was to be signed")


def law(team: Any, number: bytes) -> dict[str, bytes]:
    return {LEAK: team.files[LEAK].replace(b"0.9", number)}


def said(team: Any, number: int) -> set[str]:
    """Every entry of a request, by digest."""
    return {logged.entry.digest for logged in team.request(number).entries}


def held(team: Any) -> dict[str, str]:
    """What a world holds: its branch, its logs, what is planted."""
    repository = team.repository
    names = [name for name in repository.git.references if name.endswith(("/log", "/approved")) or "quarantine" in name]
    return {name: str(repository.git.references[name].target) for name in names if "/remotes/" not in name}


def equal(*teams: Any) -> bool:
    return all(held(team) == held(teams[0]) for team in teams)


def test_a_clone_has_it_all_after_one_sync_that_signs_nothing(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    team.say(number, "comment", "bob", text="why?")
    other = clone("other")
    assert held(other) == held(team)
    assert other.request(number).state == team.request(number).state
    assert "refs/glassworld/mr/2/patchset/1" in other.repository.git.references
    again = exchange(other.repository, "origin", no_signer)
    assert again == Exchanged(0, (), (), (), ())


def test_what_two_people_said_apart_is_joined_without_loss_and_can_be_merged(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    team.say(number, "comment", "bob", text="here")
    team.approve(number, "bob", "cy")
    other.say(number, "comment", "dan", text="there")
    other.approve(number, "dan")
    before = said(team, number) | said(other, number)
    sync(team, "bob")
    [taken] = sync(other, "dan").taken
    sync(team, "bob")
    assert (taken.number, taken.what) == (number, "joined")
    assert equal(team, other)
    assert said(team, number) > before
    assert len(said(team, number) - before) == 1  # the join
    assert {one.operation.kind for one in team.request(number).state.votes} == {"approve"}
    other.merge(number, "dan")
    sync(other, "dan")
    moved = exchange(team.repository, "origin", no_signer)
    assert moved.merges == 1
    assert equal(team, other)
    assert (team.folder / LEAK).read_bytes() == law(team, b"0.8")[LEAK]
    data, bundle = seal(team.history)
    assert data == seal(other.history)[0]
    assert verify_bundle(data, team.history.standing.fingerprint).digest == bundle.digest
    assert git(team.folder, "fsck", "--no-dangling") == ""


def test_a_patchset_on_one_side_is_the_proposal_and_voids_what_was_approved_on_the_other(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    team.update(number, law(team, b"0.7"))
    other.approve(number, "bob", "cy", "dan")
    sync(team, "ada")
    [taken] = sync(other, "bob").taken
    assert taken.what == "joined"
    assert other.request(number).state.proposed.patchset == 2
    assert other.request(number).changes() == law(team, b"0.7")
    with pytest.raises(RefusedError):
        other.merge(number, "bob")


def test_patchsets_on_both_sides_are_told_and_count_for_nothing_until_one_settles_it(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    team.update(number, law(team, b"0.7"))
    team.approve(number, "bob", "cy", "dan")
    other.update(number, law(team, b"0.6"))
    sync(team, "ada")
    [taken] = sync(other, "ada").taken
    assert taken.what == "split"
    with pytest.raises(RefusedError):
        other.merge(number)
    assert other.update(number, law(team, b"0.6")) == 3
    other.approve(number, "bob", "cy", "dan")
    other.merge(number)
    sync(other, "ada")
    sync(team, "ada")
    assert equal(team, other)
    assert (team.folder / LEAK).read_bytes() == law(team, b"0.6")[LEAK]


def test_three_clones_converge(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    people = {"bob": team, "cy": clone("second"), "dan": clone("third")}
    before = set()
    for who, one in people.items():
        one.say(number, "comment", who, text=f"{who} was here")
        before |= said(one, number)
    for _ in range(2):
        for who, one in people.items():
            sync(one, who)
    assert equal(*people.values())
    assert said(team, number) > before
    assert all(one.request(number).state == team.request(number).state for one in people.values())
    settled = [exchange(one.repository, "origin", no_signer) for one in people.values()]
    assert all(not one.pushed and not one.problems for one in settled)


def test_whoever_is_overtaken_while_pushing_joins_again(team: Any, clone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    team.say(number, "comment", "bob", text="one")
    overtaken: list[bool] = []

    def push_late(*arguments: Any) -> str:
        if not overtaken:
            overtaken.append(True)
            other.say(number, "comment", "cy", text="two")
            sync(other, "cy")
        return push(*arguments)

    monkeypatch.setattr("reviewer.syncing.push", push_late)
    found = sync(team, "bob")
    sync(other, "cy")
    assert [one.what for one in found.taken if one.number == number] == ["joined"]
    assert equal(team, other)
    assert len(team.request(number).state.comments) == 2


@pytest.mark.parametrize("moment", ["fetch", "push", "_remember"])
def test_a_death_at_any_step_loses_nothing(team: Any, clone: Any, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    team.say(number, "comment", "bob", text="here")
    sync(team, "bob")
    other.say(number, "comment", "cy", text="there")
    before = said(team, number) | said(other, number)

    def die(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(syncing, moment, die)
        with pytest.raises(KeyboardInterrupt):
            sync(other, "cy")
    assert said(other, number) <= before | said(other, number)
    sync(other, "cy")
    sync(team, "bob")
    assert equal(team, other)
    assert said(team, number) > before
    assert len(said(team, number)) == len(before) + 1


def test_two_requests_of_one_number_the_later_makes_way_and_is_kept(team: Any, clone: Any) -> None:
    other = clone("other")
    assert team.open(law(team, b"0.8")) == other.open(law(team, b"0.7"), "bob") == 2
    lost = other.repository.git.references[log_reference(2)].target
    sync(team, "ada")
    found = sync(other, "bob")
    assert [one.what for one in found.taken if one.number == 2] == ["displaced"]
    [aside] = found.aside
    assert other.repository.git.references[aside].target == lost
    sync(team, "ada")
    assert team.repository.git.references[aside].target == lost
    assert equal(team, other)


def test_an_objection_that_a_merge_did_not_see_is_kept_and_told(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    other.say(number, "object", "eve", text="no")
    objection = other.repository.git.references[log_reference(number)].target
    sync(other, "eve")
    team.approve(number, "bob", "cy", "dan")
    team.merge(number)
    found = sync(team, "ada")
    assert [one.what for one in found.taken if one.number == number] == ["kept"]
    [aside] = found.aside
    assert team.repository.git.references[aside].target == objection
    late = sync(other, "eve")
    assert late.merges == 1
    assert not late.problems
    assert other.repository.git.references[aside].target == objection
    assert equal(team, other)


def test_merges_of_both_sides_are_refused_and_nothing_moves(team: Any, clone: Any) -> None:
    other = clone("other")
    team.adopt(law(team, b"0.8"))
    other.adopt(law(team, b"0.7"), "bob")
    sync(team, "ada")
    before = held(other)
    with pytest.raises(RefusedError) as refused:
        sync(other, "bob")
    assert [problem.code for problem in refused.value.problems] == ["approved-parted"]
    assert held(other) == before


def test_a_remote_that_went_back_is_refused(team: Any, clone: Any, bare: Path) -> None:
    number = team.open(law(team, b"0.8"))
    team.say(number, "object", "eve", text="no")
    other = clone("other")
    name = log_reference(number)
    git(bare, "update-ref", name, f"{name}~1")
    before = held(other)
    [problem] = sync(other, "ada").problems
    assert (problem.code, problem.where.split(":")[0]) == ("rolled-back", name)
    git(bare, "update-ref", "-d", name)
    [problem] = sync(other, "ada").problems
    assert problem.code == "rolled-back"
    git(bare, "update-ref", "refs/heads/approved", "refs/heads/approved~1")
    with pytest.raises(RefusedError) as refused:
        sync(other, "ada")
    assert [problem.code for problem in refused.value.problems] == ["rolled-back"]
    assert held(other) == before


def test_a_branch_that_went_past_the_gate_is_refused(clone: Any, bare: Path) -> None:
    other = clone("other")
    tree = git(bare, "rev-parse", "approved^{tree}")
    tip = git(bare, "-c", "user.name=x", "-c", "user.email=x@x", "commit-tree", tree, "-p", "approved", "-m", "x")
    git(bare, "update-ref", "refs/heads/approved", tip)
    before = held(other)
    with pytest.raises(RefusedError) as refused:
        sync(other, "ada")
    assert [problem.code for problem in refused.value.problems] == ["approved-moved"]
    assert held(other) == before


def test_a_broken_log_is_refused_and_the_others_come(team: Any, clone: Any, bare: Path) -> None:
    first, second = team.open(law(team, b"0.8")), team.open(law(team, b"0.7"))
    other = clone("other")
    team.say(second, "comment", "bob", text="good")
    sync(team, "bob")
    name, blob = log_reference(first), git(bare, "rev-parse", f"{log_reference(second)}:operation.json")
    git(bare, "update-ref", name, git(bare, "rev-parse", log_reference(second)))
    git(bare, "update-ref", "refs/glassworld/mr/9/log", blob)
    before = other.repository.git.references[name].target
    found = sync(other, "ada")
    assert {problem.where.split(":")[0] for problem in found.problems} == {name, "refs/glassworld/mr/9/log"}
    assert other.repository.git.references[name].target == before
    assert said(other, second) == said(team, second)


def test_git_parents_that_were_not_signed_are_refused(team: Any) -> None:
    from tests.reviewer.conftest import key_of

    number = team.open(law(team, b"0.8"))
    team.say(number, "comment", "bob", text="one")
    request = team.request(number)
    opening = request.entries[0]
    value = request.entries[1].entry.operation.model_dump()
    entry = sign_operation(OPERATION.validate_python(value | {"parents": [opening.entry.digest]}), key_of("cy"))
    write_commit(team.repository, Logged(entry, request.entries[1].attachments), [request.tip], log_reference(number))
    with pytest.raises(GlassworldError) as refused:
        team.request(number)
    assert [problem.code for problem in refused.value.problems] == ["unbound-content"]


def test_verdicts_on_what_is_planted_come_together(team: Any, clone: Any) -> None:
    planted = next(plant(team.files, seed) for seed in range(50))
    quarantine(team.repository, planted, 7)
    other = clone("other")
    judged(team.repository, 7, "bob", "caught", 5)
    judged(other.repository, 7, "cy", "missed", 6)
    sync(team, "bob")
    sync(other, "cy")
    sync(team, "bob")
    assert equal(team, other)
    assert load_quarantined(team.repository, 7).verdicts.keys() == {"bob", "cy"}


def test_drafts_stay_here(team: Any, clone: Any) -> None:
    number = team.open(law(team, b"0.8"))
    other = clone("other")
    other.draft(number, "comment", "not yet")
    assert exchange(other.repository, "origin", no_signer).pushed == ()
    assert request_numbers(team.repository, team.history) == [1, 2]


def test_a_remote_is_never_taken_for_an_option_or_a_program(team: Any, tmp_path: Path) -> None:
    for remote in (f"--upload-pack=touch {tmp_path}/owned", f"ext::touch {tmp_path}/owned", "nowhere"):
        with pytest.raises(GlassworldError) as refused:
            exchange(team.repository, remote, no_signer)
        assert [problem.code for problem in refused.value.problems] == ["remote-failed"]
    assert not (tmp_path / "owned").exists()
