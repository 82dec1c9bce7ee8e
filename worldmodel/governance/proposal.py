"""The proposal file: how an assistant hands a suggested change to the review, across a process boundary.

`assistants` write it, `reviewer` opens a merge request from it, and neither imports the other. It is data: changed
files as text, facts that code computed (`evidence`), where it comes from, and prose, which stays apart and is never
evidence.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from worldmodel.governance.operations import Path, Provenance
from worldmodel.governance.shape import Strict, parse_json, validate


class ProposalFile(Strict):
    """One suggested change; `changes` maps component paths to their new text, or to None where the file goes."""

    format: Literal[1]
    kind: Literal["glassworld-proposal"] = "glassworld-proposal"
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    author: Literal["assistant", "person"]
    changes: Annotated[dict[Path, Annotated[str, StringConstraints(max_length=1_000_000)] | None], Field(min_length=1)]
    evidence: dict[str, Any] = {}
    provenance: Provenance | None = None
    prose: Annotated[str, StringConstraints(max_length=100_000)] = ""

    @model_validator(mode="after")
    def _says_where_it_comes_from(self) -> "ProposalFile":
        if (self.author == "assistant") != (self.provenance is not None):
            raise ValueError("an assistant's proposal has provenance, and a person's has none")
        return self

    def files(self) -> dict[str, bytes | None]:
        """The changed files as bytes."""
        return {path: None if text is None else text.encode("utf-8") for path, text in self.changes.items()}


def load_proposal(data: bytes, where: str) -> ProposalFile:
    """Validates a proposal file; raises InputError with all problems at once."""
    return validate(ProposalFile, parse_json(data, where), where)


def dump_proposal(proposal: ProposalFile) -> bytes:
    """The bytes of a proposal file."""
    return (json.dumps(proposal.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode(
        "utf-8"
    )
