"""Runs the real commands, each in a process of its own, and keeps what they said.

The demonstration has no private way in: what it does, a user can type. It also has to be so, because `worldmodel` may
not import the packages that build on it.
"""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from worldmodel.errors import EnvironmentProblem, Problem

Reply = Mapping[str, Any]


@dataclass(frozen=True)
class Ran:
    """One command that was run: how a person would type it, what it answered, and how long it took."""

    line: str
    reply: Reply
    seconds: float


@dataclass
class Runner:
    """Runs commands in one folder; `say` is told each command line before it runs."""

    folder: Path
    say: Callable[[str], None]
    history: list[Ran] = field(default_factory=list)

    def run(self, *arguments: str | Path) -> Reply:
        """Runs `glassworld ARGUMENTS --json` and returns its answer; raises EnvironmentProblem when it fails."""
        words = [str(argument) for argument in arguments]
        line = shlex.join(["glassworld", *words])
        self.say(line)
        start = time.monotonic()
        done = self._call([sys.executable, "-m", "worldmodel", *words, "--json"])
        reply = _answer(line, done)
        self.history.append(Ran(line, reply, time.monotonic() - start))
        return reply

    @property
    def lines(self) -> list[str]:
        """Every command so far, as a person would type it."""
        return [ran.line for ran in self.history]

    def _call(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}
        return subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )


def _answer(line: str, done: subprocess.CompletedProcess[str]) -> Reply:
    reply = _parsed(done.stdout)
    if done.returncode == 0 and reply is not None:
        return reply
    problems = [] if reply is None else [str(Problem(**problem)) for problem in reply.get("problems", [])]
    said = "; ".join(problems) or (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
    raise EnvironmentProblem(
        Problem(
            code="demo-stopped",
            where=line,
            found=said[:1500],
            wanted="a command that succeeds",
            mend="mend what it says, or report it; what the demonstration made so far is left in its folder",
        )
    )


def _parsed(text: str) -> Reply | None:
    try:
        reply = json.loads(text)
    except json.JSONDecodeError:
        return None
    return reply if isinstance(reply, dict) else None
