"""Panes as text for a terminal: pictures as the tables that say the same, nothing that a stranger's text could pose as.

Every line of a text that has several is marked, and characters that deceive are escaped, so that no proposal can write
a heading, a verdict or a cursor movement of its own.
"""

import io
from collections.abc import Iterator, Sequence
from typing import assert_never

from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from reviewer.panes.in_short import findings
from reviewer.panes.pane import Block, Drawing, Formula, Pane, Sentence, Table, Tone
from worldmodel.commands.output import one_line, printable, quoted

GLYPHS: dict[Tone, str] = {"plain": " ", "good": "✓", "bad": "✗", "unsure": "?"}
WIDTH = 120


def panes_text(panes: Sequence[Pane], width: int = WIDTH, opened: bool = False) -> str:
    """All panes, and before several what each of them finds; a collapsed one shows its title alone, unless `opened`."""
    parts = [pane_text(pane, width, opened) for pane in panes]
    return "\n\n".join([_in_short(panes), *parts] if len(panes) > 1 else parts)


def _in_short(panes: Sequence[Pane]) -> str:
    lines = ["== In short"]
    for pane in panes:
        found = findings(pane)
        lines += [f"  {one_line(pane.title)}"] if found else []
        lines += [f"  {GLYPHS[one.tone]} {one_line(one.text)}" for one in found]
    return "\n".join(lines)


def pane_text(pane: Pane, width: int = WIDTH, opened: bool = False) -> str:
    """One pane under its title."""
    title = one_line(pane.title)
    if pane.collapsed and not opened:
        return f"== {title} (closed; `--pane {pane.id}` opens it)"
    return "\n".join([f"== {title}", *(line for block in pane.blocks for line in _lines(block, width))])


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Sentence(text, tone):
            yield from _sentence(text, tone)
        case Table():
            yield from _table(block, width)
        case Drawing(_, description, table):
            yield f"  {one_line(description)}"
            yield from _table(table, width)
        case Formula(text):
            yield f"      {one_line(text)}"
        case _:
            assert_never(block)


def _sentence(text: str, tone: Tone) -> Iterator[str]:
    if "\n" in text:
        yield quoted(text)
    else:
        yield f"{GLYPHS[tone]} {printable(text)}"


def _table(table: Table, width: int) -> Iterator[str]:
    grid = Grid(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in table.headings:
        grid.add_column(Text(one_line(heading)), overflow="fold")
    for row in table.rows:
        grid.add_row(*(Text(one_line(cell)) for cell in row))
    page = Console(file=io.StringIO(), width=width - 2, color_system=None)
    page.print(grid)
    assert isinstance(page.file, io.StringIO)
    yield f"  {one_line(table.caption)}"
    yield from (f"  {line.rstrip()}" for line in page.file.getvalue().strip("\n").splitlines())
