"""`glassworld check`: validates every file of a world and reports all problems at once."""

import gc
from pathlib import Path

import click

from worldmodel.commands.output import answer, json_option, reports, world_option


@click.command()
@world_option
@json_option
@reports
def check_command(world: Path, as_json: bool) -> None:
    """Validate every file of a world: syntax, names, units, supports, the graph, the objective.

    Ends with 0 where nothing is wrong, 1 where something is; each problem says where, what was found, what was wanted
    and what to do.
    """
    gc.set_threshold(100_000, 50, 50)  # next to nothing that a check makes is garbage, and all of it would be gone over
    from worldmodel.build import check_files
    from worldmodel.files import read_folder

    files = read_folder(world)
    problems = check_files(files)
    text = "\n".join(map(str, problems)) if problems else f"{len(files)} files, nothing wrong"
    answer(as_json, not problems, {"files": len(files), "problems": [problem.to_json() for problem in problems]}, text)
