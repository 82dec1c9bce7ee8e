"""What the drawings of panes are made of: one style, a scale with round numbers, points as text.

Before is blue and dashed, after is orange and solid: what a colour says, a dash says too.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worldmodel.markup import Html, fill

STYLE = Html("""
.gwp { font: 12px system-ui, sans-serif; background: #fff; }
.gwp text { fill: #1b2733; } .gwp .small { font-size: 11px; fill: #55606b; }
.gwp .end { text-anchor: end; } .gwp .middle { text-anchor: middle; }
.gwp .grid { stroke: #dde3e8; stroke-width: 1; } .gwp .zero { stroke: #8a949c; stroke-width: 1; }
.gwp .before { stroke: #1f6f8b; } .gwp .after { stroke: #b4530f; } .gwp .change { stroke: #5b3a86; }
.gwp .line { fill: none; stroke-width: 2; } .gwp .before.line { stroke-dasharray: 6 4; }
.gwp .band { stroke: none; fill-opacity: .14; } .gwp .before.band { fill: #1f6f8b; }
.gwp .edge { fill: none; stroke-width: 1; } .gwp .before.edge { stroke-dasharray: 6 4; }
.gwp .after.band { fill: #b4530f; } .gwp .change.band { fill: #5b3a86; }
.gwp .mark { stroke-width: 3; } .gwp .before.mark { stroke-dasharray: 6 3; } .gwp .dot { fill: #fff; stroke-width: 2; }
""")

_PICTURE = """<svg class="gwp" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" width="$width" \
height="$height" role="img" aria-label="$label"><title>$label</title><style>$style</style>
$body
</svg>"""


_LARGEST = 1e150
"""Beyond it a picture shows its edge: the width of a scale must be a number."""


@dataclass(frozen=True)
class Scale:
    """Numbers from `low` to `high` onto places from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a number."""
        value = min(max(value, self.low), self.high)
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, least: int = 3) -> list[float]:
        """Round numbers inside the scale: the widest apart of which there are enough."""
        size = 10.0 ** math.floor(math.log10(self.high - self.low))
        for step in (size * times for times in (5, 2, 1, 0.5, 0.2, 0.1)):
            found = [place * step for place in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]
            if len(found) >= least:
                return found
        return []


def scale(values: Iterable[float], start: float, end: float) -> Scale:
    """A scale that holds all finite values, with some air; around one value where there is only one."""
    finite = [min(max(value, -_LARGEST), _LARGEST) for value in values if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    air = 0.04 * (high - low) or max(abs(high) * 0.1, 1e-9)
    return Scale(low - air, high + air, start, end)


def place(value: float) -> str:
    """A coordinate."""
    return f"{value:.1f}".removesuffix(".0")


def points(xs: Sequence[float], ys: Sequence[float]) -> str:
    """A way through points."""
    return "M" + "L".join(f"{place(x)} {place(y)}" for x, y in zip(xs, ys, strict=True))


def picture(label: str, width: float, height: float, body: Html) -> Html:
    """The whole picture."""
    return fill(_PICTURE, label=label, width=place(width), height=place(height), style=STYLE, body=body)


def words(text: str, x: float, y: float, kind: str = "") -> Html:
    """A text at a place."""
    return fill('<text class="$kind" x="$x" y="$y">$text</text>', text=text, x=place(x), y=place(y), kind=kind)


def shape(kind: str, way: str) -> Html:
    """A line or band of one kind."""
    return fill('<path class="$kind" d="$way"/>', kind=kind, way=way)


def clipped(text: str, most: int) -> str:
    """A label that fits."""
    return text if len(text) <= most else text[: most - 1] + "…"


def legend(x: float, y: float, entries: Sequence[tuple[str, str]]) -> list[Html]:
    """What the lines mean."""
    parts = []
    for kind, text in entries:
        parts += [shape(f"{kind} line", f"M{place(x)} {place(y)}h26"), words(text, x + 32, y + 4, "small")]
        x += 50 + 6.3 * len(text)
    return parts
