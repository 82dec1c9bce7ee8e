"""The gate: a pure function from a request's log, the rules, the roster and the checks to a verdict with reasons.

It counts distinct people, resolved from the raw keys that signed: never the author, never the operator of the assistant
that wrote it, never an assistant. The latest word of each person wins, one objection blocks, and what was said is good
for one exact proposal only. That holds whatever the rules say; the rest are the submit requirements of the rules.

A key is judged by its place in the log, never by a clock: what it said while it was on the roster does not spoil the
request when it goes, but of a key that is gone only doubts are still heard, until its owner speaks with another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from worldmodel.errors import Problem
from worldmodel.governance.conditions import Fact, holds
from worldmodel.governance.eligible import assisted, authors_of, excluded, settled, was_person
from worldmodel.governance.facts import BYPASS_QUORUM, AreaVerdict, Ground, Review, facts
from worldmodel.governance.fold import RequestState
from worldmodel.governance.heard import votes_by_person
from worldmodel.governance.operations import areas_of
from worldmodel.governance.reasons import Case, Reason, explain, missing_approvals
from worldmodel.governance.requirements import Requirement
from worldmodel.governance.roster import ROSTER_PATH, Roster
from worldmodel.governance.rules import RULES_PATH
from worldmodel.governance.sshsig import fingerprint

__all__ = [
    "AreaVerdict",
    "Ground",
    "Reason",
    "RequirementVerdict",
    "Verdict",
    "authors_of",
    "excluded",
    "gate",
    "settled",
    "votes_by_person",
]

Status = Literal["fulfilled", "unfulfilled", "bypassed"]


@dataclass(frozen=True)
class RequirementVerdict:
    """How one requirement stands for one area; if it is `overridable`, two people can bypass it: `consenting` would."""

    name: str
    area: str
    status: Status
    overridable: bool
    consenting: tuple[str, ...] = ()

    @property
    def waived(self) -> bool:
        """Whether enough people consent to a bypass, needed or not."""
        return self.overridable and len(self.consenting) >= BYPASS_QUORUM


@dataclass(frozen=True)
class Verdict:
    """Whether the request may merge now, and if not, everything that stands against it.

    `bypassed` names the requirements that do not hold and that two people consented to bypass.
    """

    open: bool
    reasons: tuple[Reason, ...]
    areas: tuple[AreaVerdict, ...]
    requirements: tuple[RequirementVerdict, ...] = ()
    bypassed: tuple[str, ...] = ()
    bypassed_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as a mapping, for `--json`."""
        return asdict(self)


def gate(state: RequestState, ground: Ground, checks: Sequence[Problem], viewer: str | None = None) -> Verdict:
    """Judges one request; `viewer` is the identity of the person to whom reasons say `you`."""
    review = Review(settled(state, ground.roster), ground, tuple(checks))
    judged = list(_judge(review, viewer))
    verdicts = tuple(verdict for verdict, _ in judged)
    reasons = _ended(review.state) or tuple(
        dict.fromkeys(
            [
                *_always(review, viewer),
                *(reason for _, found in judged for reason in found),
            ]
        )
    )
    names = sorted({verdict.name for verdict in verdicts if verdict.status == "bypassed"})
    people = sorted({person for name in names for person in review.bypassing[name]})
    return Verdict(not reasons, reasons, review.areas, verdicts, tuple(names), tuple(people))


def _judge(review: Review, viewer: str | None) -> Iterator[tuple[RequirementVerdict, list[Reason]]]:
    """Each requirement for each area that it applies to, with what is missing."""
    changed = review.state.proposed.changes
    areas = {area.area: area for area in review.areas}
    known = {name: facts(review, area) for name, area in areas.items()}
    for requirement in review.ground.rules.requirements:
        for name in requirement.areas(changed):
            if not holds(requirement.applicable, known[name]):
                continue
            verdict = _status(review, requirement, name, known[name])
            unfulfilled = verdict.status == "unfulfilled"
            yield verdict, explain(Case(review, areas[name], requirement, viewer)) if unfulfilled else []


def _status(review: Review, requirement: Requirement, area: str, known: Mapping[str, Fact]) -> RequirementVerdict:
    overridable = area != "governance" and holds(requirement.overridable, known)
    consenting = review.bypassing.get(requirement.name, ())
    verdict = RequirementVerdict(requirement.name, area, "fulfilled", overridable, consenting)
    if holds(requirement.submittable, known):
        return verdict
    return replace(verdict, status="bypassed" if verdict.waived else "unfulfilled")


def _always(review: Review, viewer: str | None) -> Iterator[Reason]:
    """What no rule can do away with."""
    yield from _split(review.state)
    yield from _stale(review)
    yield from _governance(review, viewer)
    yield from _strangers(review.state, review.ground.roster)
    if review.ground.rules.binds_context:
        yield from _uncut(review.state)


def _ended(state: RequestState) -> tuple[Reason, ...]:
    if state.end is None:
        return ()
    return (Reason("request-ended", f"this request was already {state.status}; open a new one"),)


def _split(state: RequestState) -> Iterator[Reason]:
    if state.split:
        yield Reason(
            "patchsets-split",
            "two patchsets were uploaded by people who did not see each other's; upload a new one and review it",
        )


def _stale(review: Review) -> Iterator[Reason]:
    proposed, current = review.state.proposed, review.ground.current
    if (proposed.roster, proposed.rules) != (current.get(ROSTER_PATH), current.get(RULES_PATH)):
        yield Reason(
            "governance-moved",
            "the roster or the rules changed since this patchset; upload a new patchset and review it",
        )
    for path, change in sorted(proposed.changes.items()):
        if change.before != current.get(path):
            yield Reason("base-moved", f"{path} changed since this patchset; upload a new patchset and review it")


def _uncut(state: RequestState) -> Iterator[Reason]:
    """A patchset that does not say what its hunks are cannot be understood hunk by hunk."""
    for path, change in sorted(state.proposed.changes.items()):
        if change.before != change.after and not state.proposed.hunks.get(path):
            yield Reason("hunks-missing", f"this patchset does not list the hunks of {path}; upload a new one")


def _governance(review: Review, viewer: str | None) -> Iterator[Reason]:
    """Governance comes alone, from people, and with its quorum, whatever the requirements say."""
    state, roster = review.state, review.ground.roster
    areas = areas_of(state.proposed.changes)
    if "governance" not in areas:
        return
    if len(areas) > 1:
        yield Reason("governance-mixed", "changes of governance come alone; split this request in two")
    if assisted(state, roster):
        yield Reason(
            "governance-by-assistant", "only people propose changes of governance; let a person open this request"
        )
    for area in review.areas:
        if area.area == "governance":
            yield from missing_approvals(Case(review, area, review.ground.rules.requirements[0], viewer))


def _strangers(state: RequestState, roster: Roster) -> Iterator[Reason]:
    for key, place in sorted(authors_of(state)):
        if not roster.answerable(key, place):
            yield Reason(
                "author-unknown", f"the author's key {fingerprint(key)} is not on the roster; add it by a request first"
            )
    for key, place in sorted(state.speakers):
        if not was_person(roster, key, place):
            yield Reason(
                "voice-of-no-person",
                f"an entry was signed with {fingerprint(key)}, which is no person's key on the roster; it counts for "
                "nothing, and this request cannot merge: open a new one",
            )
