"""Whose word can count on a request: never its authors', never that of an authoring assistant's operator.

Everything is resolved from raw keys by the roster in force, and by those before it for what was signed under them.
"""

from dataclasses import replace

from worldmodel.governance.fold import RequestState
from worldmodel.governance.roster import Roster


def excluded(state: RequestState, roster: Roster) -> frozenset[str]:
    """The people whose votes cannot count on this request: its authors and the operators of authoring assistants."""
    wrote = [roster.answerable(key, place) for key, place in zip(state.authors, state.places, strict=True)]
    return frozenset().union(*wrote, *(roster.operators(name) for name in state.assistants))


def authors_of(state: RequestState) -> set[tuple[bytes, str]]:
    """The key of each author, with the roster under which they proposed."""
    return set(zip(state.authors, state.places, strict=True))


def was_person(roster: Roster, key: bytes, place: str) -> bool:
    """Whether a key is a person's now, or was when it was used."""
    return roster.person(key) is not None or roster.at(place).person(key) is not None


def assisted(state: RequestState, roster: Roster) -> bool:
    """Whether an assistant took part: a patchset says so, or was signed by somebody who is no person."""
    return bool(state.assistants) or not all(was_person(roster, *author) for author in authors_of(state))


def everyone_else(state: RequestState, roster: Roster) -> int:
    """How many people have not proposed what is proposed now.

    Whoever wrote only an earlier patchset agreed to that one alone: the people who stand in for a quorum must still be
    asked, or an author could wait until everyone has corrected the request once and then merge anything.
    """
    agreed = {roster.responsible(key) for key in state.agreed}
    return len(set(roster.people()) - agreed)


def settled(state: RequestState, roster: Roster) -> RequestState:
    """The same state, ended if an author, or the operator of an authoring assistant, abandoned the request.

    The log alone does not tell who operates an assistant or has a second key. An abandonment by anyone else is void.
    """
    if state.end is not None:
        return state
    for left in state.leaving:
        person = roster.person(left.entry.key) or roster.at(left.place).person(left.entry.key)
        if person is not None and person in excluded(replace(state, uploads=left.uploads), roster):
            return replace(state, end=left.entry)
    return state
