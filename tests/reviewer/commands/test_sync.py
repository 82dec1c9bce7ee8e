"""`glassworld sync` says what it did, and exits 1 where something was refused."""

import json
import subprocess
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from reviewer.commands.sync import sync_command
from reviewer.log import log_reference

LEAK = "mechanisms/leak.toml"


def test_it_tells_a_join_and_refuses_a_log_that_went_back(team: Any, tmp_path: Path) -> None:
    middle, other = tmp_path / "middle.git", tmp_path / "other"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "approved", middle], check=True)
    key = str(team.key_file("bob", tmp_path))

    def run(world: Path, *more: str) -> Any:
        return CliRunner().invoke(sync_command, [str(middle), "--world", str(world), "--key", key, *more])

    team.adopt()
    number = team.open({LEAK: team.files[LEAK].replace(b"0.9", b"0.8")})
    assert "Pushed" in run(team.folder).stdout
    subprocess.run(["git", "clone", "-q", middle, other], check=True)
    assert f"Merge request {number} came from the remote." in run(other).stdout
    team.say(number, "comment", "cy", text="here")
    run(team.folder)
    team.folder, first = other, team.folder
    team.say(number, "comment", "dan", text="there")
    assert "both sides were joined" in run(other).stdout
    assert json.loads(run(first, "--json").stdout)["requests"] == [
        {"number": number, "what": "forward", "text": "has new entries from the remote"}
    ]
    assert run(first).stdout.startswith("Nothing differs")
    name = log_reference(number)
    subprocess.run(["git", "-C", middle, "update-ref", name, f"{name}~1"], check=True)
    refused = run(first)
    assert refused.exit_code == 1
    assert "rolled-back" in refused.stdout


def test_a_join_needs_the_key_of_a_person(team: Any, tmp_path: Path) -> None:
    middle, other = tmp_path / "middle.git", tmp_path / "other"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "approved", middle], check=True)
    team.adopt()
    number = team.open({LEAK: team.files[LEAK].replace(b"0.9", b"0.8")})
    keys = {who: str(team.key_file(who, tmp_path)) for who in ("robot", "bob")}

    def run(world: Path, who: str) -> Any:
        return CliRunner().invoke(sync_command, [str(middle), "--world", str(world), "--key", keys[who]])

    run(team.folder, "robot")
    subprocess.run(["git", "clone", "-q", middle, other], check=True)
    run(other, "robot")
    team.say(number, "comment", "cy", text="here")
    run(team.folder, "robot")
    team.folder = other
    team.say(number, "comment", "dan", text="there")
    before = len(team.request(number).entries)
    refused = run(other, "robot")
    assert refused.exit_code == 1
    assert "assistant-key" in refused.stdout
    assert len(team.request(number).entries) == before
    assert run(other, "bob").exit_code == 0
    assert len(team.request(number).entries) == before + 2
