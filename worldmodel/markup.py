"""The one template function of every page, picture and equation: what is filled in is escaped, unless it is markup.

Characters that a reader cannot see or rely on are filled in as visible escapes, so that no stranger's text can reorder
or hide what stands around it.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

from worldmodel.visible import shown

MEDIA_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Html:
    """Text that is markup already; made only by the functions of this module."""

    text: str


Filling = Html | str | int | float


def fill(template: str, **values: Filling) -> Html:
    """The template with each `$name` replaced by its value, escaped.

    >>> fill("<p>$who</p>", who="<b>Ada</b>").text
    '<p>&lt;b&gt;Ada&lt;/b&gt;</p>'
    """
    return Html(Template(template).substitute({name: _text(value) for name, value in values.items()}))


def join(parts: Iterable[Html], between: str = "\n") -> Html:
    """Several pieces of markup as one."""
    return Html(escape(between).join(part.text for part in parts))


def table(head: Iterable[Filling], rows: Iterable[Iterable[Filling]]) -> Html:
    """A table, with the first cell of each row as its heading."""
    header = join((fill('<th scope="col">$cell</th>', cell=cell) for cell in head), "")
    body = join((fill("<tr>$cells</tr>", cells=_row(tuple(row))) for row in rows), "")
    return fill("<table><thead><tr>$header</tr></thead><tbody>$body</tbody></table>", header=header, body=body)


def picture(file: Path, alternative: str) -> Html:
    """A picture inside the page itself, so that the report is one file that needs no other."""
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    source = f"data:{MEDIA_TYPES[file.suffix]};base64,{data}"
    return fill('<img src="$source" alt="$alternative">', source=source, alternative=alternative)


def _row(cells: tuple[Filling, ...]) -> Html:
    first = fill('<th scope="row">$cell</th>', cell=cells[0])
    return join((first, *(fill("<td>$cell</td>", cell=cell) for cell in cells[1:])), "")


def _text(value: Filling) -> str:
    match value:
        case Html(text):
            return text
        case float():
            return f"{value:.3g}"
        case _:
            return escape(shown(str(value)))
