"""`glassworld people`: who is on the roster, with the fingerprints of their keys.

Also writes the roster as the files that plain `ssh-keygen` and `git` read, to check signatures without this program.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands.options import made_up_note
from worldmodel.commands.output import emit, json_option, one_line, reports, world_option

if TYPE_CHECKING:
    from reviewer.history import History
    from worldmodel.governance.roster import Roster

file_type = click.Path(dir_okay=False, path_type=Path)


@click.command("people")
@click.option(
    "--request", "number", type=click.IntRange(min=1), help="The roster that judged this merged request, not today's."
)
@click.option("--allowed-signers", "allowed", type=file_type, help="Write OpenSSH's allowed_signers to this file.")
@click.option("--revoked-keys", "revoked", type=file_type, help="Write the revoked keys to this file.")
@world_option
@json_option
@reports
def people_command(number: int | None, allowed: Path | None, revoked: Path | None, world: Path, as_json: bool) -> None:
    """List the people and assistants on the roster, and their keys."""
    from reviewer.allowed_signers import allowed_signers, revoked_keys
    from reviewer.durable import write_durably
    from reviewer.history import load_history
    from reviewer.repository import open_repository

    history = load_history(open_repository(world))
    roster = _roster(history, number)
    for file, text in ((allowed, allowed_signers(roster)), (revoked, revoked_keys(roster))):
        if file is not None:
            write_durably(file, text.encode("ascii"))
    members = [_member(roster, identity) for identity in sorted(roster.members)]
    lines = [line for member in members for line in _lines(member)]
    lines += [f"Wrote {file}." for file in (allowed, revoked) if file is not None]
    value = {"ok": True, "version": roster.file.version, "digest": roster.digest, "people": members}
    emit(as_json, value, "\n".join([*lines, *filter(None, [made_up_note(history)])]))


def _roster(history: "History", number: int | None) -> "Roster":
    from worldmodel.errors import InputError, Problem

    if number is None:
        return history.standing.roster
    rosters = {merged.request.state.number: merged.roster for merged in history.merged}
    if number in rosters:
        return rosters[number]
    raise InputError(
        Problem(
            code="not-merged",
            where=f"merge request {number}",
            found="no merged request with this number",
            wanted=f"one of {', '.join(map(str, sorted(rosters))) or 'none so far'}",
            mend="leave --request out for the roster in force now",
        )
    )


def _member(roster: "Roster", identity: str) -> dict[str, Any]:
    from worldmodel.governance.sshsig import fingerprint, parse_public_key

    member = roster.members[identity]
    return {
        "identity": identity,
        "name": member.name,
        "label": roster.label(identity),
        "kind": member.kind,
        "operator": member.operator,
        "made_up": member.made_up,
        "keys": [{"fingerprint": fingerprint(parse_public_key(line)), "key": line} for line in member.keys],
        "revoked": [
            {"fingerprint": fingerprint(parse_public_key(one.key)), "key": one.key, "why": one.why}
            for one in member.revoked
        ],
    }


def _lines(member: dict[str, Any]) -> list[str]:
    operated = f", operated by {member['operator']}" if member["operator"] else ""
    gone = " (has left)" if not member["keys"] and member["revoked"] else ""
    return [
        f"{member['identity']}: {one_line(member['label'])}{operated}{gone}",
        *(f"    {one['fingerprint']}" for one in member["keys"]),
        *(f"    {one['fingerprint']}  revoked: {one_line(one['why'])}" for one in member["revoked"]),
    ]
