"""A world as plain facts for machines: what `glassworld show --json` prints and what reports are made from."""

from dataclasses import replace
from typing import Any

from worldmodel.components.posterior import PosteriorFile
from worldmodel.components.variable import Support
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import element_of, surface
from worldmodel.language.ir import Expression, Formula, Law, Parameter, Variable
from worldmodel.language.render import render
from worldmodel.language.rewrite import change_children, change_law, change_text
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism, VariableComponent, World


def describe(world: World) -> dict[str, Any]:
    """The whole world: head, variables, mechanisms, edges, utilities, objective and properties."""
    return {
        "name": world.header.name,
        "summary": world.header.summary,
        "step": world.header.step,
        "indices": {name: list(elements) for name, elements in world.header.sets.items()},
        "order": list(world.order),
        "variables": {name: describe_variable(world, entry) for name, entry in world.variables.items()},
        "mechanisms": {name: describe_mechanism(world, entry) for name, entry in world.mechanisms.items()},
        "edges": [{"from": source, "lag": lag, "to": target} for source, lag, target in edges(world)],
        "utilities": {
            name: {"stakeholder": entry.file.stakeholder, "utility": render(written(world, entry.expression))}
            for name, entry in world.utilities.items()
        },
        "objective": None if world.objective is None else world.objective.model_dump(mode="json"),
        "properties": {
            name: {"kind": entry.file.kind, "title": entry.file.title, "property": render(entry.formula)}
            for name, entry in world.properties.items()
        },
    }


def at_element(world: World, identifier: str) -> tuple[World, str]:
    """The world in which an element such as `infected[north]` is a variable or mechanism, and how it is called there.

    Its laws are written out for the element, with the parameters that these read. A name without an element, or of
    none that there is, comes back with the world as it was.
    """
    name = identifier.replace(" ", "")
    if "[" not in name or world.grounded:
        return world, identifier
    grounded = ground(world)
    if name not in grounded.variables and name not in grounded.mechanisms:
        return world, identifier
    mechanisms = {key: _of_element(entry) for key, entry in grounded.mechanisms.items()}
    return replace(grounded, mechanisms=mechanisms), name


def _of_element(mechanism: Mechanism) -> Mechanism:
    waiting = [mechanism.law]
    read: set[str] = set()
    while waiting:
        names = {node.name for node in walk(waiting.pop()) if isinstance(node, Parameter)}
        fresh = names & set(mechanism.priors) - read
        read |= fresh
        waiting += [mechanism.priors[name] for name in fresh]
    entries = {name: entry for name, entry in mechanism.file.parameters.items() if name in read}
    file = mechanism.file.model_copy(update={"parameters": entries})
    return replace(mechanism, file=file, law=change_law(mechanism.law, _apart))


def _apart(node: Expression) -> Expression:
    """A grounded variable with its element as an index again, as people write it."""
    if isinstance(node, Variable):
        return Variable(surface(node.name), node.lag, element_of(node.name))
    return change_children(node, _apart)


def describe_one(world: World, identifier: str) -> dict[str, Any]:
    """One mechanism or variable by its id (a mechanism first), or one element; InputError where there is none."""
    world, identifier = at_element(world, identifier)
    if identifier in world.mechanisms:
        return {"mechanism": describe_mechanism(world, world.mechanisms[identifier])}
    if identifier in world.variables:
        return {"variable": describe_variable(world, world.variables[identifier])}
    raise InputError(
        Problem(
            code="unknown-name",
            where="show",
            found=f"“{identifier}”",
            wanted=f"one of {', '.join(sorted({*world.variables, *world.mechanisms}))}",
            mend="name a variable or mechanism of this world",
        )
    )


def describe_variable(world: World, variable: VariableComponent) -> dict[str, Any]:
    """A variable: meaning, unit, support, role, initial laws and the weights of its mechanisms."""
    facts = variable.file.model_dump(mode="json", exclude={"format", "initial", "support"})
    return facts | {
        "support": support_text(variable.file.support),
        "initial": [render(law) for law in variable.initial],
        "mechanisms": dict(world.weights_of(variable.file.id)),
    }


