"""Which templates exist, and their files: the first step from nothing to a world that checks.

Reads package data only. A template is a folder beside this file; `Template.data` names the module whose `data_csv()`
builds its data file, which is imported only when the data are wanted, since it loads pandas and statsmodels.
"""

import importlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from worldmodel.errors import InputError, Problem


@dataclass(frozen=True)
class Template:
    """Where a template's components are, which module builds its data, and the data's file inside the world."""

    folder: str
    data: str
    data_file: str


TEMPLATES: Mapping[str, Template] = {
    "us-macro": Template("us_macro", "worldmodel.templates.us_macro_data", "data/macro.csv"),
}


def template_names() -> tuple[str, ...]:
    """The names that `glassworld init --template` knows, sorted."""
    return tuple(sorted(TEMPLATES))


def template_files(name: str) -> dict[str, bytes]:
    """A template's component files by their path inside the world; InputError for a name that is none."""
    root = files("worldmodel.templates") / _template(name).folder
    return dict(sorted(_component_files(root, "")))


def write_data(name: str, directory: Path) -> Path:
    """Writes the template's data file into a world's folder and returns its path; the same bytes every time."""
    template = _template(name)
    content: bytes = importlib.import_module(template.data).data_csv()
    path = directory / template.data_file
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)
    return path


def _template(name: str) -> Template:
    if name not in TEMPLATES:
        raise InputError(
            Problem(
                code="unknown-template",
                where="template",
                found=f"“{name[:80]}”",
                wanted=f"one of {', '.join(template_names())}",
                mend="name one of these, or start from your own CSV file with --data",
            )
        )
    return TEMPLATES[name]


def _component_files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _component_files(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".toml"):
            yield prefix + entry.name, entry.read_bytes()
