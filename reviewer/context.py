"""The context of a change: the approved components that the meaning of what it touches depends on, as one digest.

Votes bind it, so that they survive a base that moved elsewhere and nothing else. It is the Markov blanket of the
touched variables, in the causal graph before and after together: what causes them, what they cause, and the other
causes of that; of each, the variable, every mechanism that assigns it and its posterior. The graph is read from the
names in the texts of laws, which are at least those that the laws read; a name too many makes the context larger, never
smaller.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reviewer.repository import with_changes
from worldmodel.canonical import digest
from worldmodel.files import GOVERNANCE_PATH, parse_toml

Files = Mapping[str, bytes]
NAME = re.compile(r"[a-z][a-z0-9_]*")
TEXTS = ("law", "let", "utility", "property")
HEADER, OBJECTIVE = "world.toml", "objective.toml"


@dataclass(frozen=True)
class Read:
    """What one component says about the graph: the variable that it is about, and the names that its texts read."""

    about: str | None
    names: frozenset[str]


@dataclass(frozen=True)
class Graph:
    """Who reads whom, and which components each variable has."""

    causes: Mapping[str, frozenset[str]]
    effects: Mapping[str, frozenset[str]]
    components: Mapping[str, frozenset[str]]


def context_digest(approved: Files, digests: Mapping[str, str], changes: Mapping[str, bytes | None]) -> str:
    """The digest of the approved components, by path, that a change is to be understood with, its own left out."""
    own = {path: data for path, data in approved.items() if not GOVERNANCE_PATH.match(path)}
    around = _around(own, {path: data for path, data in changes.items() if not GOVERNANCE_PATH.match(path)})
    return digest({path: digests[path] for path in sorted(around - changes.keys()) if path in digests})


def _around(approved: Files, changes: Mapping[str, bytes | None]) -> set[str]:
    if not changes:
        return set()
    if HEADER in changes:  # index sets, the step, the weights of rivals: everything is read with them
        return set(approved)
    graph = _graph([approved, with_changes(approved, changes)])
    touched = set(_touched(approved, changes))
    found = {path for name in _blanket(graph, touched) for path in graph.components.get(name, ())}
    if any(path == OBJECTIVE or path.startswith(("utilities/", "properties/")) for path in changes):
        found |= {path for path in approved if path == OBJECTIVE or path.startswith(("utilities/", "properties/"))}
    return found | {HEADER}


def _blanket(graph: Graph, touched: Iterable[str]) -> set[str]:
    found = set(touched)
    for name in touched:
        found |= graph.causes.get(name, frozenset())
        for effect in graph.effects.get(name, ()):
            found |= {effect, *graph.causes.get(effect, ())}
    return found


def _touched(approved: Files, changes: Mapping[str, bytes | None]) -> Iterator[str]:
    """The variables that a change is about; of a utility or property, those that it reads."""
    for path, after in changes.items():
        for data in (approved.get(path), after):
            if data is not None:
                read = _read(path, data)
                about = _of_posterior(path, {**approved, **changes}) if path.startswith("posteriors/") else read.about
                yield from ({about} if about else read.names)


def _graph(sides: Iterable[Files]) -> Graph:
    causes, effects, components = (defaultdict[str, set[str]](set) for _ in range(3))
    for files in sides:
        known = {read.about for path, data in files.items() if (read := _read(path, data)).about}
        for path, data in files.items():
            read = _read(path, data)
            about = _of_posterior(path, files) if path.startswith("posteriors/") else read.about
            if about is None:
                continue
            components[about].add(path)
            if path.startswith("mechanisms/"):
                for name in read.names & known:
                    causes[about].add(name)
                    effects[name].add(about)
    return Graph(*({name: frozenset(found) for name, found in part.items()} for part in (causes, effects, components)))


def _of_posterior(path: str, files: Mapping[str, bytes | None]) -> str | None:
    mechanism = path.replace("posteriors/", "mechanisms/", 1)
    data = files.get(mechanism)
    return None if data is None else _read(mechanism, data).about


@lru_cache(maxsize=8192)
def _read(path: str, data: bytes) -> Read:
    component = parse_toml(path, data)
    names = frozenset(name for text in TEXTS for found in _strings(component.get(text)) for name in NAME.findall(found))
    about = None
    if path.startswith("variables/"):
        about = path.rpartition("/")[2].removesuffix(".toml")
    if path.startswith("mechanisms/"):
        found = NAME.match(str(component.get("assigns", "")))
        about = found[0] if found else None
    return Read(about, names)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strings(inner) if name != "why" else ()
