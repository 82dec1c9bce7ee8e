"""Two distributions from each of several states as intervals: 5 to 95 percent as a bar, the median as a dot."""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from reviewer.panes.distances import number, quantiles, told
from reviewer.panes.drawing import Scale, clipped, legend, picture, place, scale, shape, words
from worldmodel.markup import Html, fill, join

_LEFT, _RIGHT, _WIDTH = 290.0, 700.0, 800.0
_ROW, _TOP = 44.0, 34.0
_LONGEST = 42


@dataclass(frozen=True)
class Bars:
    """A state, and a variable's draws one step later before and after."""

    state: str
    before: Float[Tensor, " draws"]
    after: Float[Tensor, " draws"]


def interval_picture(label: str, bars: Sequence[Bars]) -> Html:
    """One row for each state, before above after."""
    known = [(quantiles(row.before), quantiles(row.after)) for row in bars]
    axis = scale((value for pair in known for side in pair for value in side), _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(bars)
    parts = [*legend(_LEFT, 14, (("before", "before"), ("after", "after"))), *_grid(axis, bottom)]
    for place_of, (row, (before, after)) in enumerate(zip(bars, known, strict=True)):
        y = _TOP + _ROW * place_of + 12
        parts.append(words(clipped(row.state, _LONGEST), _LEFT - 12, y + 10, "end"))
        distance = told(row.before, row.after).distance
        parts.append(words(f"W1 {distance}", _RIGHT + 14, y + 10, "small"))
        parts += [*_bar(axis, before, y, "before"), *_bar(axis, after, y + 14, "after")]
    return picture(label, _WIDTH, bottom + 24, join(parts, ""))


def _grid(axis: Scale, bottom: float) -> list[Html]:
    lines = [shape("grid", f"M{place(axis.at(tick))} {place(_TOP)}V{place(bottom)}") for tick in axis.ticks()]
    return lines + [words(number(tick), axis.at(tick), bottom + 15, "small middle") for tick in axis.ticks()]


def _bar(axis: Scale, levels: Sequence[float], y: float, kind: str) -> list[Html]:
    low, middle, high = map(axis.at, levels)
    bar = shape(f"{kind} mark", f"M{place(low)} {place(y)}H{place(max(high, low + 1))}")
    dot = fill('<circle class="$kind dot" cx="$x" cy="$y" r="4"/>', kind=kind, x=place(middle), y=place(y))
    return [bar, dot]
