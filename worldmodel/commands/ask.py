"""`glassworld ask`: asks a world about its graph, about shocks, about what matters, and about what would have been."""

from collections.abc import Sequence
from pathlib import Path

import click

from worldmodel.commands.ask_options import Source, do_option, horizon_option, running, world_to_run
from worldmodel.commands.ask_simulated import counterfactual, impulse, sensitivity
from worldmodel.commands.output import answer, emit, json_option, reports, world_option


@click.group()
def ask_command() -> None:
    """Ask a world: what feeds back, what separates, what a shock does, what matters, what would have been.

    See docs/how-to/questions.md.
    """


for simulated in (impulse, sensitivity, counterfactual):
    ask_command.add_command(simulated)


@ask_command.command()
@world_option
@click.option("--longest", type=click.IntRange(1), default=8, show_default=True, help="Variables in a loop at most.")
@click.option("--most", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many loops to show.")
@click.option("--signs/--no-signs", default=True, show_default=True, help="Simulate to see what each loop does.")
@horizon_option
@running(200)
@json_option
@reports
def loops(
    world: Path,
    longest: int,
    most: int,
    signs: bool,
    horizon: int,
    draws: int,
    seed: int,
    rules: tuple[str, ...],
    rivals: tuple[str, ...],
    source: Source,
    as_json: bool,
) -> None:
    """Show feedback loops, their total lag, and in which share of simulated states they reinforce or balance."""
    from worldmodel.commands.ask_text import loop_facts, loop_row, table
    from worldmodel.questions.loops import Signs, feedback_loops, loop_signs
    from worldmodel.simulation.simulate import simulate

    loaded, horizon = world_to_run(world, horizon, draws, rivals)
    found = feedback_loops(loaded, longest, most)
    shares: Sequence[Signs | None] = [None] * len(found.loops)
    if signs and found.loops:
        run = simulate(loaded, rules or None, horizon, draws, seed=seed, source=source)
        shares = loop_signs(loaded, found.loops, run, rules)
    pairs = list(zip(found.loops, shares, strict=True))
    heads = ("loop (lag)", "total lag", *(("reinforces", "balances", "no effect", "undecided") if signs else ()))
    text = table(heads, (loop_row(loop, own) for loop, own in pairs)) if pairs else "no feedback loops"
    if not found.complete:
        text += f"\nOnly the first {most} loops found; --most shows more."
    facts = {"loops": [loop_facts(loop, own) for loop, own in pairs], "complete": found.complete, "longest": longest}
    emit(as_json, {"ok": True, **facts}, text)


@ask_command.command()
@click.argument("variable")
@world_option
@json_option
@reports
def blanket(variable: str, world: Path, as_json: bool) -> None:
    """Show a variable's Markov blanket: what must be known so that nothing else says more about it."""
    from worldmodel.build import load_world
    from worldmodel.commands.ask_text import blanket_text
    from worldmodel.questions.blanket import markov_blanket
    from worldmodel.questions.graph import ancestors, descendants

    loaded = load_world(world)
    found = markov_blanket(loaded, variable)
    before, after = ancestors(loaded, variable), descendants(loaded, variable)
    facts = {
        "variable": variable,
        **{word: [list(place) for place in getattr(found, word)] for word in ("parents", "children", "spouses")},
        "ancestors": dict(before),
        "descendants": dict(after),
    }
    reach = [f"{word}: {', '.join(f'{name} ({lag})' for name, lag in places.items()) or '–'}"
             for word, places in (("depends on (least lag)", before), ("acts on (least lag)", after))]  # fmt: skip
    emit(as_json, {"ok": True, **facts}, "\n".join([blanket_text(found, loaded.static), *reach]))


@ask_command.command()
@click.argument("left")
@click.argument("right")
@click.option("--given", multiple=True, metavar="VARIABLE@STEP", help="What is known; may be given several times.")
@do_option
@click.option("--steps", type=click.IntRange(1, 1000), default=8, show_default=True, help="How many steps.")
@world_option
@json_option
@reports
def separated(
    left: str, right: str, given: tuple[str, ...], texts: tuple[str, ...], steps: int, world: Path, as_json: bool
) -> None:
    """Ask whether the graph makes LEFT and RIGHT independent, given others: ends with 0 for yes and 1 for no.

    A place is VARIABLE@STEP, VARIABLE@FIRST..LAST, or VARIABLE for all its steps. A no shows an open path.

    \b
    glassworld ask separated rate@1 inflation@4 --given slack@2 --given inflation@3
    """
    from worldmodel.build import load_world
    from worldmodel.commands.ask_text import place_text
    from worldmodel.questions.separation import parse_places, separation
    from worldmodel.simulation.intervention import parse_interventions

    loaded = load_world(world)
    steps = 1 if loaded.static else steps
    known = [place for text in given for place in parse_places(loaded, text, steps)]
    sides = parse_places(loaded, left, steps), parse_places(loaded, right, steps)
    found = separation(loaded, *sides, known, parse_interventions(loaded, texts))
    path = [place_text(place) for place in found.path]
    words = f"{left} and {right}" + (f", given {', '.join(given)}" if given else "")
    text = f"separated: {words}" if found.separated else f"not separated: {words}\nopen path: {' – '.join(path)}"
    facts = {"left": left, "right": right, "given": list(given), "do": list(texts), "steps": steps, "path": path}
    answer(as_json, found.separated, facts, text)
