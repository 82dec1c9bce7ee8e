"""Takes planted proposals and what people made of them together with those from elsewhere."""

import pygit2

from reviewer import clock
from reviewer.commits import move_branch
from reviewer.measuring.quarantine import REFERENCE, check_planted
from reviewer.repository import Repository, read_tree, signature, write_tree
from worldmodel.errors import InputError, Problem

VERDICTS = "verdicts/"


def take_in_planted(repository: Repository, name: str, theirs: pygit2.Oid) -> None:
    """Brings a planted proposal that was fetched together with ours; call it under the lock.

    Verdicts of both sides stay; of two by one person the remote's does, which others may have seen. Raises InputError
    where it is malformed or another proposal than ours.
    """
    git = repository.git
    commit = git[theirs].peel(pygit2.Commit)
    files = read_tree(git, commit.tree)
    check_planted(int(_number(name)), files)
    if name not in git.references:
        git.references.create(name, theirs)
        return
    ours = git.references[name].peel(pygit2.Commit)
    if ours.id == theirs or git.descendant_of(ours.id, theirs):
        return
    if git.descendant_of(theirs, ours.id):
        move_branch(git, name, ours.id, theirs)
        return
    own = read_tree(git, ours.tree)
    if _planted(own) != _planted(files):
        raise InputError(_another(name))
    author = signature("glassworld", clock.now())
    both = write_tree(git, own | files)
    git.create_commit(name, author, author, ours.message, both, [ours.id, theirs])


def _planted(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not path.startswith(VERDICTS)}


def _number(name: str) -> str:
    found = REFERENCE.match(name)
    if found is None:
        raise InputError(_another(name))
    return found[1]


def _another(name: str) -> Problem:
    return Problem(
        code="number-taken",
        where=name,
        found="another planted proposal with this number on the remote",
        wanted="a number of its own",
        mend=f"`git update-ref -d {name}` drops the one that is here, with its verdicts; plant it again",
    )
