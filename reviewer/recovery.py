"""Finishes what an interrupted merge, or a fetch of merges made elsewhere, left undone; call it under the lock."""

import pygit2

from reviewer.history import History, load_history
from reviewer.log import log_reference
from reviewer.repository import Repository
from reviewer.worktree import sync

DISPLACED = "refs/glassworld/displaced/"


def recover(repository: Repository) -> History:
    """Brings the logs of merged requests and the working tree up to the approved branch, and returns its history."""
    history = load_history(repository)
    for merged in history.merged:
        point(repository, log_reference(merged.request.state.number), merged.request.tip)
    sync(repository)
    return history


def displaced(repository: Repository) -> list[str]:
    """The references under which entries are kept that are in no merged log: votes and objections that were cut off."""
    return sorted(name for name in repository.git.references if name.startswith(DISPLACED))


def point(repository: Repository, name: str, target: pygit2.Oid) -> None:
    """Makes a reference point to a commit; what it held that the commit does not contain is kept under another name."""
    git = repository.git
    if name in git.references:
        found = git.references[name].peel(pygit2.Commit).id
        if found == target:
            return
        if not git.descendant_of(target, found):
            kept = name.replace("refs/glassworld/mr/", DISPLACED, 1)
            git.references.create(f"{kept}-{str(found)[:12]}", found, force=True)
    git.references.create(name, target, force=True)
