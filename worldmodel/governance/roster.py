"""The roster: which people and assistants take part, and which keys are theirs.

Reads the parsed `governance/roster.toml`. A person may have several keys and counts once; an assistant has an operator,
whose vote on that assistant's proposals does not count. A revoked key stays listed as such for ever. People invented
for demonstrations are marked `made_up`, and everything that prints one says so.

A roster knows those before it, by digest: a patchset names the roster under which it was made, and so everything said
about it has a place in time that no clock tells.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from worldmodel.canonical import digest
from worldmodel.errors import InputError, Problem
from worldmodel.governance import sshsig
from worldmodel.governance.operations import Name
from worldmodel.governance.shape import Strict, validate

ROSTER_PATH = "governance/roster.toml"


class Revoked(Strict):
    """A key that must never be trusted again, and why; it stays here so that readers know whose it was."""

    key: str
    why: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\n\r\t]+$")]


class Member(Strict):
    """One person or assistant."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\n\r\t]+$")]
    kind: Literal["person", "assistant"]
    keys: Annotated[list[str], Field(max_length=32)]
    operator: Name | None = None
    made_up: bool = False
    revoked: Annotated[list[Revoked], Field(max_length=256)] = []


class RosterFile(Strict):
    """The parsed roster, with a version that only ever grows."""

    format: Literal[1]
    version: Annotated[int, Field(ge=1, le=10**6)]
    people: Annotated[dict[Name, Member], Field(min_length=1, max_length=10_000)]


class Roster:
    """A checked roster that resolves raw keys to members; `earlier` has those that were in force before, by digest."""

    def __init__(self, file: RosterFile, name: str, earlier: Mapping[str, "Roster"] | None = None) -> None:
        self.file, self.digest = file, name
        self.earlier: Mapping[str, Roster] = earlier or {}
        self._owners = {key: identity for identity, key in _keys(file)}
        self.revoked: Mapping[bytes, str] = {key: identity for identity, key in _revoked(file)}

    def after(self, old: "Roster") -> "Roster":
        """The same roster, which knows the one before it and all that that one knew."""
        return Roster(self.file, self.digest, {**old.earlier, old.digest: old})

    def at(self, place: str) -> "Roster":
        """The roster with this digest, if it was ever in force; this one otherwise."""
        return self.earlier.get(place, self)

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
        """The identities of all people, sorted; who is listed only for the keys that were revoked has left."""
        return tuple(
            sorted(
                identity
                for identity, member in self.members.items()
                if member.kind == "person" and (member.keys or not member.revoked)
            )
        )

    def made_up(self) -> frozenset[str]:
        """The labels of all members who are made up."""
        return frozenset(self.label(identity) for identity, member in self.members.items() if member.made_up)

    def responsible(self, key: bytes) -> str | None:
        """The person who answers for a key: its owner, or the operator of the assistant whose key it is."""
        owner = self.owner(key)
        return None if owner is None else self.members[owner].operator or owner

    def answerable(self, key: bytes, place: str) -> frozenset[str]:
        """Everyone who owns or operates this key, now or under the roster with the digest `place`."""
        rosters = (self, self.at(place))
        found = [one for roster in rosters for one in (roster.owner(key), roster.responsible(key))]
        return frozenset(identity for identity in found if identity is not None)

    def operators(self, assistant: str) -> frozenset[str]:
        """The people who operate this assistant, or ever did."""
        found = [roster.members.get(assistant) for roster in (self, *self.earlier.values())]
        return frozenset(member.operator for member in found if member is not None and member.operator is not None)

    def wrote(self, identity: str, key: bytes, place: str) -> bool:
        """Whether this key is the member's own, now or under the roster with the digest `place`."""
        return identity in (self.owner(key), self.at(place).owner(key))

    def label(self, identity: str | None) -> str:
        """The member as it is printed everywhere, with `made-up` and `assistant` said aloud."""
        member = self.members.get(identity or "")
        if member is None:
            return "someone who is not on the roster"
        remarks = [
            word for word, holds in (("made-up", member.made_up), ("assistant", member.kind == "assistant")) if holds
        ]
        return f"{member.name} ({', '.join(remarks)})" if remarks else member.name

    def signer(self, key: bytes) -> str:
        """Whose key this is, as it is printed: also of a key that was revoked, or that left the roster."""
        if (owner := self.owner(key)) is not None:
            return self.label(owner)
        if key in self.revoked:
            return f"{self.label(self.revoked[key])} (revoked key)"
        former = [roster.label(owner) for roster in self.earlier.values() if (owner := roster.owner(key)) is not None]
        return f"{former[-1]} (former key)" if former else self.label(None)


def load_roster(value: Any, where: str = ROSTER_PATH) -> Roster:
    """Validates a parsed roster; raises InputError with all problems at once."""
    file = validate(RosterFile, value, where)
    problems = [*_key_problems(file, where), *_revoked_problems(file, where), *_operator_problems(file, where)]
    if problems:
        raise InputError(problems)
    return Roster(file, digest(value))


def _keys(file: RosterFile) -> Iterator[tuple[str, bytes]]:
    for identity, member in sorted(file.people.items()):
        for line in member.keys:
            yield identity, sshsig.parse_public_key(line)


def _revoked(file: RosterFile) -> Iterator[tuple[str, bytes]]:
    for identity, member in sorted(file.people.items()):
        for one in member.revoked:
            yield identity, sshsig.parse_public_key(one.key)


def _revoked_problems(file: RosterFile, where: str) -> Iterator[Problem]:
    uses = Counter(key for _, key in _revoked(file))
    listed = {key for _, key in _keys(file)}
    for key, count in uses.items():
        if count > 1 or key in listed:
            yield Problem(
                code="revoked-key",
                where=where,
                found=f"the key {sshsig.fingerprint(key)} is revoked"
                + (" and listed as somebody's key" if key in listed else f" {count} times"),
                wanted="every revoked key once, under the member whose it was, and among nobody's keys",
                mend="take it out of `keys`; whoever needs a key makes a new one with `ssh-keygen -t ed25519`",
            )


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
