"""Takes a merge back by a new request: the files that it changed, as they were before it."""

from reviewer.history import GOVERNANCE, History, files_before
from reviewer.repository import Repository
from reviewer.requests import Suggestion
from worldmodel.errors import Problem, RefusedError


def reverting(repository: Repository, history: History, number: int, title: str | None = None) -> Suggestion:
    """What takes merged request `number` back; raises RefusedError where it is not merged, or changed since."""
    merged = {one.request.state.number: one for one in history.merged}.get(number)
    if merged is None or merged.request.state.end is None:
        raise _refused(number, "a request that is not merged", "let its author abandon it")
    state = merged.request.state
    if any(path in GOVERNANCE for path in state.proposed.changes):
        raise _refused(
            number, "a change of governance, whose versions only go up", "propose the next version of roster and rules"
        )
    current = history.standing.digests
    later = [path for path, change in sorted(state.proposed.changes.items()) if current.get(path) != change.after]
    if later:
        raise _refused(
            number, f"{', '.join(later)} changed since", "take back the later merges first, or edit the files"
        )
    before = files_before(repository, history, merged.request)
    changes = {path: before.get(path) for path in state.proposed.changes}
    end = merged.request.entries[-1].entry.digest
    return Suggestion(changes, title or f"Take back merge request {number}: {merged.request.title}"[:200], reverts=end)


def _refused(number: int, found: str, mend: str) -> RefusedError:
    return RefusedError(
        Problem(
            code="cannot-revert",
            where=f"merge request {number}",
            found=found,
            wanted="a merge whose components are still as it left them",
            mend=mend,
        )
    )
