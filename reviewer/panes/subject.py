"""What a review is about, as a value: a world's files before and after, and what the proposer said, kept apart.

Every pane is a function of this alone. The worlds are built when first asked for; one that cannot be built is kept as
the problems that say why, so that the panes which need no world still show.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reviewer.history import History, files_before
from reviewer.log import Request
from reviewer.repository import Repository, with_changes
from worldmodel.build import world_of
from worldmodel.canonical import canonical_json, digest_bytes
from worldmodel.errors import GlassworldError, Problem
from worldmodel.files import GOVERNANCE_PATH, parse_toml
from worldmodel.governance.shape import parse_json
from worldmodel.world import World

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Settings:
    """How much a review computes: trajectories of a run, steps, and a bound on the work of all runs together.

    `work` counts operations of the laws over all steps, whatever the draws; worlds that would need more are run for
    fewer steps, and the panes say so.
    """

    draws: int = 2000
    horizon: int = 40
    work: int = 400_000


@dataclass(frozen=True)
class Built:
    """A world, or the problems for which there is none; neither where the folder has no files at all."""

    world: World | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class Subject:
    """The files before and after, and what came with the change; all texts in it are untrusted.

    `changes` has the bytes after of each changed file, None where it goes. `provenance` is what the proposal states of
    its origin, `evidence` what its assistant computed, `prose` what it wrote.
    """

    before: Files
    after: Files
    changes: Mapping[str, bytes | None]
    provenance: Mapping[str, Any] | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    prose: str = ""
    title: str = ""
    settings: Settings = Settings()

    @cached_property
    def old(self) -> Built:
        """The world before."""
        return _built(self.before)

    @cached_property
    def new(self) -> Built:
        """The world as the change would make it."""
        return _built(self.after)

    @cached_property
    def seed(self) -> int:
        """The seed of everything that is drawn for this change: of what its files mean, before and after."""
        paths = sorted(self.changes)
        meanings = [[path, _meaning(path, self.before.get(path)), _meaning(path, self.changes[path])] for path in paths]
        return int(digest_bytes(canonical_json(meanings)).removeprefix("sha256:")[:13], 16)


def subject_of(before: Files, changes: Mapping[str, bytes | None], settings: Settings = Settings()) -> Subject:
    """A change by itself, with nothing said about it."""
    return Subject(before, with_changes(before, changes), changes, settings=settings)


def subject_of_request(
    repository: Repository, history: History, request: Request, settings: Settings = Settings()
) -> Subject:
    """What a merge request changes, against the approved world (or, once merged, against the world before it)."""
    before, changes = files_before(repository, history, request), request.changes()
    attached = request.proposal.attachments
    provenance = request.state.proposed.provenance
    return Subject(
        before,
        with_changes(before, changes),
        changes,
        None if provenance is None else provenance.model_dump(),
        _evidence(attached.get("evidence") or b"{}"),
        attached.get("prose", b"").decode("utf-8", "replace"),
        request.title,
        settings,
    )


def _evidence(data: bytes) -> Mapping[str, Any]:
    """The evidence as plain values; what cannot be read says so, and hides nothing else."""
    try:
        value = parse_json(data, "evidence")
    except GlassworldError as error:
        return {"unreadable": str(error.problems[0])}
    return value if isinstance(value, dict) else {"evidence": value}


def _built(files: Files) -> Built:
    """The checked world of the files, the governance ones left out."""
    own = {path: data for path, data in files.items() if not GOVERNANCE_PATH.match(path)}
    if not own:
        return Built(None)
    try:
        return Built(world_of(own))
    except GlassworldError as error:
        return Built(None, tuple(error.problems))


def _meaning(path: str, data: bytes | None) -> str | None:
    """A digest that formatting does not change; of the bytes where they cannot be read."""
    if data is None:
        return None
    try:
        return digest_bytes(canonical_json(parse_toml(path, data)))
    except GlassworldError:
        return digest_bytes(data)
