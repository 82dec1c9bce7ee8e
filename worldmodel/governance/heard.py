"""What each person said that still counts: their votes, marks, answers, open questions and consents to a bypass.

Reads the state of a request, whatever the order of its log; keys are resolved to people by the roster. Where one person
spoke on two sides of a join, the wary word counts: an approval, a mark or a consent is good only if it came after all
that the same person said against it.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import cast

from worldmodel.governance.fold import CastVote, Counts, RequestState, Vote
from worldmodel.governance.operations import Answer, Bypass, Comment, Mark, Object, Said, Withdraw
from worldmodel.governance.roster import Roster
from worldmodel.governance.spoken import Spoken, after_all, apart

Words = Sequence[Spoken[Said]]


def words_by_person(state: RequestState, roster: Roster) -> dict[str, list[Spoken[Said]]]:
    """What each person said, in order, whichever of their keys signed; assistants and strangers are nobody."""
    words: dict[str, list[Spoken[Said]]] = {}
    for one in state.said:
        if (person := _speaker(one, roster)) is not None:
            words.setdefault(person, []).append(one)
    return words


def votes_by_person(state: RequestState, roster: Roster) -> dict[str, list[CastVote]]:
    """Each person's votes in order; nobody without a vote is in it."""
    found = {person: votes_among(words) for person, words in words_by_person(state, roster).items()}
    return {person: votes for person, votes in found.items() if votes}


def votes_among(words: Words) -> list[CastVote]:
    """The votes among one person's words."""
    return [cast(CastVote, one) for one in words if isinstance(one.operation, Vote)]


def understood(words: Words, counts: Counts) -> frozenset[str]:
    """The hunks that one person understands: marked so now, after whatever the same person asked or said against it."""
    marks: dict[str, list[Spoken[Said]]] = {}
    for one in words:
        for hunk in one.operation.hunks if isinstance(one.operation, Mark) else ():
            marks.setdefault(hunk, []).append(one)
    return frozenset(hunk for hunk, about in marks.items() if _understands(about, counts))


def doubts(words: Words) -> list[Spoken[Said]]:
    """The questions and objections about hunks, and the comments that want an answer, that one person has not settled.

    They outlive new patchsets. The same person settles one by marking the hunk as understood, by a reply that says it
    is resolved, or by withdrawing.
    """
    settling = _settling(words)
    return [
        one
        for place, one in enumerate(words)
        if _doubts(one.operation)
        and not any(
            _settles(words[other].operation, one) and not apart(one, words[other])
            for about in (None, one.entry, *_about(one.operation))
            for other in _after(settling.get(about, ()), place)
        )
    ]


def right_answers(words: Words, counts: Counts) -> int:
    """How many different questions one person answered right, and never wrong before or beside it."""
    answers = [one.operation for one in words if isinstance(one.operation, Answer) and counts(one.operation)]
    wrong = {answer.question for answer in answers if not answer.right}
    return len({answer.question for answer in answers if answer.right} - wrong)


def bypassed(words: Words, counts: Counts) -> frozenset[str]:
    """The requirements that one person consents to bypass, after whatever the same person objected or withdrew."""
    against = [one for one in words if isinstance(one.operation, Object | Withdraw)]
    return frozenset(
        name
        for one in after_all(words, against)
        if isinstance(one.operation, Bypass) and counts(one.operation)
        for name in one.operation.requirements
    )


def _speaker(one: Spoken[Said], roster: Roster) -> str | None:
    """Whose word it is. A key that left the roster may have been stolen: it settles and approves nothing any more."""
    person = roster.person(one.key)
    if person is not None or not (isinstance(one.operation, Object) or _doubts(one.operation)):
        return person
    former = roster.at(one.place).person(one.key)
    return former if former in roster.people() else None


def _doubts(said: Said) -> bool:
    return (isinstance(said, Mark) and said.state != "understood") or (
        isinstance(said, Comment) and said.resolved is False
    )


def _understands(marks: Words, counts: Counts) -> bool:
    """Whether one person's marks on one hunk end with understanding."""
    doubts = [one for one in marks if _doubts(one.operation)]
    return any(not _doubts(one.operation) and counts(one.operation) for one in after_all(marks, doubts))


def _about(said: Said) -> Sequence[str]:
    """The hunk that a doubt is about."""
    return said.hunks[:1] if isinstance(said, Mark) else ()


def _settling(words: Words) -> Mapping[str | None, Sequence[int]]:
    """The places of what may settle a doubt, by the hunk or entry that it is about; None for whatever settles all.

    With them, a log of thousands of doubts costs no more than it is long.
    """
    found: dict[str | None, list[int]] = {}
    for place, one in enumerate(words):
        match one.operation:
            case Withdraw():
                found.setdefault(None, []).append(place)
            case Comment(resolved=True, reply_to=entry):
                found.setdefault(entry, []).append(place)
            case Mark(state="understood", hunks=hunks):
                for hunk in hunks:
                    found.setdefault(hunk, []).append(place)
            case _:
                pass
    return found


def _after(places: Sequence[int], place: int) -> Sequence[int]:
    return places[bisect_right(places, place) :]


def _settles(said: Said, doubt: Spoken[Said]) -> bool:
    match said:
        case Withdraw():
            return True
        case Comment():
            return said.reply_to == doubt.entry and said.resolved is True
        case Mark(state="understood"):
            return isinstance(doubt.operation, Mark) and set(doubt.operation.hunks) <= set(said.hunks)
        case _:
            return False
