"""The closed set of things that can be said about a merge request, one signed record each.

A request is a chain of operations: `open` first, then patchsets, comments and votes, `merge` or `abandon` last. Each
names its predecessors by digest, so an operation cannot be moved, dropped from the middle or replayed on another
request. Free text and evidence stay outside and are bound by digest (`attachments`), so that a bundle can carry every
operation and no prose.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, model_validator

from worldmodel.canonical import digest
from worldmodel.governance.shape import Strict


def _exists(time: str) -> str:
    """Refuses the thirteenth month, which every reader of the log would stumble over."""
    datetime.fromisoformat(time)
    return time


Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Time = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"), AfterValidator(_exists)
]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.+-]{1,64}$")]
Number = Annotated[int, Field(ge=1, le=10**6)]
Path = Annotated[
    str,
    StringConstraints(
        pattern=r"^(world|objective|governance/(roster|rules)|(variables|mechanisms|posteriors|utilities|properties)/[a-z][a-z0-9_]{0,63})\.toml$"
    ),
]
Area = Literal["mechanisms", "parameters", "variables", "objective", "properties", "world", "governance"]
Attachment = Literal["title", "text", "prose", "evidence"]

AREAS: tuple[Area, ...] = ("mechanisms", "parameters", "variables", "objective", "properties", "world", "governance")
FOLDER_AREAS: Mapping[str, Area] = {
    "world.toml": "world",
    "objective.toml": "objective",
    "variables": "variables",
    "mechanisms": "mechanisms",
    "posteriors": "parameters",
    "utilities": "objective",
    "properties": "properties",
    "governance": "governance",
}


class Change(Strict):
    """One component before and after, by digest; None where it does not exist.

    `before` and `after` are of what the file says, `text` is of its bytes after: votes are bound to the meaning, the
    author's signature to the text as well.
    """

    before: Digest | None
    after: Digest | None
    text: Digest | None

    @model_validator(mode="after")
    def _exists(self) -> "Change":
        if self.before is None and self.after is None:
            raise ValueError("a change of nothing into nothing")
        if (self.after is None) != (self.text is None):
            raise ValueError("a text without a meaning, or a meaning without a text")
        return self


class Provenance(Strict):
    """Where a proposal of an assistant comes from: which data it saw, and how many alternatives it tried."""

    assistant: Name
    version: Version
    data_digest: Digest | None
    alternatives_tried: Annotated[int, Field(ge=1, le=10**9)]


class Record(Strict):
    """What every operation says: which request, after which entries of its log, when."""

    format: Literal[1] = 1
    request: Number
    parents: Annotated[list[Digest], Field(max_length=1)]
    time: Time
    attachments: dict[Attachment, Digest] = {}


class Proposing(Record):
    """What a patchset proposes: the changes, and the roster and rules under which they are to be judged."""

    patchset: Number
    changes: Annotated[dict[Path, Change], Field(min_length=1, max_length=2000)]
    roster: Digest
    rules: Digest
    provenance: Provenance | None


class Open(Proposing):
    """Opens a request with its first patchset."""

    kind: Literal["open"] = "open"


class Patchset(Proposing):
    """Replaces what the request proposes; every earlier approval is void."""

    kind: Literal["patchset"] = "patchset"


class Said(Record):
    """What is said about one patchset, bound to the exact proposal that the speaker saw."""

    patchset: Number
    proposal: Digest
    shown: Digest


class Comment(Said):
    """A remark, on a line of a component or on the whole."""

    kind: Literal["comment"] = "comment"
    path: Path | None = None
    line: Number | None = None


class Approve(Said):
    """One person's approval for the named areas."""

    kind: Literal["approve"] = "approve"
    areas: Annotated[list[Area], Field(min_length=1, max_length=len(AREAS))]


class Object(Said):
    """One person's objection: it blocks until the same person withdraws it or approves."""

    kind: Literal["object"] = "object"


class Withdraw(Said):
    """Takes back whatever the same person voted before."""

    kind: Literal["withdraw"] = "withdraw"


class Abandon(Said):
    """Ends a request without merging it; only its author may say so."""

    kind: Literal["abandon"] = "abandon"


class Merge(Said):
    """Ends a request by making its changes part of the approved world.

    `previous` is the digest of the merge before (None for the first), so that merges form one chain from the first
    roster on; `before` and `after` are the digests of the whole world.
    """

    kind: Literal["merge"] = "merge"
    previous: Digest | None
    before: Digest
    after: Digest


Operation = Annotated[
    Open | Patchset | Comment | Approve | Object | Withdraw | Abandon | Merge, Field(discriminator="kind")
]
OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


def to_json(operation: Operation) -> dict[str, Any]:
    """The operation as the JSON value that is signed."""
    value: dict[str, Any] = OPERATION.dump_python(operation, mode="json")
    return value


def area_of(path: str) -> Area:
    """The area of approval to which a component belongs."""
    return FOLDER_AREAS[path if path in FOLDER_AREAS else path.split("/", 1)[0]]


def areas_of(changes: Mapping[str, Change]) -> tuple[Area, ...]:
    """All areas that the changes touch, in their usual order."""
    touched = {area_of(path) for path in changes}
    return tuple(area for area in AREAS if area in touched)


def proposal_digest(operation: Open | Patchset) -> str:
    """The digest to which votes are bound: the changes, and the roster and rules under which they are judged."""
    changes = {path: {"before": change.before, "after": change.after} for path, change in operation.changes.items()}
    return digest({"changes": changes, "roster": operation.roster, "rules": operation.rules})
