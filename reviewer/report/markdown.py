"""Panes as Markdown that a forge shows: every text is escaped, pictures are the tables that say the same.

Nothing that a stranger wrote can become markup, a link, an image or a heading: all punctuation that Markdown or HTML
reads is escaped, and characters that deceive are shown as escapes.
"""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from reviewer.panes.pane import Block, Drawing, Formula, Pane, Sentence, Table, Tone
from worldmodel.commands.output import one_line, printable

GLYPHS: dict[Tone, str] = {"plain": "", "good": "✓ ", "bad": "✗ ", "unsure": "? "}
_READ = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>:@&$^=])|(<)")


def panes_markdown(title: str, panes: Sequence[Pane], opening: Sequence[str] = ()) -> str:
    """The whole report; the same panes give the same bytes."""
    parts = [f"# {escaped(title)}", *(escaped(line) for line in opening), *(_pane(pane) for pane in panes)]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text on one line in which nothing is markup.

    >>> escaped("<b>![x](http://y)</b>")
    '&lt;b\\\\>\\\\!\\\\[x\\\\]\\\\(http\\\\://y\\\\)&lt;/b\\\\>'
    """
    return _READ.sub(lambda found: "&lt;" if found[2] else f"\\{found[1]}", one_line(printable(text)))


def _pane(pane: Pane) -> str:
    body = "\n\n".join(part for block in pane.blocks for part in _block(block))
    if pane.collapsed:
        return f"## {escaped(pane.title)}\n\n<details><summary>closed; open it last</summary>\n\n{body}\n\n</details>"
    return f"## {escaped(pane.title)}\n\n{body}"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Sentence(text, tone):
            for line in text.splitlines() or [""]:
                yield f"{GLYPHS[tone]}{escaped(line)}"
        case Table():
            yield from _table(block)
        case Drawing(_, description, table):
            yield escaped(description)
            yield from _table(table)
        case Formula(text):
            yield f"> {escaped(text)}"
        case _:
            assert_never(block)


def _table(table: Table) -> Iterator[str]:
    yield escaped(table.caption)
    rows = [table.headings, *table.rows]
    lines = ["| " + " | ".join(escaped(cell) or " " for cell in row) + " |" for row in rows]
    yield "\n".join([lines[0], "|" + " --- |" * len(table.headings), *lines[1:]])
