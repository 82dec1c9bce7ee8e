"""Files to a checked world: load every component, parse every text, check them against each other.

`check_files` answers what is wrong; `world_of`, `build_world` and `load_world` give the world or raise InputError.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from worldmodel import limits
from worldmodel.canonical import digest
from worldmodel.checks.declarations import check_declarations
from worldmodel.checks.draft import Draft, parse_at
from worldmodel.checks.graph import assignment_order, check_graph
from worldmodel.checks.names import check_names
from worldmodel.checks.posteriors import check_posteriors
from worldmodel.checks.purposes import check_purposes
from worldmodel.checks.resolve import resolve_names
from worldmodel.checks.sizes import check_sizes
from worldmodel.checks.supports import check_supports
from worldmodel.checks.tables import check_tables
from worldmodel.checks.types import check_types
from worldmodel.checks.units import check_units
from worldmodel.components.base import ComponentFile
from worldmodel.components.load import load_component
from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.posterior import PosteriorFile
from worldmodel.components.purpose import ObjectiveFile, PropertyFile, UtilityFile
from worldmodel.components.variable import VariableFile
from worldmodel.components.world import WorldFile
from worldmodel.errors import InputError, Problem, bounded_by_file
from worldmodel.files import COMPONENT_PATH, GOVERNANCE_PATH, parse_toml, read_folder
from worldmodel.language.parser import parse_expression, parse_formula, parse_law
from worldmodel.world import Mechanism, Property, Utility, VariableComponent, World

Result = TypeVar("Result")
Loaded = TypeVar("Loaded", bound=ComponentFile)

CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    check_names,
    check_declarations,
    check_tables,
    check_sizes,
    check_graph,
    check_types,
    check_units,
    check_supports,
    check_posteriors,
    check_purposes,
)


def component_digest(path: str, content: bytes) -> str:
    """The digest of one component file, which formatting does not change."""
    return digest(parse_toml(path, content))


def load_world(folder: Path) -> World:
    """The checked world of a folder."""
    draft, problems = _read(read_folder(folder))
    return _finish(draft, problems)


def check_files(files: Mapping[str, bytes]) -> list[Problem]:
    """Every problem of a world's files, governance files left to their own checker."""
    draft, problems = _read({path: files[path] for path in files if not GOVERNANCE_PATH.match(path)})
    return bounded_by_file([*problems, *_cross_check(draft)])


def world_of(files: Mapping[str, bytes]) -> World:
    """The checked world of a world's files, governance files left out; raises InputError with what is wrong."""
    return build_world({path: parse_toml(path, files[path]) for path in files if not GOVERNANCE_PATH.match(path)})


def build_world(components: Mapping[str, Mapping[str, Any]]) -> World:
    """The checked world that already parsed components make, as a bundle carries them."""
    draft, problems = _draft({path: dict(components[path]) for path in sorted(components)})
    return _finish(draft, problems)


def _finish(draft: Draft, problems: list[Problem]) -> World:
    problems = bounded_by_file([*problems, *_cross_check(draft)])
    if problems or draft.header is None:
        raise InputError(problems)
    return World(
        header=draft.header,
        variables=draft.variables,
        mechanisms=draft.mechanisms,
        posteriors=draft.posteriors,
        utilities=draft.utilities,
        objective=draft.objective,
        properties=draft.properties,
        digests=draft.digests,
        order=assignment_order(draft),
    )


def _cross_check(draft: Draft) -> list[Problem]:
    return [problem for check in CHECKS for problem in check(draft)]


def _read(files: Mapping[str, bytes]) -> tuple[Draft, list[Problem]]:
    collector = _Collector()
    if len(files) > limits.WORLD_FILES or sum(map(len, files.values())) > limits.WORLD_BYTES:
        raise InputError(
            Problem(
                code="too-large",
                where="world",
                found=f"{len(files)} files",
                wanted=f"at most {limits.WORLD_FILES} files and {limits.WORLD_BYTES} bytes",
                mend="split the world",
            )
        )
    parsed = {path: collector.attempt(parse_toml, path, files[path]) for path in sorted(files)}
    draft, problems = _draft(parsed)
    return draft, [*collector.problems, *problems]


@dataclass
class _Collector:
    """Runs loaders and keeps their problems, so that one bad file does not end the search."""

    problems: list[Problem] = field(default_factory=list)

    def attempt(self, function: Callable[..., Result], *arguments: Any) -> Result | None:
        try:
            return function(*arguments)
        except InputError as error:
            self.problems.extend(error.problems)
            return None


