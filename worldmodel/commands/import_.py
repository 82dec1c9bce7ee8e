"""`glassworld import`: makes a world's files from a Bayesian network in the Bayesian Interchange Format."""

from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, reports


@click.command("import")
@click.argument("file", metavar="FILE.bif[.gz]", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@json_option
@reports
def import_command(file: Path, directory: Path, as_json: bool) -> None:
    """Write the static world that a Bayesian network is into DIRECTORY, which must have no world yet.

    Names that are no identifiers are changed, and titles and meanings say from what. A table too large for a file that
    people can review is refused by name.
    """
    from worldmodel.build import check_files
    from worldmodel.errors import InputError
    from worldmodel.exchange.bif import read_bif
    from worldmodel.exchange.bif_world import network_components, network_files
    from worldmodel.exchange.writing import write_whole

    _check_empty(directory)
    network = read_bif(file)
    files = network_files(network_components(network, file.name))
    problems = check_files(files)
    if problems:
        raise InputError(problems)
    for path, content in sorted(files.items(), key=lambda entry: entry[0] == "world.toml"):
        write_whole(directory / path, content)
    text = f"Wrote {len(network.values)} variables and their tables into {directory}; look with `glassworld check`."
    emit(as_json, {"ok": True, "directory": str(directory), "variables": len(network.values)}, text)


def _check_empty(directory: Path) -> None:
    from worldmodel.errors import InputError, Problem
    from worldmodel.files import FOLDERS

    taken = [name for name in ("world.toml", *FOLDERS) if (directory / name).exists()]
    if taken:
        raise InputError(
            Problem(
                code="world-exists",
                where=str(directory),
                found=f"{taken[0]} is there already",
                wanted="a folder without a world",
                mend="name another folder; nothing was written",
            )
        )
