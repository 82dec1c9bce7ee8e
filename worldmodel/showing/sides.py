"""The components of a world side by side: each one's file, and its texts as trees, by path and key."""

from collections.abc import Mapping
from dataclasses import dataclass

from worldmodel.components.base import ComponentFile
from worldmodel.language.ir import Expression, Formula, Law
from worldmodel.world import World

Text = Expression | Law | Formula


@dataclass(frozen=True)
class Side:
    """One component as one of the two worlds has it: its file, its parsed texts by key, and the world around it."""

    world: World
    file: ComponentFile
    texts: Mapping[str, Text]


def components(world: World) -> dict[str, Side]:
    """Every component of a world by its path."""
    found = {"world.toml": Side(world, world.header, {})}
    if world.objective is not None:
        found["objective.toml"] = Side(world, world.objective, {})
    for name, variable in world.variables.items():
        initial: dict[str, Text] = {f"initial.{place}": law for place, law in enumerate(variable.initial)}
        found[f"variables/{name}.toml"] = Side(world, variable.file, initial)
    for name, mechanism in world.mechanisms.items():
        texts: dict[str, Text] = {"law": mechanism.law}
        texts |= {f"parameters.{key}.prior": prior for key, prior in mechanism.priors.items()}
        texts |= {f"let.{key}.value": value for key, value in mechanism.bindings.items()}
        found[f"mechanisms/{name}.toml"] = Side(world, mechanism.file, texts)
    for name, posterior in world.posteriors.items():
        found[f"posteriors/{name}.toml"] = Side(world, posterior, {})
    for name, utility in world.utilities.items():
        found[f"utilities/{name}.toml"] = Side(world, utility.file, {"utility": utility.expression})
    for name, entry in world.properties.items():
        found[f"properties/{name}.toml"] = Side(world, entry.file, {"property": entry.formula})
    return found


def subject(path: str) -> str:
    """How a component is called in a sentence.

    >>> [subject(path) for path in ("mechanisms/okun.toml", "posteriors/okun.toml", "world.toml")]
    ['mechanism okun', 'posterior of okun', 'the world']
    """
    folder, _, name = path.removesuffix(".toml").rpartition("/")
    singular = {"variables": "variable", "mechanisms": "mechanism", "posteriors": "posterior of"}
    singular |= {"utilities": "utility", "properties": "property"}
    return f"{singular[folder]} {name}" if folder else f"the {name}"
