"""`glassworld mr checkout`: the world as a request would make it, in a folder of its own, to look at and to run."""

from pathlib import Path

import click

from reviewer.commands.options import number_argument
from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command("checkout")
@number_argument
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@world_option
@json_option
@reports
def checkout_command(number: int, folder: Path, world: Path, as_json: bool) -> None:
    """Write the world as request NUMBER would make it into FOLDER, which must be new or empty.

    \b
    glassworld mr checkout 7 look
    glassworld simulate --world look --do 'rate+=1@1' --horizon 20
    """
    from reviewer.durable import write_durably
    from reviewer.history import files_before, find_request, load_history
    from reviewer.repository import open_repository, with_changes
    from worldmodel.errors import InputError, Problem

    repository = open_repository(world)
    history = load_history(repository)
    request = find_request(repository, history, number)
    if folder.exists() and any(folder.iterdir()):
        raise InputError(
            Problem(
                code="folder-not-empty",
                where=str(folder),
                found="a folder with something in it",
                wanted="a new or empty folder",
                mend="name another one; nothing is overwritten",
            )
        )
    files = with_changes(files_before(repository, history, request), request.changes())
    for path, data in sorted(files.items()):
        write_durably(folder / path, data)
    text = f"{len(files)} files of the world after request {number} are in {folder}; nothing there is approved by it."
    emit(as_json, {"ok": True, "number": number, "folder": str(folder), "files": sorted(files)}, text)
