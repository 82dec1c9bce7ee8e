"""Whose turn it is: the people who can bring a request forward now, each with a reason.

It follows from the state alone. After the opening, everyone whose approval an area still wants; after a question or an
objection, the author, until they reply or upload a patchset, and then whoever asked; after a patchset that means
something else, whoever voted before; when nothing is missing, the author, to merge. People can be added by anyone,
until they say something, and removed, until something else is proposed.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from worldmodel.governance.eligible import was_person
from worldmodel.governance.facts import Review
from worldmodel.governance.fold import about_this, objects
from worldmodel.governance.gate import Verdict
from worldmodel.governance.heard import Words, doubts, votes_among
from worldmodel.governance.operations import Attention, Comment, Object, Said
from worldmodel.governance.spoken import Spoken, apart, unanswered

UPLOAD = frozenset({"base-moved", "governance-moved", "patchsets-split", "hunks-missing", "check-failed", "too-large"})


@dataclass(frozen=True)
class Turn:
    """A person who can act now, and why it is their turn."""

    person: str
    reason: str


def turns(review: Review, verdict: Verdict) -> tuple[Turn, ...]:
    """Everyone whose turn it is, by identity; nobody's once the request has ended."""
    if review.state.end is not None:
        return ()
    found: dict[str, str] = {}
    for turn in (*_asked(review), *_doubting(review), *_authors(review, verdict), *_reviewers(review, verdict)):
        found.setdefault(turn.person, turn.reason)
    removed = _removed(review)
    return tuple(Turn(person, reason) for person, reason in sorted(found.items()) if person not in removed)


def _author(review: Review) -> str | None:
    """The person who answers for the newest patchset."""
    roster, newest = review.ground.roster, review.state.uploads[-1]
    return roster.responsible(newest.key) or roster.at(newest.place).responsible(newest.key)


def _doubting(review: Review) -> Iterator[Turn]:
    """A question or objection is the author's turn until it is answered, then that of whoever had it."""
    author = _author(review)
    replies: dict[str, list[Spoken[Comment]]] = {}
    for one in review.state.comments:
        if one.operation.reply_to is not None:
            replies.setdefault(one.operation.reply_to, []).append(one)
    for person, words in sorted(review.words.items()):
        open_votes = [one for one in unanswered(votes_among(words)) if isinstance(one.operation, Object)]
        for doubt in (*open_votes, *doubts(words)):
            kind = "objection" if _objecting(doubt.operation) else "question"
            if _answered(review, doubt, replies):
                yield Turn(person, f"your {kind} was answered: say whether that settles it")
            elif author is not None:
                yield Turn(author, f"{review.ground.roster.label(person)} has an open {kind}")


def _objecting(said: Said) -> bool:
    return isinstance(said, Object) or getattr(said, "state", "") == "objection"


def _answered(review: Review, doubt: Spoken[Said], replies: Mapping[str, Sequence[Spoken[Comment]]]) -> bool:
    if review.state.newest > doubt.operation.patchset:
        return True
    # Whoever replies to a thing has seen it, so that no reply comes before it or from another side.
    return any(one.key != doubt.key for one in replies.get(doubt.entry, ()))


def _authors(review: Review, verdict: Verdict) -> Iterator[Turn]:
    author = _author(review)
    if author is None:
        return
    if verdict.open:
        yield Turn(author, "nothing is missing: merge it")
    for reason in verdict.reasons:
        if reason.code in UPLOAD:
            yield Turn(author, f"a new patchset is wanted: {reason.text}")


def _reviewers(review: Review, verdict: Verdict) -> Iterator[Turn]:
    """Everyone whose word an area that is not there yet could use."""
    needed = {one.area for one in verdict.requirements if one.status == "unfulfilled"}
    eligible = [person for person in review.ground.roster.people() if person not in review.barred]
    for area in verdict.areas:
        if area.area not in needed or len(area.answered_by) >= area.quorum:
            continue
        for person in eligible:
            words = review.words.get(person, ())
            if person in area.answered_by or objects(votes_among(words)) or doubts(words):
                continue
            yield Turn(person, _what(review, area.area, person in area.approved_by, words))


def _what(review: Review, area: str, approves: bool, words: Words) -> str:
    if approves:
        return f"you approve for {area}, and have not marked every hunk or answered every question"
    voted = votes_among(words)
    if voted and not about_this(voted[-1].operation, review.state):
        return f"patchset {review.state.proposed.patchset} means something else than what you voted on"
    return f"an approval for {area} is wanted"


def _asked(review: Review) -> Iterator[Turn]:
    """Whoever somebody added, until they said something after it."""
    roster = review.ground.roster
    people = frozenset(roster.people())
    spoken: dict[str | None, list[tuple[int, Spoken[Said]]]] = {}
    for place, one in enumerate(review.state.said):
        spoken.setdefault(roster.person(one.key), []).append((place, one))
    for place, one in enumerate(review.state.said):
        said = one.operation
        if not isinstance(said, Attention) or said.act != "add" or not was_person(roster, one.key, one.place):
            continue
        spoke = any(not apart(one, other) for other in _after(spoken.get(said.who, ()), place))
        if said.who in people and not spoke:
            yield Turn(said.who, f"{roster.label(roster.person(one.key))} asks you to look")


def _after(spoken: Sequence[tuple[int, Spoken[Said]]], place: int) -> Iterator[Spoken[Said]]:
    first = bisect_right(spoken, place, key=lambda one: one[0])
    return (spoken[later][1] for later in range(first, len(spoken)))


def _removed(review: Review) -> frozenset[str]:
    """Whoever was taken out and not put back since, for as long as the same is proposed."""
    moved: dict[str, list[Spoken[Attention]]] = {}
    for one in review.state.said:
        if isinstance(one.operation, Attention) and was_person(review.ground.roster, one.key, one.place):
            moved.setdefault(one.operation.who, []).append(cast(Spoken[Attention], one))
    last = {person: [one.operation for one in unanswered(about)] for person, about in moved.items()}
    return frozenset(
        person
        for person, said in last.items()
        if all(one.act == "remove" and about_this(one, review.state) for one in said)
    )
