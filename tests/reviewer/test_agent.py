"""Keys in a real ssh-agent: found by fingerprint, used to sign, and every answer that is not a signature refused."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewer.agent import AgentKey, find_agent_key, list_agent_keys
from reviewer.keys import public_bytes
from worldmodel.errors import EnvironmentProblem
from worldmodel.governance import sshsig

SPACE = "glassworld-review@v1"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """A running agent without keys; it ends with the test."""
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()  # it tells its socket once it listens
    yield path
    process.terminate()
    process.wait()
    process.stdout.close()


def add(agent: Path, *arguments: Any) -> None:
    subprocess.run(
        ["ssh-add", "-q", *arguments], env=os.environ | {"SSH_AUTH_SOCK": str(agent)}, check=True, capture_output=True
    )


def other_key(folder: Path, kind: str) -> Path:
    path = folder / kind
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True)
    return path


def find(agent: Path, wanted: str) -> AgentKey:
    return find_agent_key(wanted, {"SSH_AUTH_SOCK": str(agent)})


def test_a_key_in_the_agent_signs_what_the_key_file_would(agent: Path, team: Any, tmp_path: Path) -> None:
    from reviewer.keys import load_key

    private = load_key(team.key_file("ada", tmp_path))
    add(agent, team.key_file("ada", tmp_path))
    add(agent, team.key_file("bob", tmp_path))
    add(agent, other_key(tmp_path, "ecdsa"), other_key(tmp_path, "rsa"))
    key = find(agent, sshsig.fingerprint(public_bytes(private)))
    assert len(list_agent_keys(str(agent))) == 2
    assert sshsig.sign(key, b"message", SPACE) == sshsig.sign(private, b"message", SPACE)


def test_a_fingerprint_that_fits_no_key_or_two_is_refused(agent: Path, team: Any, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="holds none"):
        find(agent, "SHA256:abc")
    for name in ("ada", "bob"):
        add(agent, team.key_file(name, tmp_path))
    with pytest.raises(EnvironmentProblem, match="agent-without-key"):
        find(agent, "SHA256:abc")
    with pytest.raises(EnvironmentProblem, match="agent-without-key"):
        find(agent, "SHA256:")
    full = sshsig.fingerprint(list_agent_keys(str(agent))[0].key)
    assert sshsig.fingerprint(find(agent, full.removeprefix("SHA256:")[:12]).key) == full


def test_a_locked_or_emptied_agent_signs_nothing(agent: Path, team: Any, tmp_path: Path) -> None:
    add(agent, team.key_file("ada", tmp_path))
    [key] = list_agent_keys(str(agent))
    add(agent, "-D")
    with pytest.raises(EnvironmentProblem, match="agent-refused"):
        key.sign(b"message")


def test_without_an_agent_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="ssh-add"):
        find_agent_key("SHA256:abc", {})
    with pytest.raises(EnvironmentProblem, match="no-agent"):
        find(tmp_path / "nobody", "SHA256:abc")


def listing(key: bytes) -> bytes:
    return sshsig.join_strings(b"\x0c\0\0\0\1" + sshsig.join_strings(sshsig.wire_key(key), b"a comment"))


def signing(*fields: bytes) -> bytes:
    return sshsig.join_strings(b"\x0e" + sshsig.join_strings(sshsig.join_strings(*fields)))


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[Callable[[bytes], str]]:
    """A socket that answers one connection with these bytes, whatever it is asked."""
    threads, listeners = [], []

    def start(reply: bytes) -> str:
        path = tmp_path / f"impostor-{len(listeners)}"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        listeners.append(listener)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(reply)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return str(path)

    yield start
    for thread in threads:
        thread.join()
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\0\0",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff\x0c",
        b"\0\0\0\1\x05",
        b"\0\0\0\5\x0c\xff\xff\xff\xff",
        b"\0\0\0\x09\x0c\0\0\0\1\0\0\0\x09",
        listing(bytes(32)),
    ],
)
def test_an_answer_that_is_no_list_of_keys_is_refused(impostor: Any, reply: bytes) -> None:
    with pytest.raises(EnvironmentProblem, match="no-agent"):
        list_agent_keys(impostor(reply))


@pytest.mark.parametrize(
    "reply",
    [b"\0\0\0\1\x05", b"\0\0\0\1\x0e", signing(b"ssh-ed25519", bytes(64)), signing(b"ssh-ed25519", bytes(8))],
)
def test_an_answer_that_is_no_signature_is_refused(impostor: Any, team: Any, tmp_path: Path, reply: bytes) -> None:
    from reviewer.keys import load_key

    key = public_bytes(load_key(team.key_file("ada", tmp_path)))
    with pytest.raises(EnvironmentProblem, match="agent-refused"):
        AgentKey(impostor(reply), key, "").sign(b"message")


def test_a_review_signed_by_agents_merges(agent: Path, team: Any, tmp_path: Path) -> None:
    """`glassworld mr open`, `sign` and `mr merge` with --agent: no key file is named anywhere."""
    prints = {}
    for name in ("ada", "bob", "cy", "dan"):
        path = team.key_file(name, tmp_path)
        add(agent, path)
        listed = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True).stdout
        prints[name] = listed.split()[1]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "worldmodel", *arguments, "--world", str(team.folder)]
        environment = os.environ | {"SSH_AUTH_SOCK": str(agent), "HOME": str(tmp_path)}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    opened = run("mr", "open", "--title", "the tank", "--agent", prints["ada"])
    assert opened.returncode == 0, opened.stderr
    for name in ("bob", "cy", "dan"):
        team.draft(1, "approve")
        signed = run("sign", "--yes", "--agent", prints[name])
        assert signed.returncode == 0, signed.stderr
    both = run("mr", "merge", "1", "--agent", prints["ada"], "--key", "some.key")
    assert (both.returncode, "not both" in both.stderr) == (2, True)
    merged = run("mr", "merge", "1", "--agent", prints["ada"])
    assert merged.returncode == 0, merged.stderr
    assert [state.number for state in team.history.standing.merged] == [1]
