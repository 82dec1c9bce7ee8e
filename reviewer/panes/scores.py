"""How well the proposal forecasts what was held out of its data, against what is approved and against simple rivals.

Data are seen by assistants only. So the scores of single steps are theirs, and are marked as such; the comparison is
computed here, from these scores: the Bayesian signed-rank test with its region of practical equivalence.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from reviewer.behaviour.signed_rank import SignedRank, signed_rank
from reviewer.claims.exact import share_bounds
from reviewer.panes.pane import Block, Sentence, Table
from reviewer.panes.subject import Subject

REGION = 0.01
"""Nats a step that make no practical difference."""
MOST_STEPS = 20_000
_KEYS = ("mechanisms", "scores", "by_step")


def scores_blocks(subject: Subject) -> Iterator[Block]:
    """Each mechanism's test against the approved forecast and the baselines, and its coverage."""
    yield Sentence(
        "Scores of single steps come from the assistant, which alone sees data; the comparisons are computed here.",
        "unsure",
    )
    found = list(_mechanisms(subject.evidence))
    if not found:
        yield Sentence(_nothing(subject), "unsure")
        return
    rows = [row for name, scores in found for row in _compared(name, scores)]
    if rows:
        yield Table(
            f"Bayesian signed-rank test of log scores step by step: the proposed forecast against another one; a gain "
            f"of up to {REGION:g} nats a step counts as none",
            ("mechanism", "against", "steps", "mean gain, nats", "P(worse)", "P(no difference)", "P(better)"),
            tuple(rows),
        )
    coverage = [row for name, scores in found if (row := _covered(name, scores))]
    if coverage:
        yield Table(
            "How many held-out steps fell inside the forecast's central interval, with the exact 95 % interval",
            ("mechanism", "wanted", "inside", "share", "95 % interval"),
            tuple(coverage),
        )


def _nothing(subject: Subject) -> str:
    if not subject.evidence:
        return "The proposal comes without evidence: nothing was scored on held-out data."
    return "The evidence has no scores by step: nothing was held out, or the assistant does not report them."


def _mechanisms(evidence: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The well-formed scores in evidence, which is untrusted."""
    mechanisms = evidence.get("mechanisms")
    for name, facts in sorted(mechanisms.items()) if isinstance(mechanisms, dict) else ():
        scores = facts.get("scores") if isinstance(facts, dict) else None
        if isinstance(scores, dict) and isinstance(scores.get("by_step"), dict):
            yield str(name), scores


def _compared(name: str, scores: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    own = _row(scores["by_step"].get("model"))
    if own is None:
        return
    for other, values in sorted(scores["by_step"].items()):
        row = _row(values)
        if other != "model" and row is not None and len(row) == len(own):
            yield name, str(other), *_tested([a - b for a, b in zip(own, row, strict=True)])


def _tested(differences: list[float]) -> tuple[str, ...]:
    test: SignedRank = signed_rank(differences, REGION)
    chances = (test.probability.below, test.probability.inside, test.probability.above)
    mean = math.fsum(differences) / len(differences)
    return (str(len(differences)), f"{mean:+.3f}", *(f"{chance:.3f}" for chance in chances))


def _row(values: object) -> list[float] | None:
    """A list of finite numbers of bearable length, or None."""
    if not isinstance(values, list) or not 0 < len(values) <= MOST_STEPS:
        return None
    numbers = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return numbers if len(numbers) == len(values) and all(map(math.isfinite, numbers)) else None


def _covered(name: str, scores: Mapping[str, Any]) -> tuple[str, ...] | None:
    match scores.get("coverage"):
        case {"interval": float(wanted), "inside": int(inside), "steps": int(steps)} if 0 <= inside <= steps != 0:
            low, high = share_bounds(inside, steps, 0.95)
            return name, f"{wanted:.0%}", f"{inside} of {steps}", f"{inside / steps:.0%}", f"{low:.0%} to {high:.0%}"
        case _:
            return None
