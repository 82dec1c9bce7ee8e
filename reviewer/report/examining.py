"""A branch examined: the change of its components against the approved world, the checks on it, and its panes.

Reads the working tree of a clone (a forge checks a branch out), compares it with a base reference, and asks the same
checks as the gate. Where an open request proposes exactly this change, the gate's verdict on it is part of the report.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pygit2

from reviewer.checks import check_request
from reviewer.history import GOVERNANCE, History, find_request, load_history, request_numbers
from reviewer.log import Request
from reviewer.merge import judge
from reviewer.panes.compare import panes_of
from reviewer.panes.pane import Pane
from reviewer.panes.subject import Settings, Subject, subject_of, subject_of_request
from reviewer.repository import Repository, components, with_changes
from reviewer.worktree import local_changes
from worldmodel.build import check_files
from worldmodel.errors import GlassworldError, Problem
from worldmodel.governance.gate import Verdict


@dataclass(frozen=True)
class Examined:
    """The problems of the world as the branch makes it, its panes, and the gate where a request proposes it."""

    changes: Mapping[str, bytes | None]
    problems: tuple[Problem, ...]
    panes: tuple[Pane, ...]
    request: int | None
    verdict: Verdict | None

    @property
    def passed(self) -> bool:
        """Whether every check passed; whether people approved is another question."""
        return not self.problems


def examine(repository: Repository, settings: Settings) -> Examined:
    """Examines the working tree against the approved world."""
    history = load_history(repository)
    changes = local_changes(repository, components(history.files))
    request = _proposing(repository, history, changes)
    subject = _subject(repository, history, changes, request, settings)
    problems = _problems(history, changes, request)
    verdict = None if request is None else judge(history, request)
    number = None if request is None else request.state.number
    return Examined(changes, tuple(problems), panes_of(subject) if changes else (), number, verdict)


def _subject(
    repository: Repository,
    history: History,
    changes: Mapping[str, bytes | None],
    request: Request | None,
    settings: Settings,
) -> Subject:
    if request is not None:
        return subject_of_request(repository, history, request, settings)
    return subject_of(history.files, changes, settings)


def _problems(history: History, changes: Mapping[str, bytes | None], request: Request | None) -> list[Problem]:
    """Every problem of the world as the change would make it."""
    if request is not None:
        return check_request(history, request)
    files = {path: data for path, data in with_changes(history.files, changes).items() if path not in GOVERNANCE}
    return check_files(files) if files else []


def _proposing(repository: Repository, history: History, changes: Mapping[str, bytes | None]) -> Request | None:
    """The open request that proposes exactly these changes; the newest of several."""
    for number in reversed(request_numbers(repository, history)):
        try:
            request = find_request(repository, history, number)
        except (GlassworldError, pygit2.GitError):
            continue
        if request.state.status == "open" and request.changes() == dict(changes):
            return request
    return None
