"""Requests through git: what people say is signed, kept and counted, and whoever may not say it is told so at once."""

import subprocess
from typing import Any

import pytest

from reviewer.log import log_reference, numbers
from reviewer.merge import judge
from reviewer.overview import overview
from reviewer.repository import read_tree, write_tree
from reviewer.requests import Suggestion
from worldmodel.canonical import digest_bytes
from worldmodel.errors import GlassworldError, InputError, RefusedError


def codes(refusal: pytest.ExceptionInfo[Any]) -> set[str]:
    return {problem.code for problem in refusal.value.problems}


def changed(team: Any, old: str = "0.9", new: str = "0.8") -> dict[str, bytes]:
    return {"mechanisms/leak.toml": team.files["mechanisms/leak.toml"].replace(old.encode(), new.encode())}


def test_a_request_goes_from_opening_to_the_approved_world(team: Any) -> None:
    number = team.adopt()
    assert team.history.files == {**team.files, **{p: team.history.files[p] for p in team.history.files if "gov" in p}}
    assert team.request(number).state.status == "merged"
    assert (
        subprocess.run(["git", "-C", team.folder, "status", "--short"], capture_output=True, check=True).stdout == b""
    )
    fsck = subprocess.run(["git", "-C", team.folder, "fsck", "--strict"], capture_output=True, check=True)
    assert b"error" not in fsck.stderr + fsck.stdout


def test_same_inputs_same_bytes(make_team: Any, tmp_path: Any) -> None:
    tips = set()
    for name in ("one", "two"):
        team = make_team(tmp_path / name)
        team.adopt()
        tips.add(str(team.history.tip))
    assert len(tips) == 1


def test_the_gate_refuses_with_all_its_reasons(team: Any) -> None:
    number = team.open(team.files)
    team.say(number, "approve", "bob")
    with pytest.raises(RefusedError) as refusal:
        team.merge(number)
    assert codes(refusal) == {"gate-shut"}
    assert len(refusal.value.problems) == 3
    assert team.history.merged == ()


@pytest.mark.parametrize(
    ("who", "author", "code"),
    [
        ("stranger", "bob", "unknown-key"),
        ("robot", "bob", "assistant-key"),
        ("ada", "ada", "own-request"),
        ("ada", "robot", "own-request"),
    ],
)
def test_whose_vote_would_not_count_is_told_so(team: Any, who: str, author: str, code: str) -> None:
    number = team.open(team.files, author)
    with pytest.raises(RefusedError) as refusal:
        team.say(number, "approve", who)
    assert codes(refusal) == {code}
    assert "approve" not in {logged.entry.operation.kind for logged in team.request(number).entries}


def test_a_stranger_opens_nothing(team: Any) -> None:
    with pytest.raises(RefusedError, match="unknown-key"):
        team.open(team.files, "stranger")
    assert numbers(team.repository) == []


def test_only_the_author_or_operator_abandons(team: Any) -> None:
    number = team.open(team.files, "robot")
    with pytest.raises(RefusedError, match="not-the-author"):
        team.say(number, "abandon", "bob")
    team.say(number, "abandon", "ada")
    assert team.request(number).state.status == "abandoned"


def test_a_stale_draft_is_not_signed(team: Any) -> None:
    number = team.open(team.files)
    kept = team.draft(number, "approve")
    team.update(number, {**team.files, **changed(team)})
    with pytest.raises(RefusedError, match="stale-draft"):
        team.sign(kept, "bob")


def test_a_draft_that_a_crash_left_behind_is_not_signed_twice(team: Any) -> None:
    number = team.open(team.files)
    kept = team.draft(number, "comment", "why 0.9?")
    data = kept.file.read_bytes()
    assert team.sign(kept, "bob")
    kept.file.write_bytes(data)
    assert not team.sign(kept, "bob")
    assert len(team.request(number).state.comments) == 1
    assert not kept.file.exists()


def test_malformed_files_are_refused_before_anything_is_written(team: Any) -> None:
    with pytest.raises(InputError) as refusal:
        team.open(
            {"mechanisms/a.toml": b"= 1", "mechanisms/b.toml": b"\xff", "mechanisms/c.toml": b"when = 1979-05-27"}
        )
    assert len(refusal.value.problems) == 3
    with pytest.raises(InputError, match="malformed-record"):
        team.open({"../escape.toml": b"a = 1"})
    with pytest.raises(RefusedError, match="nothing-to-propose"):
        team.open({})
    assert numbers(team.repository) == []


def test_free_text_is_bound_and_kept_out_of_the_operation(team: Any) -> None:
    number = team.open(team.files, prose="secret words", evidence={"score": 1.5})
    logged = team.request(number).entries[0]
    assert logged.attachments["prose"] == b"secret words"
    assert b"secret" not in logged.entry.data
    assert logged.entry.operation.attachments["prose"] == digest_bytes(b"secret words")


