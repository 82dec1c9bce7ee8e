"""Who may say what: told before anything is written, so that nobody waits for a vote that the gate would not count."""

from reviewer.log import Request
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.gate import authors_of, excluded
from worldmodel.governance.operations import Abandon, Approve, Bypass, Open, Operation, Patchset
from worldmodel.governance.roster import Roster
from worldmodel.governance.sshsig import fingerprint


def check_voice(roster: Roster, request: Request | None, operation: Operation, key: bytes) -> None:
    """Raises RefusedError if the owner of this key may not say this in this request."""
    where = f"merge request {operation.request}"
    owner = roster.owner(key)
    if owner is None:
        raise _unknown(where, key) if key not in roster.revoked else _revoked(where, key, roster)
    if isinstance(operation, Open | Patchset):
        return
    if roster.person(key) is None:
        raise _assistant(where, roster.label(owner))
    if request is None:
        return
    if isinstance(operation, Approve | Bypass) and owner in excluded(request.state, roster):
        wrote = any(roster.wrote(owner, *author) for author in authors_of(request.state))
        raise _own(where, roster.label(owner), wrote)
    if isinstance(operation, Abandon) and owner not in excluded(request.state, roster):
        raise _not_author(where, operation.request)


def _unknown(where: str, key: bytes) -> RefusedError:
    return RefusedError(
        Problem(
            code="unknown-key",
            where=where,
            found=f"the key {fingerprint(key)} belongs to nobody on the roster",
            wanted="a key that governance/roster.toml names",
            mend="sign with a key that it names, or ask someone on the roster to add yours by a merge request",
        )
    )


def _revoked(where: str, key: bytes, roster: Roster) -> RefusedError:
    return RefusedError(
        Problem(
            code="revoked-key",
            where=where,
            found=f"the key {fingerprint(key)} of {roster.label(roster.revoked[key])} was revoked",
            wanted="a key in force",
            mend="sign with another key; whoever needs one makes it with `ssh-keygen -t ed25519` and has it added by a "
            "merge request",
        )
    )


def _assistant(where: str, label: str) -> RefusedError:
    return RefusedError(
        Problem(
            code="assistant-key",
            where=where,
            found=f"the key of {label}",
            wanted="a person's key; assistants propose, and people review",
            mend="let a person read the request and sign",
        )
    )


def _own(where: str, label: str, wrote: bool) -> RefusedError:
    return RefusedError(
        Problem(
            code="own-request",
            where=where,
            found=f"{label} {'wrote it' if wrote else 'operates the assistant that wrote it'}; it would not count",
            wanted="approvals by other people",
            mend="ask others on the roster to review it",
        )
    )


def _not_author(where: str, number: int) -> RefusedError:
    return RefusedError(
        Problem(
            code="not-the-author",
            where=where,
            found="a request of someone else",
            wanted="its author, or the operator of the assistant that wrote it",
            mend=f"object instead: `glassworld mr object {number} -m WHY`",
        )
    )
