"""`glassworld show`: prints a world or one of its components as equations, graph, loops, parameters and units."""

from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, reports, world_option
from worldmodel.world import World


@click.command()
@click.argument("identifier", metavar="[ID]", required=False)
@world_option
@click.option("--latex", is_flag=True, help="Print a LaTeX document; with an ID, that one equation.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page that needs no network.")
@click.option("--svg", type=click.Path(dir_okay=False, path_type=Path), help="Write the graph as a picture.")
@json_option
@reports
def show_command(
    identifier: str | None, world: Path, latex: bool, html: Path | None, svg: Path | None, as_json: bool
) -> None:
    """Show the world's equations with units, what feeds into what, feedback loops and parameters.

    With an ID, one variable or mechanism in full.
    """
    from worldmodel.build import load_world
    from worldmodel.describe import describe_one

    loaded = load_world(world)
    if identifier is not None:
        describe_one(loaded, identifier)
    written = _write(loaded, html, svg)
    if written:
        emit(as_json, {"written": list(written)}, "\n".join(f"wrote {file}" for file in written))
    elif latex:
        _latex(loaded, identifier, as_json)
    else:
        _text(loaded, identifier, as_json)


def _write(world: World, html: Path | None, svg: Path | None) -> list[str]:
    from worldmodel.showing.graph import condense, graph_of
    from worldmodel.showing.page import world_page
    from worldmodel.showing.picture import graph_picture

    if html is not None:
        html.write_text(world_page(world), encoding="utf-8")
    if svg is not None:
        label = f"What feeds into what in {world.header.name}"
        svg.write_text(graph_picture(condense(graph_of(world)), label).text, encoding="utf-8")
    return [str(file) for file in (html, svg) if file is not None]


def _latex(world: World, identifier: str | None, as_json: bool) -> None:
    from worldmodel.readings.latex import to_latex
    from worldmodel.showing.paper import world_document

    names = sorted(world.mechanisms) if identifier is None else [identifier] if identifier in world.mechanisms else []
    equations = {name: to_latex(world.mechanisms[name], world) for name in names}
    text = world_document(world) if identifier is None else "\n".join(equations.values())
    emit(as_json, {"latex": equations, "document": text}, text)


def _text(world: World, identifier: str | None, as_json: bool) -> None:
    from worldmodel.describe import describe, describe_one
    from worldmodel.showing.terminal import explain, explain_one

    if identifier is None:
        emit(as_json, describe(world), explain(world))
    else:
        emit(as_json, describe_one(world, identifier), explain_one(world, identifier))
