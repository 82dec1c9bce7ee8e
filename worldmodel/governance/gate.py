"""The gate: a pure function from a request's log, the rules, the roster and the checks to a verdict with reasons.

It counts distinct people, resolved from the raw keys that signed: never the author, never the operator of the assistant
that wrote it, never an assistant. The latest vote of each person wins, one objection blocks, and an approval is good
for one exact proposal only.

A key is judged by its place in the log, never by a clock: what it said while it was on the roster does not spoil the
request when it goes, but of a key that is gone only an objection is still heard, until its owner speaks with another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from worldmodel.errors import Problem
from worldmodel.governance.fold import CastVote, RequestState, approved_areas, objects
from worldmodel.governance.operations import Area, Object, areas_of
from worldmodel.governance.roster import ROSTER_PATH, Roster
from worldmodel.governance.rules import RULES_PATH, Rules
from worldmodel.governance.sshsig import fingerprint


@dataclass(frozen=True)
class Reason:
    """Why the gate stays shut, as a sentence that a person can act on."""

    code: str
    text: str


@dataclass(frozen=True)
class AreaVerdict:
    """How far one area is: who approved it, and how many more are wanted."""

    area: Area
    quorum: int
    approved_by: tuple[str, ...]
    missing: int


@dataclass(frozen=True)
class Verdict:
    """Whether the request may merge now, and if not, everything that stands against it."""

    open: bool
    reasons: tuple[Reason, ...]
    areas: tuple[AreaVerdict, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as a mapping, for `--json`."""
        return asdict(self)


@dataclass(frozen=True)
class Ground:
    """What a request is judged on: the roster and rules in force, and the digests of the approved components."""

    roster: Roster
    rules: Rules
    current: Mapping[str, str]


def gate(state: RequestState, ground: Ground, checks: Sequence[Problem], viewer: str | None = None) -> Verdict:
    """Judges one request; `viewer` is the identity of the person to whom reasons say `you`."""
    state = settled(state, ground.roster)
    areas = tuple(_judge_areas(state, ground))
    reasons = _ended(state) or (
        *_split(state),
        *_stale(state, ground),
        *_governance(state, ground),
        *_strangers(state, ground.roster),
        *_objections(state, ground.roster),
        *_quorums(state, ground.roster, areas, viewer),
        *_failed(checks),
    )
    return Verdict(not reasons, reasons, areas)


def excluded(state: RequestState, roster: Roster) -> frozenset[str]:
    """The people whose votes cannot count on this request: its authors and the operators of authoring assistants."""
    wrote = [roster.answerable(key, place) for key, place in zip(state.authors, state.places, strict=True)]
    return frozenset().union(*wrote, *(roster.operators(name) for name in state.assistants))


def votes_by_person(state: RequestState, roster: Roster) -> dict[str, list[CastVote]]:
    """Each person's votes in order, whichever of their keys signed; votes of assistants and strangers are nobody's."""
    votes: dict[str, list[CastVote]] = {}
    for cast in state.votes:
        if (person := _voter(cast, roster)) is not None:
            votes.setdefault(person, []).append(cast)
    return votes


def _voter(cast: CastVote, roster: Roster) -> str | None:
    """Whose vote it is. A key that left the roster may have been stolen: it lifts and approves nothing any more."""
    person = roster.person(cast.key)
    if person is not None or not isinstance(cast.vote, Object):
        return person
    former = roster.at(cast.place).person(cast.key)
    return former if former in roster.people() else None


def _judge_areas(state: RequestState, ground: Ground) -> Iterator[AreaVerdict]:
    barred = excluded(state, ground.roster)
    approved = {
        person: approved_areas(votes, state)
        for person, votes in votes_by_person(state, ground.roster).items()
        if person not in barred
    }
    for area in areas_of(state.proposed.changes):
        rule = ground.rules.area(area)
        quorum = min(rule.quorum, _everyone_else(state, ground.roster)) if rule.or_everyone else rule.quorum
        people = tuple(sorted(person for person, areas in approved.items() if area in areas))
        yield AreaVerdict(area, quorum, people, max(0, quorum - len(people)))


