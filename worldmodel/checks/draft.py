"""A world that is being checked: what could be loaded and parsed so far, beside the names of all files.

A check looks only at what loaded, so one broken file does not hide the problems of the others, and a name whose file
is broken counts as existing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from worldmodel.components.posterior import PosteriorFile
from worldmodel.components.purpose import ObjectiveFile
from worldmodel.components.world import WorldFile
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Expression, Formula, Law, Node, Path, Probability, Throughout, Until, Within
from worldmodel.scope import Declared, Scope, in_order, mechanism_scope, single_axes, utility_scope, world_scope
from worldmodel.world import Mechanism, Property, Utility, VariableComponent

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Text:
    """A parsed text, its place, and what its names mean."""

    path: str
    part: str
    node: Expression | Law | Formula
    scope: Scope


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

    @cached_property
    def _named(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for path in self.digests:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, set()).add(name.removesuffix(".toml"))
        return {folder: frozenset(names) for folder, names in found.items()}

    def named(self, folder: str) -> frozenset[str]:
        """The ids of all files of a folder, those that could not be loaded included."""
        return self._named.get(folder, frozenset())

    @cached_property
    def static(self) -> bool:
        """Whether the world has no time."""
        return self.header is not None and self.header.step is None

    @cached_property
    def scope(self) -> Scope:
        """What every text may speak of."""
        return world_scope(self.header, self.variables)

    @cached_property
    def scopes(self) -> Mapping[str, Scope]:
        """What the texts of each mechanism may speak of."""
        return {name: mechanism_scope(self.scope, mechanism) for name, mechanism in self.mechanisms.items()}

    @cached_property
    def texts(self) -> tuple["Text", ...]:
        """Every text: laws of mechanisms first, then utilities, properties and claims, then the laws before step 1."""
        return (*laws(self), *purposes(self), *initial_laws(self))

    @cached_property
    def assigning(self) -> Mapping[str, tuple[Mechanism, ...]]:
        """The mechanisms of each variable."""
        found: dict[str, list[Mechanism]] = {}
        for mechanism in self.mechanisms.values():
            found.setdefault(mechanism.assigns, []).append(mechanism)
        return {name: tuple(mechanisms) for name, mechanisms in found.items()}


def located(problem: Problem, path: str, part: str) -> Problem:
    """A problem of a text, placed in its file and key."""
    return replace(problem, where=path, part=part)


def parse_at(path: str, part: str, parse: Callable[[str], Parsed], text: str) -> Parsed:
    """Parse a text; its problems name the file and key they are in."""
    try:
        parsed: Parsed = _parsed(parse, text)
    except InputError as error:
        raise InputError(located(problem, path, part) for problem in error.problems) from error
    return parsed


@lru_cache(maxsize=256)
def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    """Many components of a world share a text, priors above all; the limits on a text bound what is kept."""
    return parse(text)


def column(node: Node) -> int:
    """The column of a node's first character, counted from 1."""
    return node.at.start + 1


def laws(draft: Draft) -> Iterator[Text]:
    """The bindings of mechanisms, each after those that it reads, their laws, and their priors."""
    for name, mechanism in draft.mechanisms.items():
        path, scope = f"mechanisms/{name}.toml", draft.scopes[name]
        order = in_order(mechanism.bindings)
        for binding in (*order, *sorted(set(mechanism.bindings) - set(order))):
            yield Text(path, f"let.{binding}.value", mechanism.bindings[binding], scope)
        yield Text(path, "law", mechanism.law, scope)
        of_all = replace(scope, declared=_without_bindings(mechanism, scope), bound={})
        for parameter, prior in mechanism.priors.items():
            yield Text(path, f"parameters.{parameter}.prior", prior, _prior_scope(mechanism, parameter, of_all))


def _without_bindings(mechanism: Mechanism, scope: Scope) -> Mapping[str, Declared]:
    if not mechanism.bindings:
        return scope.declared
    return {name: entry for name, entry in scope.declared.items() if entry.kind != "binding"}


def _prior_scope(mechanism: Mechanism, parameter: str, of_all: Scope) -> Scope:
    """What a prior may speak of: the mechanism's other parameters, and the indices that the parameter is over.

    A scope of its own is made only where it says another thing than that of all priors.
    """
    entry = mechanism.file.parameters[parameter]
    if parameter in entry.prior:
        of_all = replace(of_all, declared={name: own for name, own in of_all.declared.items() if name != parameter})
    return replace(of_all, bound=single_axes(entry.over)) if entry.over else of_all


def initial_laws(draft: Draft) -> Iterator[Text]:
    """The laws of variables before step 1, which know shared numbers and the variable's own indices."""
    for name, variable in draft.variables.items():
        scope = replace(draft.scope, bound=single_axes(variable.file.over))
        for place, law in enumerate(variable.initial):
            yield Text(f"variables/{name}.toml", f"initial.{place}", law, scope)


def purposes(draft: Draft) -> Iterator[Text]:
    """Utilities, properties and claims."""
    for name, utility in draft.utilities.items():
        scope = utility_scope(draft.scope, utility)
        yield Text(f"utilities/{name}.toml", "utility", utility.expression, scope)
    for name, entry in draft.properties.items():
        yield Text(f"properties/{name}.toml", "property", entry.formula, draft.scope)
    for name, mechanism in draft.mechanisms.items():
        for number, claim in enumerate(mechanism.claims):
            yield Text(f"mechanisms/{name}.toml", f"claims.{number}.claim", claim, draft.scopes[name])


def conditions(node: Expression | Law | Formula) -> tuple[Expression, ...]:
    """The truth values that a formula is made of; nothing for other texts."""
    return _path_conditions(node.path) if isinstance(node, Probability) else ()


def _path_conditions(path: Path) -> tuple[Expression, ...]:
    match path:
        case Within(condition, _) | Throughout(condition, _):
            return (condition,)
        case Until(first, second, _):
            return (first, second)
