"""A world in a notebook: the last value of a cell shows as a page, or as text where there is no browser."""

from collections.abc import Container
from dataclasses import dataclass

from worldmodel.markup import fill
from worldmodel.showing.page import NOTEBOOK_STYLE, world_fragment
from worldmodel.showing.terminal import explain
from worldmodel.visible import shown
from worldmodel.world import World


@dataclass(frozen=True)
class Shown:
    """What a notebook asks for: the same world as HTML and as text."""

    world: World

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, str]:
        """Both forms, of which a notebook takes the best that it can show."""
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def _repr_html_(self) -> str:
        return fill("<style>$style</style>$body", style=NOTEBOOK_STYLE, body=world_fragment(self.world)).text

    def __repr__(self) -> str:
        return shown(explain(self.world))


def show(world: World) -> Shown:
    """A world to be the last value of a notebook's cell: equations, graph, loops and parameters."""
    return Shown(world)
