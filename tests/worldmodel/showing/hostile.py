"""A world whose every text for people tries to be markup, to reorder what stands around it, or to break out."""

from pathlib import Path
from typing import Any

import worldmodel
from worldmodel.build import build_world
from worldmodel.files import parse_toml, read_folder
from worldmodel.world import World

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=y>$title ${body} \\input{x} %&\u202egnp.exe]]>"
_PROSE = frozenset({"title", "meaning", "why", "summary", "stakeholder", "ref"})


def us_macro() -> dict[str, dict[str, Any]]:
    """The components of the template, as plain values."""
    folder = Path(worldmodel.__file__).parent / "templates/us_macro"
    return {path: parse_toml(path, content) for path, content in read_folder(folder).items()}


def hostile_world() -> World:
    """The template with hostile prose; as components, since the reader of files would refuse the hidden character."""
    return build_world({path: _spoiled(values) for path, values in us_macro().items()})


def _spoiled(value: Any, key: str = "") -> Any:
    match value:
        case dict():
            return {name: _spoiled(inner, name) for name, inner in value.items()}
        case list():
            return [_spoiled(inner) for inner in value]
        case str() if key in _PROSE:
            return HOSTILE
        case _:
            return value
