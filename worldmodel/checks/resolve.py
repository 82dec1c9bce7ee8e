"""What a bare or timed name is, told from the names of the whole world: a variable, a table, or something else.

A static world's texts and all formulas write variables bare; a table that is read at the step looks like a variable.
After this every `Variable` node is meant as a variable, and every other name is a `Parameter` node.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from worldmodel.checks.draft import Draft
from worldmodel.language.ir import Binary, Expression, Number, Parameter, Time, Variable
from worldmodel.language.rewrite import Change, change_children, change_formula, change_law
from worldmodel.language.walk import bare_name
from worldmodel.world import Mechanism


@dataclass(frozen=True)
class Names:
    """The variables of the world, the tables and other names that the text may use, and whether variables are bare."""

    variables: frozenset[str]
    tables: frozenset[str]
    declared: frozenset[str]
    bare: bool


def resolve(names: Names) -> Change:
    """The rewriting of a text's expressions."""

    if not names.bare and not names.tables:
        return lambda node: node

    def change(node: Expression) -> Expression:
        match node:
            case Variable(name) if name in names.tables:
                return _timed_table(node, change)
            case Variable(name, 0, ()) if names.bare and name not in names.variables:
                return Parameter(name, at=node.at)
            case Parameter(name, places) if names.bare and name in names.variables and name not in names.declared:
                known = tuple(place for place in map(bare_name, places) if place is not None)
                if len(known) == len(places):
                    return Variable(name, 0, known, at=node.at)
                return change_children(node, change)
            case _:
                return change_children(node, change)

    return change


def _timed_table(node: Variable, change: Change) -> Parameter:
    time: Expression = Time(at=node.at)
    if node.lag:
        time = Binary("-", time, Number(float(node.lag), at=node.at), at=node.at)
    places = tuple(change(Parameter(place, at=node.at)) for place in node.indices)
    return Parameter(node.name, (*places, time), at=node.at)


def resolve_names(draft: Draft) -> Draft:
    """The draft with every name told apart."""
    return replace(
        draft,
        mechanisms={name: _mechanism(draft, mechanism) for name, mechanism in draft.mechanisms.items()},
        utilities={
            name: replace(
                utility, expression=_names(draft, utility.file.constants, (), draft.static)(utility.expression)
            )
            for name, utility in draft.utilities.items()
        },
        properties={
            name: replace(entry, formula=change_formula(entry.formula, _names(draft, (), (), True)))
            for name, entry in draft.properties.items()
        },
    )


def _mechanism(draft: Draft, mechanism: Mechanism) -> Mechanism:
    file = mechanism.file
    declared = (*file.parameters, *file.constants, *file.let, *file.binders)
    change = _names(draft, declared, file.tables, draft.static)
    formula = _names(draft, declared, file.tables, True)
    return replace(
        mechanism,
        law=change_law(mechanism.law, change),
        bindings={name: change(value) for name, value in mechanism.bindings.items()},
        claims=tuple(change_formula(claim, formula) for claim in mechanism.claims),
    )


def _names(draft: Draft, declared: Iterable[str], tables: Iterable[str], bare: bool) -> Change:
    shared = draft.header.tables if draft.header else {}
    everything = frozenset({*declared, *tables, *draft.scope.declared, *draft.scope.indices})
    return resolve(Names(draft.named("variables"), frozenset({*tables, *shared}), everything, bare))
