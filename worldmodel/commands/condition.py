"""`glassworld condition`: what the world says about some values once others are known, and how exactly.

Reads a world's folder; prints the probabilities or quantiles of what is asked for, the method, and why that one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from worldmodel.commands.output import answer, json_option, reports, world_option

if TYPE_CHECKING:
    from rich.progress import TaskID

    from worldmodel.conditioning.condition import Conditioned
    from worldmodel.conditioning.marginals import Marginal


@click.command()
@world_option
@click.option("--given", "given", multiple=True, metavar="VARIABLE=VALUE@STEP", help="What is known.")
@click.option("--of", "wanted", multiple=True, required=True, metavar="VARIABLE@STEP", help="What is asked for.")
@click.option("--do", "texts", multiple=True, metavar="VARIABLE=VALUE@FIRST..LAST", help="Set a variable at steps.")
@click.option("--horizon", type=click.IntRange(1, 10_000), help="The last step, for what is asked of at every step.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="The rule mechanism that chooses an action.")
@click.option(
    "--source",
    type=click.Choice(["posterior", "prior"]),
    default="posterior",
    show_default=True,
    help="Where parameters are drawn from; a mechanism without a posterior is drawn from its priors.",
)
@click.option(
    "--draws", type=click.IntRange(100, 100_000), default=4000, show_default=True, help="Draws to begin with."
)
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=0, show_default=True, help="Which noise.")
@click.option("--exactly", is_flag=True, help="Refuse rather than estimate.")
@json_option
@reports
def condition_command(
    world: Path,
    given: tuple[str, ...],
    wanted: tuple[str, ...],
    texts: tuple[str, ...],
    horizon: int | None,
    rules: tuple[str, ...],
    source: Literal["posterior", "prior"],
    draws: int,
    seed: int,
    exactly: bool,
    as_json: bool,
) -> None:
    """Say what is known of some values, given others; exit code 1 where the answer is not to be trusted.

    \b
    glassworld condition --given smoke=yes --of cancer
    glassworld condition --given inflation=3@2 --of rate@3
    """
    from worldmodel.build import load_world
    from worldmodel.conditioning.condition import condition
    from worldmodel.conditioning.evidence import parse_evidence, parse_wanted
    from worldmodel.simulation.intervention import parse_interventions

    loaded = load_world(world)
    with _progress(as_json) as tick:
        found = condition(
            loaded, parse_evidence(loaded, given), parse_wanted(wanted), horizon=horizon, rules=rules,
            interventions=parse_interventions(loaded, texts), source=source, seed=seed, draws=draws,
            exactly=exactly, progress=tick,
        )  # fmt: skip
    asked = {"given": list(given), "of": list(wanted), "do": list(texts), "source": source, "seed": seed}
    text = "\n".join([_table(found, loaded.static), *_remarks(found, given)])
    answer(as_json, found.trusted, {**asked, **_facts(found)}, text)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while chains run, where a person can see it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        tasks: list[TaskID] = []

        def tick(done: int, total: int) -> None:
            if not tasks:
                tasks.append(progress.add_task("chains", total=total))
            progress.update(tasks[0], completed=done)

        yield tick


def _facts(found: "Conditioned") -> dict[str, Any]:
    from dataclasses import asdict
    from math import isfinite

    diagnosis = asdict(found.diagnosis)
    return {
        "method": found.method,
        "exact": found.exact,
        "why": found.why,
        "flags": list(found.flags),
        "log_evidence": found.log_evidence,
        "diagnosis": {name: value for name, value in diagnosis.items() if value is not None and isfinite(value)},
        "marginals": [
            {"variable": name, "step": step, **asdict(marginal)} for (name, step), marginal in found.marginals.items()
        ],
    }


def _table(found: "Conditioned", static: bool) -> str:
    rows = []
    for (name, step), marginal in found.marginals.items():
        rows.append(f"{name if static else f'{name}@{step}'}: {'; '.join(_cells(marginal))}")
    return "\n".join(rows)


def _cells(marginal: "Marginal") -> Sequence[str]:
    from worldmodel.conditioning.marginals import Table

    if isinstance(marginal, Table):
        pairs = zip(marginal.names, marginal.probabilities, strict=True)
        return [f"{name} {probability:.4g}" for name, probability in pairs]
    quantiles = zip(marginal.levels, marginal.quantiles, strict=True)
    shares = ", ".join(f"{level:.0%} {value:.4g}" for level, value in quantiles)
    return [f"mean {marginal.mean:.4g}", f"sd {marginal.sd:.4g}", shares]


def _remarks(found: "Conditioned", given: Sequence[str]) -> list[str]:
    kind = "exact" if found.exact else "estimated"
    lines = [f"Method: {found.method} ({kind}). {found.why[:1].upper()}{found.why[1:]}."]
    if given:
        lines.append(f"The log probability (density, of real values) of what is known is {found.log_evidence:.6g}.")
    lines += [f"Not to be trusted: {flag}." for flag in found.flags]
    return lines
