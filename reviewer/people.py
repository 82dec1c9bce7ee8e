"""The first roster of a world: from a file, from a public key that was named, or from git and ~/.ssh."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from worldmodel.errors import InputError, Problem
from worldmodel.governance.sshsig import parse_public_key, render_public_key

DEFAULT_PUBLIC_KEY = Path("~/.ssh/id_ed25519.pub")


def roster_of_one(name: str, key_line: str) -> bytes:
    """A roster with one person and one key."""
    return render_roster({identity_of(name): {"name": name, "kind": "person", "keys": [key_line]}})


def render_roster(people: Mapping[str, Mapping[str, object]], version: int = 1) -> bytes:
    """The bytes of a roster file; each member maps fields to a string, a list of strings or a truth value."""
    lines = ["format = 1", f"version = {version}"]
    for identity, fields in people.items():
        lines += ["", f"[people.{identity}]"]
        # JSON's strings, lists of strings and truth values are spelled as TOML spells them.
        lines += [f"{field} = {json.dumps(value, ensure_ascii=False)}" for field, value in fields.items()]
    return ("\n".join(lines) + "\n").encode("utf-8")


def identity_of(name: str) -> str:
    """An identity made from a name: lower-case ASCII letters, digits and dashes."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return (plain if plain[:1].isalpha() else f"p-{plain}")[:64].rstrip("-")


def read_public_key(path: Path) -> str:
    """The key line of a public key file, checked, with its comment dropped."""
    try:
        text = path.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(
                code="no-key",
                where=str(path),
                found=(error.strerror if isinstance(error, OSError) else None) or "no text in UTF-8",
                wanted="the public half of your key",
                mend="make one with `ssh-keygen -t ed25519`, or name another with --key FILE.pub",
            )
        ) from error
    return render_public_key(parse_public_key(text))


def git_user_name() -> str:
    """The name that git knows its user by."""
    found = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False)
    name = found.stdout.strip()
    if name:
        return name
    raise InputError(
        Problem(
            code="no-name",
            where="git config user.name",
            found="git knows no name",
            wanted="the name of the first person on the roster",
            mend="give it with --name, or run `git config --global user.name 'Your Name'`",
        )
    )
