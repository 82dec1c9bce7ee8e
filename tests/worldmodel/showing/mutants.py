"""Worlds with one leaf changed, whether or not they would pass the checks: a diff must tell each of them."""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from worldmodel.build import _draft
from worldmodel.world import World

Components = dict[str, dict[str, Any]]

# What names a file, says its version, or may only be one of a few words.
_FIXED = frozenset({"id", "format", "language"})
_WORDS = {
    "role": ("state", "exogenous"),
    "kind": ("property", "floor"),
    "rule": ("nash", "maximin"),
    "measure": ("worst", "mean"),
    "scale": ("identity", "log"),
    "assigns": ("rate", "slack"),
}
_IDENTIFIERS = frozenset({"name", "order", "floors", "values", "over", "by"})
_LANGUAGE = frozenset({"law", "prior", "claim", "utility", "property", "value"})


def unchecked(components: Components) -> World:
    """The world of components that load and parse, without the checks of them against each other."""
    draft, problems = _draft(copy.deepcopy(components))
    assert not problems, problems
    assert draft.header is not None
    return World(
        draft.header,
        draft.variables,
        draft.mechanisms,
        draft.posteriors,
        draft.utilities,
        draft.objective,
        draft.properties,
        draft.digests,
        tuple(sorted(draft.variables)),
    )


def mutants(components: Components) -> Iterator[tuple[str, str, World]]:
    """Each world with one leaf changed or one entry gone, with the path and the key of the change."""
    old = unchecked(components)
    for path, values in components.items():
        for key, changed in _changes(values, ()):
            yield path, ".".join(map(str, key)), _with(old, path, unchecked({**_head(components), path: changed}))


def _head(components: Components) -> Components:
    return {"world.toml": components["world.toml"]}


def _with(old: World, path: str, new: World) -> World:
    """The old world with one component of the new one, so that only that one was parsed anew."""
    digests = {**old.digests, path: new.digests[path]}
    match path.partition("/")[0]:
        case "world.toml":
            return replace(old, header=new.header, digests=digests)
        case "objective.toml":
            return replace(old, objective=new.objective, digests=digests)
        case folder:
            return replace(old, digests=digests, **{folder: {**getattr(old, folder), **getattr(new, folder)}})


def _changes(values: Any, key: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    match values:
        case dict():
            for name, inner in values.items():
                for where, changed in _changes(inner, (*key, name)):
                    yield where, {**values, name: changed}
                if key and key[-1] in {"parameters", "constants", "let", "tables", "weights"} and len(values) > 1:
                    yield (*key, name), {other: entry for other, entry in values.items() if other != name}
        case list():
            for place, inner in enumerate(values):
                for where, changed in _changes(inner, (*key, place)):
                    yield where, [*values[:place], changed, *values[place + 1 :]]
                if key[-1] in {"claims", "sources", "floors", "values"}:
                    yield (*key, place), [*values[:place], *values[place + 1 :]]
        case _:
            yield from ((key, changed) for changed in _leaf(values, key) if changed != values)


def _leaf(value: Any, key: tuple[Any, ...]) -> Iterator[Any]:
    name = next((part for part in reversed(key) if isinstance(part, str)), "")
    match value:
        case _ if name in _FIXED:
            return
        case bool():
            yield not value
        case int() | float():
            yield value / 2 if name in {"discount", "level"} or key[0] == "checks" else value * 2 + 1
        case str() if key[-2:] == ("support", "kind"):
            yield "integer" if value != "integer" else "real"
        case str() if name in _WORDS:
            yield next(word for word in _WORDS[name] if word != value)
        case str() if name in _LANGUAGE or name == "initial":
            yield f"{value} "
            if number := re.search(r"(?<![\w.\[-])\d+\.?\d*", value):
                yield f"{value[: number.start()]}{float(number[0]) + 1:.10g}{value[number.end() :]}"
        case str() if name in _IDENTIFIERS or "indices" in key:
            yield f"{value}_x"
        case str() if name.endswith("digest"):
            yield "sha256:" + "f" * 64
        case str():
            yield f"{value} and more"
