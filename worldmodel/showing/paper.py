"""A world as a LaTeX document that stands by itself: equations with units, and what is known of each parameter.

It needs amsmath, graphicx and longtable, which every LaTeX has, and LuaLaTeX where prose has letters beyond Latin ones.
"""

from collections.abc import Iterator, Sequence

from worldmodel.describe import expression_written
from worldmodel.language.render import render
from worldmodel.readings.latex import escaped, expression_to_latex, to_latex
from worldmodel.showing import facts
from worldmodel.visible import shown
from worldmodel.world import Mechanism, World

_HEAD = r"""\documentclass{article}
\usepackage{amsmath}
\usepackage{graphicx}
\usepackage{longtable}
\usepackage[margin=2cm]{geometry}
\allowdisplaybreaks
"""


_LONGEST = 90
"""How many letters of a law fit on a line; a longer equation is drawn smaller."""


def world_document(world: World) -> str:
    """The whole document; the same world gives the same text."""
    lines = [
        _HEAD + rf"\title{{{_text(world.header.name)}}}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        _text(" ".join(world.header.summary.split())),
        r"\section*{Equations}",
        *_equations(world),
        *_parameters(world),
        *_constants(world),
        r"\end{document}",
    ]
    return "\n".join(lines)


def _text(text: str) -> str:
    return escaped(shown(text))


def _equations(world: World) -> Iterator[str]:
    """One aligned block for each mechanism, below its title, so that a long one does not push the others apart."""
    for name, mechanism in sorted(world.mechanisms.items()):
        yield rf"\paragraph{{{_text(name)}}} {_text(' '.join(mechanism.file.title.split()))}"
        equation = to_latex(mechanism, world)
        rows = [*_steps(world, mechanism)]
        if len(render(mechanism.law)) > _LONGEST:
            yield rf"\[\resizebox{{\linewidth}}{{!}}{{$\displaystyle {equation}$}}\]"
        else:
            sign = "=" if mechanism.law.family == "Delta" else r"\sim"
            rows = [equation.replace(f" {sign} ", f" &{sign} ", 1), *rows]
        if rows:
            yield r"\begin{align*}"
            yield " \\\\\n".join(rows)
            yield r"\end{align*}"


def _steps(world: World, mechanism: Mechanism) -> Iterator[str]:
    for name, value in mechanism.bindings.items():
        yield rf"\text{{{_text(name)}}} &= {expression_to_latex(expression_written(world, value))}"


def _parameters(world: World) -> Iterator[str]:
    rows = [row for _, own in sorted(world.mechanisms.items()) for row in facts.parameter_rows(world, own)]
    cells = [
        (
            f"{row.mechanism}.{row.name}",
            row.unit,
            row.prior,
            facts.interval_text(row.before),
            facts.mean_text(row.after),
            facts.interval_text(row.after),
        )
        for row in rows
    ]
    head = ("parameter", "unit", "prior", "prior, 90 %", "posterior", "posterior, 90 %")
    yield from _table("Parameters", "lllp{2.2cm}p{2.4cm}p{2.2cm}", head, cells)


def _constants(world: World) -> Iterator[str]:
    cells = [(f"{owner}.{name}", value, unit) for owner, name, value, unit, _ in facts.constant_rows(world)]
    yield from _table("Constants", "lll", ("constant", "value", "unit"), cells)


def _table(title: str, columns: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield rf"\section*{{{title}}}"
        yield rf"\begin{{longtable}}{{{columns}}}"
        yield " & ".join(map(_text, head)) + r" \\ \hline \endhead"
        yield from (" & ".join(_cell(cell) for cell in row) + r" \\" for row in rows)
        yield r"\end{longtable}"


def _cell(cell: str) -> str:
    return _text(" ".join(cell.replace("±", "+-").split())).replace("+-", r"$\pm$")
