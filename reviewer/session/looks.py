"""Predict first: what a reviewer is asked before rationale, checks and others' votes are shown.

Until a reviewer has said what the change will do, the application shows what changes and nothing of how it behaves or
what anybody thinks of it. Whoever wrote the change, and whoever looks at a request that has ended, sees everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from reviewer.log import Request
from reviewer.session.memory import Look, Memory
from reviewer.session.scene import Scene
from worldmodel.governance.gate import excluded

OPEN_PANES = ("change", "bits")
"""The panes that say what changes, and not how it behaves; the others would give the answers away."""

FEWEST_LETTERS = 10


@dataclass(frozen=True)
class Asked:
    """One question to a reviewer: its digest, its text, and the answers to choose from (none: a number or words)."""

    digest: str
    text: str
    choices: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Judged:
    """What the machine found of an answer: right or wrong, and why in one sentence."""

    right: bool
    why: str


class Questions(Protocol):
    """Where questions come from, and who judges them; the answer key is the simulator and never in this package."""

    def ask(self, scene: Scene, request: Request, viewer: str) -> Sequence[Asked]:
        """The questions for this reviewer about what is proposed now; an empty sequence where there are none."""

    def judge(self, scene: Scene, request: Request, viewer: str, question: str, answer: str) -> Judged:
        """Whether an answer is right."""


def look_at(memory: Memory, request: Request) -> Look | None:
    """The first look that was taken at exactly what is proposed now."""
    return memory.looks.get(request.state.proposal)


def sealed(scene: Scene, request: Request) -> bool:
    """Whether rationale, behaviour, checks and votes are still kept from this reviewer."""
    state = request.state
    if state.end is not None or scene.memory.viewer in excluded(state, scene.history.standing.roster):
        return False
    return look_at(scene.memory, request) is None


def may_see(scene: Scene, request: Request, pane: str) -> bool:
    """Whether this reviewer may see a pane of this request now."""
    return pane in (*OPEN_PANES, "graph") or not sealed(scene, request)
