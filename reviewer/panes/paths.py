"""Whole paths of both worlds under their own rules, with common random numbers, so that only the change shows.

Where the change does nothing the difference is exactly zero in every draw, and the pane says so in these words.
"""

import math
from collections.abc import Iterator, Sequence

from jaxtyping import Float
from torch import Tensor

from reviewer.panes.distances import number, percent, shares
from reviewer.panes.fan_picture import Row, fan, fan_picture
from reviewer.panes.impulses import impulse_blocks
from reviewer.panes.movement import movements
from reviewer.panes.pane import Block, Drawing, Sentence, Table
from reviewer.panes.runs import Behaviour, Pair, Side, behaviour
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import missing
from worldmodel.showing.ratios import spelled
from worldmodel.simulation.draws import Source

MOST_VARIABLES = 6


def path_blocks(subject: Subject) -> Iterator[Block]:
    """Fans before and after and their difference, from posterior and prior; then responses to `do`."""
    found = behaviour(subject)
    if found is None:
        yield from missing(subject)
        return
    yield _finding(found)
    if found.shortened:
        said = f"The worlds are large: paths are {found.horizon} steps long, and not as long as was asked for."
        yield Sentence(said, "unsure")
    yield from _source(found, "posterior", found.posterior)
    if found.fitted:
        yield from _source(found, "prior", found.prior)
    if not found.old.static:
        yield from impulse_blocks(found)
    yield Sentence(_how(found))


def _finding(found: Behaviour) -> Sentence:
    """What is furthest from where it was at the end."""
    pair = found.posterior
    moved = [own for own in movements(pair) if own.share > 0]
    if not pair.common:
        return Sentence("There are no paths to compare: no variable is in both worlds.")
    if not moved:
        return Sentence(f"No path changes: exactly no difference in any of {found.draws:,} trajectories.", "good")
    ordered = [own for own in moved if not _values(found, own.name)]
    if not ordered:
        own = max(moved, key=lambda one: one.share)
        return Sentence(f"{own.name} takes another value at some step in {percent(own.share)} of trajectories.")
    own = max(ordered, key=lambda one: one.relative)
    unit = spelled(found.new.variables[own.name].file.unit)
    against = f", {number(own.relative)} of its spread" if own.relative < math.inf else ""
    said = f"At the end {own.name} is furthest from where it was: by {number(own.size)}{unit} on average{against}"
    return Sentence(f"{said}. {len(moved)} variable{'s move' if len(moved) > 1 else ' moves'}.")


def _how(found: Behaviour) -> str:
    steps = "one step of a world without time" if found.old.static else f"{found.horizon} steps"
    held = "".join(f"; {name} has no rule and is kept at {number(value)}" for name, value in sorted(found.held.items()))
    fitted = "" if found.fitted else " Nothing was fitted to data: parameters are drawn from the priors."
    return (
        f"{found.draws:,} trajectories of {steps} under each world's own rules, both with the same noise: trajectory "
        f"by trajectory, nothing but the change makes a difference{held}.{fitted}"
    )


def _source(found: Behaviour, source: Source, pair: Pair) -> Iterator[Block]:
    """What moves, what is new and what is gone, drawn; or that nothing does."""
    words = "what data say of the parameters" if source == "posterior" and found.fitted else "the priors"
    yield from _failures(pair, words)
    moved = [own for own in movements(pair) if own.share > 0]
    single = sorted(pair.before.values.keys() ^ pair.after.values.keys())
    if not moved and not single:
        said = f"With {words}: exactly no difference in any variable, at any step, in any of {found.draws:,}"
        yield Sentence(f"{said} trajectories.", "good")
        return
    first = [
        own.name for own in sorted(moved, key=lambda own: (own.name not in found.touched, -own.relative, own.name))
    ]
    plain = [name for name in (*first, *single) if not _values(found, name)]
    if plain:
        yield _drawing(found, pair, plain[:MOST_VARIABLES], words)
    yield from (_shares(found, pair, name) for name in first if _values(found, name))
    if plain[MOST_VARIABLES:]:
        rest = ", ".join(plain[MOST_VARIABLES:][:50])
        yield Sentence(f"These move too, and are listed under what lies downstream: {rest}.")


