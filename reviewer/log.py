"""The log of a merge request in git: one commit per operation, so that an entry is there whole or not at all.

The git parents of a commit are the commits of the entries that its operation names: one, or two for a join.

The tree of each commit holds `operation.json` (the signed envelope), `attachments/NAME` (free text and evidence, bound
by digest) and, for patchsets, `files/PATH` (the proposed components). `append` is a compare-and-swap on the log's
reference.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pygit2

from reviewer.ancestry import check_parents, commits_in_order
from reviewer.repository import Repository, component_digest, read_tree, signature, write_tree
from worldmodel.canonical import digest_bytes
from worldmodel.commands.output import one_line
from worldmodel.errors import InputError, Problem
from worldmodel.governance.fold import RequestState, fold
from worldmodel.governance.operations import Open, Patchset
from worldmodel.governance.sshsig import fingerprint
from worldmodel.governance.statement import Entry, read_entry

ENVELOPE = "operation.json"
LOG_REFERENCE = re.compile(r"^refs/glassworld/mr/([1-9][0-9]{0,5})/log$")
LARGEST_NUMBER = 999_999


@dataclass(frozen=True)
class Logged:
    """One entry with what is bound to it, as it lies in the log."""

    entry: Entry
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A merge request: its state, all entries, and the commit at the tip of its log."""

    state: RequestState
    entries: tuple[Logged, ...]
    tip: pygit2.Oid

    @property
    def proposal(self) -> Logged:
        """The entry that holds the current patchset."""
        return next(logged for logged in self.entries if logged.entry.operation == self.state.proposed)

    @property
    def title(self) -> str:
        """The title given with the newest patchset that has one."""
        titles = [text for logged in self.entries if (text := logged.attachments.get("title"))]
        return one_line(titles[-1].decode("utf-8", "replace")) if titles else "untitled"

    def changes(self) -> dict[str, bytes | None]:
        """The proposed files of the current patchset; None where one goes."""
        return {path: self.proposal.files.get(path) for path in self.state.proposed.changes}


def log_reference(number: int) -> str:
    """The name of a request's log."""
    return f"refs/glassworld/mr/{number}/log"


def numbers(repository: Repository) -> list[int]:
    """The numbers of all requests, in order."""
    return sorted(int(found[1]) for name in repository.git.references if (found := LOG_REFERENCE.match(name)))


def load_request(repository: Repository, number: int) -> Request:
    """Reads and verifies one request; raises InputError if it does not exist or its log is broken."""
    name = log_reference(number)
    if name not in repository.git.references:
        raise InputError(
            Problem(
                code="no-request",
                where=f"merge request {number}",
                found="no such request here",
                wanted=f"one of {', '.join(map(str, numbers(repository))) or 'none so far'}",
                mend="`glassworld mr list --all` shows all; "
                "`git fetch origin 'refs/glassworld/mr/*:refs/glassworld/mr/*'` fetches them",
            )
        )
    try:
        tip = repository.git.references[name].peel(pygit2.Commit)
    except (pygit2.GitError, KeyError, ValueError) as error:
        raise _broken(number, f"the reference {name} leads to no log") from error
    request = read_request(repository, tip)
    if request.state.number != number:
        raise _broken(number, f"the reference {name} holds the log of request {request.state.number}")
    return request


def read_request(repository: Repository, tip: pygit2.Commit) -> Request:
    """Reads and verifies the request whose log ends at this commit."""
    commits = commits_in_order(tip)
    entries = tuple(read_commit(repository, commit) for commit in commits)
    check_parents(commits, (logged.entry for logged in entries))
    state = fold(logged.entry for logged in entries)
    return Request(state, entries, tip.id)


def read_commit(repository: Repository, commit: pygit2.Commit) -> Logged:
    """Reads one log commit and holds its contents against the digests in the signed operation."""
    where = f"log entry {str(commit.id)[:12]}"
    files = read_tree(repository.git, commit.tree)
    entry = read_entry(files.pop(ENVELOPE, b""), where)
    attachments = {
        path.removeprefix("attachments/"): files.pop(path) for path in list(files) if path.startswith("attachments/")
    }
    changed = {path.removeprefix("files/"): files.pop(path) for path in list(files) if path.startswith("files/")}
    bound = {name: digest_bytes(data) for name, data in attachments.items()}
    if files or bound != dict(entry.operation.attachments):
        raise _unbound(where)
    if isinstance(entry.operation, Open | Patchset):
        _check_files(entry.operation, changed)
    elif changed:
        raise _unbound(where)
    return Logged(entry, attachments, changed)


def write_commit(
    repository: Repository, logged: Logged, parents: Sequence[pygit2.Oid], reference: str | None
) -> pygit2.Oid:
    """Writes one log commit; with a reference, moves it from its first parent to the new commit or fails."""
    files = {ENVELOPE: logged.entry.data}
    files |= {f"attachments/{name}": data for name, data in logged.attachments.items()}
    files |= {f"files/{path}": data for path, data in logged.files.items()}
    operation = logged.entry.operation
    author = signature("glassworld", operation.time)
    message = f"request {operation.request}: {operation.kind}, signed by {fingerprint(logged.entry.key)}\n"
    tree = write_tree(repository.git, files)
    return repository.git.create_commit(reference, author, author, message, tree, list(parents))


def _check_files(operation: Open | Patchset, files: Mapping[str, bytes]) -> None:
    """Raises InputError unless the files are the signed ones, so that nobody is ever shown, and votes on, others."""
    problems = [
        _unsigned(path, "a file that nobody signed", "only signed files")
        for path in sorted(files)
        if path not in operation.changes
    ]
    for path, change in sorted(operation.changes.items()):
        text, meaning = _digests(path, files.get(path))
        if (text, meaning) != (change.text, change.after):
            wanted = f"the file with digest {change.after} and text {change.text}"
            problems.append(_unsigned(path, "a file that is not the one that was signed", wanted))
    if problems:
        raise InputError(problems)


def _digests(path: str, data: bytes | None) -> tuple[str | None, str | None]:
    return (None, None) if data is None else (digest_bytes(data), component_digest(path, data))


def _unsigned(path: str, found: str, wanted: str) -> Problem:
    return Problem(
        code="unsigned-change",
        where=path,
        found=found,
        wanted=wanted,
        mend="fetch the request again from a clone that you trust",
    )


def _broken(number: int, found: str) -> InputError:
    return InputError(
        Problem(
            code="broken-log",
            where=f"merge request {number}",
            found=found,
            wanted="the log of this request",
            mend=f"fetch the request again from a clone that you trust, or remove the reference with "
            f"`git update-ref -d {log_reference(number)}`",
        )
    )


def _unbound(where: str) -> InputError:
    return InputError(
        Problem(
            code="unbound-content",
            where=where,
            found="contents that the signed operation does not bind",
            wanted="exactly the attachments and files that were signed",
            mend="fetch the request again from a clone that you trust",
        )
    )