def test_two_clean_requests_that_make_a_cycle_do_not_both_merge(team: Any) -> None:
    """Each adds one edge, in a file of its own: git merges them without a conflict, and the model would be cyclic."""
    level, leak = team.files["variables/level.toml"], team.files["mechanisms/leak.toml"]
    flow = leak.replace(b'"leak"', b'"flow"').replace(b'assigns = "level"', b'assigns = "flow"')
    flow = flow.replace(b"level[t-1]", b"flow[t-1]")
    team.adopt(
        {**team.files, "variables/flow.toml": level.replace(b'"level"', b'"flow"'), "mechanisms/flow.toml": flow}
    )
    one = team.open({"mechanisms/flow.toml": flow.replace(b"flow[t-1]", b"level[t]")})
    two = team.open({"mechanisms/leak.toml": leak.replace(b"level[t-1]", b"flow[t]")})
    for number in (one, two):
        team.say(number, "approve", "bob", "cy", "dan")
        assert judge(team.history, team.request(number)).open
    team.merge(one)
    reasons = judge(team.history, team.request(two)).reasons
    assert "cyc" in next(reason.text for reason in reasons if reason.code == "check-failed")
    with pytest.raises(RefusedError, match="gate-shut"):
        team.merge(two)


def test_two_requests_for_one_file_do_not_both_merge(team: Any) -> None:
    team.adopt()
    one, two = team.open(changed(team, new="0.8")), team.open(changed(team, new="0.7"))
    for number in (one, two):
        team.say(number, "approve", "bob", "cy", "dan")
    team.merge(one)
    with pytest.raises(RefusedError, match="changed since this patchset"):
        team.merge(two)
    team.update(two, changed(team, new="0.7"))
    team.say(two, "approve", "bob", "cy", "dan")
    team.merge(two)
    assert b"0.7" in team.history.files["mechanisms/leak.toml"]


def test_a_component_can_be_removed(team: Any) -> None:
    team.adopt({**team.files, "properties/dry.toml": _PROPERTY})
    team.adopt({"properties/dry.toml": None})
    assert "properties/dry.toml" not in team.history.files
    assert not (team.folder / "properties/dry.toml").exists()


_PROPERTY = b"""format = 1
id = "dry"
title = "The tank rarely runs over"
kind = "property"
why = "a wet floor"
property = "P(level > 3 within 40) <= 0.5"
"""


def test_a_roster_grows_by_a_request(make_team: Any, roster_of: Any, tmp_path: Any) -> None:
    team = make_team(tmp_path / "two", people=("ada", "bob"))
    number = team.open({"governance/roster.toml": roster_of(2)})
    team.say(number, "approve", "bob")
    team.merge(number)
    assert len(team.history.standing.roster.people()) == 5
    with pytest.raises(GlassworldError, match="governance-version"):
        team.adopt({"governance/roster.toml": roster_of(2).replace(b"Cy", b"Si")})
    team.adopt({"governance/roster.toml": roster_of(3, ("ada", "bob", "cy", "dan"))})
    assert "eve" not in team.history.standing.roster.members


def test_a_person_alone_can_begin_and_is_told_what_is_missing(make_team: Any, roster_of: Any, tmp_path: Any) -> None:
    team = make_team(tmp_path / "one", people=("ada",))
    number = team.open(team.files)
    assert "add people" in judge(team.history, team.request(number)).reasons[0].text
    team.merge(team.open({"governance/roster.toml": roster_of(2)}))
    assert len(team.history.standing.roster.people()) == 5


def test_a_commit_past_the_gate_is_refused(team: Any) -> None:
    team.adopt()
    (team.folder / "mechanisms/leak.toml").write_bytes(changed(team)["mechanisms/leak.toml"])
    identity = ["-c", "user.name=x", "-c", "user.email=x@y.invalid"]
    subprocess.run(["git", "-C", team.folder, *identity, "commit", "-qam", "sneak"], check=True)
    with pytest.raises(RefusedError, match="approved-moved"):
        _ = team.history


def forge(team: Any, number: int, name: str, data: bytes) -> None:
    """Rewrites the newest entry of a log in git, with one file of it replaced or added."""
    git = team.repository.git
    commit = git[team.request(number).tip]
    builder = git.TreeBuilder(commit.tree)
    builder.insert(name, git.create_blob(data), 0o100644)
    author = commit.author
    forged = git.create_commit(None, author, author, "x", builder.write(), list(commit.parent_ids))
    git.references.create(log_reference(number), forged, force=True)


def test_a_log_changed_in_git_is_refused(team: Any) -> None:
    number = team.open(team.files)
    team.say(number, "approve", "bob")
    data = team.request(number).entries[-1].entry.data
    forge(team, number, "operation.json", data.replace(b"payloadType", b"payloadTypo"))
    with pytest.raises(InputError, match="unknown-field"):
        team.request(number)


