"""The state of a merge request is a fold over its log.

Reads verified entries in order; returns a `RequestState` or raises InputError where the chain is broken: an entry that
does not name the one before it, a vote on a proposal that was no longer the current one, anything after the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from worldmodel.errors import InputError, Problem
from worldmodel.governance.operations import (
    Abandon,
    Approve,
    Area,
    Comment,
    Merge,
    Object,
    Open,
    Patchset,
    Said,
    Withdraw,
    proposal_digest,
)
from worldmodel.governance.statement import Entry

Vote = Approve | Object | Withdraw


@dataclass(frozen=True)
class CastVote:
    """A vote as it stands in the log: the raw key that cast it, and the roster of the patchset that it is about."""

    vote: Vote
    key: bytes
    entry: str
    place: str = ""


@dataclass(frozen=True)
class RequestState:
    """A merge request as its log tells it.

    `since` is the first patchset of the unbroken run that proposes what is proposed now: approvals from before it are
    void, even if an older patchset proposed the same, and those of the run survive a mere change of formatting.
    `assistants` are those that any patchset came from: a later one that leaves its origin out does not undo it.
    `places` has, for each author, the digest of the roster under which that patchset was made; `speakers` are keys with
    the same digest, of the patchset that they spoke of.
    """

    number: int
    tip: str
    proposed: Open | Patchset
    proposal: str
    authors: tuple[bytes, ...]
    since: int = 1
    assistants: frozenset[str] = frozenset()
    votes: tuple[CastVote, ...] = ()
    comments: tuple[Entry, ...] = ()
    speakers: frozenset[tuple[bytes, str]] = frozenset()
    places: tuple[str, ...] = ()
    end: Entry | None = None

    @property
    def status(self) -> str:
        """One word: open, merged or abandoned."""
        if self.end is None:
            return "open"
        return "merged" if isinstance(self.end.operation, Merge) else "abandoned"


def fold(entries: Iterable[Entry]) -> RequestState:
    """The state after all entries; raises InputError at the first entry that does not belong where it stands."""
    state: RequestState | None = None
    for entry in entries:
        state = begin(entry) if state is None else advance(state, entry)
    if state is None:
        raise _broken("merge request", "an empty log")
    return state


def begin(entry: Entry) -> RequestState:
    """The state after the first entry of a log."""
    operation = entry.operation
    if not isinstance(operation, Open) or operation.parents or operation.patchset != 1:
        raise _broken(
            f"merge request {operation.request}", "a log that does not begin with the opening of a first patchset"
        )
    digest = proposal_digest(operation)
    origin = _assistants(operation)
    state = RequestState(operation.request, entry.digest, operation, digest, (entry.key,), assistants=origin)
    return replace(state, places=(operation.roster,))


def advance(state: RequestState, entry: Entry) -> RequestState:
    """The state after one more entry."""
    _check_place(state, entry)
    operation = entry.operation
    speakers = state.speakers | {(entry.key, state.proposed.roster)} if isinstance(operation, Said) else state.speakers
    state = replace(state, tip=entry.digest, speakers=speakers)
    match operation:
        case Open():
            raise _broken(f"merge request {state.number}", "a second opening")
        case Patchset():
            digest, authors = proposal_digest(operation), (*state.authors, entry.key)
            since = state.since if digest == state.proposal else operation.patchset
            origins = state.assistants | _assistants(operation)
            state = replace(state, proposed=operation, proposal=digest, assistants=origins)
            return replace(state, since=since, authors=authors, places=(*state.places, operation.roster))
        case Comment():
            return replace(state, comments=(*state.comments, entry))
        case Approve() | Object() | Withdraw():
            cast = CastVote(operation, entry.key, entry.digest, state.proposed.roster)
            return replace(state, votes=(*state.votes, cast))
        case Abandon() | Merge():
            return replace(state, end=entry)
        case _:
            assert_never(operation)


def _assistants(operation: Open | Patchset) -> frozenset[str]:
    return frozenset() if operation.provenance is None else frozenset({operation.provenance.assistant})


def approved_areas(votes: Iterable[CastVote], state: RequestState) -> frozenset[Area]:
    """The areas that one person's votes, in order, approve of what is proposed now: the latest vote wins."""
    areas: frozenset[Area] = frozenset()
    for cast in votes:
        match cast.vote:
            case Approve() if cast.vote.proposal == state.proposal and cast.vote.patchset >= state.since:
                areas |= frozenset(cast.vote.areas)
            case Approve():
                areas = frozenset()
            case Object() | Withdraw():
                areas = frozenset()
            case _:
                assert_never(cast.vote)
    return areas


def objects(votes: Iterable[CastVote]) -> bool:
    """Whether one person's latest vote is an objection; it outlives new patchsets until that person lifts it."""
    latest = [cast.vote for cast in votes][-1:]
    return bool(latest) and isinstance(latest[0], Object)


def _check_place(state: RequestState, entry: Entry) -> None:
    operation, where = entry.operation, f"merge request {state.number}"
    if state.end is not None:
        raise _broken(where, f"an entry after the request was {state.status}")
    if operation.request != state.number or operation.parents != [state.tip]:
        raise _broken(where, f"an entry `{operation.kind}` that was signed for another place in a log")
    if isinstance(operation, Patchset) and operation.patchset != state.proposed.patchset + 1:
        raise _broken(where, f"patchset {operation.patchset} after patchset {state.proposed.patchset}")
    if isinstance(operation, Said) and (operation.proposal, operation.patchset) != (
        state.proposal,
        state.proposed.patchset,
    ):
        raise _broken(where, f"an entry `{operation.kind}` about a proposal that was not the current one")


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
