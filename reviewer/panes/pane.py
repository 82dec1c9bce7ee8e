"""A pane of a review as a value: what the terminal, a page and the notebook draw alike.

A pane is a title and blocks of a closed set of kinds. All texts in it are plain text that may come from an untrusted
author: whoever draws them escapes them. Only `Drawing.svg` and `Formula.mathml` are markup, and only code of ours
writes those.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "good", "bad", "unsure"]
PaneId = Literal[
    "change",
    "one-step",
    "paths",
    "properties",
    "action",
    "scores",
    "ablation",
    "credit",
    "bits",
    "downstream",
    "claims",
    "provenance",
    "prose",
]


@dataclass(frozen=True)
class Sentence:
    """One statement; its tone is told by a glyph as well as by colour."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Table:
    """Rows of plain texts under headings, with a caption that says what is compared and how it was computed."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG of our own, a sentence that says what is seen, and the same numbers as a table."""

    svg: str
    description: str
    table: Table


@dataclass(frozen=True)
class Formula:
    """An equation as text of the language, as MathML and as LaTeX."""

    text: str
    mathml: str
    latex: str


Block = Sentence | Table | Drawing | Formula


@dataclass(frozen=True)
class Pane:
    """One pane; a collapsed one is shown closed until the reviewer opens it."""

    id: PaneId
    title: str
    blocks: tuple[Block, ...]
    collapsed: bool = False
