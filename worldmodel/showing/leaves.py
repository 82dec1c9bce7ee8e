"""The leaves of a component's plain values, and how each is called in a sentence."""

from collections.abc import Iterator
from typing import Any, Final

from worldmodel.components.base import ComponentFile
from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.purpose import UtilityFile
from worldmodel.components.variable import VariableFile
from worldmodel.components.world import WorldFile
from worldmodel.scope import Domain, Scope

ABSENT: Final = object()
"""What stands for a leaf that a component does not have."""

_SPOKEN = {
    "assigns": "target",
    "lower": "lower bound",
    "property": "formula",
    "upper": "upper bound",
    "utility": "expression",
    "why": "reason",
}
_SINGULAR = {"parameters": "parameter", "constants": "constant", "tables": "table", "let": "binding"}


def leaves(values: dict[str, Any]) -> dict[str, Any]:
    """Every leaf by its dotted key; lists are leaves, but for laws before step 1 and the rows of tables."""
    return dict(_leaves(values, ""))


def with_named_rows(values: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """The same values with the rows of tables keyed by the names along each axis, however the file writes them."""
    if not values.get("tables"):
        return values
    named = {
        name: {**entry, "rows": _named(entry["rows"], [scope.names_along(axis) for axis in entry["by"]])}
        for name, entry in values["tables"].items()
    }
    return {**values, "tables": named}


def _named(rows: Any, names: list[Domain | None]) -> Any:
    if not names:
        return rows
    if isinstance(rows, dict):
        return {name: _named(inner, names[1:]) for name, inner in rows.items()}
    if isinstance(rows, list):
        inner = [_named(entry, names[1:]) for entry in rows]
        return inner if names[0] is None or len(names[0]) != len(rows) else dict(zip(names[0], inner, strict=True))
    return rows


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    inner = f"{key}." if key else ""
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _leaves(entry, f"{inner}{name}")
    elif isinstance(value, list) and (key == "initial" or ".rows" in key):
        for place, entry in enumerate(value):
            yield from _leaves(entry, f"{inner}{place}")
    else:
        yield key, value


def phrase(key: str) -> str:
    """A key in words.

    >>> [phrase(key) for key in ("law", "parameters.slope.prior", "constants.step.value", "tables.damp.rows.dry.0")]
    ['law', 'prior of parameter slope', 'constant step', 'entry dry, 1 of table damp']
    """
    match key.split("."):
        case ["initial", place]:
            return f"law of the value {int(place)} steps before step 1" if place != "0" else "law before step 1"
        case ["rivals", variable, mechanism]:
            return f"weight of {mechanism} among the rivals for {variable}"
        case [("parameters" | "constants" | "tables" | "let") as kind, name]:
            return f"{_SINGULAR[kind]} {name}"
        case [("constants" | "let") as kind, name, "value"]:
            return f"{_SINGULAR[kind]} {name}"
        case ["tables", name, "rows", *places]:
            cell = ", ".join(str(int(place) + 1) if place.isdigit() else place for place in places)
            return f"entry {cell} of table {name}"
        case [("parameters" | "constants" | "tables" | "let") as kind, name, leaf]:
            return f"{_spoken(leaf)} of {_SINGULAR[kind]} {name}"
        case words:
            return " of the ".join(_spoken(word) for word in reversed(words))


def _spoken(word: str) -> str:
    return _SPOKEN.get(word, word.replace("_", " "))


def unit_of(file: ComponentFile, key: str) -> str:
    """The unit of the number at a key; 1 where it has none."""
    match key.split("."):
        case ["constants", name, "value"] if isinstance(file, MechanismFile | UtilityFile | WorldFile):
            return file.constants[name].unit
        case ["tables", name, "rows", *_] if isinstance(file, MechanismFile | WorldFile):
            return file.tables[name].unit
        case ["support", "lower" | "upper"] if isinstance(file, VariableFile):
            return file.unit
        case _:
            return "1"
