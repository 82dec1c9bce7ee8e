"""The approved branch, replayed: from the first roster through every merge to where the world stands now.

Each merge commit has two parents: the approved commit before it, and the log of the request that it merged. So a clone
of the branch alone carries the whole proof. A commit that did not come through the gate is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pygit2

from reviewer.commits import signed_by_another
from reviewer.computing import misstated
from reviewer.context import context_digest
from reviewer.log import LARGEST_NUMBER, Request, load_request, numbers, read_request
from reviewer.repository import Repository, component_digest, components, read_tree, with_changes
from worldmodel.canonical import digest
from worldmodel.errors import InputError, Problem, RefusedError
from worldmodel.files import parse_toml
from worldmodel.governance import replay
from worldmodel.governance.gate import settled
from worldmodel.governance.operations import Merge
from worldmodel.governance.replay import Standing
from worldmodel.governance.roster import ROSTER_PATH, Roster
from worldmodel.governance.rules import RULES_PATH

GOVERNANCE = (ROSTER_PATH, RULES_PATH)


@dataclass(frozen=True)
class MergedRequest:
    """A merged request, the commit on the approved branch that carries it, and the roster that judged it."""

    request: Request
    commit: pygit2.Oid
    roster: Roster


@dataclass(frozen=True)
class History:
    """A verified approved branch."""

    standing: Standing
    tip: pygit2.Oid
    files: Mapping[str, bytes]
    merged: tuple[MergedRequest, ...]
    versions: Mapping[str, Any]


def load_history(repository: Repository) -> History:
    """Replays the approved branch; raises RefusedError where something came in past the gate."""
    return replay_history(repository, repository.approved())


def replay_history(repository: Repository, tip: pygit2.Commit) -> History:
    """Replays what leads to a commit as if it were the approved branch."""
    commits = _first_parents(tip)
    files = read_tree(repository.git, commits[0].tree)
    governance = {path: parse_toml(path, files.get(path, b"")) for path in GOVERNANCE}
    standing = replay.genesis(governance[ROSTER_PATH], governance[RULES_PATH])
    versions = {digest(value): value for value in governance.values()}
    merged = []
    for commit in commits[1:]:
        request = read_request(repository, _log_parent(commit))
        versions |= _versions(request)
        before, standing = standing, replay.merge(standing, [logged.entry for logged in request.entries], versions)
        _check_commit(commit, request)
        _check_computed(commit, request, before, components(files))
        files = with_changes(files, request.changes())
        merged.append(MergedRequest(request, commit.id, before.roster))
    approved = components(read_tree(repository.git, tip.tree))
    if {path: component_digest(path, data) for path, data in approved.items()} != standing.digests:
        raise _past_the_gate(tip, "files that differ from what was approved")
    return History(standing, tip.id, approved, tuple(merged), versions)


def find_request(repository: Repository, history: History, number: int) -> Request:
    """One request: from the approved branch if it is merged, so that a clone without other references has it too."""
    merged = {one.request.state.number: one.request for one in history.merged}
    if number in merged:
        return merged[number]
    request = load_request(repository, number)
    if request.state.end is not None and isinstance(request.state.end.operation, Merge):
        raise _never_merged(number)
    return replace(request, state=settled(request.state, history.standing.roster))


def context_of(history: History, request: Request) -> str | None:
    """The context of a request on the approved world as it stands; None under rules that bind none."""
    if not history.standing.rules.binds_context:
        return None
    return context_digest(history.files, history.standing.digests, request.changes())


def files_before(repository: Repository, history: History, request: Request) -> Mapping[str, bytes]:
    """The files that a request is compared with: the approved ones, or for a merged request those before its merge."""
    for merged in history.merged:
        if merged.request.state.number == request.state.number:
            parent = repository.git[merged.commit].peel(pygit2.Commit).parents[0]
            return components(read_tree(repository.git, parent.tree))
    return history.files


def request_numbers(repository: Repository, history: History) -> list[int]:
    """The numbers of all requests, merged and open, in order."""
    return sorted({*numbers(repository), *(one.request.state.number for one in history.merged)})


def next_number(taken: Sequence[int]) -> int:
    """The number after the highest one; the lowest free one where a stranger's reference took the highest there is."""
    highest = max(taken, default=0)
    return highest + 1 if highest < LARGEST_NUMBER else min(set(range(1, LARGEST_NUMBER)) - set(taken))


