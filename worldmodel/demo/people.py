"""The people of the demonstration: made up, marked so in the roster, with keys that are made on the spot.

Their signatures are real signatures and prove nothing about anybody: the machine that runs the demonstration holds all
keys.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class MadeUp:
    """One made-up member of the roster and where its private key lies."""

    identity: str
    name: str
    kind: str
    key: Path
    public: str
    operator: str | None = None


AUTHOR = "author"
ASSISTANT = "assistant"
REVIEWERS = ("reviewer-one", "reviewer-two", "reviewer-three")
NAMES = {
    AUTHOR: "Author",
    ASSISTANT: "Parameters",
    "reviewer-one": "Reviewer One",
    "reviewer-two": "Reviewer Two",
    "reviewer-three": "Reviewer Three",
}


def make_people(folder: Path) -> dict[str, MadeUp]:
    """Makes a key for everyone who takes part, in OpenSSH's format, readable by their owner alone."""
    folder.mkdir(parents=True, mode=0o700)
    return {identity: _make(folder, identity) for identity in NAMES}


def _make(folder: Path, identity: str) -> MadeUp:
    key = Ed25519PrivateKey.generate()
    path = folder / f"{identity}.key"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secret)
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii")
    kind = "assistant" if identity == ASSISTANT else "person"
    operator = AUTHOR if kind == "assistant" else None
    return MadeUp(identity, NAMES[identity], kind, path, public, operator)


def roster_toml(people: dict[str, MadeUp]) -> str:
    """The roster as a file: every person marked made-up. The assistant is a real program, run by a made-up operator."""
    blocks = ["format = 1\nversion = 1\n"]
    for person in people.values():
        operator = f'operator = "{person.operator}"\n' if person.operator else ""
        blocks.append(
            f'[people.{person.identity}]\nname = "{person.name}"\nkind = "{person.kind}"\n'
            f'keys = ["{person.public}"]\n{operator}made_up = {"true" if person.kind == "person" else "false"}\n'
        )
    return "\n".join(blocks)
