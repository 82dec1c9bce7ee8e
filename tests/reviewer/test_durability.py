"""Killed, crowded out or out of room: nothing acknowledged is lost or doubled, nothing is unlocked by hand."""

import contextlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pygit2
import pytest

from reviewer.lock import exclusive
from reviewer.log import log_reference, write_commit
from worldmodel.errors import EnvironmentProblem, GlassworldError, InputError

LEAK = "mechanisms/leak.toml"


def fsck(team: Any) -> str:
    done = subprocess.run(["git", "-C", team.folder, "fsck"], capture_output=True, text=True, check=True)
    return "".join(line for line in (done.stdout + done.stderr).splitlines() if "dangling" not in line)


def in_child(work: Callable[[], Any]) -> int:
    """Runs work in a forked child and returns its process id; the child ends without pytest noticing."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def test_writers_in_many_processes_lose_nothing(team: Any) -> None:
    number = team.open(team.files)

    def comment(who: str) -> None:
        for turn in range(4):
            team.say(number, "comment", who, text=f"{who} {turn}")

    children = [in_child(lambda who=who: comment(who)) for who in ("bob", "cy", "dan")]
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    texts = [logged.attachments["text"].decode() for logged in team.request(number).entries[1:]]
    assert sorted(texts) == sorted(f"{who} {turn}" for who in ("bob", "cy", "dan") for turn in range(4))
    assert fsck(team) == ""


def test_an_entry_on_an_old_tip_is_refused_by_git_itself(team: Any) -> None:
    """The compare-and-swap holds even for a writer that does not know our lock."""
    number = team.open(team.files)
    old = team.request(number)
    team.say(number, "comment", "bob", text="first")
    with pytest.raises(pygit2.GitError, match="first parent"):
        write_commit(team.repository, old.entries[0], [old.tip], log_reference(number))
    assert len(team.request(number).entries) == 2


def kill(handle: int) -> None:
    """Kills the process behind a descriptor, which names no other one even if the process has just ended."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def kill_somewhere(rng: random.Random, work: Callable[[], Any]) -> bool:
    """Starts the work in a child and kills it after a random while; says whether the work was acknowledged."""
    child = in_child(work)
    handle = os.pidfd_open(child)
    timer = threading.Timer(rng.uniform(0.001, 0.25), lambda: kill(handle))
    timer.start()
    _, status = os.waitpid(child, 0)
    timer.cancel()
    timer.join()
    os.close(handle)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def kill_battery(team: Any, rounds: int, seed: int) -> None:
    """Merges and comments that are killed at random moments, with every promise checked after each."""
    rng, law = random.Random(seed), team.files[LEAK]
    said: list[str] = []
    for turn in range(rounds):
        text = f"0.{turn + 1:04d}"
        number = team.open({LEAK: law.replace(b"0.9 *", f"{text} *".encode())})
        if kill_somewhere(rng, lambda n=number, t=text: team.say(n, "comment", "eve", text=t)):
            said.append(text)
        found = [logged.attachments.get("text", b"").decode() for logged in team.request(number).entries]
        assert found.count(text) <= 1
        assert text not in said or text in found
        team.say(number, "approve", "bob", "cy", "dan")
        acknowledged = kill_somewhere(rng, lambda n=number: team.merge(n))
        merged = team.request(number).state.status == "merged" or b"0." + text[2:].encode() in team.history.files[LEAK]
        assert merged or not acknowledged
        if not merged:
            team.merge(number)
        team.draft(number, "comment", "a write, which repairs").file.unlink()
        team.open({LEAK: law})  # any write finishes what the dead one began
        assert text.encode() in team.history.files[LEAK]
        assert team.request(number).state.status == "merged"
        assert text.encode() in (team.folder / LEAK).read_bytes()
        assert fsck(team) == ""
    assert len(team.history.merged) == rounds + 1


def test_kill_at_random_moments(team: Any) -> None:
    team.adopt()
    kill_battery(team, rounds=5, seed=3)


@pytest.mark.stress
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_kill_at_a_thousand_random_moments(team: Any, seed: int) -> None:
    team.adopt()
    kill_battery(team, rounds=50, seed=seed)


