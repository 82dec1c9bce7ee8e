"""Keeps Pydantic's plugins away: they would see, and could change, every value that is read.

Pydantic looks for them among all installed packages unless a variable of the environment says otherwise; and it loads
the standard library's reader of metadata before it asks whether it may look, which costs a tenth of a whole check. So
the place where it looks is taken by a module that finds none. Should another release of Pydantic want something else
of that module, it gets the real one, which heeds the variable.
"""

import os
import sys
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_LOADER = "pydantic.plugin._loader"
_SWITCH = "PYDANTIC_DISABLE_PLUGINS"


class _NoPlugins(ModuleType):
    """Stands where Pydantic looks for plugins."""

    @staticmethod
    def get_plugins() -> tuple[()]:
        """No plugins."""
        return ()

    def __getattr__(self, name: str) -> Any:
        """What else is asked for, from the module in whose place this one stands."""
        if name.startswith("__"):
            raise AttributeError(name)
        del sys.modules[_LOADER]
        spec = find_spec(_LOADER)
        if spec is None or spec.loader is None:
            raise AttributeError(name)
        module = module_from_spec(spec)
        sys.modules[_LOADER] = module
        spec.loader.exec_module(module)
        return getattr(module, name)


def without_plugins() -> None:
    """Switches plugins off for this process, unless who started it has decided about them."""
    if os.environ.setdefault(_SWITCH, "__all__") == "__all__":
        sys.modules.setdefault(_LOADER, _NoPlugins(_LOADER))
