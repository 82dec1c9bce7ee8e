"""What there is to see, read from git and from disk: the approved world, all requests, drafts and the memory.

Reading verifies every signature, so what has not moved since the last time is taken over and not read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pygit2

from reviewer.drafts import Draft, Kept, drafts_folder, load_drafts, save_draft
from reviewer.history import History, find_request, load_history, request_numbers
from reviewer.log import Request, log_reference, quarantined_numbers
from reviewer.measuring.quarantine import Quarantined, load_quarantined
from reviewer.repository import Repository
from reviewer.session.memory import Memory, Place, place_of, recall
from reviewer.session.planted import debrief_of, planted_request
from worldmodel.canonical import digest
from worldmodel.errors import GlassworldError, Problem


@dataclass(frozen=True)
class Scene:
    """A moment of a repository as one reviewer's session sees it; `broken` are requests whose logs are refused.

    Of `requests`, those in `planted` are none: they train the reviewer.
    """

    repository: Repository
    history: History
    requests: Mapping[int, Request]
    drafts: tuple[Kept, ...]
    memory: Memory
    tips: Mapping[int, str] = field(default_factory=dict)
    broken: Mapping[int, tuple[Problem, ...]] = field(default_factory=dict)
    planted: Mapping[int, Quarantined] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Where this reviewer's session keeps its files."""
        return place_of(self.repository, self.memory.viewer)

    def debrief(self, number: int) -> str | None:
        """What this reviewer is told of a planted request that they have judged; None of any other."""
        if number not in self.planted:
            return None
        return debrief_of(self.planted[number], self.memory.viewer, self.requests[number], self.history.standing.roster)


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
    planted = _plant(repository, history, viewer, (tips, requests), same)
    drafts = _drafts(repository, viewer, planted)
    return Scene(repository, history, requests, drafts, memory, tips, broken, planted)


def keep_draft(scene: Scene, draft: Draft) -> Path:
    """Keeps a draft on disk; one about a planted request lies where signing does not find it."""
    return save_draft(scene.repository, draft, scene.place.aside if draft.request in scene.planted else None)


def revision(repository: Repository, place: Place) -> str:
    """A digest that changes whenever anything that a scene is read from does; cheap enough for every beat."""
    git = repository.git
    names = sorted(name for name in git.references if name.startswith(("refs/glassworld/", "refs/heads/approved")))
    folders = (drafts_folder(repository), place.aside)
    drafts = sorted((path.name, path.stat().st_mtime_ns) for folder in folders for path in folder.glob("[!.]*.json"))
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


def _plant(
    repository: Repository,
    history: History,
    viewer: str,
    known: tuple[dict[int, str], dict[int, Request]],
    same: Scene | None,
) -> dict[int, Quarantined]:
    """Adds the planted proposals to what is known, each as a request; one that cannot pass for one is left out."""
    tips, requests = known
    planted = {}
    for number in quarantined_numbers(repository):
        if number in tips:
            continue
        tip = repository.git.references[f"refs/glassworld/quarantine/{number}"].target
        tips[number] = str(tip)
        if same is not None and same.tips.get(number) == tips[number]:
            request, found = same.requests.get(number), same.planted.get(number)
        else:
            request, found = _pretended(repository, history, viewer, number)
        if request is not None and found is not None:
            requests[number], planted[number] = request, found
    return planted


def _pretended(
    repository: Repository, history: History, viewer: str, number: int
) -> tuple[Request | None, Quarantined | None]:
    try:
        found = load_quarantined(repository, number)
        tip = repository.git.references[f"refs/glassworld/quarantine/{number}"].peel(pygit2.Commit).id
        return planted_request(history, found, viewer, tip), found
    except (GlassworldError, pygit2.GitError, KeyError, ValueError):
        return None, None


def _drafts(repository: Repository, viewer: str, planted: Mapping[int, Quarantined]) -> tuple[Kept, ...]:
    """The drafts that can be signed, and among them those about planted requests that wait for a verdict."""
    waiting = {number for number, found in planted.items() if viewer not in found.verdicts}
    aside = load_drafts(repository, place_of(repository, viewer).aside)
    found = [*load_drafts(repository), *(kept for kept in aside if kept.draft.request in waiting)]
    return tuple(sorted(found, key=lambda kept: kept.draft.request))


def _tip(repository: Repository, number: int) -> str:
    name = log_reference(number)
    return str(repository.git.references[name].target) if name in repository.git.references else "merged"
