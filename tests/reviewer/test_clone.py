"""A clone of the approved branch alone carries the whole proof, and clones that meet again lose nothing."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reviewer.commands.mr import mr_command
from reviewer.history import find_request, load_history, request_numbers
from reviewer.log import log_reference
from reviewer.release import seal
from reviewer.repository import Repository, open_repository
from reviewer.requests import Suggestion, open_request
from reviewer.trace import describe, trace_file

LEAK = "mechanisms/leak.toml"


@pytest.fixture
def clone(team: Any, tmp_path: Path) -> Path:
    team.adopt()
    subprocess.run(["git", "clone", "-q", team.folder, tmp_path / "clone"], check=True)
    return tmp_path / "clone"


def test_a_clone_replays_traces_and_seals_the_same(team: Any, clone: Path) -> None:
    repository = open_repository(clone)
    history = load_history(repository)
    assert request_numbers(repository, history) == [1]
    assert find_request(repository, history, 1).state.status == "merged"
    [origin] = [describe(LEAK, found) for found in trace_file(repository, history, LEAK, 5)]
    assert [approval["person"] for approval in origin["approvals"]] == ["bob", "cy", "dan"]
    assert seal(history)[0] == seal(team.history)[0]


def propose(repository: Repository, team: Any, law: bytes, key: Any) -> int:
    return open_request(repository, Suggestion({LEAK: team.files[LEAK].replace(b"0.9", law)}, "x"), key)


def test_a_new_request_in_a_clone_gets_a_number_of_its_own(team: Any, clone: Path, tmp_path: Path) -> None:
    from reviewer.keys import load_key

    assert propose(open_repository(clone), team, b"0.8", load_key(team.key_file("ada", tmp_path))) == 2


def test_a_local_request_makes_way_for_one_merged_elsewhere_and_is_kept(team: Any, clone: Path, tmp_path: Path) -> None:
    from reviewer.keys import load_key

    key = load_key(team.key_file("ada", tmp_path))
    repository = open_repository(clone)
    assert propose(repository, team, b"0.7", key) == 2
    local = repository.git.references[log_reference(2)].target
    assert team.adopt({LEAK: team.files[LEAK].replace(b"0.9", b"0.8")}) == 2
    subprocess.run(["git", "-C", clone, "pull", "-q", "--ff-only"], check=True)
    assert propose(open_repository(clone), team, b"0.6", key) == 3
    found = open_repository(clone)
    kept = [name for name in found.git.references if name.startswith("refs/glassworld/displaced/2/log")]
    assert [found.git.references[name].target for name in kept] == [local]
    assert find_request(found, load_history(found), 2).state.status == "merged"
    listed = CliRunner().invoke(mr_command, ["list", "--world", str(clone)])
    assert f"{kept[0]} has entries that the merged log of its request leaves out" in listed.output
