"""Signing drafts: what will be signed is rendered from git, shown, confirmed, then signed and appended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewer.checks import Checker
from reviewer.diff import render_diff, shown_digest
from reviewer.drafts import Draft, Kept, already_signed, drop_draft, to_operation
from reviewer.history import History, context_of, find_request, load_history
from reviewer.log import Request
from reviewer.merge import judge
from reviewer.pointing import places, short
from reviewer.repository import Repository
from reviewer.requests import speak
from reviewer.voices import check_voice
from worldmodel.build import check_files
from worldmodel.commands.output import quoted
from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.gate import Verdict
from worldmodel.governance.operations import Approve, Bypass, Mark, Operation
from worldmodel.governance.sshsig import Signer, fingerprint, public_bytes


@dataclass(frozen=True)
class Sheet:
    """What a signer is shown, and what of it must still hold when they sign.

    `shown` is the digest of the difference, which the signature will bind; `patchset` is the entry that proposes
    it, and `context` the digest of what is approved around it.
    """

    text: str
    shown: str
    patchset: str
    context: str | None


def sheet(repository: Repository, draft: Draft, key: bytes, checker: Checker = check_files) -> Sheet:
    """Renders what signing the draft with this key means; raises RefusedError if the key may not say it."""
    history = load_history(repository)
    request = find_request(repository, history, draft.request)
    operation = to_operation(draft, history, request)
    check_voice(history.standing.roster, request, operation, key)
    difference = render_diff(history.files, request.changes())
    roster = history.standing.roster
    verdict = judge(history, request, checker, viewer=roster.owner(key))
    if isinstance(operation, Approve | Bypass) or (isinstance(operation, Mark) and operation.state == "understood"):
        _refuse_misstated(draft.request, verdict)
    about = f"merge request {draft.request}, patchset {request.state.proposed.patchset}"
    lines = [
        f"You are {roster.label(roster.owner(key))}, key {fingerprint(key)}.",
        f"You will sign: {draft.kind} {about}: {request.title}",
        *_particulars(draft, request),
        *(["saying:", quoted(draft.text)] if draft.text else []),
        f"proposal {draft.proposal}",
        "",
        difference,
        f"difference shown: {shown_digest(difference)}",
        f"The gate is {'open' if verdict.open else 'shut'} now.",
        *(f"  - {reason.text}" for reason in verdict.reasons),
    ]
    return Sheet("\n".join(lines), *_seen(history, request))


def _seen(history: History, request: Request) -> tuple[str, str, str | None]:
    shown = shown_digest(render_diff(history.files, request.changes()))
    return shown, request.state.uploads[-1].entry, context_of(history, request)


def _refuse_misstated(number: int, verdict: Verdict) -> None:
    """A bundle has no files: readers of one rely on signers having held what a patchset states against its files."""
    problems = [
        Problem(
            code="misstated-proposal",
            where=f"merge request {number}",
            found=reason.text,
            wanted="a request that says of itself what its files give",
            mend=f"object, and say so: `glassworld mr object {number} -m WHY`; its author uploads a new patchset",
        )
        for reason in verdict.reasons
        if reason.code == "misstated"
    ]
    if problems:
        raise RefusedError(problems)


def _particulars(draft: Draft, request: Request) -> Iterator[str]:
    """What exactly the draft says, beside its text."""
    if draft.areas:
        yield f"for the areas: {', '.join(draft.areas)}"
    if draft.hunks:
        yield f"{draft.state}: {', '.join(str(place) for place in places(request) if place.digest in draft.hunks)}"
    if draft.path:
        yield f"on {draft.path}" + (f", line {draft.line}" if draft.line else "")
    if draft.reply_to:
        yield f"in answer to entry {short(draft.reply_to)}" + (", which is settled" if draft.resolved else "")
    if draft.kind == "comment" and draft.resolved is False:
        yield "the request cannot merge until you say that this is settled"
    if draft.who:
        yield f"{draft.act} {draft.who} {'to' if draft.act == 'add' else 'from'} those whose turn it is"
    if draft.requirements:
        yield f"bypassing, for ever on record: {', '.join(draft.requirements)}"
    if draft.question:
        yield f"question {short(draft.question)} was answered {'right' if draft.right else 'wrong'}"


def sign_draft(repository: Repository, kept: Kept, page: Sheet, key: Signer) -> bool:
    """Signs one draft if what the sheet showed is still what is there; False if it was signed before a crash."""
    draft = kept.draft
    request = find_request(repository, load_history(repository), draft.request)
    if already_signed(draft, request, public_bytes(key)):
        drop_draft(kept)
        return False

    def speech(history: History, request: Request) -> tuple[Operation, Mapping[str, bytes]]:
        operation = to_operation(draft, history, request)
        if _seen(history, request) != (page.shown, page.patchset, page.context):
            raise _moved(draft)
        return operation, draft.attachments()

    speak(repository, draft.request, speech, key)
    drop_draft(kept)
    return True


def _moved(draft: Draft) -> RefusedError:
    return RefusedError(
        Problem(
            code="shown-moved",
            where=f"merge request {draft.request}",
            found="the request or the approved world changed while you were reading",
            wanted="a signature on exactly what you read",
            mend="run `glassworld sign` again and read the difference anew",
        )
    )