@pytest.mark.parametrize(
    "name", ["index.lock", "refs/heads/approved.lock", "refs/glassworld/mr/1/log.lock", "packed-refs.lock"]
)
def test_a_lock_file_of_a_dead_writer_is_no_obstacle(team: Any, name: str) -> None:
    team.open(team.files)
    lock = team.repository.git_directory / "glassworld" / "lock"
    lock.write_bytes(b"busy")  # what a writer that was killed leaves
    stale = team.repository.git_directory / name
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.touch()
    team.say(1, "comment", "bob", text="on we go")
    assert not stale.exists()


def test_a_lock_file_of_a_living_git_command_is_left_alone(team: Any) -> None:
    team.open(team.files)
    foreign = team.repository.git_directory / "refs/glassworld/mr/1/log.lock"
    foreign.touch()
    with pytest.raises(EnvironmentProblem, match="git-failed"):
        team.say(1, "comment", "bob", text="not now")
    assert foreign.exists()


def test_the_lock_keeps_others_out_and_is_not_inherited(team: Any) -> None:
    directory = team.repository.git_directory
    script = "import sys, pathlib\nfrom reviewer.lock import exclusive\n"
    script += "with exclusive(pathlib.Path(sys.argv[1]), 0.05): pass"
    command = [sys.executable, "-c", script, directory]
    with exclusive(directory):
        held = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "world-busy" in held.stderr
        sleeper = get_context("fork").Process(target=signal.pause)
        sleeper.start()
    try:
        assert subprocess.run(command, check=False).returncode == 0
    finally:
        sleeper.kill()
        sleeper.join()


@contextlib.contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file may grow past `size`: the nearest thing to a full disk that needs no privilege."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("room", [0, 20, 100, 300])
def test_no_room_at_any_write_loses_nothing(team: Any, room: int) -> None:
    number = team.open(team.files)
    team.say(number, "approve", "bob", "cy", "dan")

    def attempt() -> None:
        with file_size_limit(room), contextlib.suppress(GlassworldError, OSError):
            team.merge(number)

    os.waitpid(in_child(attempt), 0)
    assert team.request(number).state.status in {"open", "merged"}
    if team.request(number).state.status == "open":
        team.merge(number)
    assert team.request(number).state.status == "merged"
    assert fsck(team) == ""


FULL_DISK = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from reviewer.keys import load_key
from reviewer.repository import open_repository
from reviewer.requests import Suggestion, open_request
from worldmodel.commands.output import machine_problem
from worldmodel.errors import GlassworldError
repository = open_repository(Path(sys.argv[1]))
key = load_key(Path(sys.argv[3]))
filler = Path(sys.argv[1]) / "filler"
with open(filler, "wb", buffering=0) as file:
    try:
        while file.write(b"x" * 4096): pass
    except OSError: pass
try:
    open_request(repository, Suggestion({"mechanisms/leak.toml": b"a = 1"}, "no room"), key)
except GlassworldError as error:
    print(error.problems[0].code)
except OSError as error:
    print(machine_problem(error).problems[0].code)
filler.unlink()
print(open_request(repository, Suggestion({"mechanisms/leak.toml": b"a = 1"}, "room"), key))
"""


def test_a_full_disk_is_said_and_the_same_command_works_once_there_is_room(
    team: Any, tmp_path: Path, repository: Path
) -> None:
    """On a real file system without room, where the kernel lets us make one."""
    mount = tmp_path / "small"
    mount.mkdir()
    (tmp_path / "script.py").write_text(FULL_DISK)
    key = team.key_file("ada", tmp_path)
    shell = f"mount -t tmpfs -o size=1m none {mount} && cp -a {team.folder} {mount}/world && exec {sys.executable} "
    shell += f"{tmp_path}/script.py {mount}/world {repository} {key}"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here; the file size limit above stands in")
    done = subprocess.run([unshare, "-rm", "sh", "-c", shell], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["disk-full", "1"], done.stderr


def test_a_half_made_world_is_no_world(make_team: Any, tmp_path: Path) -> None:
    folder = tmp_path / "world"
    (folder / ".glassworld-init" / ".git").mkdir(parents=True)
    assert make_team(folder).standing.merged == ()
    with pytest.raises(InputError, match="folder-not-empty"):
        make_team(folder)
