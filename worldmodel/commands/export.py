"""`glassworld export`: writes a world, draws from it or its data in the formats of other tools."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from worldmodel.exchange.tables import Table
    from worldmodel.simulation.simulate import Trajectories
    from worldmodel.world import World

_MOST_NUMBERS = 20_000_000

Format = Literal["arviz", "bif", "csv", "json", "latex", "parquet", "prism"]
What = Literal["trajectories", "parameters", "data"]


@dataclass(frozen=True)
class _Asked:
    """What a person asked for."""

    folder: Path
    out: Path
    what: What
    horizon: int
    draws: int
    seed: int
    rules: tuple[str, ...]


@click.command("export")
@click.option(
    "--to", "format_", type=click.Choice(["arviz", "bif", "csv", "json", "latex", "parquet", "prism"]), required=True
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@world_option
@click.option(
    "--what",
    type=click.Choice(["trajectories", "parameters", "data"]),
    default="trajectories",
    show_default=True,
    help="What a csv or parquet table holds.",
)
@click.option("--horizon", type=click.IntRange(1, 10_000), default=40, show_default=True, help="How many steps.")
@click.option("--draws", type=click.IntRange(1, 1_000_000), default=1_000, show_default=True, help="Parameter draws.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=0, show_default=True, help="Which noise.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="The rule mechanism that chooses an action.")
@json_option
@reports
def export_command(
    format_: Format,
    out: Path,
    world: Path,
    what: What,
    horizon: int,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write a world (prism, bif, latex, json), its draws or data (csv, parquet), or both for ArviZ (arviz: netCDF).

    \b
    glassworld export --to csv --what parameters --out draws.csv
    glassworld export --to prism --rule keep_level --out tank.prism
    """
    from worldmodel.build import load_world
    from worldmodel.exchange.writing import write_whole

    asked = _Asked(world, out, what, horizon, draws, seed, rules)
    files = _WRITERS[format_](load_world(world), asked)
    for path, content in files.items():
        write_whole(path, content)
    names = [str(path) for path in files]
    emit(as_json, {"ok": True, "files": names}, f"Wrote {', '.join(names)}")


def _run(world: "World", asked: _Asked, source: Literal["posterior", "prior"]) -> "Trajectories":
    import torch

    from worldmodel.errors import InputError, Problem
    from worldmodel.simulation.simulate import simulate

    numbers = asked.draws * (asked.horizon + 1) * len(world.variables)
    if numbers > _MOST_NUMBERS:
        raise InputError(
            Problem(
                code="too-large",
                where="export",
                found=f"{numbers:,} numbers",
                wanted=f"at most {_MOST_NUMBERS:,}",
                mend="ask for fewer draws or a shorter horizon",
            )
        )
    with torch.no_grad():
        return simulate(world, asked.rules or None, asked.horizon, asked.draws, seed=asked.seed, source=source)


def _table(world: "World", asked: _Asked) -> "Table":
    from worldmodel.exchange.tables import data_table, parameter_table, trajectory_table

    match asked.what:
        case "trajectories":
            return trajectory_table(world, _run(world, asked, "posterior"))
        case "parameters":
            from worldmodel.simulation.draws import draw_parameters

            return parameter_table(draw_parameters(world, asked.seed, asked.draws))
        case "data":
            from worldmodel.data.series import read_series

            return data_table(world, read_series(world, asked.folder))


def _csv(world: "World", asked: _Asked) -> dict[Path, bytes]:
    from worldmodel.exchange.tables import to_csv

    return {asked.out: to_csv(_table(world, asked))}


def _parquet(world: "World", asked: _Asked) -> dict[Path, bytes]:
    from worldmodel.exchange.tables import to_parquet

    return {asked.out: to_parquet(_table(world, asked))}


def _arviz(world: "World", asked: _Asked) -> dict[Path, bytes]:
    from worldmodel.data.series import read_series
    from worldmodel.exchange.inference_data import to_inference_data, to_netcdf

    source = world.header.data
    series = read_series(world, asked.folder) if source and (asked.folder / source.file).is_file() else None
    posterior, prior = _run(world, asked, "posterior"), _run(world, asked, "prior")
    return {asked.out: to_netcdf(to_inference_data(world, posterior, prior, series))}


def _prism(world: "World", asked: _Asked) -> dict[Path, bytes]:
    from worldmodel.exchange.middle import middle_parameters
    from worldmodel.exchange.prism import to_prism

    found = to_prism(world, middle_parameters(world), asked.rules, asked.horizon)
    return {asked.out: found.model.encode("utf-8"), asked.out.with_suffix(".props"): found.properties.encode("utf-8")}


def _bif(world: "World", asked: _Asked) -> dict[Path, bytes]:
    from worldmodel.exchange.bif import render_bif
    from worldmodel.exchange.bif_world import world_network

    return {asked.out: render_bif(world_network(world)).encode("utf-8")}


def _latex(world: "World", asked: _Asked) -> dict[Path, bytes]:
    from worldmodel.readings.latex import to_latex

    lines = [to_latex(mechanism, world) for _, mechanism in sorted(world.mechanisms.items())]
    return {asked.out: ("\\begin{gather}\n" + " \\\\\n".join(lines) + "\n\\end{gather}\n").encode("utf-8")}


def _json(world: "World", asked: _Asked) -> dict[Path, bytes]:
    del world
    from worldmodel.canonical import canonical_json
    from worldmodel.files import parse_toml, read_folder

    components = {path: parse_toml(path, content) for path, content in read_folder(asked.folder).items()}
    return {asked.out: canonical_json(components)}


_WRITERS: Mapping[Format, Callable[["World", _Asked], dict[Path, bytes]]] = {
    "arviz": _arviz,
    "bif": _bif,
    "csv": _csv,
    "json": _json,
    "latex": _latex,
    "parquet": _parquet,
    "prism": _prism,
}
