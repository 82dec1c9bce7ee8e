"""What there is to see, read from git and from disk: the approved world, all requests, drafts and the memory.

Reading verifies every signature, so what has not moved since the last time is taken over and not read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewer.drafts import Kept, load_drafts
from reviewer.history import History, find_request, load_history, request_numbers
from reviewer.log import Request, log_reference
from reviewer.repository import Repository
from reviewer.session.memory import Memory, Place, place_of, recall
from worldmodel.canonical import digest
from worldmodel.errors import GlassworldError, Problem


@dataclass(frozen=True)
class Scene:
    """A moment of a repository as one reviewer's session sees it; `broken` are requests whose logs are refused."""

    repository: Repository
    history: History
    requests: Mapping[int, Request]
    drafts: tuple[Kept, ...]
    memory: Memory
    tips: Mapping[int, str] = field(default_factory=dict)
    broken: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)


def read_scene(repository: Repository, viewer: str, earlier: Scene | None = None) -> Scene:
    """Reads everything; of an earlier scene, what did not move is kept."""
    history = _history(repository, earlier)
    same = earlier if earlier is not None and earlier.history is history else None
    requests: dict[int, Request] = {}
    broken: dict[int, tuple[Problem, ...]] = {}
    tips = {number: _tip(repository, number) for number in request_numbers(repository, history)}
    for number, tip in tips.items():
        if same is not None and same.tips.get(number) == tip and number in same.requests:
            requests[number] = same.requests[number]
            continue
        try:
            requests[number] = find_request(repository, history, number)
        except GlassworldError as error:  # one request that a stranger broke must not hide the others
            broken[number] = error.problems
    memory = recall(place_of(repository, viewer), viewer)
    return Scene(repository, history, requests, tuple(load_drafts(repository)), memory, tips, broken)


def revision(repository: Repository, place: Place) -> str:
    """A digest that changes whenever anything that a scene is read from does; cheap enough for every beat."""
    git = repository.git
    names = sorted(name for name in git.references if name.startswith(("refs/glassworld/", "refs/heads/approved")))
    folder = repository.git_directory / "glassworld" / "drafts"
    drafts = sorted((path.name, path.stat().st_mtime_ns) for path in folder.glob("[!.]*.json"))
    return digest(
        {
            "references": [[name, str(git.references[name].target)] for name in names],
            "drafts": [[name, str(moment)] for name, moment in drafts],
            "memory": str(place.memory.stat().st_mtime_ns) if place.memory.exists() else "",
        }
    )


def _history(repository: Repository, earlier: Scene | None) -> History:
    if earlier is not None and earlier.history.tip == repository.approved().id:
        return earlier.history
    return load_history(repository)


def _tip(repository: Repository, number: int) -> str:
    name = log_reference(number)
    return str(repository.git.references[name].target) if name in repository.git.references else "merged"
