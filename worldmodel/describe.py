"""A world as plain facts for machines: what `glassworld show --json` prints and what reports are made from."""

from typing import Any

from worldmodel.components.variable import Support
from worldmodel.errors import InputError, Problem
from worldmodel.language.render import render
from worldmodel.world import Mechanism, VariableComponent, World


def describe(world: World) -> dict[str, Any]:
    """The whole world: head, variables, mechanisms, edges, utilities, objective and properties."""
    return {
        "name": world.header.name,
        "summary": world.header.summary,
        "step": world.header.step,
        "order": list(world.order),
        "variables": {name: describe_variable(world, entry) for name, entry in world.variables.items()},
        "mechanisms": {name: describe_mechanism(world, entry) for name, entry in world.mechanisms.items()},
        "edges": [{"from": source, "lag": lag, "to": target} for source, lag, target in edges(world)],
        "utilities": {
            name: {"stakeholder": entry.file.stakeholder, "utility": render(entry.expression)}
            for name, entry in world.utilities.items()
        },
        "objective": None if world.objective is None else world.objective.model_dump(mode="json"),
        "properties": {
            name: {"kind": entry.file.kind, "title": entry.file.title, "property": render(entry.formula)}
            for name, entry in world.properties.items()
        },
    }


def describe_one(world: World, identifier: str) -> dict[str, Any]:
    """One mechanism or variable by its id (a mechanism first); InputError where there is none."""
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
    posterior = world.posteriors.get(mechanism.file.id)
    return {
        "id": mechanism.file.id,
        "title": mechanism.file.title,
        "equation": equation(mechanism),
        "parameters": {
            name: {
                "prior": render(mechanism.priors[name]),
                "unit": entry.unit,
                "why": entry.why,
                "posterior": None if posterior is None else posterior.parameters[name].model_dump(mode="json"),
            }
            for name, entry in sorted(mechanism.file.parameters.items())
        },
        "constants": {name: entry.model_dump(mode="json") for name, entry in sorted(mechanism.file.constants.items())},
        "claims": [render(claim) for claim in mechanism.claims],
        "sources": [source.ref for source in mechanism.file.sources],
    }


def equation(mechanism: Mechanism) -> str:
    """`y[t] ~ law`, or `y[t] = value` where the law has no distribution."""
    sign = "=" if mechanism.law.family == "Delta" else "~"
    return f"{mechanism.assigns}[t] {sign} {render(mechanism.law)}"


def support_text(support: Support) -> str:
    """A support in the notation of intervals and sets."""
    if support.kind == "finite":
        return "{" + ", ".join(support.values) + "}"
    lower = "(−∞" if support.lower is None else f"[{support.lower:g}"
    upper = "∞)" if support.upper is None else f"{support.upper:g}]"
    return f"{lower}, {upper}" + (" whole numbers" if support.kind == "integer" else "")


def edges(world: World) -> list[tuple[str, int, str]]:
    """Which variable, how many steps ago, feeds into which: (from, lag, to), sorted, each once."""
    found = {
        (node.name, node.lag, mechanism.assigns) for mechanism in world.mechanisms.values() for node in mechanism.inputs
    }
    return sorted(found, key=lambda edge: (edge[2], edge[0], edge[1]))
