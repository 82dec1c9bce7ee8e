"""`glassworld evaluate`: compares a policy with its world's rules, on draws that training never saw."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worldmodel.commands.output import emit, json_option, reports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policy.task import Outcome
    from worldmodel.simulation.quantiles import Fan
    from worldmodel.world import World


@click.command("evaluate")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="POLICY_DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--draws", type=click.IntRange(2, 100_000), default=1000, show_default=True, help="Parameter draws.")
@click.option("--batch", type=click.IntRange(1, 1000), default=4, show_default=True, help="Trajectories for each draw.")
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, show_default=True, help="Which fresh trajectories.")
@click.option("--plot", type=click.Path(path_type=Path), help="A folder for a picture of the fans of each rule.")
@json_option
@reports
def evaluate_command(
    bundle: Path, folder: Path, draws: int, batch: int, seed: int, plot: Path | None, as_json: bool
) -> None:
    """Shows what POLICY_DIR's policy is worth to whom, how often it breaks a floor, and how it compares."""
    from policy.commands.progress import counter
    from policy.evaluating import evaluate_folder
    from policy.evaluation_report import words
    from policy.evaluation_table import as_text
    from policy.fans import fans_of, shown, write_picture
    from worldmodel.files import read_document

    columns: "dict[str, Mapping[str, Fan]]" = {}

    def look(world: "World", rule: str, outcome: "Outcome") -> None:
        if plot is not None:
            columns[rule] = fans_of(outcome, shown(world))

    with counter(as_json) as tick:
        found = evaluate_folder(
            read_document(bundle), folder, draws=draws, batch=batch, seed=seed, progress=tick, look=look
        )
    drawn = None if plot is None else str(write_picture(found.world, columns, plot))
    lines = [as_text(found.report), *words(found.report), *([] if drawn is None else [f"Picture: {drawn}"])]
    emit(as_json, {"ok": True, **found.report.model_dump(mode="json"), "picture": drawn}, "\n".join(lines))
