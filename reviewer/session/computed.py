"""What takes long and is computed beside the session: checks of the merged world, the graph, panes, questions.

Each part is a pure function of a request's proposal and of the approved world, so it is kept by these two and survives
every vote and comment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reviewer.checks import check_request
from reviewer.history import files_before
from reviewer.log import Request
from reviewer.panes.compare import PANES, pane_of
from reviewer.panes.pane import PaneId
from reviewer.panes.subject import subject_of_request
from reviewer.panes.value import pane_value
from reviewer.repository import with_changes
from reviewer.session.graphs import change_graph
from reviewer.session.looks import Asked, Judged, Questions
from reviewer.session.scene import Scene
from worldmodel.errors import GlassworldError, Problem
from worldmodel.visible import shown

_PANE_IDS: Mapping[str, PaneId] = {entry.id: entry.id for entry in PANES}


@dataclass(frozen=True)
class PaneTitle:
    """A pane before it is computed."""

    id: str
    title: str


@dataclass(frozen=True)
class Computed:
    """What is known so far of one request; checks and questions are None until they are there."""

    checks: tuple[Problem, ...] | None = None
    panes: tuple[PaneTitle, ...] = ()
    asked: tuple[Asked, ...] | None = None
    judged: Mapping[str, Judged] = field(default_factory=dict)


def parts_of(request: Request) -> Sequence[str]:
    """The names of everything that is computed of a request, in the order of need."""
    ended = request.state.end is not None
    return [*(() if ended else ("questions", "checks")), "graph", *(entry.id for entry in PANES)]


def compute_part(scene: Scene, request: Request, name: str, questions: Questions | None) -> Any:
    """One part; a pane that cannot be computed says why and never vanishes."""
    if name == "checks":
        return tuple(check_request(scene.history, request))
    if name == "questions":
        return () if questions is None else tuple(questions.ask(scene, request, scene.memory.viewer))
    if name == "graph":
        return _graph(scene, request)
    return {"kind": "pane", **_pane(scene, request, _PANE_IDS[name])}


def computed_from(request: Request, result: Callable[[str], Any]) -> Computed:
    """What is known of a request, from the results that are there."""
    ended = request.state.end is not None
    titles = tuple(PaneTitle(entry.id, entry.title) for entry in PANES)
    return Computed(() if ended else result("checks"), titles, () if ended else result("questions"))


def _graph(scene: Scene, request: Request) -> dict[str, Any]:
    changes = request.changes()
    files = with_changes(files_before(scene.repository, scene.history, request), changes)
    try:
        return {"kind": "graph", **change_graph(files, changes)}
    except GlassworldError as error:
        return {"kind": "problems", "problems": [shown(str(problem)) for problem in error.problems]}


def _pane(scene: Scene, request: Request, name: PaneId) -> dict[str, Any]:
    value: dict[str, Any] = visible(
        pane_value(pane_of(subject_of_request(scene.repository, scene.history, request), name))
    )
    return value


def visible(value: Any) -> Any:
    """A JSON value with the deceptive characters of all its texts made visible; our own markup has none."""
    match value:
        case str():
            return shown(value)
        case dict():
            return {name: visible(one) for name, one in value.items()}
        case list():
            return [visible(one) for one in value]
        case _:
            return value
