"""Pictures of many trajectories: fans of quantiles, one row for each variable, one column for each rule.

Drawn without pyplot, so that nothing is kept between pictures; same input, same bytes. Titles come from untrusted
authors and are never read as mathematical type.
"""

import io
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from worldmodel.errors import InputError, Problem
from worldmodel.simulation.quantiles import Fan
from worldmodel.world import World

_COLOUR = "#1f6f8b"
_FORMATS = ("png", "svg", "pdf")


def fan_figure(world: World, columns: Mapping[str, Mapping[str, Fan]], names: Sequence[str], title: str = "") -> Figure:
    """Fans side by side: `columns` maps a rule's name to the fan of each variable. Rows share their scale.

    With one rule alone there is nothing to compare, and its variables stand in two columns.
    """
    alone = len(columns) == 1
    rows = -(-len(names) // 2) if alone else len(names)
    figure = Figure(figsize=(4.2 * max(2, 0.8 * len(columns)), 1.8 * rows + 0.9), layout="constrained")
    grid = figure.subplots(rows, 2 if alone else len(columns), squeeze=False, sharex=True, sharey=not alone and "row")
    if alone:
        (rule, fans), *_ = columns.items()
        for axes, name in zip(grid.flat, names, strict=False):
            draw_fan(axes, fans[name])
            axes.set_title(_label(world, name, " "), fontsize=9, loc="left", parse_math=False)
        for axes in grid.flat[len(names) :]:
            axes.set_visible(False)
        title = title or rule
    else:
        _compare(world, columns, names, grid)
    for axes in grid.flat[max(0, len(names) - 2) : len(names)] if alone else grid[-1]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(f"step ({world.header.step})", fontsize=8)
    if title:
        figure.suptitle(title, fontsize=11, parse_math=False)
    figure.legend(*grid[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    return figure


def _compare(world: World, columns: Mapping[str, Mapping[str, Fan]], names: Sequence[str], grid: Any) -> None:
    for column, (rule, fans) in enumerate(columns.items()):
        grid[0, column].set_title(rule, fontsize=10, parse_math=False)
        for row, name in enumerate(names):
            draw_fan(grid[row, column], fans[name])
    for row, name in enumerate(names):
        grid[row, 0].set_ylabel(_label(world, name, "\n"), fontsize=8, parse_math=False)


def _label(world: World, name: str, between: str) -> str:
    file = world.variables[name].file
    wrapped = textwrap.fill(file.title, 26) if between == "\n" else file.title
    return f"{wrapped}{between}[{file.unit}]" if file.unit != "1" else wrapped


def draw_fan(axes: Axes, fan: Fan) -> None:
    """One fan: bands between quantiles of the same distance from the middle, and the median as a line."""
    steps = range(fan.first, fan.first + fan.values.shape[-1])
    count = len(fan.levels)
    for outer in range(count // 2):
        label = f"{fan.levels[outer]:.0%} to {fan.levels[count - 1 - outer]:.0%}"
        low, high = fan.values[outer].numpy(), fan.values[count - 1 - outer].numpy()
        axes.fill_between(steps, low, high, color=_COLOUR, alpha=0.22, linewidth=0, label=label)
    if count % 2:
        axes.plot(steps, fan.values[count // 2].numpy(), color=_COLOUR, linewidth=1.4, label="median")
    axes.tick_params(labelsize=7)
    axes.margins(x=0)


def picture(figure: Figure, name: str) -> bytes:
    """The figure's bytes in the format that the file name ends with: png, svg or pdf."""
    kind = PurePath(name).suffix.lower().removeprefix(".")
    if kind not in _FORMATS:
        raise InputError(
            Problem(
                code="unknown-picture-format",
                where=name,
                found=f"a name that ends in “.{kind}”" if kind else "a name without an ending",
                wanted=f"a name that ends in one of {', '.join('.' + known for known in _FORMATS)}",
                mend="choose another name",
            )
        )
    buffer = io.BytesIO()
    dates: dict[str, dict[str, None]] = {"png": {}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with mpl.rc_context({"svg.hashsalt": "glassworld"}):
        figure.savefig(buffer, format=kind, dpi=130, metadata=dates[kind])
    return buffer.getvalue()