def _values(found: Behaviour, name: str) -> tuple[str, ...]:
    """The values of a variable that has named ones, in the world after or else before."""
    world = found.new if name in found.new.variables else found.old
    return world.variables[name].file.support.values


def _failures(pair: Pair, words: str) -> Iterator[Block]:
    """How many trajectories leave a support, where the change makes that another share."""
    before, after = (float((~run.alive[:, 0, -1]).double().mean()) for run in (pair.before, pair.after))
    said = f"With {words}, {percent(after)} of trajectories leave a variable's support"
    if after and not pair.before.values:
        yield Sentence(f"{said}.", "unsure")
    elif before != after and pair.after.values:
        yield Sentence(f"{said}; before it was {percent(before)}.", "bad" if after > before else "good")


def _drawing(found: Behaviour, pair: Pair, names: Sequence[str], words: str) -> Drawing:
    rows = [_row(found, pair, name) for name in names]
    label = f"With {words}: {', '.join(names)}; 5 to 95 percent and median, before and after, and the difference"
    step = found.new.header.step or ""
    return Drawing(fan_picture(label, rows, step).text, label, _table(pair, rows, step))


def _row(found: Behaviour, pair: Pair, name: str) -> Row:
    if name not in pair.common:
        side: Side = "before" if name in pair.before.values else "after"
        world, run = (found.old, pair.before) if side == "before" else (found.new, pair.after)
        own = fan(side, pair.series(side, name), run.alive[:, 0])
        return Row(f"{name} (only {side})", world.variables[name].file.unit, (own,), None)
    before, after = pair.series("before", name), pair.series("after", name)
    paths = (fan("before", before, pair.both), fan("after", after, pair.both))
    change = fan("change", after - before, pair.both)
    return Row(name, found.new.variables[name].file.unit, paths, change)


def _table(pair: Pair, rows: Sequence[Row], step: str) -> Table:
    horizon = pair.before.horizon
    steps = sorted({1, *(max(1, round(horizon * part)) for part in (0.1, 0.25, 0.5, 1.0))})
    cells = tuple((row.name, str(at), *_cells(row, at)) for row in rows for at in steps)
    caption = "Median (5 to 95 %) of the trajectories that are alive in both worlds"
    return Table(caption, ("variable", step or "step", "before", "after", "after − before"), cells)


def _cells(row: Row, at: int) -> Iterator[str]:
    """Before, after and the difference at a step; empty where one is not there."""
    own = {one.kind: one for one in (*row.paths, row.change) if one is not None}
    yield from (_range(own[kind].at(at)) if kind in own else "" for kind in ("before", "after", "change"))


def _range(levels: Sequence[float]) -> str:
    low, middle, high = map(number, levels)
    return middle if low == high else f"{middle} ({low} to {high})"


def _shares(found: Behaviour, pair: Pair, name: str) -> Table:
    """A variable of named values: their shares at some steps, and how many trajectories differ there."""
    values = _values(found, name)
    horizon = pair.before.horizon
    steps = sorted({1, *(max(1, round(horizon * part)) for part in (0.1, 0.25, 0.5, 1.0))})
    rows = []
    for at in steps:
        alive = pair.both[:, at - 1]
        sides = [_at(pair.series(side, name), at)[alive] for side in ("before", "after")]
        own = [shares(side, len(values)) for side in sides]
        cells = (f"{percent(float(a))} → {percent(float(b))}" for a, b in zip(own[0], own[1], strict=True))
        rows.append((str(at), *cells, percent(float((sides[0] != sides[1]).double().mean()))))
    return Table(
        f"{name}: the share of each value, before → after", ("step", *values, "trajectories that differ"), tuple(rows)
    )


def _at(series: Float[Tensor, "draws time"], step: int) -> Float[Tensor, " draws"]:
    return series[:, step - 1]