def describe_mechanism(world: World, mechanism: Mechanism) -> dict[str, Any]:
    """A mechanism: its equation, its parameters with prior and posterior, constants, claims and sources."""
    posterior = world.posteriors.get(mechanism.owner)
    return {
        "id": mechanism.file.id,
        "title": mechanism.file.title,
        "equation": equation(world, mechanism),
        "where": {name: render(written(world, value)) for name, value in mechanism.bindings.items()},
        "parameters": {
            name: {
                "prior": render(mechanism.priors[name]),
                "unit": entry.unit,
                "why": entry.why,
                "over": list(entry.over),
                "posterior": _posterior(posterior, name),
            }
            for name, entry in sorted(mechanism.file.parameters.items())
        },
        "constants": {name: entry.model_dump(mode="json") for name, entry in sorted(mechanism.file.constants.items())},
        "tables": {name: entry.model_dump(mode="json") for name, entry in sorted(mechanism.file.tables.items())},
        "claims": [render(claim) for claim in mechanism.claims],
        "sources": [source.ref for source in mechanism.file.sources],
    }


def _posterior(posterior: PosteriorFile | None, name: str) -> Any:
    """A parameter's posterior; of a family of parameters, that of each element by its whole name."""
    if posterior is None:
        return None
    elements = ((key, entry) for key, entry in posterior.parameters.items() if name in {key, surface(key)})
    own = {key: entry.model_dump(mode="json") for key, entry in elements}
    return own.get(name, own)


def equation(world: World, mechanism: Mechanism) -> str:
    """`y[t] ~ law`, or `y[t] = value` where the law has no distribution; without `t` in a static world."""
    sign = "=" if mechanism.law.family == "Delta" else "~"
    places = [*places_of(world, mechanism), *([] if world.static else ["t"])]
    target = f"{mechanism.file.target}[{', '.join(places)}]" if places else mechanism.file.target
    return f"{target} {sign} {render(law_written(world, mechanism.law))}"


def places_of(world: World, mechanism: Mechanism) -> tuple[str, ...]:
    """What a law calls the element of the family that it assigns; nothing for a single variable."""
    return mechanism.file.binders or world.variables[mechanism.file.target].file.over


def law_written(world: World, law: Law) -> Law:
    """A law as its file writes it: in a static world, variables without a time."""
    return change_law(law, _bare) if world.static else law


def written(world: World, node: Expression | Law | Formula) -> Expression | Law | Formula:
    """Any text as its file writes it: in a static world, variables without a time."""
    return change_text(node, _bare) if world.static else node


def expression_written(world: World, node: Expression) -> Expression:
    """An expression as its file writes it."""
    return _bare(node) if world.static else node


def _bare(node: Expression) -> Expression:
    if isinstance(node, Variable):
        return Parameter(node.name, tuple(map(Parameter, node.indices)))
    return change_children(node, _bare)


def support_text(support: Support) -> str:
    """A support in the notation of intervals and sets."""
    if support.kind == "finite":
        return "{" + ", ".join(support.values) + "}"
    lower = "(−∞" if support.lower is None else f"[{support.lower:g}"
    upper = "∞)" if support.upper is None else f"{support.upper:g}]"
    return f"{lower}, {upper}" + (" whole numbers" if support.kind == "integer" else "")


def edges(world: World) -> list[tuple[str, int, str]]:
    """Which variable, how many steps ago, feeds into which: (from, lag, to), sorted, each once.

    Families stand for all of their elements.
    """
    grounded = ground(world)
    shares = {
        one.assigns: world.mechanisms[one.owner].file.target
        for one in grounded.mechanisms.values()
        if surface(one.assigns) not in world.variables
    }
    owner = {name: shares.get(name, surface(name)) for name in grounded.variables}
    found = {
        (owner[node.name], node.lag, owner[mechanism.assigns])
        for mechanism in grounded.mechanisms.values()
        for node in mechanism.inputs
    }
    auxiliary = {(name, 0, name) for name in world.variables}  # a share reads its own weights
    return sorted(found - auxiliary, key=lambda edge: (edge[2], edge[0], edge[1]))
