"""Why the gate stays shut, in sentences that name what is missing and for whom, so that a person can act on them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from worldmodel.governance.conditions import named
from worldmodel.governance.eligible import authors_of
from worldmodel.governance.facts import AreaVerdict, Doubt, Review, facts
from worldmodel.governance.requirements import Requirement

MOST_NAMED = 3


@dataclass(frozen=True)
class Reason:
    """Why the gate stays shut, as a sentence that a person can act on."""

    code: str
    text: str


@dataclass(frozen=True)
class Case:
    """A requirement that an area of a request does not fulfil, and who looks at it."""

    review: Review
    area: AreaVerdict
    requirement: Requirement
    viewer: str | None

    @property
    def number(self) -> int:
        """The number of the request."""
        return self.review.state.number

    def label(self, person: str) -> str:
        """A person as the viewer reads it."""
        return "you" if person == self.viewer else self.review.ground.roster.label(person)


def explain(case: Case) -> list[Reason]:
    """What is missing, by the facts that the requirement speaks of; the requirement itself where they say nothing."""
    asked = named(case.requirement.submittable)
    found = [reason for fact, words in EXPLANATIONS.items() if fact in asked for reason in words(case)]
    return found or [_plainly(case, asked)]


def missing_approvals(case: Case) -> Iterator[Reason]:
    """How many more people must approve, and whether the viewer is one who could."""
    area = case.area
    if area.missing:
        count = "one more approval" if area.missing == 1 else f"{area.missing} more approvals"
        yield Reason("quorum-missing", f"{count} for {area.area}{_for_viewer(case)}{_too_few(case)}")


def _missing_marks(case: Case) -> Iterator[Reason]:
    yield from missing_approvals(case)
    for person in case.area.approved_by:
        missing = case.review.missing_hunks(person, case.area.area)
        for path, key in missing[:MOST_NAMED]:
            yield Reason("not-understood", f"hunk {key} of {path} is not marked understood by {case.label(person)}")
        if len(missing) > MOST_NAMED:
            more = len(missing) - MOST_NAMED
            yield Reason(
                "not-understood",
                f"{more} more hunk{'s' * (more > 1)} of {case.area.area} not marked understood by "
                f"{case.label(person)}; `glassworld mr hunks {case.number}` lists them",
            )


def _missing_answers(case: Case) -> Iterator[Reason]:
    yield from _missing_marks(case)
    wanted = case.review.state.questions
    for person in case.area.approved_by:
        right = case.review.right_answers(person)
        if right < wanted:
            yield Reason(
                "not-answered",
                f"{right} of {wanted} questions about the change answered right by {case.label(person)}; "
                f"`glassworld mr answer {case.number}` asks the next one",
            )


def _objections(case: Case) -> Iterator[Reason]:
    for person in case.review.objecting:
        yield Reason(
            "objection-open",
            f"{_subject(case, person, 'objects')}; settle it with them, they can withdraw the objection",
        )
    yield from (_doubt(case, doubt) for doubt in case.review.doubts if doubt.kind == "objection")


def _questions(case: Case) -> Iterator[Reason]:
    yield from (_doubt(case, doubt) for doubt in case.review.doubts if doubt.kind == "question")


def _doubt(case: Case, doubt: Doubt) -> Reason:
    asks = doubt.kind == "question"
    about = f" about {doubt.key} of {doubt.path}" if doubt.key else f" about {doubt.path}" if doubt.path else ""
    verb = "asks" if asks else "objects"
    reply = f"`glassworld mr comment {case.number} --reply-to {doubt.entry[7:19]}`"
    return Reason(
        "question-open" if asks else "objection-open",
        f"{_subject(case, doubt.person, verb)}{about}; answer with {reply}; who asked settles it with `--resolve`",
    )


def _subject(case: Case, person: str, verb: str) -> str:
    return f"you {verb.removesuffix('s')}" if person == case.viewer else f"{case.label(person)} {verb}"


def _failed_checks(case: Case) -> Iterator[Reason]:
    for problem in case.review.checks:
        yield Reason("check-failed", f"a check fails on the merged world: {problem}")


def _too_large(case: Case) -> Iterator[Reason]:
    bits = case.review.state.proposed.bits
    yield Reason(
        "too-large",
        f"there are {bits} bits to read, and `{case.requirement.table.submittable_if}` is asked for; split the request",
    )


def _for_viewer(case: Case) -> str:
    roster, viewer = case.review.ground.roster, case.viewer
    if viewer is None:
        return ""
    if viewer in case.area.approved_by:
        return "; yours is counted"
    if viewer not in case.review.barred:
        return "; yours would count" if viewer in roster.people() else "; only people approve"
    wrote = any(roster.wrote(viewer, *author) for author in authors_of(case.review.state))
    return f"; you {'wrote this' if wrote else 'operated this assistant'}, so yours would not count"


def _too_few(case: Case) -> str:
    eligible = len(set(case.review.ground.roster.people()) - case.review.barred)
    if eligible >= case.area.quorum:
        return ""
    return (
        f" (only {eligible} on the roster could give one and {case.area.quorum} are needed: "
        "add people to governance/roster.toml)"
    )


def _plainly(case: Case, asked: frozenset[str]) -> Reason:
    known = facts(case.review, case.area)
    said = ", ".join(f"{name} is {_number(known[name])}" for name in sorted(asked - {"true", "false"}))
    table, name = case.requirement.table, case.requirement.name
    meant = f"{table.description}: " if table.description else ""
    return Reason(
        "requirement-unmet",
        f"{case.area.area} does not fulfil {name}: {meant}`{table.submittable_if}` does not hold"
        + (f" ({said})" if said else ""),
    )


def _number(value: float | bool) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else f"{value:g}"


EXPLANATIONS: Mapping[str, Callable[[Case], Iterator[Reason]]] = {
    "objections": _objections,
    "approvals": missing_approvals,
    "understood": _missing_marks,
    "answered": _missing_answers,
    "open_questions": _questions,
    "bits": _too_large,
    "checks": _failed_checks,
}
"""How the lack of each fact is put into words; several may speak for one requirement."""
