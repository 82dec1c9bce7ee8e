"""The roster: which people and assistants take part, and which keys are theirs.

Reads the parsed `governance/roster.toml`. A person may have several keys and counts once; an assistant has an operator,
whose vote on that assistant's proposals does not count. People invented for demonstrations are marked `made_up`, and
everything that prints one says so.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from worldmodel.errors import InputError, Problem
from worldmodel.governance import sshsig
from worldmodel.governance.operations import Name
from worldmodel.governance.shape import Strict, validate

ROSTER_PATH = "governance/roster.toml"


class Member(Strict):
    """One person or assistant."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\n\r\t]+$")]
    kind: Literal["person", "assistant"]
    keys: Annotated[list[str], Field(max_length=32)]
    operator: Name | None = None
    made_up: bool = False


class RosterFile(Strict):
    """The parsed roster, with a version that only ever grows."""

    format: Literal[1]
    version: Annotated[int, Field(ge=1, le=10**6)]
    people: Annotated[dict[Name, Member], Field(min_length=1, max_length=10_000)]


class Roster:
    """A checked roster that resolves raw keys to members."""

    def __init__(self, file: RosterFile) -> None:
        self.file = file
        self._owners = {key: identity for identity, key in _keys(file)}

    @property
    def members(self) -> Mapping[str, Member]:
        """All members by identity."""
        return self.file.people

    def owner(self, key: bytes) -> str | None:
        """The identity whose key this is, or None for an unknown key."""
        return self._owners.get(key)

    def person(self, key: bytes) -> str | None:
        """The identity of the person whose key this is; None for assistants and strangers."""
        owner = self.owner(key)
        return owner if owner is not None and self.members[owner].kind == "person" else None

    def people(self) -> tuple[str, ...]:
        """The identities of all people, sorted."""
        return tuple(sorted(identity for identity, member in self.members.items() if member.kind == "person"))

    def made_up(self) -> frozenset[str]:
        """The labels of all members who are made up."""
        return frozenset(self.label(identity) for identity, member in self.members.items() if member.made_up)

    def responsible(self, key: bytes) -> str | None:
        """The person who answers for a key: its owner, or the operator of the assistant whose key it is."""
        owner = self.owner(key)
        return None if owner is None else self.members[owner].operator or owner

    def label(self, identity: str | None) -> str:
        """The member as it is printed everywhere, with `made-up` and `assistant` said aloud."""
        member = self.members.get(identity or "")
        if member is None:
            return "someone who is not on the roster"
        remarks = [
            word for word, holds in (("made-up", member.made_up), ("assistant", member.kind == "assistant")) if holds
        ]
        return f"{member.name} ({', '.join(remarks)})" if remarks else member.name


def load_roster(value: Any, where: str = ROSTER_PATH) -> Roster:
    """Validates a parsed roster; raises InputError with all problems at once."""
    file = validate(RosterFile, value, where)
    problems = [*_key_problems(file, where), *_operator_problems(file, where)]
    if problems:
        raise InputError(problems)
    return Roster(file)


def _keys(file: RosterFile) -> Iterator[tuple[str, bytes]]:
    for identity, member in sorted(file.people.items()):
        for line in member.keys:
            yield identity, sshsig.parse_public_key(line)


def _key_problems(file: RosterFile, where: str) -> Iterator[Problem]:
    for key, uses in Counter(key for _, key in _keys(file)).items():
        if uses > 1:
            yield Problem(
                code="key-listed-twice",
                where=where,
                found=f"the key {sshsig.fingerprint(key)} is listed {uses} times",
                wanted="every key listed once, for one member",
                mend="let everyone make a key of their own with `ssh-keygen -t ed25519`",
            )


def _operator_problems(file: RosterFile, where: str) -> Iterator[Problem]:
    for identity, member in sorted(file.people.items()):
        operator = file.people.get(member.operator or "")
        operated = operator is not None and operator.kind == "person"
        if (member.kind == "assistant") != operated or (member.kind == "person" and member.operator is not None):
            yield Problem(
                code="operator-unknown",
                where=where,
                part=f"people.{identity}.operator",
                found=f"operator {member.operator!r} of a {member.kind}",
                wanted="a person on this roster as operator of each assistant, and none for a person",
                mend="name the person who runs the assistant",
            )
