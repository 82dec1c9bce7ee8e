"""`glassworld diff`: what changed between two worlds, or two revisions of one, in sentences."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="[NEW]", required=False)
@world_option
@json_option
@reports
def diff_command(old: str, new: str | None, world: Path, as_json: bool) -> None:
    """Say in sentences what changed from OLD to NEW: laws, numbers, priors, units, edges, tables, purposes.

    Each is a world's folder, or a git revision (HEAD~1, a branch, a tag) of the folder that --world names. Without NEW,
    the folder as it is now. Files that differ in formatting or comments alone are listed apart.
    """
    from worldmodel.build import build_world
    from worldmodel.files import parse_toml, read_folder
    from worldmodel.showing.differences import differences, in_words
    from worldmodel.showing.revisions import read_side

    before = read_side(old, world)
    after = read_folder(world) if new is None else read_side(new, world)
    worlds = [build_world({path: parse_toml(path, data) for path, data in side.items()}) for side in (before, after)]
    found = differences(worlds[0], worlds[1])
    formatting = _formatting(before, after, worlds[0].digests, worlds[1].digests)
    text = in_words(found)
    if formatting:
        text += "\n\nonly formatting or comments changed: " + ", ".join(formatting)
    emit(as_json, {"differences": [asdict(one) for one in found], "formatting": formatting}, text)


def _formatting(
    before: Mapping[str, bytes], after: Mapping[str, bytes], old: Mapping[str, str], new: Mapping[str, str]
) -> list[str]:
    """The files whose bytes differ and whose canonical form does not."""
    both = sorted(before.keys() & after.keys())
    return [path for path in both if before[path] != after[path] and old[path] == new[path]]
