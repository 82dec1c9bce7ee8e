"""`glassworld replay`: trains again from a policy's statement and compares every byte."""

from pathlib import Path

import click

from worldmodel.commands.output import answer, json_option, reports


@click.command("replay")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--bundle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The bundle, where it is not in the folder.",
)
@json_option
@reports
def replay_command(folder: Path, bundle: Path | None, as_json: bool) -> None:
    """Proves that FOLDER holds what its statement says, by training again, confined, on this machine."""
    from policy.commands.progress import bars
    from policy.replay import replay

    with bars(as_json, "starting the confined process") as (_, follow):
        result = replay(folder, bundle, follow)
    lines = [f"{entry.name}: {entry.detail}" for entry in result.files]
    if result.agrees:
        lines.append(
            f"Every file is the same: this policy is a function of its bundle (confined at {result.level_now})."
        )
        if result.level_then != result.level_now:
            lines.append(f"It was trained at {result.level_then}; this replay makes up for that.")
    else:
        lines.append("Not the same.")
        lines += [f"differs: {entry}" for entry in result.circumstances]
        if not result.circumstances:
            lines.append("Code, versions and processor are as they were: the files or the statement were changed.")
    answer(as_json, result.agrees, result.to_json(), "\n".join(lines))