def _everyone_else(state: RequestState, roster: Roster) -> int:
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


def _stale(state: RequestState, ground: Ground) -> Iterator[Reason]:
    proposed = state.proposed
    if (proposed.roster, proposed.rules) != (ground.current.get(ROSTER_PATH), ground.current.get(RULES_PATH)):
        yield Reason(
            "governance-moved",
            "the roster or the rules changed since this patchset; upload a new patchset and review it",
        )
    for path, change in sorted(proposed.changes.items()):
        if change.before != ground.current.get(path):
            yield Reason("base-moved", f"{path} changed since this patchset; upload a new patchset and review it")


def _governance(state: RequestState, ground: Ground) -> Iterator[Reason]:
    areas = areas_of(state.proposed.changes)
    if "governance" not in areas:
        return
    if len(areas) > 1:
        yield Reason("governance-mixed", "changes of governance come alone; split this request in two")
    if state.assistants or not all(_was_person(ground.roster, *author) for author in authors_of(state)):
        yield Reason(
            "governance-by-assistant", "only people propose changes of governance; let a person open this request"
        )


def authors_of(state: RequestState) -> set[tuple[bytes, str]]:
    """The key of each author, with the roster under which they proposed."""
    return set(zip(state.authors, state.places, strict=True))


def _was_person(roster: Roster, key: bytes, place: str) -> bool:
    """Whether a key is a person's now, or was when it was used."""
    return roster.person(key) is not None or roster.at(place).person(key) is not None


def _strangers(state: RequestState, roster: Roster) -> Iterator[Reason]:
    for key, place in sorted(authors_of(state)):
        if not roster.answerable(key, place):
            yield Reason(
                "author-unknown", f"the author's key {fingerprint(key)} is not on the roster; add it by a request first"
            )
    for key, place in sorted(state.speakers):
        if not _was_person(roster, key, place):
            yield Reason(
                "voice-of-no-person",
                f"an entry was signed with {fingerprint(key)}, which is no person's key on the roster; it counts for "
                "nothing, and this request cannot merge: open a new one",
            )


def _objections(state: RequestState, roster: Roster) -> Iterator[Reason]:
    for person, votes in sorted(votes_by_person(state, roster).items()):
        if objects(votes):
            yield Reason(
                "objection-open",
                f"{roster.label(person)} objects; settle it with them, they can withdraw the objection",
            )


def _quorums(state: RequestState, roster: Roster, areas: Sequence[AreaVerdict], viewer: str | None) -> Iterator[Reason]:
    for verdict in areas:
        if verdict.missing:
            count = "one more approval" if verdict.missing == 1 else f"{verdict.missing} more approvals"
            text = f"{count} for {verdict.area}{_for_viewer(state, roster, verdict, viewer)}"
            yield Reason("quorum-missing", text + _too_few(state, roster, verdict))


def _for_viewer(state: RequestState, roster: Roster, verdict: AreaVerdict, viewer: str | None) -> str:
    if viewer is None:
        return ""
    if viewer in verdict.approved_by:
        return "; yours is counted"
    if viewer not in excluded(state, roster):
        return "; yours would count" if viewer in roster.people() else "; only people approve"
    wrote = any(roster.wrote(viewer, *author) for author in authors_of(state))
    return f"; you {'wrote this' if wrote else 'operated this assistant'}, so yours would not count"


def _too_few(state: RequestState, roster: Roster, verdict: AreaVerdict) -> str:
    eligible = len(set(roster.people()) - excluded(state, roster))
    if eligible >= verdict.quorum:
        return ""
    return (
        f" (only {eligible} on the roster could give one and {verdict.quorum} are needed: "
        "add people to governance/roster.toml)"
    )


def _failed(checks: Sequence[Problem]) -> Iterator[Reason]:
    for problem in checks:
        yield Reason("check-failed", f"a check fails on the merged world: {problem}")
