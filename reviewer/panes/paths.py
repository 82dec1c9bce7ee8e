"""Whole paths of both worlds under their own rules, with common random numbers, so that only the change shows.

Where the change does nothing the difference is exactly zero in every draw, and the pane says so in these words.
"""

from collections.abc import Iterator, Sequence

from jaxtyping import Float
from torch import Tensor

from reviewer.panes.distances import number, percent, shares
from reviewer.panes.fan_picture import Row, fan, fan_picture
from reviewer.panes.impulses import impulse_blocks
from reviewer.panes.movement import Movement, movements
from reviewer.panes.pane import Block, Drawing, Sentence, Table
from reviewer.panes.runs import Behaviour, Pair, behaviour
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import missing
from worldmodel.simulation.draws import Source

MOST_VARIABLES = 6


def path_blocks(subject: Subject) -> Iterator[Block]:
    """Fans before and after and their difference, from posterior and prior; then responses to `do`."""
    found = behaviour(subject)
    if found is None:
        yield from missing(subject)
        return
    yield Sentence(_how(found))
    if found.shortened:
        said = f"The worlds are large: paths are {found.horizon} steps long, and not as long as was asked for."
        yield Sentence(said, "unsure")
    yield from _source(found, "posterior", found.posterior)
    if found.fitted:
        yield from _source(found, "prior", found.prior)
    else:
        yield Sentence("Nothing was fitted to data, before or after: these are the paths of the priors.")
    if not found.old.static:
        yield from impulse_blocks(found)


def _how(found: Behaviour) -> str:
    steps = "one step of a world without time" if found.old.static else f"{found.horizon} steps"
    held = "".join(f"; {name} has no rule and is kept at {number(value)}" for name, value in sorted(found.held.items()))
    return (
        f"{found.draws:,} trajectories of {steps} under each world's own rules, both with the same noise: trajectory "
        f"by trajectory, nothing but the change makes a difference{held}."
    )


def _source(found: Behaviour, source: Source, pair: Pair) -> Iterator[Block]:
    """What moves, drawn; or that nothing does."""
    words = "what data say of the parameters" if source == "posterior" and found.fitted else "the priors"
    yield from _failures(pair, words)
    moved = [own for own in movements(pair) if own.share > 0]
    if not moved:
        said = (
            f"With {words}: exactly no difference in any variable, at any step, in any of {found.draws:,} trajectories."
        )
        yield Sentence(said, "good")
        return
    first = sorted(moved, key=lambda own: (own.name not in found.touched, -own.size, own.name))
    shown = [own for own in first if not _named(found, own.name)][:MOST_VARIABLES]
    if shown:
        yield _drawing(found, pair, shown, words)
    yield from (_shares(found, pair, own.name) for own in first if _named(found, own.name))
    rest = [own.name for own in first if own not in shown and not _named(found, own.name)]
    if rest:
        yield Sentence(f"These move too, and are listed under what lies downstream: {', '.join(rest[:50])}.")


def _named(found: Behaviour, name: str) -> tuple[str, ...]:
    """The values of a variable that has named ones, alike in both worlds."""
    before, after = (world.variables[name].file.support.values for world in (found.old, found.new))
    return after if before == after else ()


def _failures(pair: Pair, words: str) -> Iterator[Block]:
    """How many trajectories leave a support, where the change makes that another share."""
    before, after = (float((~run.alive[:, 0, -1]).double().mean()) for run in (pair.before, pair.after))
    if before != after:
        shown = f"{percent(after)} of trajectories leave a variable's support; before it was {percent(before)}"
        yield Sentence(f"With {words}, {shown}.", "bad" if after > before else "good")


def _drawing(found: Behaviour, pair: Pair, moved: Sequence[Movement], words: str) -> Drawing:
    rows = [_row(found, pair, own.name) for own in moved]
    names = ", ".join(row.name for row in rows)
    label = f"With {words}: {names}; 5 to 95 percent and median, before and after, and the difference draw by draw"
    step = found.new.header.step or ""
    return Drawing(fan_picture(label, rows, step).text, label, _table(pair, rows, step))


def _row(found: Behaviour, pair: Pair, name: str) -> Row:
    before, after = pair.series("before", name), pair.series("after", name)
    paths = (fan("before", before, pair.both), fan("after", after, pair.both))
    change = fan("change", after - before, pair.both)
    return Row(name, found.new.variables[name].file.unit, paths, change)


def _table(pair: Pair, rows: Sequence[Row], step: str) -> Table:
    horizon = pair.before.horizon
    steps = sorted({1, *(max(1, round(horizon * part)) for part in (0.1, 0.25, 0.5, 1.0))})
    cells = tuple(
        (row.name, str(at), *(_range(own.at(at)) for own in (*row.paths, row.change))) for row in rows for at in steps
    )
    caption = "Median (5 to 95 %) of the trajectories that are alive in both worlds"
    return Table(caption, ("variable", step or "step", "before", "after", "after − before"), cells)


def _range(levels: Sequence[float]) -> str:
    low, middle, high = map(number, levels)
    return middle if low == high else f"{middle} ({low} to {high})"


def _shares(found: Behaviour, pair: Pair, name: str) -> Table:
    """A variable of named values: their shares at some steps, and how many trajectories differ there."""
    values = _named(found, name)
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
