"""The facts about a request that submit requirements speak of, area by area, and the people behind each number.

Reads a request's state and the ground that it is judged on; `worldmodel.governance.requirements` says what each fact
means. Nothing here decides anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from worldmodel.errors import Problem
from worldmodel.governance.conditions import Fact
from worldmodel.governance.eligible import assisted, everyone_else, excluded
from worldmodel.governance.fold import RequestState, about_this, approved_areas, objects
from worldmodel.governance.heard import Words, bypassed, doubts, right_answers, understood, votes_among, words_by_person
from worldmodel.governance.operations import AREAS, Area, Mark, Said, area_of, areas_of
from worldmodel.governance.roster import ROSTER_PATH, Roster
from worldmodel.governance.rules import RULES_PATH, Rules
from worldmodel.governance.spoken import Spoken

BYPASS_QUORUM = 2


@dataclass(frozen=True)
class Ground:
    """What a request is judged on: the roster and rules in force, the digests of the approved components, the context.

    `context` is the digest of the approved components that the meaning of the change depends on; under rules of format
    2, only what was said in it counts.
    """

    roster: Roster
    rules: Rules
    current: Mapping[str, str]
    context: str | None = None


@dataclass(frozen=True)
class AreaVerdict:
    """How far one area is: who approved it, how many more are wanted, and who of them understood and answered."""

    area: Area
    quorum: int
    approved_by: tuple[str, ...]
    missing: int
    understood_by: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Doubt:
    """A question or objection that is not settled: whose it is, about which path and hunk, and its entry."""

    person: str
    kind: str
    entry: str
    path: str | None
    key: str | None


@dataclass(frozen=True)
class Review:
    """One request under review, with what everyone said sorted by person."""

    state: RequestState
    ground: Ground
    checks: Sequence[Problem] = ()

    @cached_property
    def words(self) -> Mapping[str, Words]:
        """What each person said that may still count."""
        return words_by_person(self.state, self.ground.roster)

    @cached_property
    def barred(self) -> frozenset[str]:
        """The people whose votes cannot count."""
        return excluded(self.state, self.ground.roster)

    def counts(self, said: Said) -> bool:
        """Whether something was said about what is proposed now, in the context that it now has."""
        in_context = not self.ground.rules.binds_context or said.context == self.ground.context
        return in_context and about_this(said, self.state)

    @cached_property
    def areas(self) -> tuple[AreaVerdict, ...]:
        """How far each area of the change is."""
        return tuple(_area(self, area) for area in areas_of(self.state.proposed.changes))

    @cached_property
    def places(self) -> Mapping[str, tuple[str, str]]:
        """The path and key of each hunk, by its digest."""
        hunks = self.state.proposed.hunks
        return {digest: (path, key) for path in sorted(hunks) for key, digest in sorted(hunks[path].items())}

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """Every question and objection about a hunk or in a comment that is not settled, whoever has it."""
        return tuple(_doubt(self, person, one) for person, words in sorted(self.words.items()) for one in doubts(words))

    @cached_property
    def objecting(self) -> tuple[str, ...]:
        """The people whose last vote is an objection."""
        return tuple(person for person, words in sorted(self.words.items()) if objects(votes_among(words)))

    @cached_property
    def bypassing(self) -> Mapping[str, tuple[str, ...]]:
        """For each requirement that somebody would bypass, the eligible people who consent."""
        found: dict[str, list[str]] = {}
        for person, words in sorted(self.words.items()):
            for name in sorted(bypassed(words, self.counts)) if person not in self.barred else ():
                found.setdefault(name, []).append(person)
        return {name: tuple(people) for name, people in sorted(found.items())}

    def missing_hunks(self, person: str, area: Area) -> list[tuple[str, str]]:
        """The hunks of an area, as path and key, that one person has not marked as understood."""
        marked = understood(self.words.get(person, ()), self.counts)
        return [(path, key) for path, key, digest in _hunks(self.state, area) if digest not in marked]

    def right_answers(self, person: str) -> int:
        """How many questions one person answered right."""
        return right_answers(self.words.get(person, ()), self.counts)


def facts(review: Review, area: AreaVerdict) -> Mapping[str, Fact]:
    """Every fact of `requirements.KINDS`, as it is for one area of the change."""
    proposed, state = review.state.proposed, review.state
    doubting = [doubt.kind for doubt in review.doubts]
    touched = areas_of(proposed.changes)
    governed = {ROSTER_PATH, RULES_PATH}
    return {
        "approvals": len(area.approved_by),
        "understood": len(area.understood_by),
        "answered": len(area.answered_by),
        "quorum": area.quorum,
        "objections": len({*review.objecting, *(one.person for one in review.doubts if one.kind == "objection")}),
        "open_questions": doubting.count("question"),
        "questions": state.questions,
        "hunks": len(list(_hunks(state, area.area))),
        "components": len(proposed.changes),
        "bits": proposed.bits,
        "checks": not review.checks,
        "begins": not review.ground.current.keys() - governed,
        "assistant": assisted(state, review.ground.roster),
        "removes": any(change.after is None for change in proposed.changes.values()),
        "reverts": state.reverts is not None,
        "true": True,
        "false": False,
        **{one: one in touched for one in AREAS},
    }


def _area(review: Review, area: Area) -> AreaVerdict:
    state, roster, rule = review.state, review.ground.roster, review.ground.rules.area(area)
    quorum = min(rule.quorum, everyone_else(state, roster)) if rule.or_everyone else rule.quorum
    people = [
        person
        for person, words in sorted(review.words.items())
        if person not in review.barred and area in approved_areas(votes_among(words), state, review.counts)
    ]
    informed = [person for person in people if not review.missing_hunks(person, area)]
    answered = [person for person in informed if review.right_answers(person) >= state.questions]
    missing = max(0, quorum - len(people))
    return AreaVerdict(area, quorum, tuple(people), missing, tuple(informed), tuple(answered))


def _hunks(state: RequestState, area: Area) -> Iterator[tuple[str, str, str]]:
    for path, hunks in sorted(state.proposed.hunks.items()):
        if area_of(path) == area:
            yield from ((path, key, digest) for key, digest in sorted(hunks.items()))


def _doubt(review: Review, person: str, one: Spoken[Said]) -> Doubt:
    said = one.operation
    if not isinstance(said, Mark):
        return Doubt(person, "question", one.entry, getattr(said, "path", None), None)
    path, key = review.places.get(said.hunks[0], (None, None))
    return Doubt(person, said.state, one.entry, path, key)
