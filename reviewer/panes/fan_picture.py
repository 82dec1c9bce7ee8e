"""Paths before and after over each other, and beside them what the change does draw by draw: one row a variable."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from reviewer.panes.distances import LEVELS, number
from reviewer.panes.drawing import Scale, clipped, legend, picture, place, points, scale, shape, words
from worldmodel.markup import Html, fill, join

_PANEL, _HEIGHT, _GAP, _LEFT, _TOP = 330.0, 120.0, 70.0, 66.0, 34.0
_LONGEST = 48


@dataclass(frozen=True)
class Fan:
    """Quantiles by step: 5, 50 and 95 percent, of the draws that are alive in both worlds."""

    kind: str
    values: Float[Tensor, "level time"]

    def at(self, step: int) -> tuple[float, ...]:
        """The quantiles at a step, counted from 1."""
        return tuple(float(value) for value in self.values[:, step - 1])


@dataclass(frozen=True)
class Row:
    """One variable: its name, fans before and after, and the fan of the difference draw by draw.

    A variable of one world only has one fan, and no difference.
    """

    name: str
    unit: str
    paths: tuple[Fan, ...]
    change: Fan | None


def fan(kind: str, draws: Float[Tensor, "draws time"], both: Float[Tensor, "draws time"]) -> Fan:
    """The fan of draws, those left out that have failed in either world; not a number where none is left."""
    masked = torch.where(both, draws, torch.full_like(draws, torch.nan))
    levels = torch.tensor(LEVELS, dtype=draws.dtype)
    return Fan(kind, torch.nanquantile(masked, levels, dim=0))


def fan_picture(label: str, rows: Sequence[Row], step: str) -> Html:
    """All rows; time runs to the right in both columns."""
    height = _TOP + len(rows) * (_HEIGHT + 52) + 6
    width = 2 * _PANEL + _GAP + _LEFT + 16
    parts = [*legend(_LEFT, 14, (("before", "before"), ("after", "after"), ("change", "after − before, draw by draw")))]
    for number_of, row in enumerate(rows):
        top = _TOP + number_of * (_HEIGHT + 52) + 18
        unit = "" if row.unit == "1" else f" [{row.unit}]"
        parts += _panel(f"{row.name}{unit}", row.paths, _LEFT, top, step)
        if row.change is not None:
            parts += _panel(f"change of {row.name}{unit}", (row.change,), _LEFT + _PANEL + _GAP, top, step, zero=True)
    return picture(label, width, height, join(parts, ""))


def _panel(title: str, fans: Sequence[Fan], left: float, top: float, step: str, zero: bool = False) -> Iterable[Html]:
    horizon = fans[0].values.shape[-1]
    numbers = [float(value) for own in fans for value in own.values.flatten()] + [0.0] * zero
    vertical = scale(numbers, top + _HEIGHT, top)
    across = Scale(1.0, max(2.0, float(horizon)), left, left + _PANEL)
    yield words(clipped(title, _LONGEST), left, top - 6)
    yield from _axes(vertical, across, left, top, step)
    if zero:
        yield shape("zero", f"M{place(left)} {place(vertical.at(0.0))}h{place(_PANEL)}")
    for own in fans:
        yield from _fan(own, across, vertical)


def _axes(vertical: Scale, across: Scale, left: float, top: float, step: str) -> Iterable[Html]:
    for tick in vertical.ticks():
        y = vertical.at(tick)
        yield shape("grid", f"M{place(left)} {place(y)}h{place(_PANEL)}")
        yield words(number(tick), left - 6, y + 4, "small end")
    for tick in across.ticks():
        if tick == round(tick):
            yield words(number(tick), across.at(tick), top + _HEIGHT + 15, "small middle")
    yield words(clipped(step, 16), left + _PANEL, top + _HEIGHT + 28, "small end")


def _fan(own: Fan, across: Scale, vertical: Scale) -> Iterable[Html]:
    """The band from 5 to 95 percent, and the median; steps at which nothing is left alive are not drawn."""
    alive = [int(step) for step in torch.nonzero(torch.isfinite(own.values).all(dim=0)).flatten()]
    if not alive:
        return
    xs = [across.at(place_of + 1) for place_of in alive]
    low, middle, high = ([vertical.at(float(own.values[level, at])) for at in alive] for level in range(3))
    if len(alive) == 1:
        yield fill(
            '<circle class="$kind dot" cx="$x" cy="$y" r="3"/>', kind=own.kind, x=place(xs[0]), y=place(middle[0])
        )
        return
    yield shape(f"{own.kind} band", points([*xs, *reversed(xs)], [*low, *reversed(high)]) + "Z")
    yield from (shape(f"{own.kind} edge", points(xs, ys)) for ys in (low, high))
    yield shape(f"{own.kind} line", points(xs, middle))
