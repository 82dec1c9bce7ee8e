"""One lock of our own around every change of a world's repository.

git leaves a `.lock` file behind when a process dies, and that file then blocks every writer. So writers take this lock
first: a POSIX record lock, which the kernel releases when the holder dies and which child processes do not inherit. Its
file says whether the holder finished; only after a holder that died are leftover `.lock` files removed, so that a git
command of the user's own is left alone.
"""

import fcntl
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worldmodel.errors import EnvironmentProblem, Problem

BUSY, IDLE = b"busy", b"idle"
_threads = threading.Lock()  # record locks belong to a process, so threads of one process need a lock between them


@contextmanager
def exclusive(git_directory: Path, patience: float = 60.0) -> Iterator[None]:
    """Holds the world's lock; raises EnvironmentProblem if others hold it for longer than `patience` seconds."""
    folder = git_directory / "glassworld"
    folder.mkdir(exist_ok=True)
    with _threads:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _wait(descriptor, patience, git_directory)
            if os.pread(descriptor, len(BUSY), 0) == BUSY:
                remove_stale_locks(git_directory)
            _mark(descriptor, BUSY)
            try:
                yield
            finally:  # an error unwinds and git removes its own lock files; only a death leaves the mark
                _mark(descriptor, IDLE)
        finally:
            os.close(descriptor)


def remove_stale_locks(git_directory: Path) -> None:
    """Removes the `.lock` files that a dead writer left on what we write: the index, packed refs and our refs."""
    for name in ("index.lock", "packed-refs.lock", "HEAD.lock"):
        (git_directory / name).unlink(missing_ok=True)
    for folder in ("refs/glassworld", "refs/heads"):
        for path in (git_directory / folder).rglob("*.lock"):
            path.unlink(missing_ok=True)


def _mark(descriptor: int, word: bytes) -> None:
    os.pwrite(descriptor, word, 0)
    os.fsync(descriptor)


def _wait(descriptor: int, patience: float, git_directory: Path) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError as error:
            if time.monotonic() > deadline:
                raise EnvironmentProblem(
                    Problem(
                        code="world-busy",
                        where=str(git_directory),
                        found=f"another glassworld command has been writing for {patience:.0f} seconds",
                        wanted="one writer at a time",
                        mend="wait for it to end; if none runs, the lock is free and this will not happen again",
                    )
                ) from error
            time.sleep(random.uniform(0.005, 0.03))
