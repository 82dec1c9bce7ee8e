"""`glassworld simulate`: runs a world forward and prints what its variables do, with uncertainty.

Reads a world's folder; prints quantiles, and draws a picture of them where asked.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from rich.table import Table

    from worldmodel.simulation.intervention import Edit, Intervention
    from worldmodel.simulation.quantiles import Fan, Shares
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
@click.option("--horizon", type=click.IntRange(1, 10_000), help="How many steps.  [default: 40; 1 in a static world]")
@click.option("--draws", type=click.IntRange(1, 1_000_000), default=10_000, show_default=True, help="Trajectories.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=0, show_default=True, help="Which noise.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="The rule mechanism that chooses an action.")
@click.option("--rival", "rivals", multiple=True, metavar="NAME", help="The rival mechanism that holds, by its name.")
@click.option(
    "--scenarios",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file of what variables are set to at each step, under one name or several.",
)
@click.option("--scenario", metavar="NAME", help="Which scenario of the file.")
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
    horizon: int | None,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    rivals: tuple[str, ...],
    scenarios: Path | None,
    scenario: str | None,
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
    from worldmodel.simulation.backend import simulator_for
    from worldmodel.simulation.blocks import Asked, run_in_blocks
    from worldmodel.simulation.choice import choose_rivals
    from worldmodel.simulation.intervention import parse_interventions
    from worldmodel.simulation.quantiles import fans, shares

    loaded = choose_rivals(load_world(world), rivals)
    steps = horizon or (1 if loaded.static else 40)
    simulator = simulator_for(loaded)
    ground = simulator.world
    check_size(ground, steps, draws)
    asked_for = parse_interventions(loaded, texts)
    _check_steps(asked_for, steps)
    edits = [*_scenario(loaded, scenarios, scenario), *asked_for]
    with torch.no_grad(), _progress(as_json, draws) as tick:
        run = run_in_blocks(Asked(simulator, steps, draws, seed, source, rules or None, edits), tick)
    found = fans(run, [name for name in ground.order if not ground.variables[name].file.support.values])
    named = shares(run, ground)
    asked = {
        "horizon": steps, "draws": draws, "seed": seed, "source": source, "rule": list(rules), "do": list(texts),
        "rival": list(rivals), "scenario": scenario,
    }  # fmt: skip
    if plot is not None:
        _draw(ground, found, plot, ", ".join([loaded.header.name, *texts]))
    parts = (_table(ground, found, steps), _shares_table(named, steps, loaded.static))
    text = "\n".join([*filter(None, parts), *_remarks(loaded, run, draws, source, plot)])
    emit(as_json, {"ok": True, **asked, **_facts(ground, found, named, run, plot)}, text)


def _check_steps(edits: "Sequence[Edit]", horizon: int) -> None:
    """Raises InputError for interventions that begin after the run has ended."""
    from worldmodel.errors import InputError, Problem

    late = [entry for entry in edits if entry.first > horizon]
    if late:
        raise InputError(
            Problem(
                code="horizon-too-short",
                where="--do",
                found=f"{entry.variable} at step {entry.first} of a run of {horizon}",
                wanted=f"steps 1 to {horizon}",
                mend="simulate for a longer horizon, or choose an earlier step",
            )
            for entry in late
        )


def _scenario(world: "World", path: Path | None, name: str | None) -> "tuple[Intervention, ...]":
    """What the chosen scenario of the file sets."""
    if path is None:
        return ()
    from worldmodel.errors import InputError, Problem
    from worldmodel.exchange.scenarios import read_scenarios

    found = read_scenarios(path.read_bytes(), world, path.name)
    chosen = next(iter(found)) if name is None and len(found) == 1 else name or ""
    if chosen in found:
        return found[chosen]
    raise InputError(
        Problem(
            code="bad-scenario",
            where=path.name,
            found=f"no scenario “{chosen}”" if chosen else f"{len(found)} scenarios, and none is chosen",
            wanted=f"one of {', '.join(found)}",
            mend="name it with --scenario",
        )
    )


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
def _progress(quiet: bool, draws: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        task = progress.add_task("simulating", total=draws)
        yield lambda done: progress.advance(task, done)


def _facts(
    world: "World", found: Mapping[str, "Fan"], named: Mapping[str, "Shares"], run: "Trajectories", plot: Path | None
) -> dict[str, Any]:
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
        "shares": {
            name: {"values": list(entry.names), "first_step": entry.first, "shares": entry.values.tolist()}
            for name, entry in named.items()
        },
        "plot": None if plot is None else str(plot),
    }


def _steps(horizon: int, static: bool) -> list[int]:
    """The start, three steps between and the end."""
    return [1] if static else sorted({0, *(max(1, round(horizon * part)) for part in (0.1, 0.25, 0.5, 1))})


def _shares_table(named: Mapping[str, "Shares"], horizon: int, static: bool) -> str:
    """How often finite variables have each of their values."""
    if not named:
        return ""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    steps = _steps(horizon, static)
    heads = ["share"] if static else [f"step {step}" for step in steps]
    table = Table("variable", "value", *heads, box=box.SIMPLE_HEAD)
    for column in table.columns[2:]:
        column.justify = "right"
    for name, entry in named.items():
        for place, value in enumerate(entry.names):
            cells = (f"{entry.at(step)[place]:.4f}" for step in steps)
            table.add_row(
                Text(name if not place else ""), Text(value), *cells, end_section=place == len(entry.names) - 1
            )
    return _printed(table)


def _table(world: "World", found: Mapping[str, "Fan"], horizon: int) -> str:
    """Quantiles at the start, at three steps between and at the end."""
    if not found:
        return ""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    steps = _steps(horizon, world.static)
    levels = next(iter(found.values())).levels
    table = Table("variable", "unit", "step", *(f"{level:.0%}" for level in levels), box=box.SIMPLE_HEAD)
    for column in table.columns[2:]:
        column.justify = "right"
    for name, fan in found.items():
        for step in steps:
            heads = (Text(name), Text(world.variables[name].file.unit)) if step == steps[0] else ("", "")
            numbers = map(_number, fan.at(step))
            table.add_row(*heads, str(step), *numbers, end_section=step == steps[-1])
    return _printed(table)


def _printed(table: "Table") -> str:
    import io

    from rich.console import Console

    buffer = io.StringIO()
    Console(file=buffer, width=120, color_system=None).print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().strip("\n").splitlines())


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e12 else f"{value:.4g}"


def _remarks(world: "World", run: "Trajectories", draws: int, source: str, plot: Path | None) -> list[str]:
    failed = int((~run.alive[..., -1]).sum())
    time = "" if world.static else f"; step 0 is the start, one step is one {world.header.step}"
    lines = [f"{draws:,} trajectories, each with parameters of its own{time}."]
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