def test_a_title_that_was_not_signed_is_refused(team: Any) -> None:
    number = team.open(team.files)
    git = team.repository.git
    commit = git[team.request(number).tip]
    files = read_tree(git, commit.tree) | {"attachments/title": b"a harmless change"}
    forged = git.create_commit(None, commit.author, commit.author, "x", write_tree(git, files), [])
    git.references.create(log_reference(number), forged, force=True)
    with pytest.raises(InputError, match="unbound-content"):
        team.request(number)


@pytest.mark.parametrize("forged_text", [b"# nothing to see here\n", b'\n[[claims]]\nclaim = "level[t] > 0"\n', None])
def test_nobody_is_shown_or_votes_on_a_file_that_was_not_signed(team: Any, forged_text: bytes | None) -> None:
    """Votes bind the signed digests, so a forged log could show reviewers one text and count them for another."""
    number = team.open(team.files)
    git = team.repository.git
    commit = git[team.request(number).tip]
    files = read_tree(git, commit.tree)
    files["files/mechanisms/leak.toml"] += forged_text or b""
    if forged_text is None:
        del files["files/mechanisms/leak.toml"]
    forged = git.create_commit(None, commit.author, commit.author, "x", write_tree(git, files), [])
    git.references.create(log_reference(number), forged, force=True)
    with pytest.raises(InputError, match="unsigned-change"):
        team.say(number, "approve", "bob")


def test_a_text_that_does_not_mean_what_its_author_signed_is_refused(
    team: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewer.requests.component_digest", lambda *_: "sha256:" + "0" * 64)
    number = team.open(team.files)
    with pytest.raises(InputError, match="unsigned-change"):
        team.request(number)


def test_a_line_put_into_an_earlier_merge_commit_is_refused(team: Any) -> None:
    """Otherwise `trace` would name people who approved another request as those who approved the line."""
    team.adopt()
    other = team.files["mechanisms/leak.toml"].replace(b"0.9", b"0.8")
    team.adopt({"mechanisms/leak.toml": other}, "eve")
    git = team.repository.git
    second = team.repository.approved()
    first = second.parents[0]
    files = read_tree(git, first.tree) | {"mechanisms/leak.toml": other}
    author = first.author
    early = git.create_commit(None, author, author, "x", write_tree(git, files), list(first.parent_ids))
    git.reset(git.create_commit(None, author, author, "x", second.tree_id, [early, second.parent_ids[1]]), 2)
    with pytest.raises(RefusedError, match="not what its author signed"):
        _ = team.history


def test_a_merge_commit_rewritten_with_other_comments_is_refused(team: Any) -> None:
    team.adopt()
    git = team.repository.git
    tip = team.repository.approved()
    files = read_tree(git, tip.tree)
    files["mechanisms/leak.toml"] += b"# nothing to see here\n"
    git.reset(git.create_commit(None, tip.author, tip.author, "x", write_tree(git, files), list(tip.parent_ids)), 2)
    with pytest.raises(RefusedError, match="not what its author signed"):
        _ = team.history


def test_files_that_no_signature_binds_are_refused(team: Any) -> None:
    number = team.open(team.files)
    forge(team, number, "note.txt", b"trust me")
    with pytest.raises(InputError, match="unbound-content"):
        team.request(number)


def test_an_unknown_request_is_a_clear_error(team: Any) -> None:
    with pytest.raises(InputError, match="no-request"):
        team.request(7)


def test_a_reference_with_the_log_of_another_request_is_refused(team: Any) -> None:
    number = team.open(team.files)
    team.repository.git.references.create(log_reference(7), team.request(number).tip)
    with pytest.raises(InputError, match="holds the log of request 1"):
        team.request(7)


@pytest.mark.parametrize("name", ["refs/glassworld/mr/999999/log", "refs/glassworld/mr/1\u0663/log"])
def test_an_odd_reference_does_not_stop_new_requests(team: Any, name: str) -> None:
    git = team.repository.git
    git.references.create(name, git.references["refs/heads/approved"].target)
    numbers = [team.open(team.files), team.open(team.files)]
    assert numbers == [1, 2]
    assert [team.request(number).state.number for number in numbers] == numbers


def test_a_tree_that_repeats_itself_without_end_is_refused_at_once(team: Any) -> None:
    git = team.repository.git
    tree = write_tree(git, {f"f{place}": b"x" for place in range(10)})
    for _ in range(7):
        builder = git.TreeBuilder()
        for place in range(10):
            builder.insert(f"d{place}", tree, 0o040000)
        tree = builder.write()
    author = team.repository.approved().author
    git.references.create(log_reference(7), git.create_commit(None, author, author, "x", tree, []))
    with pytest.raises(InputError, match="more files or deeper folders"):
        team.request(7)


def test_evidence_that_is_no_json_is_a_clear_error(team: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Suggestion, "attachments", lambda _: {"evidence": b"[" * 100_000})
    number = team.open(team.files)
    with pytest.raises(InputError, match="malformed-document"):
        overview(team.history, team.request(number))
