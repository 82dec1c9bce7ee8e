"""The closed set of things that can be said about a merge request, one signed record each.

A request is a log of operations: `open` first, then patchsets, comments, marks, answers and votes, `merge` or `abandon`
last; `join` takes two tips of one log together. Each names its predecessors by digest, so an operation cannot be moved,
dropped from the middle or replayed on another request. Free text and evidence stay outside and are bound by digest
(`attachments`), so that a bundle can carry every operation and no prose.

Fields that came later are left out of the JSON at their default, so that what was signed before keeps its bytes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    TypeAdapter,
    model_serializer,
    model_validator,
)

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
Attachment = Literal["title", "text", "prose", "evidence", "question", "answer"]
HunkKey = Annotated[str, StringConstraints(pattern=r"^[ -~]{1,200}$")]
MarkState = Literal["understood", "question", "objection"]

Consent = TypeVar("Consent", bound="Said")

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

    @model_serializer(mode="wrap")
    def _without_later_fields_at_their_default(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        value: dict[str, Any] = handler(self)
        fields = type(self).model_fields
        return {name: one for name, one in value.items() if name not in LATER or one != fields[name].default}


class Proposing(Record):
    """What a patchset proposes: the changes, and the roster and rules under which they are to be judged.

    `hunks` names every piece of the changes by digest (`worldmodel.governance.hunks`), `bits` is the size of what is to
    be read (`worldmodel.governance.size`), and `questions` is how many questions each reviewer must answer. Whoever has
    the files computes them again and refuses a difference.
    """

    patchset: Number
    changes: Annotated[dict[Path, Change], Field(min_length=1, max_length=2000)]
    roster: Digest
    rules: Digest
    provenance: Provenance | None
    hunks: Annotated[dict[Path, dict[HunkKey, Digest]], Field(max_length=2000)] = {}
    bits: Annotated[int, Field(ge=0, le=10**12)] = 0
    questions: Annotated[int, Field(ge=0, le=100)] = 0

    @model_validator(mode="after")
    def _cuts_up_what_it_changes(self) -> "Proposing":
        if not self.hunks.keys() <= self.changes.keys():
            raise ValueError("hunks of a component that it does not change")
        found = self.hunk_digests()
        if len(set(found)) != len(found):
            raise ValueError("two hunks with one digest")
        return self

    def hunk_digests(self) -> list[str]:
        """The digests of all hunks, in the order of paths and keys."""
        return [one for path in sorted(self.hunks) for _, one in sorted(self.hunks[path].items())]


class Open(Proposing):
    """Opens a request with its first patchset; one that takes back an earlier merge names it in `reverts`."""

    kind: Literal["open"] = "open"
    reverts: Digest | None = None


class Patchset(Proposing):
    """Replaces what the request proposes; every earlier approval is void unless it means the same."""

    kind: Literal["patchset"] = "patchset"


class Said(Record):
    """What is said about one patchset, bound to the exact proposal that the speaker saw.

    `context` is the digest of the approved components around it that its meaning depends on.
    """

    patchset: Number
    proposal: Digest
    shown: Digest
    context: Digest | None = None


class Comment(Said):
    """A remark, on a line of a component or on the whole.

    `resolved` false asks for an answer and keeps the gate shut until the same person says that `reply_to` is resolved.
    """

    kind: Literal["comment"] = "comment"
    path: Path | None = None
    line: Number | None = None
    reply_to: Digest | None = None
    resolved: bool | None = None

    @model_validator(mode="after")
    def _resolves_something(self) -> "Comment":
        if self.resolved and self.reply_to is None:
            raise ValueError("it resolves nothing: `reply_to` is missing")
        return self


class Mark(Said):
    """What one person makes of hunks: understood (of several at once), or a question or objection about one."""

    kind: Literal["mark"] = "mark"
    state: MarkState
    hunks: Annotated[list[Digest], Field(min_length=1, max_length=50_000)]

    @model_validator(mode="after")
    def _is_about_hunks(self) -> "Mark":
        _require_sorted(self.hunks)
        if self.state != "understood" and (len(self.hunks) > 1 or "text" not in self.attachments):
            raise ValueError(f"a {self.state} is about one hunk, and says what it is in its text")
        return self


class Answer(Said):
    """One person's answer to a question about the change, and whether the simulator found it right."""

    kind: Literal["answer"] = "answer"
    question: Digest
    answer: Digest
    right: bool


class Attention(Said):
    """Puts a person into the attention set, or takes one out, and says why."""

    kind: Literal["attention"] = "attention"
    who: Name
    act: Literal["add", "remove"]

    @model_validator(mode="after")
    def _says_why(self) -> "Attention":
        return _with_text(self)


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


class Bypass(Said):
    """One person's consent that the named requirements do not hold this merge up; it takes two, and stays marked."""

    kind: Literal["bypass"] = "bypass"
    requirements: Annotated[list[Name], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _says_which_and_why(self) -> "Bypass":
        _require_sorted(self.requirements)
        return _with_text(self)


class Join(Record):
    """Takes two tips of one log together, after people reviewed apart; it names what is proposed then."""

    kind: Literal["join"] = "join"
    parents: Annotated[list[Digest], Field(min_length=2, max_length=2)]
    patchset: Number
    proposal: Digest

    @model_validator(mode="after")
    def _joins_two(self) -> "Join":
        _require_sorted(self.parents)
        return self


class Abandon(Said):
    """Ends a request without merging it; only its author may say so."""

    kind: Literal["abandon"] = "abandon"


class Merge(Said):
    """Ends a request by making its changes part of the approved world.

    `previous` is the digest of the merge before (None for the first), so that merges form one chain from the first
    roster on; `before` and `after` are the digests of the whole world; `bypassed` names the requirements that did not
    hold and that two people bypassed.
    """

    kind: Literal["merge"] = "merge"
    previous: Digest | None
    before: Digest
    after: Digest
    bypassed: Annotated[list[Name], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _names_each_once(self) -> "Merge":
        _require_sorted(self.bypassed)
        return self


LATER = frozenset({"hunks", "bits", "questions", "reverts", "context", "reply_to", "resolved", "bypassed"})
"""The fields that came after the first release of these records; of a kind that came later, none matters."""

Operation = Annotated[
    Open
    | Patchset
    | Comment
    | Mark
    | Answer
    | Attention
    | Approve
    | Object
    | Withdraw
    | Bypass
    | Join
    | Abandon
    | Merge,
    Field(discriminator="kind"),
]
OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)


def to_json(operation: Operation) -> dict[str, Any]:
    """The operation as the JSON value that is signed."""
    value: dict[str, Any] = OPERATION.dump_python(operation, mode="json")
    return value


def _require_sorted(values: list[str]) -> None:
    """One set has one spelling, so that it has one digest."""
    if values != sorted(set(values)):
        raise ValueError("a list that is not in order, or names a thing twice")


def _with_text(said: Consent) -> Consent:
    if "text" not in said.attachments:
        raise ValueError("a text that says why is missing")
    return said


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
