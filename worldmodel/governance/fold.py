"""The state of a merge request is a fold over its log.

Reads verified entries, each after the ones that it names; returns a `RequestState` or raises InputError where the log
is broken: an entry that does not follow the one it names, a vote on a proposal that was no longer the current one,
anything after the end. A log may part where people reviewed without seeing each other; a `join` takes two tips
together. The state does not depend on the order in which the two sides are listed.

A join keeps everything that both sides said. If one side alone uploaded patchsets, its latest is what is proposed. If
both did, nothing that was approved on either side counts any more, and the request is `split` until a new patchset
settles it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never, cast

from worldmodel.errors import InputError, Problem
from worldmodel.governance.operations import (
    Abandon,
    Answer,
    Approve,
    Area,
    Attention,
    Bypass,
    Comment,
    Join,
    Mark,
    Merge,
    Object,
    Open,
    Patchset,
    Said,
    Withdraw,
    proposal_digest,
)
from worldmodel.governance.spoken import Spoken, after_all, together, unanswered
from worldmodel.governance.statement import Entry

LONGEST_LOG = 20_000
MOST_JOINS = 200

Vote = Approve | Object | Withdraw
CastVote = Spoken[Vote]
Counts = Callable[[Said], bool]
"""Whether something was said about exactly what is proposed now, in the context that it now has."""


@dataclass(frozen=True)
class Upload:
    """One patchset: its entry, the raw key that signed it, its number, what it proposed, the assistant it came from.

    `place` is the digest of the roster under which it was made, `questions` how many it asks each reviewer to answer.
    """

    entry: str
    key: bytes
    patchset: int
    proposal: str
    assistant: str | None
    place: str
    questions: int = 0


@dataclass(frozen=True)
class Leaving:
    """An abandonment by a key that uploaded nothing, with the uploads before it: it counts if an author's it is."""

    entry: Entry
    uploads: tuple[Upload, ...]
    place: str


@dataclass(frozen=True)
class RequestState:
    """A merge request as its log tells it.

    `since` is the first patchset of the unbroken run that proposes what is proposed now: approvals from before it are
    void, even if an older patchset proposed the same, and those of the run survive a mere change of formatting.
    `speakers` are keys, each with the digest of the roster of the patchset that it spoke of.
    """

    number: int
    tip: str
    proposed: Open | Patchset
    proposal: str
    uploads: tuple[Upload, ...]
    hunks: frozenset[str]
    since: int = 1
    split: bool = False
    said: tuple[Spoken[Said], ...] = ()
    speakers: frozenset[tuple[bytes, str]] = frozenset()
    leaving: tuple[Leaving, ...] = ()
    reverts: str | None = None
    end: Entry | None = None

    @property
    def status(self) -> str:
        """One word: open, merged or abandoned."""
        if self.end is None:
            return "open"
        return "merged" if isinstance(self.end.operation, Merge) else "abandoned"

    @property
    def votes(self) -> tuple[CastVote, ...]:
        """The votes among what was said, in order."""
        return tuple(cast(CastVote, one) for one in self.said if isinstance(one.operation, Vote))

    @property
    def comments(self) -> tuple[Spoken[Comment], ...]:
        """The comments among what was said, in order."""
        return tuple(cast(Spoken[Comment], one) for one in self.said if isinstance(one.operation, Comment))

    @property
    def authors(self) -> tuple[bytes, ...]:
        """The keys that uploaded the patchsets, oldest first."""
        return tuple(upload.key for upload in self.uploads)

    @property
    def places(self) -> tuple[str, ...]:
        """For each author, the digest of the roster under which that patchset was made."""
        return tuple(upload.place for upload in self.uploads)

    @property
    def assistants(self) -> frozenset[str]:
        """All assistants that a patchset came from: a later one that leaves its origin out does not undo it."""
        return frozenset(upload.assistant for upload in self.uploads if upload.assistant is not None)

    @property
    def questions(self) -> int:
        """How many questions each reviewer is to answer: as many as any patchset asked, since none takes one back."""
        return max(upload.questions for upload in self.uploads)

    @property
    def newest(self) -> int:
        """The highest number of a patchset."""
        return max(upload.patchset for upload in self.uploads)

    @property
    def agreed(self) -> frozenset[bytes]:
        """The keys that uploaded exactly what is proposed now."""
        same = (upload for upload in self.uploads if upload.proposal == self.proposal)
        return frozenset(upload.key for upload in same if upload.patchset >= self.since)


