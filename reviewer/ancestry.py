"""The commits of a log in git, oldest first: each git parent is the commit of an entry that the operation names.

A log parts where people reviewed without seeing each other, and a join, with two git parents, takes it together again.
The order depends on the log alone, so that everyone who has it reads and seals the same bytes.
"""

from collections.abc import Iterable, Mapping, Sequence

import pygit2

from worldmodel.errors import InputError, Problem
from worldmodel.governance.fold import LONGEST_LOG, MOST_JOINS
from worldmodel.governance.statement import Entry


def commits_in_order(tip: pygit2.Commit) -> list[pygit2.Commit]:
    """Every commit of a log after its parents, the side of the first parent before that of the second.

    Raises InputError where the log is longer, or joined more often, than any reader accepts.
    """
    known = _ancestors(tip)
    ordered: dict[pygit2.Oid, pygit2.Commit] = {}
    ahead = [tip.id]
    while ahead:
        commit = known[ahead[-1]]
        missing = [parent for parent in commit.parent_ids if parent not in ordered]
        if missing:
            ahead.append(missing[0])
            continue
        ordered[ahead.pop()] = commit
    return list(ordered.values())


def check_parents(commits: Sequence[pygit2.Commit], entries: Iterable[Entry]) -> None:
    """Raises InputError unless each commit's parents are exactly those that its signed operation names."""
    digests: dict[pygit2.Oid, str] = {}
    for commit, entry in zip(commits, entries, strict=True):
        named = [digests[parent] for parent in commit.parent_ids]
        if named != entry.operation.parents:
            raise _unbound(commit, "parents in git that are not those that the signed operation names")
        digests[commit.id] = entry.digest


def _ancestors(tip: pygit2.Commit) -> Mapping[pygit2.Oid, pygit2.Commit]:
    """All commits that lead to a tip; refused while they are read, since nobody bounds what a stranger wrote."""
    known: dict[pygit2.Oid, pygit2.Commit] = {tip.id: tip}
    ahead, joins = [tip], 0
    while ahead:
        commit = ahead.pop()
        joins += len(commit.parent_ids) == 2
        if len(commit.parent_ids) > 2 or len(known) > LONGEST_LOG or joins > MOST_JOINS:
            raise _unbound(commit, f"more than 2 parents, {LONGEST_LOG} entries or {MOST_JOINS} joins")
        for parent in commit.parents:
            if parent.id not in known:
                known[parent.id] = parent
                ahead.append(parent)
    return known


def _unbound(commit: pygit2.Commit, found: str) -> InputError:
    return InputError(
        Problem(
            code="unbound-content",
            where=f"log entry {str(commit.id)[:12]}",
            found=found,
            wanted="exactly the entries that were signed, each after those that it names",
            mend="fetch the request again from a clone that you trust",
        )
    )
