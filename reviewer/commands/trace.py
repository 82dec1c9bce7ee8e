"""`glassworld trace`: who approved this line, with signatures.

Shows the merge that brought each line of an approved file, its request and author, and every approval, verified.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command("trace")
@click.argument("place", required=False)
@click.option(
    "--export",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write every signature behind these lines into this folder, with the commands that check them.",
)
@click.option(
    "--bundle",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="Trace in this sealed bundle, offline; PLACE is then a JSON pointer, or left out for every value.",
)
@click.option("--fingerprint", help="The fingerprint of the first roster and rules of the bundle that you trust.")
@world_option
@json_option
@reports
def trace_command(
    place: str | None, folder: Path | None, bundle: Path | None, fingerprint: str | None, world: Path, as_json: bool
) -> None:
    """Trace PLACE, a FILE or FILE:LINE of the approved world, to the people who approved it.

    With --bundle, or a PLACE that ends in .json, trace the values of a sealed bundle instead, from the bundle alone.

    \b
    glassworld trace mechanisms/leak.toml:5
    glassworld trace tank.json
    glassworld trace --bundle tank.json /components/mechanisms~1leak.toml/law
    """
    if bundle is None and place is not None and place.endswith(".json"):
        bundle, place = Path(place), None
    if bundle is not None:
        if folder is not None:
            raise click.UsageError("--export writes the signatures behind files of a world, not of a bundle")
        _trace_bundle(bundle, place or "", fingerprint, as_json)
        return
    if place is None:
        raise click.UsageError("name a FILE, a FILE:LINE or a bundle")
    _trace_file(place, folder, world, as_json)


def _trace_bundle(path: Path, pointer: str, fingerprint: str | None, as_json: bool) -> None:
    from reviewer.bundle_trace import trace_bundle
    from worldmodel.bundle.verify import verify_bundle
    from worldmodel.files import read_document

    verified = verify_bundle(read_document(path), fingerprint)
    values = trace_bundle(verified, pointer)
    note = [f"Approved by made-up people, for demonstration only: {', '.join(verified.made_up)}."]
    lines = [*map(_value_text, values), *(note if verified.made_up else [])]
    value = {"ok": True, "digest": verified.digest, "fingerprint": verified.fingerprint, "values": values}
    emit(as_json, {**value, "made_up": list(verified.made_up)}, "\n".join(lines))


def _trace_file(place: str, folder: Path | None, world: Path, as_json: bool) -> None:
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
    return "\n".join([head, *_people(origin)])


def _value_text(value: Mapping[str, Any]) -> str:
    origin = value["provenance"]
    data = f", made by {origin['assistant']} {origin['version']} from data {origin['data_digest']}" if origin else ""
    stated = "proved by its digest" if value["proved"] else "as its author stated"
    head = f"{value['pointer']} = {json.dumps(value['value'], ensure_ascii=False)}"
    by = f"    {value['hunk']} of merge request {value['request']} ({stated}), by {value['author']}{data}"
    return "\n".join([head, by, *_people(value)])


def _people(origin: Mapping[str, Any]) -> list[str]:
    """Who approved, and who marked which hunk as understood."""
    found = [
        f"    approved by {approval['label']} at {approval['time']}, key {approval['key']}, "
        f"signature {approval['signature']}"
        for approval in origin["approvals"]
    ]
    found = found or ["    approved by nobody but its author (a roster too small for more)"]
    marked = [one for one in origin["understood"] if one["by"]]
    return [*found, *(f"    {one['hunk']} understood by {', '.join(one['by'])}" for one in marked)]
