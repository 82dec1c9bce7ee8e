"""What is believed of the parameters of touched mechanisms, before and after: priors, and what data say."""

from collections.abc import Iterator

from reviewer.panes.pane import Block, Table
from worldmodel.showing.facts import ParameterRow, interval_text, mean_text, parameter_rows
from worldmodel.world import World

_HEADINGS = ("parameter", "when", "unit", "prior", "prior, 90 %", "posterior, mean ± sd", "posterior, 90 %")
_Key = tuple[str, str]


def parameter_blocks(old: World, new: World) -> Iterator[Block]:
    """The parameters that differ in unit, prior or posterior, each on a line before and a line after."""
    before, after = _rows(old), _rows(new)
    changed = [key for key in sorted({*before, *after}) if _facts(before.get(key)) != _facts(after.get(key))]
    rows = [row for key in changed for row in _pair(key, before.get(key), after.get(key))]
    if rows:
        caption = "Parameters before and after (90 % intervals of the prior and of the posterior)"
        yield Table(caption, _HEADINGS, tuple(rows))


def _rows(world: World) -> dict[_Key, ParameterRow]:
    own = (row for _, mechanism in sorted(world.mechanisms.items()) for row in parameter_rows(world, mechanism))
    return {(row.mechanism, row.name): row for row in own}


def _facts(row: ParameterRow | None) -> object:
    return None if row is None else (row.unit, row.prior, row.after)


def _pair(key: _Key, was: ParameterRow | None, now: ParameterRow | None) -> Iterator[tuple[str, ...]]:
    """One line before and one after; one alone for a parameter that comes or goes."""
    words = ("before", "after") if was is not None and now is not None else ("gone", "new")
    for row, when in zip((was, now), words, strict=True):
        if row is not None:
            learned = mean_text(row.after), interval_text(row.after)
            yield ".".join(key), when, row.unit, row.prior, interval_text(row.before), *learned
