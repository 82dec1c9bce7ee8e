"""Opening merge requests and speaking in them: every operation is signed and appended under the world's lock.

The library behind `glassworld mr open` and `glassworld sign`. Whoever may not say a thing is told so before anything is
written; the gate would not count it either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from reviewer import clock
from reviewer.computing import computed
from reviewer.history import History, find_request, next_number, request_numbers
from reviewer.log import Logged, Request, log_reference, quarantined_numbers, write_commit
from reviewer.recovery import point, recover
from reviewer.repository import Repository, component_digest, read_tree, signature, transact, with_changes, write_tree
from reviewer.required import least_questions
from reviewer.voices import check_voice
from worldmodel.canonical import canonical_json, digest_bytes
from worldmodel.errors import GlassworldError, InputError, Problem, RefusedError
from worldmodel.governance.fold import advance, begin
from worldmodel.governance.operations import OPERATION, Open, Operation, Patchset, Provenance
from worldmodel.governance.roster import ROSTER_PATH
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.shape import validate
from worldmodel.governance.sshsig import Signer, public_bytes
from worldmodel.governance.statement import sign_operation


@dataclass(frozen=True)
class Suggestion:
    """What is to be proposed, before it is signed.

    `questions` is how many each reviewer is to answer, if more than the change itself asks for; `reverts` is the entry
    of the merge that it takes back.
    """

    changes: Mapping[str, bytes | None]
    title: str
    provenance: Provenance | None = None
    prose: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    questions: int = 0
    reverts: str | None = None

    def attachments(self) -> dict[str, bytes]:
        """The free text and evidence that the operation binds by digest."""
        found = {"title": self.title.encode("utf-8"), "prose": self.prose.encode("utf-8")}
        found["evidence"] = canonical_json(dict(self.evidence)) if self.evidence else b""
        return {name: data for name, data in found.items() if data}


def open_request(repository: Repository, suggestion: Suggestion, key: Signer) -> int:
    """Opens a merge request and returns its number."""

    def work() -> int:
        history = recover(repository)
        number = next_number([*request_numbers(repository, history), *quarantined_numbers(repository)])
        place = {"kind": "open", "request": number, "parents": [], "patchset": 1, "reverts": suggestion.reverts}
        fields = proposing(history, suggestion) | place
        _append(repository, history, None, _signed(fields, suggestion, history, None, key))
        return number

    return transact(repository, work)


def update_request(repository: Repository, number: int, suggestion: Suggestion, key: Signer) -> int:
    """Adds a patchset to an open request and returns the patchset's number; every earlier approval is void."""

    def work() -> int:
        history = recover(repository)
        request = find_request(repository, history, number)
        patchset = request.state.newest + 1
        place = {"kind": "patchset", "request": number, "parents": [request.state.tip], "patchset": patchset}
        kept = replace(suggestion, questions=max(suggestion.questions, request.state.questions))
        fields = proposing(history, kept) | place
        _append(repository, history, request, _signed(fields, suggestion, history, request, key))
        return patchset

    return transact(repository, work)


Speech = Callable[[History, Request], tuple[Operation, Mapping[str, bytes]]]


def speak(repository: Repository, number: int, speech: Speech, key: Signer) -> Operation:
    """Signs and appends what `speech` makes of the request as it stands under the lock."""

    def work() -> Operation:
        history = recover(repository)
        request = find_request(repository, history, number)
        operation, attachments = speech(history, request)
        _append(repository, history, request, sign_entry(history, request, operation, attachments, key))
        return operation

    return transact(repository, work)


def sign_entry(
    history: History,
    request: Request | None,
    operation: Operation,
    attachments: Mapping[str, bytes],
    key: Signer,
) -> Logged:
    """Signs an operation once the roster and the log allow it."""
    check_voice(history.standing.roster, request, operation, public_bytes(key))
    entry = sign_operation(operation, key)
    # Folding it in before it is written keeps an entry that no reader would accept out of the log.
    begin(entry) if request is None else advance(request.state, entry)
    return Logged(entry, attachments, {})


def attachments_digests(attachments: Mapping[str, bytes]) -> dict[str, str]:
    """The digests by which an operation binds its attachments."""
    return {name: digest_bytes(data) for name, data in sorted(attachments.items())}


def proposing(history: History, suggestion: Suggestion) -> dict[str, Any]:
    """What a proposal states of itself, whoever signs it; raises InputError with the problems of all files."""
    changes = _changes(history, suggestion.changes)
    least = least_questions(history.files, suggestion.changes)
    stated = computed(history.files, suggestion.changes, max(suggestion.questions, least))
    return {
        **(stated if history.standing.rules.binds_context else {}),
        "time": clock.now(),
        "changes": changes,
        "roster": history.standing.digests[ROSTER_PATH],
        "rules": history.standing.digests[RULES_PATH],
        "provenance": suggestion.provenance and suggestion.provenance.model_dump(),
        "attachments": attachments_digests(suggestion.attachments()),
    }


def _changes(history: History, changes: Mapping[str, bytes | None]) -> dict[str, dict[str, str | None]]:
    """Each changed component by digest before and after; raises InputError with the problems of all files."""
    problems: list[Problem] = []
    found: dict[str, dict[str, str | None]] = {}
    for path, data in sorted(changes.items()):
        try:
            after = None if data is None else component_digest(path, data)
            text = None if data is None else digest_bytes(data)
            found[path] = {"before": history.standing.digests.get(path), "after": after, "text": text}
        except GlassworldError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if not found:
        raise RefusedError(
            Problem(
                code="nothing-to-propose",
                where="working tree",
                found="no component differs from the approved world",
                wanted="a change",
                mend="edit a component first; files outside the component folders are not part of a world",
            )
        )
    return found


def _signed(
    fields: Mapping[str, Any], suggestion: Suggestion, history: History, request: Request | None, key: Signer
) -> Logged:
    operation = validate(OPERATION, {"format": 1, **fields}, "proposal")
    logged = sign_entry(history, request, operation, suggestion.attachments(), key)
    files = {path: data for path, data in suggestion.changes.items() if data is not None}
    return Logged(logged.entry, logged.attachments, files)


def _append(repository: Repository, history: History, request: Request | None, logged: Logged) -> None:
    operation = logged.entry.operation
    reference = log_reference(operation.request)
    write_commit(repository, logged, [] if request is None else [request.tip], reference)
    show_patchset(repository, history, logged)


def show_patchset(repository: Repository, history: History, logged: Logged) -> None:
    """Makes a patchset visible to plain git, as a commit on top of `approved`; nothing of ours relies on it."""
    git, operation = repository.git, logged.entry.operation
    if not isinstance(operation, Open | Patchset):
        return
    changes = {path: logged.files.get(path) for path in operation.changes}
    tree = write_tree(git, with_changes(read_tree(git, repository.approved().tree), changes))
    author = signature("glassworld", operation.time)
    message = f"request {operation.request}, patchset {operation.patchset}\n"
    commit = git.create_commit(None, author, author, message, tree, [history.tip])
    point(repository, f"refs/glassworld/mr/{operation.request}/patchset/{operation.patchset}", commit)
