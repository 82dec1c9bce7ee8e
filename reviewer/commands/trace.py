"""`glassworld trace`: who approved this line, with signatures.

Shows the merge that brought each line of an approved file, its request and author, and every approval, verified.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command("trace")
@click.argument("place")
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every signature behind these lines into this folder, with the commands that check them.",
)
@world_option
@json_option
@reports
def trace_command(place: str, folder: Path | None, world: Path, as_json: bool) -> None:
    """Trace PLACE, a FILE or FILE:LINE of the approved world, to the people who approved it."""
    from reviewer.history import load_history
    from reviewer.proofs import export_proofs
    from reviewer.repository import open_repository
    from reviewer.trace import describe, trace_file

    path, line = _place(place, world)
    repository = open_repository(world)
    history = load_history(repository)
    found = trace_file(repository, history, path, line)
    origins = [describe(path, origin) for origin in found]
    behind = {one.request.state.number: (one.request, one.roster) for origin in found if (one := origin.merged)}
    written = [str(one) for one in export_proofs(behind, folder)] if folder else []
    lines = [*(_text(path, origin) for origin in origins), *(f"Wrote {one}; run {one}/verify.sh" for one in written)]
    emit(as_json, {"ok": True, "file": path, "origins": origins, "exported": written}, "\n".join(lines))


def _place(place: str, world: Path) -> tuple[str, int | None]:
    name, colon, number = place.rpartition(":")
    path, line = (name, int(number)) if colon and number.isdecimal() and int(number) else (place, None)
    relative = os.path.relpath(path, world) if Path(path).is_absolute() else path
    return Path(relative).as_posix(), line


def _text(path: str, origin: Mapping[str, Any]) -> str:
    lines = f"{path}:{origin['first']}" + ("" if origin["first"] == origin["last"] else f"-{origin['last']}")
    if origin["request"] is None:
        return f"{lines}  from {origin['from']}"
    head = f"{lines}  merge request {origin['request']}: {origin['title']}, by {origin['author']}"
    approvals = [
        f"    approved by {approval['label']} at {approval['time']}, key {approval['key']}, "
        f"signature {approval['signature']}"
        for approval in origin["approvals"]
    ]
    return "\n".join([head, *(approvals or ["    approved by nobody but its author (a roster too small for more)"])])
