"""Takes the log of a request that came from elsewhere together with the one that is here; nothing of either is lost.

Where one log holds all that the other does, the longer one stays. Where people reviewed apart, a join takes both tips
together, signed by the person who brings them together. Where the two cannot be one log, ours makes way and is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pygit2

from reviewer import clock
from reviewer.commits import move_branch
from reviewer.history import History
from reviewer.log import Logged, Request, load_request, log_reference, read_request, write_commit
from reviewer.recovery import DISPLACED, point
from reviewer.repository import Repository
from reviewer.voices import check_voice
from worldmodel.errors import InputError, Problem
from worldmodel.governance.fold import join, joined
from worldmodel.governance.operations import Join
from worldmodel.governance.sshsig import Signer, public_bytes
from worldmodel.governance.statement import sign_operation

What = Literal["new", "same", "forward", "ahead", "joined", "split", "displaced", "kept"]
"""What became of a log: `split` is a join after which a new patchset must settle what is proposed; `displaced` is ours
that made way for another request of its number, `kept` theirs that the merged log leaves out."""


@dataclass(frozen=True)
class Taken:
    """What became of the log of one request."""

    number: int
    what: What


def take_in(
    repository: Repository, history: History, number: int, theirs: pygit2.Oid, signer: Callable[[], Signer]
) -> Taken:
    """Brings a log that was fetched together with ours; call it under the lock, with `history` as it now is.

    Raises InputError where the fetched log is broken or belongs to another request.
    """
    name = log_reference(number)
    ours = repository.git.references[name].peel(pygit2.Commit).id if name in repository.git.references else None
    if ours is not None and (ours == theirs or repository.git.descendant_of(ours, theirs)):
        return Taken(number, "same" if ours == theirs else "ahead")
    other = _read(repository, history, number, theirs)
    if ours is None:
        repository.git.references.create(name, theirs)
        return Taken(number, "new")
    if any(one.request.state.number == number for one in history.merged):
        return _keep(repository, number, theirs)
    if repository.git.descendant_of(theirs, ours):
        move_branch(repository.git, name, ours, theirs)
        return Taken(number, "forward")
    return _join(repository, history, load_request(repository, number), other, signer)


def join_logs(repository: Repository, history: History, one: Request, other: Request, signer: Signer) -> pygit2.Oid:
    """Signs the join of two tips of one log and writes its commit; no reference is moved."""
    state = joined(one.state, other.state)
    operation = Join(
        request=state.number,
        parents=sorted((one.state.tip, other.state.tip)),
        time=clock.now(),
        patchset=state.proposed.patchset,
        proposal=state.proposal,
    )
    check_voice(history.standing.roster, None, operation, public_bytes(signer))
    entry = sign_operation(operation, signer)
    join(one.state, other.state, entry)
    tips = {one.state.tip: one.tip, other.state.tip: other.tip}
    return write_commit(repository, Logged(entry), [tips[parent] for parent in operation.parents], None)


def _read(repository: Repository, history: History, number: int, tip: pygit2.Oid) -> Request:
    request = read_request(repository, repository.git[tip].peel(pygit2.Commit))
    if request.state.number != number:
        raise _not_a_log(number, f"the log of request {request.state.number}")
    if request.state.status == "merged" and all(one.request.tip != tip for one in history.merged):
        raise _not_a_log(number, "a merge that the approved branch does not hold")
    return request


def _join(
    repository: Repository, history: History, one: Request, other: Request, signer: Callable[[], Signer]
) -> Taken:
    number = one.state.number
    if one.state.uploads[0] != other.state.uploads[0]:
        point(repository, log_reference(number), other.tip)
        return Taken(number, "displaced")
    commit = join_logs(repository, history, one, other, signer())
    move_branch(repository.git, log_reference(number), one.tip, commit)
    split = read_request(repository, repository.git[commit].peel(pygit2.Commit)).state.split
    return Taken(number, "split" if split else "joined")


def _keep(repository: Repository, number: int, theirs: pygit2.Oid) -> Taken:
    """Keeps what was said elsewhere in a request that was merged without it; the merge stays what it was."""
    kept = f"{DISPLACED}{number}/log-{str(theirs)[:12]}"
    repository.git.references.create(kept, theirs, force=True)
    return Taken(number, "kept")


def _not_a_log(number: int, found: str) -> InputError:
    return InputError(
        Problem(
            code="broken-log",
            where=f"merge request {number}",
            found=found,
            wanted="the log of this request",
            mend="ask whoever keeps the remote; what is here was left alone",
        )
    )
