"""What the machine says about a claim, as values that have one JSON form and one digest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reviewer.claims.claim import Claim
from worldmodel.canonical import digest

Verdict = Literal["proved", "tested", "refuted", "undecided"]
CounterexampleKind = Literal["law", "paths", "effect", "graph"]


@dataclass(frozen=True)
class Counterexample:
    """Where a claim fails: everything that is needed to see it fail again, as plain JSON values.

    `law` has points (values of what the law reads) and what the law says there, `paths` and `effect` a run's seed and
    trajectories, `graph` an open path. `world` is the digest of the components that it was found in.
    """

    kind: CounterexampleKind
    mechanism: str
    claim: str
    element: tuple[str, ...]
    world: str
    facts: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` reads them back."""
        return {
            "kind": self.kind,
            "mechanism": self.mechanism,
            "claim": self.claim,
            "element": list(self.element),
            "world": self.world,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Decision:
    """A claim and its verdict.

    `method` says how it was decided, `bound` what exactly holds (or why nothing could be said); `bound` never says more
    than was shown.
    """

    claim: Claim
    verdict: Verdict
    method: str
    bound: str
    counterexample: Counterexample | None = None
    commands: tuple[str, ...] = field(default=())
    """Commands that show a person the counterexample."""

    def to_json(self) -> dict[str, Any]:
        """Plain values, with everything that the verdict rests on."""
        return {
            "mechanism": self.claim.mechanism,
            "number": self.claim.number,
            "claim": self.claim.text,
            "verdict": self.verdict,
            "method": self.method,
            "bound": self.bound,
            "counterexample": None if self.counterexample is None else self.counterexample.to_json(),
            "commands": list(self.commands),
        }


def decisions_digest(decisions: Iterable[Decision]) -> str:
    """The digest of decisions in their order: what a vote can be bound to."""
    return digest([decision.to_json() for decision in decisions])
