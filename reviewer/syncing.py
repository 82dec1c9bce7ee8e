"""Brings two repositories of one world together: what came is verified, taken in under the lock, and pushed.

Nothing of ours moves before it is verified, and nothing is ever dropped: a log that makes way is kept under another
name. What a remote held is remembered, so that a remote whose history was cut short is noticed. A sync that dies
anywhere is finished by the next one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import pygit2
from pygit2.enums import ObjectType

from reviewer.commits import move_branch
from reviewer.history import History, replay_history
from reviewer.joining import Taken, take_in
from reviewer.log import LOG_REFERENCE, Request, log_reference, read_request
from reviewer.measuring.joining import take_in_planted
from reviewer.recovery import DISPLACED, displaced, recover
from reviewer.remote import SHARED, Push, failed, fetch, label_of, listed, push
from reviewer.repository import APPROVED, Repository, transact
from reviewer.requests import show_patchset
from worldmodel.errors import GlassworldError, InputError, Problem, RefusedError
from worldmodel.governance.operations import Open, Patchset
from worldmodel.governance.sshsig import Signer

ATTEMPTS = 6
PLANTED = "refs/glassworld/quarantine/"
Theirs = Mapping[str, pygit2.Oid]


@dataclass(frozen=True)
class Exchanged:
    """What a sync did: merges that came, what became of each log, logs set aside, what was pushed, what was refused."""

    merges: int
    taken: tuple[Taken, ...]
    aside: tuple[str, ...]
    pushed: tuple[str, ...]
    problems: tuple[Problem, ...]


def exchange(repository: Repository, remote: str, signer: Callable[[], Signer]) -> Exchanged:
    """Fetches, verifies, joins and pushes; `signer` is asked only where a join is to be signed.

    Raises RefusedError, before anything moved, where the remote's approved branch cannot follow ours. A single log that
    cannot be taken is among the `problems`, and left alone here and there.
    """
    merges, taken, aside, why = 0, dict[int, Taken](), set[str](), ""
    for _ in range(ATTEMPTS):
        theirs = listed(repository, remote)
        fetch(repository, remote, theirs)
        found = transact(repository, partial(_take_in_all, repository, remote, theirs, signer))
        merges, aside = merges + found.merges, aside | set(found.aside)
        taken |= {one.number: one for one in found.taken if _is_news(one, taken)}
        moves = _moves(repository, theirs, _refused(found))
        why = push(repository, remote, moves)
        if not why:
            after = {**theirs, **{move.name: move.new for move in moves}}
            transact(repository, partial(_remember, repository, remote, after, _refused(found)))
            done = tuple(move.name for move in moves)
            return replace(found, merges=merges, taken=tuple(taken.values()), aside=tuple(sorted(aside)), pushed=done)
    raise failed(remote, f"it did not take what was pushed: {why}")


def _take_in_all(repository: Repository, remote: str, theirs: Theirs, signer: Callable[[], Signer]) -> Exchanged:
    before, history = set(displaced(repository)), recover(repository)
    old = len(history.merged)
    _check_not_rolled_back(repository, remote, APPROVED, theirs)
    history = _take_in_approved(repository, history, theirs.get(APPROVED))
    merged = {one.request.state.number for one in history.merged}
    taken, problems = [], []
    for name in sorted({*theirs, *_seen(repository, remote)} - {APPROVED}):
        found = LOG_REFERENCE.match(name)
        try:
            if not found or int(found[1]) not in merged:  # what is merged is held by the approved branch
                _check_not_rolled_back(repository, remote, name, theirs)
            if name not in theirs:
                continue
            if found:
                taken.append(take_in(repository, history, int(found[1]), theirs[name], signer))
                _show(repository, history, taken[-1])
            elif name.startswith(PLANTED):
                take_in_planted(repository, name, theirs[name])
            elif name.startswith(DISPLACED):
                _take_in_displaced(repository, name, theirs[name])
        except GlassworldError as error:
            problems += [replace(problem, where=f"{name}: {problem.where}") for problem in error.problems]
    aside = tuple(sorted(set(displaced(repository)) - before))
    return Exchanged(len(history.merged) - old, tuple(taken), aside, (), tuple(problems))


def _take_in_approved(repository: Repository, history: History, theirs: pygit2.Oid | None) -> History:
    """The history once the remote's approved branch is taken in; raises RefusedError where it cannot follow ours."""
    git = repository.git
    if theirs is None or theirs == history.tip or git.descendant_of(history.tip, theirs):
        return history
    if not git.descendant_of(theirs, history.tip):
        raise RefusedError(_parted(history, theirs))
    replay_history(repository, git[theirs].peel(pygit2.Commit))
    move_branch(git, APPROVED, history.tip, theirs)
    return recover(repository)


