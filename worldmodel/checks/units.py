"""Units through every expression: what is added, compared or assigned must be of one unit.

A literal number takes the unit of what it is added to or compared with, and is dimensionless in products and powers.
Arguments of exp, log, tanh and logistic, and exponents, are dimensionless.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from worldmodel.checks.draft import Draft, Text, column, conditions, laws, located, purposes
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Lookup,
    Monotone,
    Negate,
    Not,
    Number,
    Parameter,
    Probability,
    Start,
    Time,
    Variable,
)
from worldmodel.language.render import render
from worldmodel.language.signatures import FAMILIES, SlotUnit
from worldmodel.language.walk import literal_value, walk
from worldmodel.units import DIMENSIONLESS, Unit, parse_unit


@dataclass
class _Scope:
    """The units of names in one text, and the problems met so far. A name whose unit is unknown is let pass."""

    text: Text
    variables: Mapping[str, Unit]
    names: Mapping[str, Unit]
    problems: list[Problem]

    def mismatch(self, node: Expression, found: str, wanted: str, mend: str) -> None:
        self.problems.append(
            Problem(
                code="unit-mismatch",
                where=self.text.path,
                part=self.text.part,
                column=column(node),
                found=found,
                wanted=wanted,
                mend=mend,
            )
        )


def check_units(draft: Draft) -> Iterator[Problem]:
    """Units that are unknown, and expressions whose units do not agree."""
    problems: list[Problem] = []
    variables = {
        name: unit
        for name, variable in draft.variables.items()
        if (unit := _unit(variable.file.unit, f"variables/{name}.toml", "unit", problems))
    }
    if draft.header is not None:
        _check_step(draft.header.step, problems)
    for text in laws(draft):
        scope = _Scope(text, variables, _names(text, problems), problems)
        _check_law(scope, _target(draft, text, variables))
    for text in purposes(draft):
        _check_purpose(_Scope(text, variables, _names(text, problems), problems))
    for name, variable in draft.variables.items():
        for law in variable.initial:
            scope = _Scope(Text(f"variables/{name}.toml", "initial", law, {}), variables, {}, problems)
            _check_law(scope, variables.get(name))
    yield from problems


def _unit(text: str, path: str, part: str, problems: list[Problem]) -> Unit | None:
    try:
        return parse_unit(text)
    except InputError as error:
        problems.extend(located(problem, path, part) for problem in error.problems)
        return None


def _check_step(step: str, problems: list[Problem]) -> None:
    unit = _unit(step, "world.toml", "step", problems)
    if unit is not None and unit.base != parse_unit("second").base:
        problems.append(
            Problem(
                code="unit-mismatch",
                where="world.toml",
                part="step",
                found=f"“{step}”",
                wanted="a length of time such as “quarter” or “day”",
                mend="say how long one step lasts",
            )
        )


def _names(text: Text, problems: list[Problem]) -> dict[str, Unit]:
    found = {name: _unit(unit, text.path, f"{name}.unit", problems) for name, unit in text.units.items()}
    return {name: unit for name, unit in found.items() if unit is not None}


def _target(draft: Draft, text: Text, variables: Mapping[str, Unit]) -> Unit | None:
    mechanism = draft.mechanisms[text.path.removeprefix("mechanisms/").removesuffix(".toml")]
    return variables.get(mechanism.file.assigns)


def _check_law(scope: _Scope, target: Unit | None) -> None:
    law = scope.text.node
    if not isinstance(law, Law):
        return
    slots = FAMILIES[law.family].slots
    for number, argument in enumerate(law.arguments):
        slot = slots[min(number, len(slots) - 1)]
        unit = _infer(argument, scope)
        wanted = _slot_unit(slot.unit, target)
        if unit is not None and wanted is not None and not unit.agrees(wanted):
            mend = "multiply or divide by a constant that has the missing unit"
            scope.mismatch(argument, f"{render(argument)} is {unit}", f"{slot.name} needs {wanted}", mend)


def _slot_unit(rule: SlotUnit, target: Unit | None) -> Unit | None:
    match rule:
        case "none":
            return DIMENSIONLESS
        case "same":
            return target
        case "inverse":
            return None if target is None else target.power(-1)
        case _:
            assert_never(rule)


def _check_purpose(scope: _Scope) -> None:
    match scope.text.node:
        case Probability():
            for condition in conditions(scope.text.node):
                _infer(condition, scope)
        case Monotone() | Law():
            pass
        case _:
            _infer(scope.text.node, scope)


def _infer(node: Expression, scope: _Scope) -> Unit | None:
    """The unit of an expression; None where it is a literal number or a truth value, which goes with any."""
    match node:
        case Number() | Time() | Lookup():
            return None
        case Aggregate(_, body):
            return _infer(body, scope)
        case Parameter(name):
            return scope.names.get(name)
        case Variable(name) | Start(name):
            return scope.variables.get(name)
        case Negate(operand) | Not(operand):
            return _infer(operand, scope)
        case Binary("*" | "/" as operator, left, right):
            return _product(node, _infer(left, scope), _infer(right, scope), 1 if operator == "*" else -1)
        case Binary("^", left, right):
            return _power(left, right, scope)
        case Binary(_, left, right) | Compare(_, left, right):
            unit = _same((left, right), scope)
            return None if isinstance(node, Compare) else unit
        case Logical(_, left, right):
            _infer(left, scope)
            _infer(right, scope)
            return None
        case If(condition, then, otherwise):
            _infer(condition, scope)
            return _same((then, otherwise), scope)
        case Call(function, arguments):
            return _call(function, arguments, scope)
        case _:
            assert_never(node)


def _literal(node: Expression) -> bool:
    return not any(isinstance(part, Parameter | Variable | Start) for part in walk(node))


def _product(node: Binary, left: Unit | None, right: Unit | None, sign: int) -> Unit | None:
    """A factor whose unit is unknown, because its file is broken, leaves the product's unit unknown."""
    unknown = (left is None and not _literal(node.left)) or (right is None and not _literal(node.right))
    if unknown or (left is None and right is None):
        return None
    return (left or DIMENSIONLESS).times(right or DIMENSIONLESS, sign)


