"""Which templates exist, and their files: the first step from nothing to a world that checks.

Reads package data only. A template is a folder beside this file; `DataFile.module` names the module whose `data_csv()`
builds its data file, which is imported only when the data are wanted, since it may load pandas and statsmodels.
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
class DataFile:
    """Which module's `data_csv()` builds a template's data, and the file's place inside the world."""

    module: str
    path: str


@dataclass(frozen=True)
class Template:
    """Where a template's components are, what it is in one line, and its data, if it has some."""

    folder: str
    line: str
    data: DataFile | None = None


TEMPLATES: Mapping[str, Template] = {
    "influenza": Template(
        "influenza",
        "an outbreak in a boarding school, 1978: S, I and R unseen, boys in bed seen; action: isolation",
        DataFile("worldmodel.templates.influenza_data", "data/outbreak.csv"),
    ),
    "machine": Template(
        "machine",
        "a machine that wears out, as a finite Markov decision process with tables; action: overhaul or replace",
    ),
    "rossi": Template(
        "rossi",
        "a randomised trial of aid to 432 released prisoners: re-arrest within a year; action: the share who get aid",
        DataFile("worldmodel.templates.rossi_data", "data/rossi.csv"),
    ),
    "shallow-lake": Template(
        "shallow_lake", "a lake that tips and does not come back: phosphorus by years; action: how much may run in"
    ),
    "us-macro": Template(
        "us_macro",
        "the United States by quarters, 1959 to 2009: inflation, unemployment, consumption; action: the interest rate",
        DataFile("worldmodel.templates.us_macro_data", "data/macro.csv"),
    ),
}


def template_names() -> tuple[str, ...]:
    """The names that `glassworld init --template` knows, sorted."""
    return tuple(sorted(TEMPLATES))


def template_lines() -> dict[str, str]:
    """What each template is, in one line, by name."""
    return {name: TEMPLATES[name].line for name in template_names()}


def template_files(name: str) -> dict[str, bytes]:
    """A template's component files by their path inside the world; InputError for a name that is none."""
    root = files("worldmodel.templates") / _template(name).folder
    return dict(sorted(_component_files(root, "")))


def write_data(name: str, directory: Path) -> Path | None:
    """Writes the template's data file into a world's folder and returns its path; the same bytes every time.

    None where the template has no data: a world that is known and has nothing to learn.
    """
    data = _template(name).data
    if data is None:
        return None
    content: bytes = importlib.import_module(data.module).data_csv()
    path = directory / data.path
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
