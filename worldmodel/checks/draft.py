"""A world that is being checked: what could be loaded and parsed so far, beside the names of all files.

A check looks only at what loaded, so one broken file does not hide the problems of the others, and a name whose file
is broken counts as existing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from worldmodel.components.posterior import PosteriorFile
from worldmodel.components.purpose import ObjectiveFile
from worldmodel.components.world import WorldFile
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Expression, Formula, Law, Node, Path, Probability, Throughout, Until, Within
from worldmodel.world import Mechanism, Property, Utility, VariableComponent

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Text:
    """A parsed text and its place; `units` has the names that it may use beside variables."""

    path: str
    part: str
    node: Expression | Law | Formula
    units: Mapping[str, str]


@dataclass(frozen=True)
class Draft:
    """What is known of a world under check."""

    header: WorldFile | None
    variables: Mapping[str, VariableComponent]
    mechanisms: Mapping[str, Mechanism]
    posteriors: Mapping[str, PosteriorFile]
    utilities: Mapping[str, Utility]
    objective: ObjectiveFile | None
    properties: Mapping[str, Property]
    digests: Mapping[str, str]

    def named(self, folder: str) -> frozenset[str]:
        """The ids of all files of a folder, those that could not be loaded included."""
        prefix = folder + "/"
        return frozenset(path[len(prefix) : -len(".toml")] for path in self.digests if path.startswith(prefix))


def located(problem: Problem, path: str, part: str) -> Problem:
    """A problem of a text, placed in its file and key."""
    return replace(problem, where=path, part=part)


def parse_at(path: str, part: str, parse: Callable[[str], Parsed], text: str) -> Parsed:
    """Parse a text; its problems name the file and key they are in."""
    try:
        return parse(text)
    except InputError as error:
        raise InputError(located(problem, path, part) for problem in error.problems) from error


def column(node: Node) -> int:
    """The column of a node's first character, counted from 1."""
    return node.at.start + 1


def laws(draft: Draft) -> Iterator[Text]:
    """The laws of mechanisms."""
    for name, mechanism in draft.mechanisms.items():
        yield Text(f"mechanisms/{name}.toml", "law", mechanism.law, names_of(mechanism))


def names_of(mechanism: Mechanism) -> dict[str, str]:
    """The units of a mechanism's parameters and constants, by name."""
    parameters = {name: entry.unit for name, entry in mechanism.file.parameters.items()}
    return parameters | {name: entry.unit for name, entry in mechanism.file.constants.items()}


def purposes(draft: Draft) -> Iterator[Text]:
    """Utilities, properties and claims."""
    for name, utility in draft.utilities.items():
        units = {key: entry.unit for key, entry in utility.file.constants.items()}
        yield Text(f"utilities/{name}.toml", "utility", utility.expression, units)
    for name, entry in draft.properties.items():
        yield Text(f"properties/{name}.toml", "property", entry.formula, {})
    for name, mechanism in draft.mechanisms.items():
        for number, claim in enumerate(mechanism.claims):
            yield Text(f"mechanisms/{name}.toml", f"claims.{number}.claim", claim, {})


def conditions(node: Expression | Law | Formula) -> tuple[Expression, ...]:
    """The truth values that a formula is made of; nothing for other texts."""
    return _path_conditions(node.path) if isinstance(node, Probability) else ()


def _path_conditions(path: Path) -> tuple[Expression, ...]:
    match path:
        case Within(condition, _) | Throughout(condition, _):
            return (condition,)
        case Until(first, second, _):
            return (first, second)
