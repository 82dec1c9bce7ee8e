"""The application as a Jupyter widget: the session on one side of a comm, `static/*.js` on the other.

The view is never a synchronised trait: a saved notebook would show it again without a kernel behind it. What is drawn
comes in messages of a living session only.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget

from reviewer.session.session import Session

STATIC = Path(__file__).parent / "static"
SCRIPTS = ("elements", "markup", "graph", "blocks", "change", "queue", "sketch", "side", "link", "keyboard", "review")
"""The pieces of the one module, in order: each is plain functions, and the last one exports."""


def module() -> str:
    """The module that the browser loads; it imports nothing and asks for nothing."""
    return "\n".join((STATIC / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)


def style() -> str:
    """The style sheet of the application."""
    return (STATIC / "review.css").read_text(encoding="utf-8")


class Review(anywidget.AnyWidget):
    """The widget: nothing of it is saved with the notebook but the module itself."""

    _esm = module()
    _css = style()

    def __init__(self, folder: Path, viewer: str) -> None:
        super().__init__()
        self.session = Session(folder, viewer, self._tell)
        self.on_msg(self._hear)

    def _tell(self, message: Mapping[str, Any]) -> None:
        self.send(dict(message))

    def _hear(self, _widget: object, content: object, _buffers: object) -> None:
        self.session.receive(content)


@functools.cache
def review(world: str, viewer: str) -> Review:
    """The review session of one person, as the last value of a notebook's cell.

    A kernel has one session for each, however often the cell runs: a second browser that runs it joins the first one's.
    """
    return Review(Path(world), viewer)