def fold(entries: Iterable[Entry]) -> RequestState:
    """The state after all entries; raises InputError at the first entry that does not belong where it stands."""
    log = list(entries)
    _check_size(log)
    waiting = Counter(parent for entry in log for parent in set(entry.operation.parents))
    tips: dict[str, RequestState] = {}
    known: dict[str, Sequence[str]] = {}
    for place, entry in enumerate(log):
        if entry.digest in known:
            raise _broken(f"merge request {entry.operation.request}", "an entry that is there twice")
        known[entry.digest] = entry.operation.parents
        tips[entry.digest] = _next(tips, known, entry, first=place == 0)
        for parent in set(entry.operation.parents):
            waiting[parent] -= 1
            if not waiting[parent]:
                del tips[parent]
    if len(tips) != 1:
        where = f"merge request {log[0].operation.request}" if log else "merge request"
        raise _broken(where, f"{len(tips)} ends that nobody joined" if tips else "an empty log")
    return next(iter(tips.values()))


def begin(entry: Entry) -> RequestState:
    """The state after the first entry of a log."""
    operation = entry.operation
    if not isinstance(operation, Open) or operation.parents or operation.patchset != 1:
        raise _broken(
            f"merge request {operation.request}", "a log that does not begin with the opening of a first patchset"
        )
    upload = _upload(entry, operation)
    hunks = frozenset(operation.hunk_digests())
    state = RequestState(operation.request, entry.digest, operation, upload.proposal, (upload,), hunks)
    return replace(state, reverts=operation.reverts)


def advance(state: RequestState, entry: Entry) -> RequestState:
    """The state after one more entry that is no join."""
    _check_place(state, entry)
    operation = entry.operation
    place = state.proposed.roster
    speakers = state.speakers | {(entry.key, place)} if isinstance(operation, Said) else state.speakers
    state = replace(state, tip=entry.digest, speakers=speakers)
    match operation:
        case Open() | Join():
            raise _broken(f"merge request {state.number}", f"an entry `{operation.kind}` where none can be")
        case Patchset():
            return _replaced(state, _upload(entry, operation), operation)
        case Comment() | Mark() | Answer() | Bypass() | Attention() | Approve() | Object() | Withdraw():
            spoken = Spoken[Said](operation, entry.key, entry.digest, place)
            return replace(state, said=(*state.said, spoken))
        case Abandon() if entry.key not in state.authors:
            return replace(state, leaving=(*state.leaving, Leaving(entry, state.uploads, place)))
        case Abandon() | Merge():
            return replace(state, end=entry)
        case _:
            assert_never(operation)


def join(one: RequestState, other: RequestState, entry: Entry) -> RequestState:
    """The state after an entry that takes two tips together; the same whichever side is named first."""
    state = joined(one, other)
    operation, where = entry.operation, f"merge request {state.number}"
    if not isinstance(operation, Join) or operation.parents != sorted((one.tip, other.tip)):
        raise _broken(where, "a join that was signed for other tips")
    if (operation.request, operation.patchset, operation.proposal) != (
        state.number,
        state.proposed.patchset,
        state.proposal,
    ):
        raise _broken(where, "a join that names another proposal than the one that follows from both sides")
    return replace(state, tip=entry.digest, speakers=state.speakers | {(entry.key, state.proposed.roster)})


def joined(one: RequestState, other: RequestState) -> RequestState:
    """What two sides of one log are together, before anybody signed the join; its tip is that of one side."""
    first, second = sorted((one, other), key=lambda side: side.tip)
    where = f"merge request {first.number}"
    if first.uploads[0] != second.uploads[0]:
        raise _broken(where, "two logs that did not begin with the same opening")
    if any(side.status == "merged" for side in (first, second)):
        raise _broken(where, "a side that was merged already")
    ends = sorted((side.end for side in (first, second) if side.end is not None), key=lambda end: end.digest)
    leaving = {left.entry.digest: left for left in (*first.leaving, *second.leaving)}
    return replace(
        _proposed(first, second),
        said=together(first.said, second.said),
        speakers=first.speakers | second.speakers,
        leaving=tuple(leaving[name] for name in sorted(leaving)),
        end=ends[0] if ends else None,
    )


def about_this(said: Said, state: RequestState, context: str | None = None) -> bool:
    """Whether something was said about what is proposed now; a change of formatting is no change.

    With a context, it must be the speaker's; for a merged request it is the one that the merge names.
    """
    if state.end is not None and isinstance(state.end.operation, Merge):
        context = state.end.operation.context
    in_context = context is None or said.context == context
    return in_context and said.proposal == state.proposal and said.patchset >= state.since


def approved_areas(votes: Iterable[CastVote], state: RequestState, counts: Counts | None = None) -> frozenset[Area]:
    """The areas that one person approves of what is proposed now, by approvals that came after every other vote."""
    cast_votes = list(votes)
    against = [one for one in cast_votes if not isinstance(one.vote, Approve)]
    areas: frozenset[Area] = frozenset()
    for one in after_all(cast_votes, against):
        if isinstance(one.vote, Approve) and (counts(one.vote) if counts else about_this(one.vote, state)):
            areas |= frozenset(one.vote.areas)
    return areas


