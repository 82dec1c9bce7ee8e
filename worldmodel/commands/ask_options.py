"""Options that several questions share, and the world that they are asked of."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

if TYPE_CHECKING:
    from worldmodel.world import World

Source = Literal["posterior", "prior"]
Command = TypeVar("Command", bound=Callable[..., Any])

horizon_option = click.option(
    "--horizon", type=click.IntRange(1, 10_000), default=40, show_default=True, help="How many steps."
)
do_option = click.option(
    "--do",
    "texts",
    multiple=True,
    metavar="VARIABLE=VALUE@FIRST..LAST",
    help='Set a variable at steps; += and *= shift and scale it, ~"LAW" gives it another law.',
)


def running(draws: int) -> Callable[[Command], Command]:
    """The options of every question that is answered by simulation."""
    options = (
        click.option("--draws", type=click.IntRange(2, 1_000_000), default=draws, show_default=True, help="Draws."),
        click.option("--seed", type=click.IntRange(0, 2**53 - 1), default=0, show_default=True, help="Which noise."),
        click.option("--rule", "rules", multiple=True, metavar="NAME", help="The rule mechanism of an action."),
        click.option("--rival", "rivals", multiple=True, metavar="NAME", help="The rival mechanism that holds."),
        click.option(
            "--source",
            type=click.Choice(["posterior", "prior"]),
            default="posterior",
            show_default=True,
            help="Where parameters are drawn from; a mechanism without a posterior is drawn from its priors.",
        ),
    )

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def world_to_run(world: Path, horizon: int, draws: int, rivals: Sequence[str]) -> "tuple[World, int]":
    """The world with the rivals that hold, and how many steps to run it for: one where there is no time."""
    from worldmodel.build import load_world
    from worldmodel.commands.simulate import check_size
    from worldmodel.grounding.ground import ground
    from worldmodel.simulation.choice import choose_rivals

    loaded = choose_rivals(load_world(world), rivals)
    steps = 1 if loaded.static else horizon
    check_size(ground(loaded), steps, draws)
    return loaded, steps
