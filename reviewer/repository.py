"""The world's git repository: where its branch and refs are, and how trees and commits are read and written.

Layout: branch `approved` is the world (only the gate moves it; the working tree is on it). `refs/glassworld/mr/N/log`
is the log of request N, one operation per commit. `refs/glassworld/mr/N/patchset/K` shows a patchset as a commit on top
of `approved`. `refs/glassworld/worktree` remembers which approved commit the working tree was last brought to.
"""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pygit2
from pygit2.enums import FileMode, ObjectType, Option

from reviewer import clock
from reviewer.durable import sync_folder
from reviewer.lock import exclusive
from worldmodel import limits
from worldmodel.canonical import digest
from worldmodel.commands.output import disk_full
from worldmodel.errors import EnvironmentProblem, InputError, Problem
from worldmodel.files import parse_toml

APPROVED = "refs/heads/approved"
WORKTREE = "refs/glassworld/worktree"
IGNORE_FILE = ".gitignore"
ATTEMPTS = 5
MOST_ENTRIES = 2 * limits.WORLD_FILES
DEEPEST_FOLDER = 8
RETRYABLE = re.compile("not the first parent|old reference value does not match|failed to lock file")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Repository:
    """An open world repository."""

    folder: Path
    git: pygit2.Repository

    @property
    def git_directory(self) -> Path:
        """The `.git` folder."""
        return Path(self.git.path)

    def approved(self) -> pygit2.Commit:
        """The tip of the approved branch."""
        return self.git.references[APPROVED].peel(pygit2.Commit)


def open_repository(folder: Path) -> Repository:
    """Opens a world's repository; raises InputError where there is none."""
    make_durable()
    try:
        git = pygit2.Repository(str(folder / ".git"))
    except pygit2.GitError as error:
        raise not_a_world(folder, "no git repository") from error
    if APPROVED not in git.references:
        raise not_a_world(folder, "a git repository without the branch `approved`")
    if git.is_shallow:
        raise InputError(_shallow(folder))
    return Repository(folder, git)


def transact(repository: Repository, work: Callable[[], Result]) -> Result:
    """Does work under the world's lock, again if someone who does not know the lock moved a reference meanwhile.

    The work reads what it needs anew each time, and its last write is a compare-and-swap of one reference. Raises
    EnvironmentProblem where the machine cannot write.
    """
    for attempt in range(ATTEMPTS):
        try:
            with exclusive(repository.git_directory):
                result = work()
                _sync_ancestors(repository.git_directory)
                return result
        except (pygit2.GitError, OSError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            if attempt == ATTEMPTS - 1 or not RETRYABLE.search(str(error)):
                raise git_problem(repository, error) from error
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise AssertionError("the last attempt returns or raises")


def git_problem(repository: Repository, error: Exception) -> EnvironmentProblem:
    """Translates a failure of git into a problem that says what to do."""
    message = str(error)
    if "No space left" in message or "quota" in message.lower():
        return EnvironmentProblem(disk_full(str(repository.folder)))
    return EnvironmentProblem(
        Problem(
            code="git-failed",
            where=str(repository.folder),
            found=message,
            wanted="a repository that can be written",
            mend="if another git command is running, wait for it; otherwise run `git fsck` and look at what it says",
        )
    )


def not_a_world(folder: Path, found: str) -> InputError:
    """The error for a folder that holds no world."""
    return InputError(
        Problem(
            code="no-repository",
            where=str(folder),
            found=found,
            wanted="a world made by `glassworld init`",
            mend="run the command inside a world, or name one with --world",
        )
    )


def _shallow(folder: Path) -> Problem:
    return Problem(
        code="shallow-clone",
        where=str(folder),
        found="a clone that was cut off with --depth",
        wanted="the whole history, which holds the proof of every merge",
        mend="`git fetch --unshallow` fetches the rest; in a pipeline, set the depth of the checkout to 0",
    )


def signature(name: str, time: str) -> pygit2.Signature:
    """Author and committer of our commits; the signed operation inside is what counts."""
    return pygit2.Signature(name, f"{name}@glassworld.invalid", clock.seconds(time), 0)


def read_tree(git: pygit2.Repository, tree: pygit2.Tree) -> dict[str, bytes]:
    """All files of a tree by path; raises InputError at anything that is not a plain file or folder.

    Trees may repeat and nest without end at no cost to whoever made them, so entries and depth are bounded as they are
    read.
    """
    files: dict[str, bytes] = {}
    folders = [("", tree)]
    seen = 0
    while folders:
        prefix, folder = folders.pop()
        seen += len(folder)
        if seen > MOST_ENTRIES or prefix.count("/") > DEEPEST_FOLDER:
            raise not_a_world(Path(prefix[:200]), "a tree with more files or deeper folders than any world has")
        for item in folder:
            path = f"{prefix}{item.name}"
            if item.type == ObjectType.TREE:
                folders.append((f"{path}/", git[item.id].peel(pygit2.Tree)))
            elif item.type == ObjectType.BLOB and item.filemode == FileMode.BLOB:
                files[path] = git[item.id].peel(pygit2.Blob).data
            else:
                raise not_a_world(Path(path), "a link, executable or submodule in a tree of plain files")
    return files


def write_tree(git: pygit2.Repository, files: Mapping[str, bytes]) -> pygit2.Oid:
    """Writes a tree that holds exactly these files."""
    builder = git.TreeBuilder()
    folders: dict[str, dict[str, bytes]] = {}
    for path, data in files.items():
        head, _, rest = path.partition("/")
        if rest:
            folders.setdefault(head, {})[rest] = data
        else:
            builder.insert(head, git.create_blob(data), FileMode.BLOB)
    for name, inside in folders.items():
        builder.insert(name, write_tree(git, inside), FileMode.TREE)
    return builder.write()


def with_changes(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> dict[str, bytes]:
    """The files once the changes are made; None removes."""
    kept = {path: data for path, data in files.items() if path not in changes}
    return kept | {path: data for path, data in changes.items() if data is not None}


def components(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Only the component files of a tree."""
    return {path: data for path, data in files.items() if path != IGNORE_FILE}


def component_digest(path: str, data: bytes) -> str:
    """The digest of a component: of its parsed value, so that formatting does not matter."""
    return digest(parse_toml(path, data))


def _sync_ancestors(git_directory: Path) -> None:
    """libgit2 syncs each file and its folder; a folder that was new has its own entry in the one above."""
    for name in ("objects", "refs", "refs/glassworld", "refs/glassworld/mr"):
        if (git_directory / name).is_dir():
            sync_folder(git_directory / name)


def make_durable() -> None:
    """libgit2 syncs no file to the disk unless told to, once for the whole process."""
    pygit2.option(Option.ENABLE_FSYNC_GITDIR, True)
