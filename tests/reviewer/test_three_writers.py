"""Three writers at once, each killed again and again: nothing acknowledged is lost or doubled, nothing stays locked."""

import contextlib
import itertools
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reviewer.history import request_numbers
from worldmodel.errors import GlassworldError

LEAK = "mechanisms/leak.toml"
COMMENTERS = ("dan", "eve")
MERGER = "bob"


class Writer:
    """A process that says one thing after another, and writes down each one that was acknowledged."""

    def __init__(self, folder: Path, name: str, work: Callable[[str], str | None]) -> None:
        self.name = name
        self.book = folder / f"{name}.book"
        self.book.touch()
        self._work = work
        self._generations = itertools.count()
        self._process = 0
        self._handle = -1

    def start(self) -> None:
        """Forks a new process that works until it is killed."""
        generation = next(self._generations)
        child = os.fork()
        if child == 0:
            try:
                self._run(generation)
            finally:
                os._exit(1)
        self._process, self._handle = child, os.pidfd_open(child)

    def kill(self) -> None:
        """Kills the process wherever it is, and waits until it is gone."""
        signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        os.close(self._handle)
        os.waitpid(self._process, 0)

    def acknowledged(self) -> list[str]:
        """What came back as done; a line that was cut off by a kill was never read by anybody, and does not count."""
        return [line.removesuffix("\n") for line in self.book.read_text().splitlines(keepends=True) if line[-1] == "\n"]

    def _run(self, generation: int) -> None:
        book = os.open(self.book, os.O_WRONLY | os.O_APPEND)
        for turn in itertools.count():
            text = f"{self.name} {generation} {turn}"
            done = None
            with contextlib.suppress(GlassworldError):  # refused, and so not acknowledged
                done = self._work(text)
            if done is not None:
                os.write(book, f"{done}\n".encode())


def commenting(team: Any, who: str) -> Callable[[str], str | None]:
    def work(text: str) -> str | None:
        numbers = request_numbers(team.repository, team.history)
        team.say(numbers[-1], "comment", who, text=text)
        return text

    return work


def merging(team: Any) -> Callable[[str], str | None]:
    """Opens a request with a law that nothing had before, has it approved, and merges it."""

    def work(text: str) -> str | None:
        generation, turn = text.split()[1:]
        law = team.files[LEAK].replace(b"0.9 *", f"0.{int(generation) + 1:04d}{int(turn) + 1:04d} *".encode())
        number = team.open({LEAK: law}, "ada")
        team.approve(number, "bob", "cy", "dan")
        team.merge(number)
        return f"merged {number}"

    return work


def battle(team: Any, folder: Path, kills: int, seed: int) -> None:
    """The three at once, `kills` kills among them, and then every promise."""
    rng = random.Random(seed)
    team.adopt()
    team.open({LEAK: team.files[LEAK].replace(b"0.9 *", b"0.5 *")})
    writers = [Writer(folder, who, commenting(team, who)) for who in COMMENTERS]
    writers.append(Writer(folder, MERGER, merging(team)))
    for writer in writers:
        writer.start()
    for _ in range(kills):
        time.sleep(rng.uniform(0.0, 0.4))  # the random moment is what this test is about
        victim = rng.choice(writers)
        victim.kill()
        victim.start()
    for writer in writers:
        writer.kill()
    check(team, writers)


def check(team: Any, writers: list[Writer]) -> None:
    """Nothing lost, nothing doubled, nobody locked out, and git's own check is content."""
    team.open({LEAK: team.files[LEAK].replace(b"0.9 *", b"0.4 *")})  # any write finishes what the dead began
    history = team.history
    requests = [team.request(number) for number in request_numbers(team.repository, history)]
    said = Counter(
        logged.attachments["text"].decode()
        for request in requests
        for logged in request.entries
        if logged.entry.operation.kind == "comment"
    )
    merged = {one.request.state.number for one in history.merged}
    assert max(said.values(), default=1) == 1
    for writer in writers:
        for line in writer.acknowledged():
            if line.startswith("merged "):
                assert int(line.split()[1]) in merged
            else:
                assert said[line] == 1, line
    assert any(writer.acknowledged() for writer in writers)
    assert (team.folder / LEAK).read_bytes() == history.files[LEAK]
    done = subprocess.run(["git", "-C", team.folder, "fsck"], capture_output=True, text=True, check=True)
    assert [line for line in (done.stdout + done.stderr).splitlines() if "dangling" not in line] == []
    assert list((team.folder / ".git" / "refs").rglob("*.lock")) == []


def test_three_writers_under_a_few_kills(team: Any, tmp_path: Path) -> None:
    battle(team, tmp_path, kills=25, seed=1)


@pytest.mark.stress
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(4))
def test_three_writers_under_a_thousand_kills(team: Any, tmp_path: Path, seed: int) -> None:
    battle(team, tmp_path, kills=250, seed=seed)