def objects(votes: Iterable[CastVote]) -> bool:
    """Whether a last vote of one person is an objection; it outlives new patchsets until that person lifts it."""
    return any(isinstance(one.vote, Object) for one in unanswered(list(votes)))


def _next(tips: dict[str, RequestState], known: dict[str, Sequence[str]], entry: Entry, first: bool) -> RequestState:
    operation = entry.operation
    if first:
        return begin(entry)
    missing = [parent for parent in operation.parents if parent not in tips]
    if missing or not operation.parents:
        raise _misplaced(operation.request, operation.kind)
    one = tips[operation.parents[0]]
    if not isinstance(operation, Join):
        return advance(one, entry)
    for tip, other in (operation.parents, operation.parents[::-1]):
        if tip in _past(known, other):
            raise _broken(f"merge request {one.number}", "a join of an entry with one that follows it")
    return join(one, tips[operation.parents[1]], entry)


def _past(known: dict[str, Sequence[str]], tip: str) -> set[str]:
    found: set[str] = set()
    ahead = list(known[tip])
    while ahead:
        digest = ahead.pop()
        if digest not in found:
            found.add(digest)
            ahead.extend(known[digest])
    return found


def _replaced(state: RequestState, upload: Upload, operation: Patchset) -> RequestState:
    # Hunks and bits follow from what is proposed: one that states others for the same change is no formatting of it.
    stated = operation.hunks == state.proposed.hunks and operation.bits == state.proposed.bits
    same = upload.proposal == state.proposal and stated and not state.split
    return replace(
        state,
        proposed=operation,
        proposal=upload.proposal,
        uploads=(*state.uploads, upload),
        hunks=frozenset(operation.hunk_digests()),
        since=state.since if same else operation.patchset,
        split=False,
    )


def _proposed(first: RequestState, second: RequestState) -> RequestState:
    """What is proposed after a join: that of the side which holds all uploads; else nothing that can be approved."""
    ours, theirs = ({upload.entry for upload in side.uploads} for side in (first, second))
    if theirs <= ours:
        return first
    if ours <= theirs:
        return second
    uploads = (*first.uploads, *(upload for upload in second.uploads if upload.entry not in ours))
    return replace(first, uploads=uploads, since=max(first.newest, second.newest) + 1, split=True)


def _upload(entry: Entry, operation: Open | Patchset) -> Upload:
    origin = None if operation.provenance is None else operation.provenance.assistant
    proposal, place = proposal_digest(operation), operation.roster
    return Upload(entry.digest, entry.key, operation.patchset, proposal, origin, place, operation.questions)


def _check_size(log: Sequence[Entry]) -> None:
    joins = sum(isinstance(entry.operation, Join) for entry in log)
    if len(log) > LONGEST_LOG or joins > MOST_JOINS:
        raise _broken(
            f"merge request {log[0].operation.request}",
            f"{len(log)} entries and {joins} joins, more than {LONGEST_LOG} and {MOST_JOINS}",
        )


def _check_place(state: RequestState, entry: Entry) -> None:
    operation, where = entry.operation, f"merge request {state.number}"
    if state.end is not None:
        raise _broken(where, f"an entry after the request was {state.status}")
    if operation.request != state.number or operation.parents != [state.tip]:
        raise _misplaced(state.number, operation.kind)
    if isinstance(operation, Patchset) and operation.patchset != state.newest + 1:
        raise _broken(where, f"patchset {operation.patchset} after patchset {state.newest}")
    if isinstance(operation, Said) and (operation.proposal, operation.patchset) != (
        state.proposal,
        state.proposed.patchset,
    ):
        raise _broken(where, f"an entry `{operation.kind}` about a proposal that was not the current one")
    if isinstance(operation, Mark) and not state.hunks.issuperset(operation.hunks):
        raise _broken(where, "a mark on a hunk that is not among those proposed")
    reply_to = operation.reply_to if isinstance(operation, Comment) else None
    if reply_to is not None and all(one.entry != reply_to for one in state.said):
        raise _broken(where, "a reply to something that was not said before")


def _misplaced(number: int, kind: str) -> InputError:
    return _broken(f"merge request {number}", f"an entry `{kind}` that was signed for another place in a log")


def _broken(where: str, found: str) -> InputError:
    return InputError(
        Problem(
            code="broken-log",
            where=where,
            found=found,
            wanted="a log in which every entry names the one before it and speaks of the current patchset",
            mend="fetch the request again from a clone that you trust; someone changed, dropped or replayed an entry",
        )
    )
