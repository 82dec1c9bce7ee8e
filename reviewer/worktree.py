"""The working tree beside the approved branch: what differs, and bringing merged files in without losing edits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pygit2
from pygit2.enums import FileMode

from reviewer.durable import remove_durably, write_durably
from reviewer.history import GOVERNANCE
from reviewer.repository import WORKTREE, Repository, components, read_tree
from worldmodel.files import FOLDERS, SINGLE_FILES, read_folder


@dataclass(frozen=True)
class Synced:
    """Which files were brought up to date, and which were left alone because of local edits."""

    updated: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def local_changes(repository: Repository, approved: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """The component files of the working tree that differ from the approved ones; None where one is gone."""
    local = dict(_local_components(repository.folder))
    changed: dict[str, bytes | None] = {path: data for path, data in local.items() if approved.get(path) != data}
    return changed | {path: None for path in approved if path not in local}


def sync(repository: Repository) -> Synced:
    """Brings unedited files of the working tree to the approved commit; call it under the world's lock.

    The commit that the tree was last brought to is remembered, so that an interrupted merge is finished by the next
    command.
    """
    git, tip = repository.git, repository.approved()
    if git.is_bare or git.head.name != "refs/heads/approved":
        return Synced()
    base = git.references[WORKTREE].peel(pygit2.Commit) if WORKTREE in git.references else None
    if base is not None and base.id == tip.id:
        return Synced()
    old = components(read_tree(git, base.tree)) if base is not None else {}
    new = components(read_tree(git, tip.tree))
    touched = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    brought = {path: _bring(repository.folder / path, old.get(path), new.get(path)) for path in touched}
    _write_index(git, touched, new)
    git.references.create(WORKTREE, tip.id, force=True)
    return Synced(
        tuple(path for path, done in brought.items() if done), tuple(path for path, done in brought.items() if not done)
    )


def remember(repository: Repository) -> None:
    """Records that the working tree is at the tip of the approved branch."""
    repository.git.references.create(WORKTREE, repository.approved().id, force=True)


def _bring(path: Path, old: bytes | None, new: bytes | None) -> bool:
    """Writes the new contents unless the file holds an edit of the user's own; says whether it holds them now."""
    linked = path.is_symlink() or path.parent.is_symlink()  # a link may lead out of the world
    found = path.read_bytes() if path.is_file() and not linked else None
    if linked or found not in (old, new):
        return False
    if found != new:
        if new is None:
            remove_durably(path)
        else:
            write_durably(path, new)
    return True


def _write_index(git: pygit2.Repository, touched: list[str], new: Mapping[str, bytes]) -> None:
    index = git.index
    index.read()
    for path in touched:
        if path in new:
            index.add(pygit2.IndexEntry(path, git.create_blob(new[path]), FileMode.BLOB))
        elif path in index:
            index.remove(path)
    index.write()


def _local_components(folder: Path) -> Iterator[tuple[str, bytes]]:
    if any((folder / name).exists() for name in (*SINGLE_FILES, *FOLDERS)):
        yield from read_folder(folder).items()
    for path in GOVERNANCE:
        if (folder / path).is_file() and not (folder / path).is_symlink():
            yield path, (folder / path).read_bytes()