def _power(base: Expression, exponent: Expression, scope: _Scope) -> Unit | None:
    _want_dimensionless(exponent, scope)
    unit = _infer(base, scope)
    if unit is None or unit.agrees(DIMENSIONLESS):
        return unit
    value = literal_value(exponent)
    if value is None:
        scope.mismatch(
            exponent,
            f"{render(base)} is {unit}",
            "a plain number as the exponent of what has a unit",
            "divide the base by a constant with that unit first",
        )
        return None
    return unit.power(value)


def _same(nodes: tuple[Expression, ...], scope: _Scope) -> Unit | None:
    """The common unit of what is added, compared or chosen between."""
    first: tuple[Expression, Unit] | None = None
    for node in nodes:
        unit = _infer(node, scope)
        if unit is None:
            continue
        if first is None:
            first = (node, unit)
        elif not unit.agrees(first[1]):
            scope.mismatch(
                node,
                f"{render(node)} is {unit}",
                f"{render(first[0])} is {first[1]}",
                "convert one of them by a constant with a unit",
            )
    return first[1] if first else None


def _call(function: str, arguments: tuple[Expression, ...], scope: _Scope) -> Unit | None:
    match function:
        case "abs":
            return _infer(arguments[0], scope)
        case "min" | "max" | "clip":
            return _same(arguments, scope)
        case "mix":
            _want_dimensionless(arguments[0], scope)
            return _same(arguments[1:], scope)
        case "sqrt":
            unit = _infer(arguments[0], scope)
            return None if unit is None else unit.power(0.5)
        case _:
            _want_dimensionless(arguments[0], scope)
            return None if _literal(arguments[0]) else DIMENSIONLESS


def _want_dimensionless(node: Expression, scope: _Scope) -> None:
    unit = _infer(node, scope)
    if unit is not None and not unit.agrees(DIMENSIONLESS):
        scope.mismatch(
            node, f"{render(node)} is {unit}", "a number without unit", "divide by a constant with that unit"
        )
