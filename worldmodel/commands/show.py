"""`glassworld show`: prints a world or one of its components as equations, graph and units."""

from pathlib import Path

import click

from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command()
@click.argument("identifier", metavar="[ID]", required=False)
@world_option
@click.option("--latex", is_flag=True, help="Print the equations as LaTeX.")
@json_option
@reports
def show_command(identifier: str | None, world: Path, latex: bool, as_json: bool) -> None:
    """Show the world's equations, what feeds into what, and units; with an ID, one variable or mechanism in full."""
    from worldmodel.build import load_world
    from worldmodel.describe import describe, describe_one
    from worldmodel.explain import explain, explain_one

    loaded = load_world(world)
    if latex:
        from worldmodel.readings.latex import to_latex

        names = [identifier] if identifier else sorted(loaded.mechanisms)
        for name in names:
            describe_one(loaded, name)
        equations = {name: to_latex(loaded.mechanisms[name], loaded) for name in names if name in loaded.mechanisms}
        emit(as_json, {"latex": equations}, "\n".join(equations.values()))
    elif identifier is None:
        emit(as_json, describe(loaded), explain(loaded))
    else:
        emit(as_json, describe_one(loaded, identifier), explain_one(loaded, identifier))
