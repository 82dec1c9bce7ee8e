"""The merge: the only thing that moves the approved branch.

Under the world's lock the gate is asked on the merged files, the merge is signed, and one compare-and-swap of the
branch makes it true: the new approved commit has the request's complete log as its second parent, and is signed for
plain git as well. What follows (the log's reference, the working tree) is repaired by the next command if this one
dies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewer import clock
from reviewer.answering import misjudged
from reviewer.checks import Checker, check_request, refuted_claims
from reviewer.commits import move_branch, write_signed_commit
from reviewer.computing import misstated
from reviewer.diff import render_diff, shown_digest
from reviewer.history import History, context_of, find_request
from reviewer.log import Request, log_reference, write_commit
from reviewer.recovery import recover
from reviewer.repository import APPROVED, Repository, read_tree, transact, with_changes, write_tree
from reviewer.requests import sign_entry
from reviewer.required import least_questions
from reviewer.worktree import Synced, sync
from worldmodel.build import check_files
from worldmodel.canonical import tree_digest
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.attention import Turn, turns
from worldmodel.governance.facts import Review
from worldmodel.governance.gate import Reason, Verdict, gate
from worldmodel.governance.operations import Merge
from worldmodel.governance.replay import merged_digests, takes_back
from worldmodel.governance.sshsig import Signer


@dataclass(frozen=True)
class Merged:
    """What a merge did: the new approved commit, and what became of the working tree."""

    number: int
    commit: str
    synced: Synced


def judge_whole(
    repository: Repository,
    history: History,
    request: Request,
    checker: Checker = check_files,
    viewer: str | None = None,
) -> Verdict:
    """The gate's verdict with everything computed again, claims and answers too: what a merge asks."""
    return _simulated(repository, history, request, judge(history, request, checker, viewer))


def _simulated(repository: Repository, history: History, request: Request, verdict: Verdict) -> Verdict:
    """The verdict with what costs simulations held against the files as well."""
    if request.state.end is not None:
        return verdict
    found = [*refuted_claims(history, request), *misjudged(repository, history, request)]
    wrong = tuple(Reason("check-failed", f"a check fails on the merged world: {problem}") for problem in found)
    return replace(verdict, open=False, reasons=(*verdict.reasons, *wrong)) if wrong else verdict


def judge(
    history: History,
    request: Request,
    checker: Checker = check_files,
    viewer: str | None = None,
    found: Sequence[Problem] | None = None,
) -> Verdict:
    """The gate's verdict on a request, with the checks run on the merged files and what it states computed again.

    Claims and the truth of answers cost simulations, and are left to `judge_whole`. `found` has the problems that the
    checks found already, where they were run on this proposal and this base.
    """
    if request.state.end is not None:
        return gate(request.state, history.standing.ground, (), viewer)
    problems = check_request(history, request, checker) if found is None else found
    ground = replace(history.standing.ground, context=context_of(history, request))
    verdict = gate(request.state, ground, problems, viewer)
    wrong = tuple(Reason("misstated", str(problem)) for problem in _misstated(history, request))
    if not takes_back(request.state, history.standing):
        lie = "it says that it takes back a merge, and does something else or more; open a new request"
        wrong = (*wrong, Reason("misstated", lie))
    return replace(verdict, open=False, reasons=(*wrong, *verdict.reasons)) if wrong else verdict


def whose_turn(history: History, request: Request) -> tuple[Turn, ...]:
    """Whose turn a request is, without its checks having been run."""
    if request.state.end is not None:
        return ()
    ground = replace(history.standing.ground, context=context_of(history, request))
    return turns(Review(request.state, ground), gate(request.state, ground, ()))


def _misstated(history: History, request: Request) -> list[Problem]:
    """What a request states about itself and is not so; one whose base moved has to be made anew in any case."""
    proposed, standing = request.state.proposed, history.standing
    if any(change.before != standing.digests.get(path) for path, change in proposed.changes.items()):
        return []
    wrong = misstated(history.files, request.changes(), proposed, standing.rules.binds_context)
    least = least_questions(history.files, request.changes()) if standing.rules.binds_context else 0
    return [*wrong, *([] if proposed.questions >= least else [_too_few_questions(request, least)])]


def _too_few_questions(request: Request, least: int) -> Problem:
    return Problem(
        code="misstated-proposal",
        where=f"merge request {request.state.number}",
        part="questions",
        found=str(request.state.proposed.questions),
        wanted=f"{least} at the least, computed from the files",
        mend="upload a new patchset with `glassworld mr update`; the program that made this one is wrong",
    )


def merge_request(repository: Repository, number: int, key: Signer, checker: Checker = check_files) -> Merged:
    """Merges a request if the gate is open; raises RefusedError with every reason if it is not."""

    def work() -> Merged:
        history = recover(repository)
        request = find_request(repository, history, number)
        verdict = judge(history, request, checker)
        verdict = _simulated(repository, history, request, verdict) if verdict.open else verdict
        if not verdict.open:
            raise _shut(number, verdict)
        commit = _commit(repository, history, request, verdict, key)
        return Merged(number, commit, sync(repository))

    return transact(repository, work)


def _commit(repository: Repository, history: History, request: Request, verdict: Verdict, key: Signer) -> str:
    git = repository.git
    logged = sign_entry(history, request, merge_operation(history, request, verdict.bypassed), {}, key)
    log_commit = write_commit(repository, logged, [request.tip], None)
    tree = write_tree(git, with_changes(read_tree(git, repository.approved().tree), request.changes()))
    message = f"merge request {request.state.number}\n"
    parents = [history.tip, log_commit]
    approved = write_signed_commit(git, message, logged.entry.operation.time, tree, parents, key)
    move_branch(git, APPROVED, history.tip, approved)
    git.references.create(log_reference(request.state.number), log_commit, force=True)
    return str(approved)


def merge_operation(history: History, request: Request, bypassed: Sequence[str] = ()) -> Merge:
    """The operation that records this merge, and names the requirements that two people bypassed."""
    state, standing = request.state, history.standing
    return Merge(
        request=state.number,
        parents=[state.tip],
        time=clock.now(),
        patchset=state.proposed.patchset,
        proposal=state.proposal,
        shown=shown_digest(render_diff(history.files, request.changes())),
        previous=standing.last_merge,
        before=tree_digest(standing.digests),
        after=tree_digest(merged_digests(standing.digests, state)),
        context=context_of(history, request),
        bypassed=list(bypassed),
    )


def _shut(number: int, verdict: Verdict) -> RefusedError:
    return RefusedError(
        Problem(
            code="gate-shut",
            where=f"merge request {number}",
            found=reason.text,
            wanted="a gate with nothing against the merge",
            mend=f"`glassworld mr check {number}` prints everything that is missing",
        )
        for reason in verdict.reasons
    )
