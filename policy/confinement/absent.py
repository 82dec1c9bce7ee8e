"""A package that is not named as readable counts as not installed, at every level.

Libraries try optional packages and go on without them; a refusal to read what is there would stop them instead. Judged
by the names and not by trying, so that a process without walls takes the same ways through its libraries and comes to
the same bytes.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class OnlyReadable(MetaPathFinder):
    """Finds modules as Python does, and no top-level one whose file lies outside what is readable."""

    def __init__(self, readable: Sequence[str]) -> None:
        self._readable = frozenset(readable)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's specification, or None where its file may not be read."""
        spec = PathFinder.find_spec(fullname, path, target)
        if "." in fullname or spec is None:
            return spec
        places = [spec.origin] if spec.has_location and spec.origin else list(spec.submodule_search_locations or ())
        return spec if all(map(self._may_read, places)) else None

    # `importlib.metadata` asks finders for what is installed
    find_distributions = staticmethod(PathFinder.find_distributions)

    def _may_read(self, place: str) -> bool:
        return any(str(part) in self._readable for part in (Path(place), *Path(place).parents))


def install(readable: Sequence[str]) -> None:
    """Puts this finder in the place of Python's own."""
    sys.meta_path[:] = [OnlyReadable(readable) if finder is PathFinder else finder for finder in sys.meta_path]
