"""What was said in a log, in an order that respects who had seen what.

In a log that was never joined, what stands later was said later. Where two people reviewed apart and their tips were
joined, what one side said is beside what the other said: neither had seen the other. Rules for votes and marks must not
depend on which side is listed first, and the functions here are how they ask.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from worldmodel.governance.operations import Said

What_co = TypeVar("What_co", bound=Said, covariant=True)


@dataclass(frozen=True)
class Spoken(Generic[What_co]):
    """One thing that was said, the raw key that signed it, the digest of its entry, and that of its patchset's roster.

    `beside` holds, for each join, the entries of the other side: those that were said without knowing of this one.
    """

    operation: What_co
    key: bytes
    entry: str
    place: str
    beside: tuple[frozenset[str], ...] = ()

    @property
    def vote(self) -> What_co:
        """The operation, where it is a vote."""
        return self.operation


Heard = TypeVar("Heard", bound=Spoken[Said])


def later(spoken: Sequence[Heard], place: int) -> Iterator[Heard]:
    """What was said knowing of the one at this place."""
    one = spoken[place]
    return (other for other in spoken[place + 1 :] if not apart(one, other))


def unanswered(spoken: Sequence[Heard]) -> list[Heard]:
    """The last words: those that nothing in the sequence was said after; more than one only where sides were joined."""
    return [one for place, one in enumerate(spoken) if next(later(spoken, place), None) is None]


def after_all(spoken: Sequence[Heard], others: Iterable[Heard]) -> list[Heard]:
    """Those of the sequence that were said knowing of all the others; the others are in it too."""
    entries = {other.entry for other in others}
    last = max((place for place, one in enumerate(spoken) if one.entry in entries), default=-1)
    return [one for one in spoken[last + 1 :] if all(entries.isdisjoint(side) for side in one.beside)]


def together(first: tuple[Heard, ...], second: tuple[Heard, ...]) -> tuple[Heard, ...]:
    """What two sides said: what both hold once, and what one side alone holds beside what the other does.

    What both hold may have been said apart from more on either side, where joins crossed: all of it is kept.
    """
    ours, theirs = ({heard.entry: heard for heard in side} for side in (first, second))
    only_ours, only_theirs = frozenset(ours.keys() - theirs), frozenset(theirs.keys() - ours)
    known = tuple(
        _beside(heard, only_theirs) if heard.entry in only_ours else _both(heard, theirs[heard.entry])
        for heard in first
    )
    return (*known, *(_beside(heard, only_ours) for heard in second if heard.entry in only_theirs))


def apart(one: Spoken[Said], other: Spoken[Said]) -> bool:
    """Whether neither of two was said knowing of the other."""
    return any(other.entry in side for side in one.beside)


def _both(heard: Heard, other: Heard) -> Heard:
    return replace(heard, beside=tuple(dict.fromkeys((*heard.beside, *other.beside))))


def _beside(heard: Heard, others: frozenset[str]) -> Heard:
    return replace(heard, beside=(*heard.beside, others)) if others else heard
