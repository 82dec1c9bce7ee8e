"""`glassworld sync`: brings this world and another repository of it together, reviews and all."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reviewer.commands.signers import key_options, load_signer
from worldmodel.commands.output import answer, json_option, reports, world_option

if TYPE_CHECKING:
    from reviewer.joining import Taken
    from reviewer.syncing import Exchanged

SAID = {
    "new": "came from the remote",
    "forward": "has new entries from the remote",
    "ahead": "had entries that the remote lacked",
    "joined": "was reviewed here and there; both sides were joined, and the join is signed",
    "split": "got patchsets here and there; both sides were joined, no approval counts any more, and a new patchset "
    "(`glassworld mr update`) must settle what is proposed",
    "displaced": "is another request on the remote, which keeps the number; ours was set aside, open it again",
    "kept": "was merged without entries that the remote had; they were set aside",
}


@click.command("sync")
@click.argument("remote", default="origin")
@key_options("--key", text="Your OpenSSH Ed25519 private key; read only where a join is to be signed.")
@world_option
@json_option
@reports
def sync_command(remote: str, key: Path, agent: str | None, world: Path, as_json: bool) -> None:
    """Fetch, verify, join and push everything of this world to and from REMOTE (a name or address; origin).

    Merges, merge requests and planted proposals go both ways; drafts stay here. Where people reviewed without seeing
    each other, both sides are joined and you sign the join. Exits 1 where something of the remote was refused.

    \b
    git clone URL && cd WORLD && glassworld sync
    glassworld sync --key ~/.ssh/id_ed25519
    """
    from reviewer.repository import open_repository
    from reviewer.syncing import exchange

    found = exchange(open_repository(world), remote, lambda: load_signer(key, agent))
    answer(as_json, not found.problems, _value(found), "\n".join(_lines(found, remote)))


def _lines(found: "Exchanged", remote: str) -> list[str]:
    lines = [f"{found.merges} merges came from {remote}."] if found.merges else []
    lines += [f"Merge request {one.number} {SAID[one.what]}." for one in found.taken if one.what in SAID]
    lines += [f"Set aside, and not lost: {name}" for name in found.aside]
    lines += [f"Pushed {len(found.pushed)} references to {remote}."] if found.pushed else []
    lines += [f"Refused, and left alone: {problem}" for problem in found.problems]
    return lines or [f"Nothing differs between here and {remote}."]


def _value(found: "Exchanged") -> dict[str, Any]:
    return {
        "merges": found.merges,
        "requests": [_taken(one) for one in found.taken],
        "aside": list(found.aside),
        "pushed": list(found.pushed),
        "problems": [problem.to_json() for problem in found.problems],
    }


def _taken(one: "Taken") -> dict[str, Any]:
    return {"number": one.number, "what": one.what, "text": SAID.get(one.what, "is the same")}