def _take_in_displaced(repository: Repository, name: str, theirs: pygit2.Oid) -> None:
    """Takes over a log that was set aside elsewhere, under the name that its commit gives it."""
    if name not in repository.git.references and name.endswith(f"log-{str(theirs)[:12]}"):
        read_request(repository, repository.git[theirs].peel(pygit2.Commit))
        repository.git.references.create(name, theirs)


def _show(repository: Repository, history: History, taken: Taken) -> None:
    """Shows the patchsets that came to plain git, as if they had been uploaded here."""
    if taken.what not in ("new", "forward", "joined", "split"):
        return
    tip = repository.git.references[log_reference(taken.number)].peel(pygit2.Commit)
    request: Request = read_request(repository, tip)
    for logged in request.entries:
        operation = logged.entry.operation
        if isinstance(operation, Open | Patchset):
            name = f"refs/glassworld/mr/{taken.number}/patchset/{operation.patchset}"
            if name not in repository.git.references:
                show_patchset(repository, history, logged)


def _moves(repository: Repository, theirs: Theirs, refused: set[str]) -> list[Push]:
    """What the remote lacks; a patchset or a log set aside that it has is never moved there."""
    found = []
    for name in sorted(repository.git.references):
        if not SHARED.match(name) or name in refused:
            continue
        ours, old = repository.git.references[name].peel(pygit2.Commit).id, theirs.get(name)
        fixed = "/patchset/" in name or name.startswith(DISPLACED)
        if ours != old and (old is None or not fixed):
            found.append(Push(name, old, ours))
    return found


def _is_news(one: Taken, taken: Mapping[int, Taken]) -> bool:
    """Whether an attempt did more with a log than to find it as an earlier attempt left it."""
    return one.what != "same" and (one.what != "ahead" or one.number not in taken)


def _refused(found: Exchanged) -> set[str]:
    return {problem.where.split(":", 1)[0] for problem in found.problems}


def _seen(repository: Repository, remote: str) -> Iterator[str]:
    """The references that the remote had when it was last seen."""
    prefix = _memory(repository, remote, "")
    for name in repository.git.references:
        if name.startswith(prefix):
            yield f"refs/{name.removeprefix(prefix)}"


def _memory(repository: Repository, remote: str, name: str) -> str:
    return f"refs/glassworld/remotes/{label_of(repository, remote)}/{name.removeprefix('refs/')}"


def _remember(repository: Repository, remote: str, theirs: Theirs, refused: set[str]) -> None:
    for name, commit in theirs.items():
        if name not in refused and "/patchset/" not in name:
            repository.git.references.create(_memory(repository, remote, name), commit, force=True)


def _check_not_rolled_back(repository: Repository, remote: str, name: str, theirs: Theirs) -> None:
    memory, git = _memory(repository, remote, name), repository.git
    if name in theirs and git[theirs[name]].type != ObjectType.COMMIT:
        raise InputError(_no_commit(name))
    if memory not in git.references:
        return
    seen, now = git.references[memory].peel(pygit2.Commit).id, theirs.get(name)
    if now is None or (now != seen and not git.descendant_of(now, seen)):
        raise RefusedError(
            Problem(
                code="rolled-back",
                where=name,
                found=f"{'gone' if now is None else str(now)[:12]} on the remote, which held {str(seen)[:12]} before",
                wanted="a remote that holds all that it held when it was last seen",
                mend=f"ask who keeps the remote; what is here was left alone, and `git push {remote} {name}` puts it "
                f"back; if the remote is right, `git update-ref -d {memory}` forgets what it held",
            )
        )


def _no_commit(name: str) -> Problem:
    return Problem(
        code="broken-log",
        where=name,
        found="something that is no commit",
        wanted="a log, or the approved branch",
        mend="ask whoever keeps the remote; what is here was left alone",
    )


def _parted(history: History, theirs: pygit2.Oid) -> Problem:
    return Problem(
        code="approved-parted",
        where="branch approved",
        found=f"a remote that merged other requests ({str(theirs)[:12]}) than were merged here "
        f"({str(history.tip)[:12]}) since both were the same",
        wanted="one chain of merges",
        mend="nothing was changed; clone the remote anew, propose there what was merged here alone, and have it "
        "approved again; sync before you merge to avoid this",
    )
