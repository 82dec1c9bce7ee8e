"""`glassworld simulate`: runs a world forward and prints what its variables do, with uncertainty.

Reads a world's folder; prints quantiles, and draws a picture of them where asked.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from worldmodel.simulation.quantiles import Fan
    from worldmodel.simulation.simulate import Trajectories
    from worldmodel.world import World

_MOST_NUMBERS = 250_000_000


@click.command()
@world_option
@click.option(
    "--do",
    "texts",
    multiple=True,
    metavar="VARIABLE=VALUE@FIRST..LAST",
    help='Set a variable at steps; += and *= shift and scale it, ~"LAW" gives it another law.',
)
@click.option("--horizon", type=click.IntRange(1, 10_000), default=40, show_default=True, help="How many steps.")
@click.option("--draws", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="Trajectories.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=0, show_default=True, help="Which noise.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="The rule mechanism that chooses an action.")
@click.option(
    "--source",
    type=click.Choice(["posterior", "prior"]),
    default="posterior",
    show_default=True,
    help="Where parameters are drawn from; a mechanism without a posterior is drawn from its priors.",
)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw fans into a .png, .svg or .pdf.")
@json_option
@reports
def simulate_command(
    world: Path,
    texts: tuple[str, ...],
    horizon: int,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    source: Literal["posterior", "prior"],
    plot: Path | None,
    as_json: bool,
) -> None:
    """Simulate the world and print quantiles of its variables, each trajectory with parameters of its own.

    \b
    glassworld simulate --do 'rate=4@1..8' --horizon 40 --plot fans.png
    """
    import torch

    from worldmodel.build import load_world
    from worldmodel.simulation.intervention import parse_interventions
    from worldmodel.simulation.quantiles import fans
    from worldmodel.simulation.simulate import simulate

    loaded = load_world(world)
    check_size(loaded, horizon, draws)
    interventions = parse_interventions(loaded, texts)
    names = list(loaded.order)
    with torch.no_grad(), _progress(as_json, horizon) as tick:
        run = simulate(
            loaded, rules or None, horizon, draws, seed=seed, source=source, interventions=interventions,
            on_step=lambda _state, _info: tick(),
        )  # fmt: skip
    found = fans(run, names)
    asked = {"horizon": horizon, "draws": draws, "seed": seed, "source": source, "rule": list(rules), "do": list(texts)}
    if plot is not None:
        _draw(loaded, found, plot, ", ".join([loaded.header.name, *texts]))
    text = _table(loaded, found, horizon) + "\n" + "\n".join(_remarks(loaded, run, draws, source, plot))
    emit(as_json, {"ok": True, **asked, **_facts(loaded, found, run, plot)}, text)


def check_size(world: "World", horizon: int, draws: int) -> None:
    """Raises InputError where a run would not fit into memory."""
    from worldmodel.errors import InputError, Problem

    numbers = horizon * draws * len(world.variables)
    if numbers > _MOST_NUMBERS:
        raise InputError(
            Problem(
                code="too-large",
                where="simulate",
                found=f"{numbers:,} numbers ({draws:,} draws × {horizon:,} steps × {len(world.variables)} variables)",
                wanted=f"at most {_MOST_NUMBERS:,}, which is what fits into two gigabytes",
                mend="ask for fewer draws or a shorter horizon",
            )
        )


@contextmanager
def _progress(quiet: bool, horizon: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("simulating", total=horizon)
        yield lambda: progress.advance(task)


def _facts(world: "World", found: Mapping[str, "Fan"], run: "Trajectories", plot: Path | None) -> dict[str, Any]:
    return {
        "world": world.header.name,
        "failed": 1 - run.alive[..., -1].double().mean().item(),
        "quantiles": {
            name: {
                "unit": world.variables[name].file.unit,
                "levels": list(fan.levels),
                "first_step": fan.first,
                "values": fan.values.tolist(),
            }
            for name, fan in found.items()
        },
        "plot": None if plot is None else str(plot),
    }


def _table(world: "World", found: Mapping[str, "Fan"], horizon: int) -> str:
    """Quantiles at the start, at three steps between and at the end."""
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table

    steps = sorted({0, *(max(1, round(horizon * part)) for part in (0.1, 0.25, 0.5, 1))})
    levels = next(iter(found.values())).levels
    table = Table("variable", "unit", "step", *(f"{level:.0%}" for level in levels), box=box.SIMPLE_HEAD)
    for column in table.columns[2:]:
        column.justify = "right"
    for name, fan in found.items():
        for step in steps:
            heads = (name, world.variables[name].file.unit) if step == steps[0] else ("", "")
            numbers = map(_number, fan.at(step))
            table.add_row(*heads, str(step), *numbers, end_section=step == steps[-1])
    buffer = io.StringIO()
    Console(file=buffer, width=120, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().strip("\n").splitlines())


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.4g}"


def _remarks(world: "World", run: "Trajectories", draws: int, source: str, plot: Path | None) -> list[str]:
    failed = int((~run.alive[..., -1]).sum())
    step = world.header.step
    lines = [f"{draws:,} trajectories, each with parameters of its own; step 0 is the start, one step is one {step}."]
    if failed:
        lines.append(
            f"{failed / draws:.1%} of them left a variable's support and count with their last values from then on."
        )
    without = sorted(name for name, entry in world.mechanisms.items() if entry.priors and name not in world.posteriors)
    if source == "posterior" and without:
        lines.append(f"Drawn from priors, since nothing was fitted to data: {', '.join(without)}.")
    if plot is not None:
        lines.append(f"Picture: {plot}")
    return lines


def _draw(world: "World", found: Mapping[str, "Fan"], plot: Path, title: str) -> None:
    from worldmodel.plots import fan_figure, picture

    content = picture(fan_figure(world, {title: found}, list(found)), plot.name)
    part = plot.with_name(f".{plot.name}.part")
    try:
        part.write_bytes(content)
        part.replace(plot)
    finally:
        part.unlink(missing_ok=True)
