"""Revocation is for ever: what the next roster must keep of the one in force.

Reads two rosters that follow one another; raises RefusedError where the newer one forgets, rewrites or misattributes a
revoked key. That a revoked key is among nobody's keys is a matter of one roster alone, and checked when it is loaded.
"""

from collections.abc import Iterator

from worldmodel.errors import Problem, RefusedError
from worldmodel.governance.roster import ROSTER_PATH, Roster
from worldmodel.governance.sshsig import fingerprint, parse_public_key


def check_revocations(old: Roster, new: Roster) -> None:
    """Raises RefusedError unless the new roster keeps every revocation of the old one and blames nobody else."""
    problems = [*_forgotten(old, new), *_misattributed(old, new)]
    if problems:
        raise RefusedError(problems)


def _forgotten(old: Roster, new: Roster) -> Iterator[Problem]:
    for identity, member in sorted(old.members.items()):
        kept = new.members[identity].revoked if identity in new.members else []
        for one in member.revoked:
            if one not in kept:
                key = fingerprint(parse_public_key(one.key))
                yield _problem(identity, f"the revocation of {key} is gone, or written anew")


def _misattributed(old: Roster, new: Roster) -> Iterator[Problem]:
    for key, identity in sorted(new.revoked.items()):
        owners = {roster.owner(key) for roster in (old, *old.earlier.values())} - {None}
        if owners and identity not in owners:
            whose = " and ".join(sorted(str(owner) for owner in owners))
            yield _problem(identity, f"{fingerprint(key)} is revoked as a key of {identity}, and was one of {whose}")


def _problem(identity: str, found: str) -> Problem:
    return Problem(
        code="revocation-undone",
        where=ROSTER_PATH,
        part=f"people.{identity}.revoked",
        found=found,
        wanted="every revocation kept as it is, under the member whose key it was, also when that member has left",
        mend="put the entry back; a member who has left stays with `keys = []` and what was revoked",
    )
