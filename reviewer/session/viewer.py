"""Who reviews in a session: the person that is named, or the one whose public key lies on this machine."""

from pathlib import Path

from reviewer.history import load_history
from reviewer.people import read_public_key
from reviewer.repository import open_repository
from worldmodel.errors import InputError, Problem
from worldmodel.governance.roster import Roster
from worldmodel.governance.sshsig import parse_public_key


def find_viewer(world: Path, named: str | None, public_key: Path) -> str:
    """The identity of a person on the roster; raises InputError where there is no such person."""
    roster = load_history(open_repository(world)).standing.roster
    if named is not None:
        return check_viewer(roster, named)
    owner = roster.person(parse_public_key(read_public_key(public_key)))
    if owner is None:
        raise InputError(
            Problem(
                code="viewer-unknown",
                where=str(public_key),
                found="a key that is no person's on the roster",
                wanted="the public key of a person on governance/roster.toml",
                mend="name the key with --public-key or yourself with --as",
            )
        )
    return owner


def check_viewer(roster: Roster, viewer: str) -> str:
    """The identity itself, if it is a person's."""
    if viewer in roster.people():
        return viewer
    raise InputError(
        Problem(
            code="viewer-unknown",
            where="governance/roster.toml",
            found=f"no person `{viewer}`",
            wanted=f"one of {', '.join(roster.people())}",
            mend="name yourself with --as, or ask someone on the roster to add you by a merge request",
        )
    )
