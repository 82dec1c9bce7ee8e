"""Another repository of the same world, reached through the git of the person who syncs, with its keys and settings.

What a remote says is believed of nothing: names and sizes are bounded here, and contents are verified by the caller
before a reference of ours moves.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pygit2

from reviewer.repository import APPROVED, Repository
from worldmodel.errors import EnvironmentProblem, Problem

MOST_REFERENCES = 20_000
PATIENCE = 600.0
SHARED = re.compile(
    r"^refs/(heads/approved|glassworld/(mr/[1-9][0-9]{0,5}/(log|patchset/[1-9][0-9]{0,5})|quarantine/[1-9][0-9]{0,5}"
    r"|displaced/[1-9][0-9]{0,5}/log-[0-9a-f]{12}))$"
)
PATTERNS = (APPROVED, "refs/glassworld/mr/*", "refs/glassworld/quarantine/*", "refs/glassworld/displaced/*")
REJECTED = re.compile(r"\[(?:remote )?rejected\].*")


@dataclass(frozen=True)
class Push:
    """One reference to be moved on the remote: to `new`, and only if it still is at `old` there (None: is not)."""

    name: str
    old: pygit2.Oid | None
    new: pygit2.Oid


def listed(repository: Repository, remote: str) -> dict[str, pygit2.Oid]:
    """The references of the world on the remote, by name; others there are none of ours."""
    text = _git(repository, "ls-remote", "--refs", "--end-of-options", remote, *PATTERNS)
    found: dict[str, pygit2.Oid] = {}
    for line in text.splitlines():
        commit, _, name = line.partition("\t")
        if SHARED.match(name):
            found[name] = pygit2.Oid(hex=commit)
        if len(found) > MOST_REFERENCES:
            raise failed(remote, f"more than {MOST_REFERENCES} references")
    return found


def fetch(repository: Repository, remote: str, wanted: Mapping[str, pygit2.Oid]) -> None:
    """Brings the objects of these references here; moves no reference."""
    names = [name for name, commit in sorted(wanted.items()) if commit not in repository.git]
    if names:
        quiet = ("--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--refmap=")
        _git(repository, "fetch", "--quiet", *quiet, "--stdin", "--end-of-options", remote, text="\n".join(names))
    missing = [name for name, commit in sorted(wanted.items()) if commit not in repository.git]
    if missing:
        raise failed(remote, f"{missing[0]} moved while it was read")


def push(repository: Repository, remote: str, moves: Sequence[Push]) -> str:
    """Moves all these references on the remote or none; why it did not where someone else moved one first, else ""."""
    if not moves:
        return ""
    leases = [f"--force-with-lease={move.name}:{'' if move.old is None else move.old}" for move in moves]
    targets = [f"{move.new}:{move.name}" for move in moves]
    arguments = ("push", "--porcelain", "--atomic", "--no-follow-tags", *leases, "--end-of-options", remote, *targets)
    done = _run(repository, arguments, "")
    if done.returncode == 0:
        return ""
    rejected = REJECTED.search(done.stdout)
    if rejected is None:
        raise failed(remote, _first_line(done.stderr))
    return rejected[0]


def label_of(repository: Repository, remote: str) -> str:
    """The name under which it is remembered what a remote held: its own, or a digest of its address."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", remote) and remote in repository.git.remotes.names():
        return remote
    return f"address-{hashlib.sha256(remote.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def _git(repository: Repository, *arguments: str, text: str = "") -> str:
    done = _run(repository, arguments, text)
    if done.returncode:
        raise failed(f"git {arguments[0]}", _first_line(done.stderr))
    return done.stdout


def _run(repository: Repository, arguments: Sequence[str], text: str) -> "subprocess.CompletedProcess[str]":
    asks = {} if sys.stdin is not None and sys.stdin.isatty() else {"GIT_TERMINAL_PROMPT": "0"}
    settings = ("-c", "gc.auto=0", "-c", "transfer.fsckObjects=true", "-c", "core.quotePath=true")
    try:
        return subprocess.run(
            ("git", "-C", str(repository.folder), *settings, *arguments),
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=PATIENCE,
            env={**os.environ, **asks, "LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError as error:
        raise failed("git", "no program `git`") from error
    except subprocess.TimeoutExpired as error:
        raise failed("git", f"no answer within {PATIENCE:.0f} seconds") from error


def _first_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.startswith(("fatal:", "error:", "remote:", "ssh:"))]
    return (lines or text.splitlines() or ["git said nothing"])[0]


def failed(where: str, found: str) -> EnvironmentProblem:
    """The error for a remote that git does not reach, or that does not take what it is given."""
    return EnvironmentProblem(
        Problem(
            code="remote-failed",
            where=where,
            found=found,
            wanted="a remote that git can read and write",
            mend="`git ls-remote` with the same name shows whether git reaches it; nothing here was lost, sync again",
        )
    )
