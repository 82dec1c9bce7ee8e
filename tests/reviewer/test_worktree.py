"""The working tree follows the approved branch and never loses an edit."""

import subprocess
from pathlib import Path
from typing import Any

from reviewer.genesis import IGNORED
from reviewer.recovery import recover
from reviewer.repository import WORKTREE
from reviewer.worktree import local_changes

LEAK = "mechanisms/leak.toml"


def status(team: Any) -> str:
    command = ["git", "-C", team.folder, "status", "--short"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_edits_in_the_working_tree_are_what_is_proposed(team: Any) -> None:
    assert set(local_changes(team.repository, team.history.files)) == set(team.files)
    team.adopt()
    assert local_changes(team.repository, team.history.files) == {}
    (team.folder / LEAK).unlink()
    (team.folder / "data").mkdir()
    (team.folder / "data/secret.csv").write_text("1")
    (team.folder / "notes.txt").write_text("mine")
    assert local_changes(team.repository, team.history.files) == {LEAK: None}


def test_a_merge_updates_untouched_files(team: Any) -> None:
    team.adopt()
    new = team.files[LEAK].replace(b"0.9", b"0.8")
    team.adopt({LEAK: new})
    assert (team.folder / LEAK).read_bytes() == new
    assert status(team) == ""


def test_a_merge_keeps_local_edits_and_says_so(team: Any) -> None:
    team.adopt()
    (team.folder / LEAK).write_bytes(b"# my own work\n")
    number = team.open({LEAK: team.files[LEAK].replace(b"0.9", b"0.8")})
    team.say(number, "approve", "bob", "cy", "dan")
    merged = team.merge(number)
    assert merged.synced.kept == (LEAK,)
    assert (team.folder / LEAK).read_bytes() == b"# my own work\n"
    assert status(team).strip() == f"M {LEAK}"


def test_an_interrupted_update_is_finished_by_the_next_command(team: Any) -> None:
    team.adopt()
    before = team.history.tip
    team.adopt({LEAK: team.files[LEAK].replace(b"0.9", b"0.8")})
    # As if the process had died right after it moved the branch.
    (team.folder / LEAK).write_bytes(team.files[LEAK])
    team.repository.git.references.create(WORKTREE, before, force=True)
    recover(team.repository)
    assert b"0.8" in (team.folder / LEAK).read_bytes()
    assert status(team) == ""


def test_a_link_in_the_working_tree_is_never_written_through(team: Any, tmp_path: Any) -> None:
    team.adopt()
    target = tmp_path / "elsewhere"
    target.write_bytes(team.files[LEAK])
    (team.folder / LEAK).unlink()
    (team.folder / LEAK).symlink_to(target)
    number = team.open({LEAK: team.files[LEAK].replace(b"0.9", b"0.8")})
    team.say(number, "approve", "bob", "cy", "dan")
    assert team.merge(number).synced.kept == (LEAK,)
    assert target.read_bytes() == team.files[LEAK]


def test_data_and_hand_over_files_are_ignored_by_git(team: Any) -> None:
    assert (team.folder / ".gitignore").read_bytes() == IGNORED
    for path in ("data/x.csv", ".glassworld/proposals/1.json"):
        assert subprocess.run(["git", "-C", team.folder, "check-ignore", "-q", path], check=False).returncode == 0


def test_a_merge_does_not_write_through_a_linked_folder(team: Any, tmp_path: Path) -> None:
    team.adopt()
    (team.folder / "mechanisms").rename(tmp_path / "outside")
    (team.folder / "mechanisms").symlink_to(tmp_path / "outside")
    path, before = "mechanisms/leak.toml", team.files["mechanisms/leak.toml"]
    number = team.open({path: before.replace(b"0.9", b"0.7")})
    team.say(number, "approve", "bob", "cy", "dan")
    assert team.merge(number).synced.kept == (path,)
    assert (tmp_path / "outside" / "leak.toml").read_bytes() == before
