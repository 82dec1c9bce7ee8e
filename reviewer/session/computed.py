"""What takes long and is computed beside the session: questions, checks of the merged world, the graph, panes.

Each part is a pure function of a request's proposal and of the approved world (and, for questions, of the answers so
far), so it is kept by these and survives every vote and comment.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewer.checks import check_request
from reviewer.history import files_before
from reviewer.log import Request
from reviewer.panes.compare import PANES, pane_of
from reviewer.panes.pane import PaneId
from reviewer.panes.subject import Subject
from reviewer.panes.value import pane_value
from reviewer.repository import with_changes
from reviewer.session.asking import Interview, Questions
from reviewer.session.graphs import change_graph
from reviewer.session.looks import look_at
from reviewer.session.scene import Scene
from worldmodel.canonical import digest
from worldmodel.errors import GlassworldError, Problem
from worldmodel.visible import shown

_PANE_IDS: Mapping[str, PaneId] = {entry.id: entry.id for entry in PANES}


@dataclass(frozen=True)
class Computed:
    """What is known so far of one request; checks and the interview are None until they are there."""

    checks: tuple[Problem, ...] | None = None
    interview: Interview | None = None


def answers_to(scene: Scene, request: Request) -> Mapping[str, str]:
    """The answers that this reviewer gave so far about what is proposed now."""
    look = look_at(scene.memory, request)
    return {} if look is None else look.answers


def interview_part(scene: Scene, request: Request) -> str:
    """The name of the interview with the answers so far."""
    return f"questions/{digest(dict(answers_to(scene, request)))[7:19]}"


def parts_of(scene: Scene, request: Request) -> Sequence[str]:
    """The names of what is computed of a request without being asked for, in the order of need.

    A pane can take long, and an answer should be judged at once: so the others wait until they are opened.
    """
    first = () if request.state.end is not None else (interview_part(scene, request), "checks")
    return [*first, "graph", "change"]


def computed_from(scene: Scene, request: Request, result: Callable[[str], Any]) -> Computed:
    """What is known of a request, from the results that are there."""
    if request.state.end is not None:
        return Computed((), Interview())
    return Computed(result("checks"), result(interview_part(scene, request)))


def compute_part(subject: Subject, scene: Scene, request: Request, name: str, questions: Questions) -> Any:
    """One part of the subject that a request is; what cannot be computed says why and never vanishes."""
    try:
        return _part(subject, scene, request, name, questions)
    except GlassworldError as error:
        return _failed(name, error.problems)
    except Exception as error:  # noqa: BLE001 - one part that fails must not hide the others, nor end the thread
        return _failed(name, (fault(f"{name.partition('/')[0]} of merge request {request.state.number}", error),))


def fault(where: str, error: Exception) -> Problem:
    """A failure that is nobody's but the workbench's."""
    return Problem(
        code="part-failed",
        where=where,
        found=f"a fault of the workbench: {type(error).__name__}: {error}",
        wanted="a result",
        mend="report it with what is printed here; the other parts are not touched by it",
    )


def _failed(name: str, problems: tuple[Problem, ...]) -> Any:
    if name == "checks":
        return problems
    if name.startswith("questions/"):
        return Interview(problems=problems)
    return {"kind": "problems", "problems": [shown(str(problem)) for problem in problems]}


def _part(subject: Subject, scene: Scene, request: Request, name: str, questions: Questions) -> Any:
    if name.startswith("questions/"):
        return questions(subject, scene.memory.viewer, request.state.proposal, answers_to(scene, request))
    if name == "checks":
        return tuple(check_request(scene.history, request))
    if name == "graph":
        return _graph(scene, request)
    value: dict[str, Any] = visible(pane_value(pane_of(subject, _PANE_IDS[name])))
    return {"kind": "pane", **value}


def visible(value: Any) -> Any:
    """A JSON value with the deceptive characters of all its texts made visible; our own markup has none."""
    match value:
        case str():
            return shown(value)
        case dict():
            return {name: visible(one) for name, one in value.items()}
        case list() | tuple():
            return [visible(one) for one in value]
        case _:
            return value


def _graph(scene: Scene, request: Request) -> dict[str, Any]:
    changes = request.changes()
    files = with_changes(files_before(scene.repository, scene.history, request), changes)
    return {"kind": "graph", **change_graph(files, changes)}
