"""Predict first: what a reviewer sees before they have said what the change will do, and what only afterwards.

Until then the application shows what changes, and nothing of how it behaves or what anybody thinks of it. Whoever wrote
the change, and whoever looks at a request that has ended or was planted for them, sees everything.
"""

from reviewer.log import Request
from reviewer.session.memory import Look, Memory
from reviewer.session.scene import Scene
from worldmodel.governance.gate import excluded

OPEN_PANES = ("change", "bits", "graph")
"""The panes that say what changes, and not how it behaves; the others would give the answers away."""

FEWEST_LETTERS = 10


def look_at(memory: Memory, request: Request) -> Look | None:
    """The first look that was taken at exactly what is proposed now."""
    return memory.looks.get(request.state.proposal)


def sealed(scene: Scene, request: Request) -> bool:
    """Whether rationale, behaviour, checks and votes are still kept from this reviewer."""
    state = request.state
    if state.end is not None or scene.memory.viewer in excluded(state, scene.history.standing.roster):
        return False
    return look_at(scene.memory, request) is None and scene.debrief(state.number) is None


def may_see(scene: Scene, request: Request, pane: str) -> bool:
    """Whether this reviewer may see a pane of this request now."""
    return pane in OPEN_PANES or not sealed(scene, request)
