"""Signed commits: `git verify-commit` accepts a merge as signed by the person who merged.

The proof of a merge is its signed operation, in the commit's second parent; this signature says the same to plain git.
It is an OpenSSH signature in git's own namespace, in which no assistant's key is allowed.
"""

from collections.abc import Sequence

import pygit2

from reviewer.repository import signature
from worldmodel.errors import InputError
from worldmodel.governance.sshsig import Signer, armor, dearmor, sign, verify

GIT_NAMESPACE = "git"
HEADER = "gpgsig"


def write_signed_commit(
    git: pygit2.Repository, message: str, time: str, tree: pygit2.Oid, parents: Sequence[pygit2.Oid], signer: Signer
) -> pygit2.Oid:
    """Writes a commit that this key signs; no reference is moved."""
    author = signature("glassworld", time)
    content = str(git.create_commit_string(author, author, message, tree, list(parents)))
    made = armor(sign(signer, content.encode("utf-8"), GIT_NAMESPACE)).rstrip("\n")
    return git.create_commit_with_signature(content, made, HEADER)


def move_branch(git: pygit2.Repository, name: str, before: pygit2.Oid, after: pygit2.Oid) -> None:
    """Moves a branch from one commit to another, or raises GitError if it is not, or no longer, at the first."""
    reference = git.references[name]
    if reference.target != before:
        raise pygit2.GitError("old reference value does not match")
    # libgit2 compares again under its lock: it fails if the reference is not what was just read.
    reference.set_target(after)


def signed_by_another(commit: pygit2.Commit, key: bytes) -> bool:
    """Whether a commit carries a signature that is not this key's; one without any signature does not."""
    made, content = commit.gpg_signature
    if not made:
        return False
    try:
        return verify(dearmor(made.decode("ascii", "replace")), content, GIT_NAMESPACE) != key
    except InputError:
        return True
