"""A world's files as a folder has them now, or as a revision of its git repository had them."""

from collections.abc import Iterator
from pathlib import Path

import pygit2

from worldmodel import limits
from worldmodel.errors import InputError, Problem
from worldmodel.files import COMPONENT_PATH, read_folder


def read_side(where: str, world: Path) -> dict[str, bytes]:
    """The component files of a folder, or of a git revision of the world's folder where no folder is called so."""
    folder = Path(where)
    return read_folder(folder) if folder.is_dir() else read_revision(world, where)


def read_revision(world: Path, revision: str) -> dict[str, bytes]:
    """The component files that a commit has below a folder; InputError where there is no such commit or world."""
    found = pygit2.discover_repository(str(world.resolve()))
    if found is None:
        raise InputError(_unknown(revision, f"{world} is in no git repository"))
    repository = pygit2.Repository(found)
    try:
        tree = repository.revparse_single(revision).peel(pygit2.Tree)
        below = world.resolve().relative_to(Path(repository.workdir or found).resolve())
        own = tree[below.as_posix()] if below.parts else tree
    except (KeyError, ValueError, pygit2.GitError) as error:
        raise InputError(_unknown(revision, f"no revision “{revision}” with this folder")) from error
    files = dict(_files(own, "")) if isinstance(own, pygit2.Tree) else {}
    if "world.toml" not in files:
        raise InputError(_unknown(revision, f"no world.toml in revision “{revision}”"))
    return files


def _files(tree: pygit2.Tree, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in tree:
        path = f"{prefix}{entry.name}"
        if isinstance(entry, pygit2.Tree) and not prefix:
            yield from _files(entry, f"{path}/")
        elif isinstance(entry, pygit2.Blob) and COMPONENT_PATH.match(path):
            # One byte more than is allowed is enough for the reader of components to refuse it.
            yield path, entry.data[: limits.FILE_BYTES + 1]


def _unknown(revision: str, found: str) -> Problem:
    return Problem(
        code="unknown-revision",
        where=revision[:200],
        found=found,
        wanted="a world's folder, or a commit of the repository that holds the folder of --world",
        mend="name a folder, or a commit, branch or tag such as HEAD~1",
    )