def _versions(request: Request) -> dict[str, Any]:
    found = {}
    for path, data in request.changes().items():
        if path in GOVERNANCE and data is not None:
            value = parse_toml(path, data)
            found[digest(value)] = value
    return found


def _check_commit(commit: pygit2.Commit, request: Request) -> None:
    """A merge commit changes the signed files to the signed bytes and nothing else.

    The end of the branch alone would not show a line that was put into an earlier commit, where `trace` finds it.
    """
    if signed_by_another(commit, request.entries[-1].entry.key):
        raise _past_the_gate(commit, "a signature that is not that of the person who merged")
    changes = request.changes()
    difference = commit.parents[0].tree.diff_to_tree(commit.tree)
    touched = {file.path for delta in difference.deltas for file in (delta.old_file, delta.new_file)}
    if touched - changes.keys():
        raise _past_the_gate(commit, f"a change of {min(touched - changes.keys())}, which its request does not change")
    for path in sorted(changes):
        if _content(commit.tree, path) != changes[path]:
            raise _past_the_gate(commit, f"a text of {path} that is not what its author signed")


def _check_computed(commit: pygit2.Commit, request: Request, standing: Standing, before: Mapping[str, bytes]) -> None:
    """What the request and its merge state about themselves is what their files give."""
    binding, changes, end = standing.rules.binds_context, request.changes(), request.state.end
    wrong = misstated(before, changes, request.state.proposed, binding)
    if wrong:
        raise _past_the_gate(commit, f"{wrong[0].found} in the proposal that it merged")
    stated = end.operation.context if end is not None and isinstance(end.operation, Merge) else None
    if binding and stated != context_digest(before, standing.digests, changes):
        raise _past_the_gate(commit, "a context that is not that of its change")


def _content(tree: pygit2.Tree, path: str) -> bytes | None:
    found = tree[path] if path in tree else None  # noqa: SIM401 - a tree has no `get`
    return found.data if isinstance(found, pygit2.Blob) else None


def _first_parents(tip: pygit2.Commit) -> list[pygit2.Commit]:
    commits = [tip]
    while commits[-1].parents:
        commits.append(commits[-1].parents[0])
    return commits[::-1]


def _log_parent(commit: pygit2.Commit) -> pygit2.Commit:
    if len(commit.parents) != 2:
        raise _past_the_gate(commit, "a commit that is no merge of a request")
    return commit.parents[1]


def _never_merged(number: int) -> InputError:
    """Whoever can write a log can end it with the word that it was merged, and so keep it from everyone's eyes."""
    return InputError(
        Problem(
            code="broken-log",
            where=f"merge request {number}",
            found="an entry that says it was merged, and no such merge on the branch approved",
            wanted="a merge that is on the branch approved",
            mend="fetch `approved` as well; if the merge is not there either, set the log back to the entry before it: "
            f"`git update-ref refs/glassworld/mr/{number}/log refs/glassworld/mr/{number}/log~1`",
        )
    )


def _past_the_gate(commit: pygit2.Commit, found: str) -> RefusedError:
    return RefusedError(
        Problem(
            code="approved-moved",
            where=f"branch approved, commit {str(commit.id)[:12]}",
            found=found,
            wanted="only merges made by `glassworld mr merge`",
            mend="move your commit to a branch of your own (`git branch mine`), set `approved` back to the last merge "
            "(`git log --first-parent` shows it), and propose the change with `glassworld mr open`",
        )
    )
