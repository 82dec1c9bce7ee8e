"""What a reviewer's session keeps on disk beside drafts: first looks, what is being typed, and whose session it is.

Reads and writes `glassworld/session/VIEWER/` inside the git folder. Every change replaces a file whole, with fsync,
before the browser hears that it was done. Nothing in here is signed, and nothing in here counts for the gate.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from reviewer import clock
from reviewer.durable import append_durably, write_durably
from reviewer.repository import Repository
from worldmodel.governance.operations import Digest, Name, Number, Time
from worldmodel.governance.shape import Strict, parse_json, validate

Words = Annotated[str, StringConstraints(max_length=100_000)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9:/._-]{1,200}$")]
Seed = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
MOST_UNSENT = 200


class Look(Strict):
    """A first look at one exact proposal: what the reviewer predicted before rationale, checks and votes were shown.

    `answers` has what was answered to each question by its digest; later rounds add to it and change nothing.
    """

    time: Time
    words: Words = ""
    answers: dict[Digest, Words] = {}


class Memory(Strict):
    """Everything that a session remembers of one reviewer; `seed` is what their order of reading comes from."""

    format: Literal[1] = 1
    viewer: Name
    seed: Seed
    opened: Number | None = None
    looks: dict[Digest, Look] = {}
    unsent: Annotated[dict[FieldName, Words], Field(max_length=MOST_UNSENT)] = {}


@dataclass(frozen=True)
class Place:
    """Where a reviewer's session keeps its files."""

    folder: Path

    @property
    def memory(self) -> Path:
        """The file of what is remembered."""
        return self.folder / "memory.json"

    @property
    def holder(self) -> Path:
        """The file that names the epoch of the newest session."""
        return self.folder / "holder.json"

    @property
    def aside(self) -> Path:
        """The folder of drafts about planted requests, which are never signed."""
        return self.folder / "aside"

    @property
    def journal(self) -> Path:
        """One line for each thing that happened, oldest first."""
        return self.folder / "journal.jsonl"


def place_of(repository: Repository, viewer: str) -> Place:
    """The place of one reviewer's session in this clone."""
    return Place(repository.git_directory / "glassworld" / "session" / viewer)


def recall(place: Place, viewer: str) -> Memory:
    """What is remembered; a new memory, with an order of its own, where there is none yet."""
    if place.memory.exists():
        return validate(Memory, parse_json(place.memory.read_bytes(), str(place.memory)), str(place.memory))
    memory = Memory(viewer=viewer, seed=secrets.token_hex(16))
    remember(place, memory)
    return memory


def remember(place: Place, memory: Memory) -> None:
    """Writes what is remembered."""
    write_durably(place.memory, _bytes(memory.model_dump(mode="json")))


def claim(place: Place, epoch: str) -> None:
    """Makes this session the one that may write; an older one finds out at its next beat."""
    write_durably(place.holder, _bytes({"epoch": epoch, "since": clock.now()}))


def holds(place: Place, epoch: str) -> bool:
    """Whether this session is still the newest one."""
    try:
        value = parse_json(place.holder.read_bytes(), str(place.holder))
    except FileNotFoundError:
        return False
    return bool(value.get("epoch") == epoch)


def note(place: Place, epoch: str, event: str, **facts: Any) -> None:
    """Appends one line to the journal."""
    line = {"time": clock.now(), "epoch": epoch, "event": event, **facts}
    append_durably(place.journal, json.dumps(line, sort_keys=True).encode("utf-8") + b"\n")


def read_journal(place: Place) -> list[dict[str, Any]]:
    """All lines of the journal, oldest first; one that a crash cut off is told as `torn`."""
    data = place.journal.read_bytes() if place.journal.exists() else b""
    return [_line(line) for line in data.split(b"\n") if line]


def _line(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError:
        return {"event": "torn"}
    return value if isinstance(value, dict) else {"event": "torn"}


def _bytes(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode("utf-8")
