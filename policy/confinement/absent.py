"""A package that the confined process may not read counts as not installed.

Libraries try optional packages and go on without them; a refusal to read what is there would stop them instead.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType


class OnlyReadable(MetaPathFinder):
    """Finds modules as Python does, and no top-level one whose file cannot be opened."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's specification, or None where its file may not be read."""
        spec = PathFinder.find_spec(fullname, path, target)
        if "." in fullname or spec is None or spec.origin is None:
            return spec
        try:
            Path(spec.origin).open("rb").close()
        except PermissionError:
            return None
        return spec

    # `importlib.metadata` asks finders for what is installed
    find_distributions = staticmethod(PathFinder.find_distributions)


def install() -> None:
    """Puts this finder in the place of Python's own."""
    sys.meta_path[:] = [OnlyReadable() if finder is PathFinder else finder for finder in sys.meta_path]
