"""`glassworld upgrade`: brings a world's files to the newest file format."""

from pathlib import Path

import click

from worldmodel.commands.output import answer, emit, json_option, reports, world_option


@click.command("upgrade")
@world_option
@click.option("--check", is_flag=True, help="Only say which files would change; ends with 1 where any would.")
@json_option
@reports
def upgrade_command(world: Path, check: bool, as_json: bool) -> None:
    """Bring every file of a world to the newest format; files that have it already are left as they are.

    Format 1 is the first and the current one. A file of a newer format than this version knows is refused. Stopped
    half-way, the same command finishes the rest; propose the changed files with `glassworld mr open`.
    """
    from worldmodel.exchange.upgrade import CURRENT, upgraded, world_files, write_upgraded

    files = world_files(world)
    changed = sorted(found := upgraded(files))
    facts = {"format": CURRENT, "files": len(files), "changed": changed}
    if check:
        text = "\n".join(changed) or f"{len(files)} files, all of format {CURRENT}"
        answer(as_json, not changed, facts, text)
        return
    write_upgraded(world, found)
    text = f"{len(files)} files, all of format {CURRENT}: nothing to change"
    if changed:
        text = f"Changed {len(changed)} of {len(files)} files; propose them with `glassworld mr open`:\n" + "\n".join(
            changed
        )
    emit(as_json, {"ok": True, **facts}, text)
