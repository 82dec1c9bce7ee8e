"""Texts of a question (another law, an outcome) in the whole language, checked and written out for a grounded world.

The world's components are put together again from their elements, with the text among them, so that the same checks
and the same grounding serve as for a text in a file. In a law for one element, the name of an index set stands for that
element.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from worldmodel.checks.draft import Draft
from worldmodel.checks.law_kinds import check_law_kinds
from worldmodel.checks.names import check_names
from worldmodel.checks.resolve import Names, resolve, resolve_names
from worldmodel.checks.types import check_types
from worldmodel.checks.units import check_units
from worldmodel.components.mechanism import ParameterEntry
from worldmodel.components.purpose import UtilityFile
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.expressions import Element, ground_law
from worldmodel.grounding.expressions import ground as ground_expression
from worldmodel.grounding.names import element_of, surface
from worldmodel.language.ir import Expression, Law
from worldmodel.language.signatures import JOINT
from worldmodel.world import Mechanism, Utility, VariableComponent, World

_OUTCOME = UtilityFile(format=1, id="of", stakeholder="who asks", title="outcome", utility="0", why="it was asked for")


def law_for(world: World, mechanism: Mechanism, law: Law) -> Law:
    """A law in place of a mechanism's own, in scalars; raises InputError with all that is wrong with it."""
    if law.family in JOINT:
        raise InputError(_joint(mechanism.assigns, law))
    whole = _whole_mechanism(world, mechanism, law)
    draft = resolve_names(_draft(world, {whole.file.id: whole}, {}))
    path = f"mechanisms/{whole.file.id}.toml"
    problems = [*check_names(draft)] or [*check_types(draft), *check_law_kinds(draft, path, whole)]
    if problems or (problems := list(check_units(draft))):
        raise InputError(_told(problems, mechanism.assigns))
    target = surface(mechanism.assigns)
    axes = draft.scope.over.get(target, ())
    at = dict(zip(axes, element_of(mechanism.assigns), strict=True))
    element = Element(draft.scopes[whole.file.id], at, frozenset(whole.file.constants), {})
    return ground_law(draft.mechanisms[whole.file.id].law, element, draft.scope.values.get(target))


def expression_for(world: World, expression: Expression) -> Expression:
    """An expression over variables, bare ones too, in scalars; raises InputError where it has no meaning."""
    draft = _draft(world, {}, {})
    shared = draft.header.tables if draft.header else {}
    declared = frozenset({*draft.scope.declared, *draft.scope.indices})
    known = resolve(Names(draft.named("variables"), frozenset(shared), declared, True))(expression)
    draft = _draft(world, {}, {"of": Utility(_OUTCOME, known)})
    problems = [*check_names(draft)] or [*check_types(draft)]
    if problems:
        raise InputError(replace(problem, where="--of", part="") for problem in problems)
    return ground_expression(known, Element(draft.scope, {}))


def _joint(variable: str, law: Law) -> Problem:
    return Problem(
        code="wrong-kind",
        where="--do",
        part=variable,
        found=f"{law.family}, a law of all elements together",
        wanted="a law of one variable",
        mend="give each element a law of its own",
    )


def _told(problems: Iterable[Problem], variable: str) -> Iterator[Problem]:
    return (replace(problem, where="--do", part=variable) for problem in problems)


def _draft(world: World, mechanisms: Mapping[str, Mechanism], utilities: Mapping[str, Utility]) -> Draft:
    variables = {surface(name): entry for name, entry in world.variables.items()}
    axes = _axes(world, world.variables)
    whole = {
        name: VariableComponent(entry.file.model_copy(update={"id": name, "over": axes[name]}), ())
        for name, entry in variables.items()
    }
    paths = {f"variables/{name}.toml": "" for name in whole}
    return Draft(world.header, whole, mechanisms, {}, utilities, None, {}, paths)


def _whole_mechanism(world: World, mechanism: Mechanism, law: Law) -> Mechanism:
    file = mechanism.file
    axes = _axes(world, file.parameters)
    parameters: dict[str, ParameterEntry] = {
        surface(name): entry.model_copy(update={"over": axes[surface(name)]}) for name, entry in file.parameters.items()
    }
    changes = {"id": mechanism.owner, "assigns": surface(file.assigns), "parameters": parameters}
    return Mechanism(file.model_copy(update=changes), law, {}, ())


def _axes(world: World, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The index sets that families are over, told from their elements."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in names:
        found.setdefault(surface(name), []).append(element_of(name))
    return {
        name: tuple(_axis(world, dict.fromkeys(place)) for place in zip(*members, strict=True))
        for name, members in found.items()
    }


def _axis(world: World, elements: Iterable[str]) -> str:
    wanted = tuple(elements)
    return next(axis for axis, own in world.header.sets.items() if own == wanted)
