"""`glassworld train`: trains a policy from a bundle and from nothing else, in a confined process."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from worldmodel.commands.output import emit, json_option, reports
from worldmodel.errors import EnvironmentProblem, Problem

if TYPE_CHECKING:
    from policy.training import TrainingRun

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("train")
@click.argument("bundle", type=_FILE)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The folder to make, new or empty.")
@click.option("--fingerprint", help="The fingerprint of the world's first roster, from the people whose world it is.")
@click.option("--config", type=_FILE, help="A TOML file with settings; options of this command are put over it.")
@click.option(
    "--network", type=click.Choice(["mlp", "affine"]), help="The kind of policy; affine is always trained too."
)
@click.option("--iterations", type=int, help="Steps of training of the network.")
@click.option("--draws", type=int, help="Parameter draws in each step.")
@click.option("--batch", type=int, help="Trajectories for each parameter draw.")
@click.option(
    "--level",
    type=click.Choice(["L3", "L0"]),
    default="L3",
    show_default=True,
    help="L3 confines the training; L0 does not, and has to be asked for by this name.",
)
@json_option
@reports
def train_command(
    bundle: Path,
    out: Path,
    fingerprint: str | None,
    config: Path | None,
    level: Literal["L3", "L0"],
    as_json: bool,
    **overrides: Any,
) -> None:
    """Trains a policy from BUNDLE, confined, and writes it with its statement to a folder."""
    from policy.commands.progress import bars
    from policy.configuration import load_configuration
    from policy.training import train
    from worldmodel.files import read_document

    configuration = load_configuration(config, **overrides)
    try:
        with bars(as_json, "starting the confined process") as (_, follow):
            run = train(
                read_document(bundle), out, configuration, fingerprint=fingerprint, level=level, progress=follow
            )
    except KeyboardInterrupt:
        raise EnvironmentProblem(_interrupted(out)) from None
    emit(as_json, _summary(run, out), "\n".join(_words(run, out, fingerprint)))


def _interrupted(out: Path) -> Problem:
    return Problem(
        code="training-interrupted",
        where=str(out),
        found="an interruption before the end",
        wanted="a training run to its end",
        mend="run the same command again; the confined process has ended and nothing was written",
    )


def _summary(run: "TrainingRun", out: Path) -> dict[str, Any]:
    predicate = run.statement.predicate
    return {
        "ok": True,
        "out": str(out),
        "files": {subject.name: f"sha256:{subject.digest.sha256}" for subject in run.statement.subject},
        "seed_root": predicate.seed.root,
        "level": predicate.confinement.level,
        "affine_laws": run.log.affine_laws,
        "result": predicate.result.model_dump(mode="json"),
    }


def _words(run: "TrainingRun", out: Path, fingerprint: str | None) -> list[str]:
    predicate, log = run.statement.predicate, run.log
    lines = [
        f"Trained on {len(log.observations)} observations and {len(log.actions)} action(s): {', '.join(log.actions)}."
    ]
    if fingerprint is None:
        lines.append(f"No --fingerprint was given; the bundle says {predicate.parameters.fingerprint} of itself.")
    for kind, value in predicate.result.objective.items():
        floors = ", ".join(f"{name} kept in {share:.1%}" for name, share in predicate.result.floors_kept[kind].items())
        lines.append(f"{kind}: objective {value:.4g} on validation seeds" + (f"; {floors}" if floors else ""))
    for name, reading in log.references.items():
        lines.append(f"{name}, for comparison: objective {reading.objective:.4g}")
    lines += [f"affine rule: {action}[t] = {law}" for action, law in log.affine_laws.items()]
    if log.floors_out_of_reach:
        lines.append(
            f"Nobody kept {', '.join(log.floors_out_of_reach)} as often as wanted; the least shortfall was taken."
        )
    if log.unstable_share > 0:
        lines.append(f"{log.unstable_share:.1%} of parameter draws explode under every rule; training left them out.")
    if predicate.confinement.level == "L0":
        lines.append(
            "Level L0: nothing confined this training. An identical `glassworld replay` at L3 makes up for it."
        )
    return [
        *lines,
        f"Written to {out}. Next: glassworld replay {out}, then glassworld evaluate {out}/bundle.json {out}",
    ]
