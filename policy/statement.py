"""The training statement: everything that a trained policy is a function of, and the digests of what came out.

An in-toto Statement v1 whose predicate has the shape of SLSA Provenance: what was built, by which builder, from what,
how it was confined. It is canonical JSON without a clock in it. It is not signed: it proves nothing by itself,
`glassworld replay` does.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from policy.configuration import Configuration
from policy.confinement.report import ConfinementReport
from worldmodel.canonical import canonical_json
from worldmodel.errors import InputError, Problem

STATEMENT = "statement.json"

Hexadecimal = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True)


class Digest(_Strict):
    """A digest as in-toto writes it."""

    sha256: Hexadecimal


class Subject(_Strict):
    """One file that came out."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
    digest: Digest


class Parameters(_Strict):
    """What the person who trained decided: which bundle, and the configuration."""

    bundle: Digest
    fingerprint: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
    configuration: Configuration


class Seed(_Strict):
    """The seed, which nobody decided."""

    derivation: Literal["sha256 of the canonical JSON of [bundle digest, configuration, trainer]"] = (
        "sha256 of the canonical JSON of [bundle digest, configuration, trainer]"
    )
    root: Hexadecimal


class Software(_Strict):
    """The code that ran: each module of ours with the digest of its source file.

    And the versions of what it stands on.
    """

    trainer: str
    sources: dict[str, Digest]
    versions: dict[str, str]


class Result(_Strict):
    """What training found, on validation seeds: how the kept policies did, and what no rule could do."""

    unstable_share: float
    floors_out_of_reach: tuple[str, ...]
    objective: dict[str, float]
    floors_kept: dict[str, dict[str, float]]
    alive: dict[str, float]


class Predicate(_Strict):
    """How the files were made."""

    parameters: Parameters
    seed: Seed
    software: Software
    confinement: ConfinementReport
    result: Result
    signed: Literal[False] = False


class TrainingStatement(_Strict):
    """The whole statement; unknown fields are refused at every depth."""

    type: Annotated[Literal["https://in-toto.io/Statement/v1"], Field(alias="_type")] = (
        "https://in-toto.io/Statement/v1"
    )
    subject: tuple[Subject, ...]
    predicate_type: Annotated[Literal["urn:glassworld:training:1"], Field(alias="predicateType")] = (
        "urn:glassworld:training:1"
    )
    predicate: Predicate

    @model_validator(mode="after")
    def _names_each_file_once(self) -> Self:
        if len({subject.name for subject in self.subject}) != len(self.subject):
            raise ValueError("a file is named twice")
        return self

    def digest_of(self, name: str) -> str | None:
        """The SHA-256 of one of the files that came out, in hexadecimal; None for a name that is not among them."""
        return next((subject.digest.sha256 for subject in self.subject if subject.name == name), None)


def dump_statement(statement: TrainingStatement) -> bytes:
    """The statement's canonical bytes."""
    return canonical_json(statement.model_dump(mode="json", by_alias=True))


def load_statement(data: bytes, where: str) -> TrainingStatement:
    """The statement that bytes hold; raises InputError with every problem, unknown fields among them."""
    try:
        statement = TrainingStatement.model_validate_json(data)
    except ValidationError as error:
        raise InputError(_problem(where, item["loc"], item["msg"]) for item in error.errors()) from error
    if dump_statement(statement) != data:
        raise InputError(_problem(where, (), "bytes that are not the canonical form of what they say"))
    return statement


def _problem(where: str, place: tuple[int | str, ...], found: str) -> Problem:
    return Problem(
        code="training-statement",
        where=where,
        part=".".join(map(str, place)),
        found=found,
        wanted="a statement.json that `glassworld train` wrote",
        mend="fetch the policy's folder again, or train again",
    )
