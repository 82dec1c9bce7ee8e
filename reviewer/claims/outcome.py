"""What deciding one claim for one element comes to, before it is put into a decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reviewer.claims.decision import CounterexampleKind, Verdict


@dataclass(frozen=True)
class Outcome:
    """A verdict, how it came about, what holds or why nothing can be said, and the facts of a counterexample."""

    verdict: Verdict
    method: str
    bound: str
    kind: CounterexampleKind | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
