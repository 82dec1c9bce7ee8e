"""A world's texts rewritten into scalars, as a world of the same type whose names carry their elements."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import product

from worldmodel.components.mechanism import ParameterEntry
from worldmodel.grounding.dirichlet import scalar_mechanisms, weight_variable
from worldmodel.grounding.expressions import Element, ground_law
from worldmodel.grounding.expressions import ground as ground_expression
from worldmodel.grounding.names import element_name, element_of, surface
from worldmodel.language.ir import Law
from worldmodel.language.rewrite import change_formula
from worldmodel.scope import Scope, mechanism_scope, prior_order, utility_scope, world_scope
from worldmodel.world import Mechanism, Utility, VariableComponent, World


@lru_cache(maxsize=16)
def ground(world: World) -> World:
    """The world with one variable and one mechanism for each element of their index sets; grounding twice is grounding.

    In the answer no text has indices, aggregates, bindings or named values; `infected[north]` is the name of a
    variable, and `mechanism.owner` says which component a mechanism comes from.
    """
    if world.grounded:
        return world
    scope = world_scope(world.header, world.variables)
    members = {name: tuple(_members(name, entry.file.over, scope)) for name, entry in world.variables.items()}
    variables = {one.file.id: one for name in world.variables for one in _variables(world.variables[name], scope)}
    mechanisms = {one.file.id: one for entry in world.mechanisms.values() for one in _mechanisms(entry, scope)}
    order = [one for name in world.order for one in members[name]]
    for one in mechanisms.values():
        if one.assigns not in variables:
            share = element_name(world.mechanisms[one.owner].file.target, element_of(one.assigns))
            variables[one.assigns] = weight_variable(variables[share], one.assigns)
            order.insert(min(map(order.index, members[surface(share)])), one.assigns)
    plain = Element(scope, {})
    return replace(
        world,
        header=world.header.model_copy(update={"rivals": _rivals(world, members)}),
        variables=variables,
        mechanisms=mechanisms,
        utilities={name: _utility(utility, scope) for name, utility in world.utilities.items()},
        properties={
            name: replace(entry, formula=change_formula(entry.formula, lambda node: ground_expression(node, plain)))
            for name, entry in world.properties.items()
        },
        order=tuple(order),
        grounded=True,
    )


def _members(name: str, over: tuple[str, ...], scope: Scope) -> Iterator[str]:
    return (element_name(name, chosen) for chosen in product(*(scope.indices[axis] for axis in over)))


def _variables(variable: VariableComponent, scope: Scope) -> Iterator[VariableComponent]:
    file = variable.file
    bound = replace(scope, bound={axis: axis for axis in file.over})
    values = scope.values.get(file.id)
    for chosen in product(*(scope.indices[axis] for axis in file.over)):
        element = Element(bound, dict(zip(file.over, chosen, strict=True)))
        own = file.model_copy(update={"id": element_name(file.id, chosen), "over": ()})
        yield VariableComponent(own, tuple(ground_law(law, element, values) for law in variable.initial))


def _mechanisms(mechanism: Mechanism, world: Scope) -> Iterator[Mechanism]:
    scope = mechanism_scope(world, mechanism)
    file = mechanism.file
    axes = world.over.get(file.target, ())
    priors, entries = _priors(mechanism, scope)
    own = {"parameters": entries, "let": {}, "tables": {}}
    for chosen in product(*(world.indices[axis] for axis in axes)):
        at = dict(zip(file.binders or axes, chosen, strict=True))
        law = ground_law(
            mechanism.law, Element(scope, at, frozenset(file.constants), {}), world.values.get(file.target)
        )
        names = {"id": element_name(file.id, chosen), "assigns": element_name(file.target, chosen)}
        one = Mechanism(file.model_copy(update={**own, **names}), law, priors, (), {}, file.id)
        if law.family == "Dirichlet":
            yield from scalar_mechanisms(one, chosen, world)
        else:
            yield one


def _priors(mechanism: Mechanism, scope: Scope) -> tuple[dict[str, Law], dict[str, ParameterEntry]]:
    """Every parameter of the mechanism, for each element of what it is over, those that priors read before others."""
    priors, entries = {}, {}
    for name in prior_order(mechanism):
        entry = mechanism.file.parameters[name]
        for chosen in product(*(scope.indices[axis] for axis in entry.over)):
            bound = replace(scope, bound={axis: axis for axis in entry.over})
            element = Element(bound, dict(zip(entry.over, chosen, strict=True)), frozenset(mechanism.file.constants))
            own = element_name(name, chosen)
            priors[own] = ground_law(mechanism.priors[name], element)
            entries[own] = entry.model_copy(update={"over": ()})
    return priors, entries


def _utility(utility: Utility, world: Scope) -> Utility:
    element = Element(utility_scope(world, utility), {}, frozenset(utility.file.constants))
    return replace(utility, expression=ground_expression(utility.expression, element))


def _rivals(world: World, members: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, float]]:
    """The weights of every element's rivals, which are those of the family."""
    found = {}
    for name, weights in world.header.rivals.items():
        for one in members[name]:
            inside = element_of(one)
            found[one] = {element_name(mechanism, inside): weight for mechanism, weight in weights.items()}
    return found
