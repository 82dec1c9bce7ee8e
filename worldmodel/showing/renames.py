"""Which components only changed their names: gone from one world, in the other with the same content.

What follows a new name elsewhere is then told as that, and not as a change of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worldmodel.language.ir import Expression, Parameter, Start, Variable
from worldmodel.language.rewrite import change_children, change_text
from worldmodel.showing.sides import Side, Text, components
from worldmodel.world import World


@dataclass(frozen=True)
class Names:
    """Old to new ids, by folder."""

    new: Mapping[str, Mapping[str, str]]

    def path(self, path: str) -> str:
        """Where a component of the old world stands in the new one; a posterior goes with its mechanism."""
        folder, _, name = path.removesuffix(".toml").rpartition("/")
        known = self.new.get("mechanisms" if folder == "posteriors" else folder, {})
        return f"{folder}/{known[name]}.toml" if name in known else path

    def of(self, folder: str, name: str) -> str:
        """The new name of a component."""
        return self.new.get(folder, {}).get(name, name)

    def text(self, node: Text) -> Text:
        """A text of the old world with the new names of variables."""
        return change_text(node, self._change) if self.new.get("variables") else node

    def _change(self, node: Expression) -> Expression:
        match node:
            case Variable(name, lag, places):
                return Variable(self.of("variables", name), lag, places, at=node.at)
            case Start(name, places):
                return Start(self.of("variables", name), places, at=node.at)
            case Parameter(name, indices) if name not in self.new["variables"]:
                return Parameter(name, tuple(map(self._change, indices)), at=node.at)
            case _:
                return change_children(node, self._change)

    def values(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        """A component's plain values with the new names of what it refers to."""
        match path.partition("/")[0]:
            case "world.toml":
                rivals = values.get("rivals", {})
                own = {self.of("variables", name): self._keys("mechanisms", found) for name, found in rivals.items()}
                return {**values, "rivals": own}
            case "objective.toml":
                weights = self._keys("utilities", values["aggregation"]["weights"])
                floors = [self.of("properties", name) for name in values["floors"]]
                return {**values, "floors": floors, "aggregation": {**values["aggregation"], "weights": weights}}
            case "mechanisms":
                target, bracket, rest = values["assigns"].partition("[")
                return {**values, "assigns": self.of("variables", target) + bracket + rest}
            case _:
                return values

    def _keys(self, folder: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {self.of(folder, name): value for name, value in values.items()}


def renames(old: World, new: World) -> Names:
    """The components that only changed their names, where there is no doubt which became which."""
    before, after = components(old), components(new)
    names = Names({})
    for folder in ("variables", "mechanisms", "utilities", "properties"):
        gone = [path for path in before if path.startswith(folder + "/") and path not in after]
        came = [path for path in after if path.startswith(folder + "/") and path not in before]
        found = {}
        for path in gone:
            same = [other for other in came if _same(path, before[path], after[other], names)]
            if len(same) == 1:
                found[_id(path)] = _id(same[0])
        certain = {name: other for name, other in found.items() if list(found.values()).count(other) == 1}
        names = Names({**names.new, folder: certain})
    return names


def _id(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".toml")


def _same(path: str, before: Side, after: Side, names: Names) -> bool:
    """Whether nothing but the id differs, and texts only by names that are known to have changed."""
    values = names.values(path, before.file.model_dump(mode="json"))
    others = after.file.model_dump(mode="json")
    written = {"id", "law", "utility", "property", "initial", "claims", "parameters", "let"}
    if any(values[key] != others[key] for key in values if key not in written):
        return False
    texts = {key: names.text(text) for key, text in before.texts.items()}
    return texts == dict(after.texts) and _rest(values) == _rest(others)


def _rest(values: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """What entries say beside their texts."""
    return [
        (kind, name, {key: value for key, value in entry.items() if key not in {"prior", "value"}})
        for kind in ("parameters", "let")
        for name, entry in values.get(kind, {}).items()
    ]