def _draft(components: Mapping[str, dict[str, Any] | None]) -> tuple[Draft, list[Problem]]:
    collector = _Collector([_misplaced(path) for path in components if not COMPONENT_PATH.match(path)])
    known = {path: values for path, values in components.items() if COMPONENT_PATH.match(path)}
    digests = {path: collector.attempt(_digest, path, values) for path, values in known.items()}
    if "world.toml" not in known:
        collector.problems.append(_no_header())

    def load(path: str, model: type[Loaded]) -> Loaded | None:
        values = known.get(path)
        return (
            None if values is None or digests[path] is None else collector.attempt(load_component, path, values, model)
        )

    def every(folder: str, model: type[Loaded], finish: Callable[[str, Loaded], Result]) -> dict[str, Result]:
        found = {}
        for path in sorted(path for path in known if path.startswith(folder + "/")):
            component = load(path, model)
            result = None if component is None else collector.attempt(finish, path, component)
            if result is not None:
                found[path.rpartition("/")[2].removesuffix(".toml")] = result
        return found

    draft = Draft(
        header=load("world.toml", WorldFile),
        variables=every("variables", VariableFile, _variable),
        mechanisms=every("mechanisms", MechanismFile, _mechanism),
        posteriors=every("posteriors", PosteriorFile, lambda _, component: component),
        utilities=every("utilities", UtilityFile, _utility),
        objective=load("objective.toml", ObjectiveFile),
        properties=every("properties", PropertyFile, _property),
        digests={path: value or "" for path, value in digests.items()},
    )
    return resolve_names(draft), collector.problems


def _digest(path: str, values: dict[str, Any] | None) -> str | None:
    """The digest of plain values; None where the file could not be parsed. Dates and such have no canonical form."""
    if values is None:
        return None
    try:
        return digest(values)
    except InputError as error:
        raise InputError(
            Problem(code="not-canonical", where=path, found=problem.found, wanted=problem.wanted, mend=problem.mend)
            for problem in error.problems
        ) from error


def _misplaced(path: str) -> Problem:
    return Problem(
        code="not-a-component",
        where=path[:200],
        found="a file that is no component",
        wanted="world.toml, objective.toml or FOLDER/ID.toml with a lower-case id",
        mend="move or rename it",
    )


def _no_header() -> Problem:
    return Problem(
        code="no-world",
        where="world.toml",
        found="no such file",
        wanted="the head of the world",
        mend="add world.toml, or make a world with `glassworld init`",
    )


def _variable(path: str, component: VariableFile) -> VariableComponent:
    parts = enumerate(component.initial)
    return VariableComponent(component, tuple(parse_at(path, f"initial.{i}", parse_law, text) for i, text in parts))


def _mechanism(path: str, component: MechanismFile) -> Mechanism:
    _refuse_long(path, component)
    collector = _Collector()
    law = collector.attempt(parse_at, path, "law", parse_law, component.law)
    priors = {
        name: collector.attempt(parse_at, path, f"parameters.{name}.prior", parse_law, entry.prior)
        for name, entry in sorted(component.parameters.items())
    }
    bindings = {
        name: collector.attempt(parse_at, path, f"let.{name}.value", parse_expression, entry.value)
        for name, entry in sorted(component.let.items())
    }
    claims = [
        collector.attempt(parse_at, path, f"claims.{number}.claim", parse_formula, entry.claim)
        for number, entry in enumerate(component.claims)
    ]
    if collector.problems or law is None:
        raise InputError(collector.problems)
    return Mechanism(
        component,
        law,
        {name: prior for name, prior in priors.items() if prior is not None},
        tuple(claim for claim in claims if claim is not None),
        {name: value for name, value in bindings.items() if value is not None},
    )


def _refuse_long(path: str, component: MechanismFile) -> None:
    """Texts that no person would read to the end, before any of them is parsed."""
    priors = (entry.prior for entry in component.parameters.values())
    bindings = (entry.value for entry in component.let.values())
    claims = (entry.claim for entry in component.claims)
    length = sum(map(len, (component.law, *priors, *bindings, *claims)))
    if length > limits.MECHANISM_CHARACTERS:
        raise InputError(
            Problem(
                code="too-large",
                where=path,
                found=f"{length} characters of law, bindings, priors and claims together",
                wanted=f"at most {limits.MECHANISM_CHARACTERS}",
                mend="split the mechanism in two",
            )
        )


def _utility(path: str, component: UtilityFile) -> Utility:
    return Utility(component, parse_at(path, "utility", parse_expression, component.utility))


def _property(path: str, component: PropertyFile) -> Property:
    return Property(component, parse_at(path, "property", parse_formula, component.property))
