"""Private keys as OpenSSH writes them, encrypted ones too; the passphrase comes from a terminal or not at all."""

import contextlib
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reviewer.keys import load_key
from worldmodel.errors import EnvironmentProblem, InputError


def make(tmp_path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    path = tmp_path / "key"
    command = ["ssh-keygen", "-q", "-t", kind, "-a", "4", "-N", passphrase, "-f", path]
    subprocess.run(command, check=True, capture_output=True)
    return path


def never(_prompt: str) -> str:
    raise AssertionError("asked for a passphrase that is not needed")


def test_a_plain_key_is_read_without_asking(tmp_path: Path) -> None:
    load_key(make(tmp_path), never)


def test_an_encrypted_key_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    path = make(tmp_path, "open sesame")
    load_key(path, lambda _prompt: "open sesame")
    with pytest.raises(EnvironmentProblem, match="key-locked"):
        load_key(path, lambda _prompt: "open barley")


def test_without_a_terminal_an_encrypted_key_stays_shut(tmp_path: Path) -> None:
    def no_terminal(_prompt: str) -> str:
        raise EOFError

    with pytest.raises(EnvironmentProblem, match="no terminal"):
        load_key(make(tmp_path, "open sesame"), no_terminal)


def test_a_passphrase_never_comes_from_a_pipe_or_the_environment(team: Any, tmp_path: Path) -> None:
    """Without a controlling terminal the command says what to do, and reads nothing from standard input."""
    number = team.open(team.files)
    team.draft(number, "approve")
    key = make(tmp_path, "open sesame")
    ask = tmp_path / "ask"
    ask.write_text("#!/bin/sh\necho open sesame\n")
    ask.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-m", "worldmodel", "sign", "--yes", "--key", str(key), "--world", str(team.folder)],
        input="open sesame\n",
        env=os.environ | {"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"},
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "key-locked" in done.stderr
    assert "--agent" in done.stderr
    assert len(team.request(number).entries) == 1


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no-key"):
        load_key(tmp_path / "none", never)
    (tmp_path / "junk").write_bytes(b"\x00junk")
    with pytest.raises(InputError, match="unusable-key"):
        load_key(tmp_path / "junk", never)
    with pytest.raises(InputError, match="unusable-key"):
        load_key(make(tmp_path, kind="ecdsa"), never)


def test_signatures_of_a_written_key_verify(team: Any, tmp_path: Path) -> None:
    key = load_key(team.key_file("ada", tmp_path), never)
    assert key.public_key() == load_key(team.key_file("ada", tmp_path), never).public_key()


def test_signing_asks_for_passphrase_and_consent_on_the_terminal(team: Any, tmp_path: Path, roster_of: Any) -> None:
    """A real terminal: nothing is signed before the passphrase is typed and the question is answered with yes."""
    key = make(tmp_path, "open sesame")
    line = key.with_suffix(".pub").read_text().strip()
    roster = roster_of(2).replace(
        b'[people.cy]\nname = "Cy"',
        f'[people.zoe]\nname = "Zoe"\nkind = "person"\nkeys = ["{line}"]\n\n[people.cy]\nname = "Cy"'.encode(),
    )
    team.adopt({"governance/roster.toml": roster})
    number = team.open(team.files)
    for answers, signed in ((["open barley"], 1), (["open sesame", "n"], 1), (["open sesame", "y"], 2)):
        team.draft(number, "approve")
        on_a_terminal(
            [sys.executable, "-m", "worldmodel", "sign", "--key", str(key), "--world", str(team.folder)], answers
        )
        assert len(team.request(number).entries) == signed


def on_a_terminal(command: list[str], answers: list[str]) -> None:
    """Runs a command on a pseudo-terminal and types each answer when a question stands at the end of the output."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(command[0], command)
    waiting, shown = list(answers), b""
    with contextlib.suppress(OSError):  # the terminal closes when the command ends
        while chunk := os.read(terminal, 4096):
            shown += chunk
            if waiting and re.search(rb"(Passphrase of \S+: |Sign this\? \[y/N\]: )$", shown):
                os.write(terminal, waiting.pop(0).encode() + b"\n")
                shown = b""
    os.waitpid(child, 0)
    os.close(terminal)
