"""Units through every expression: what is added, compared or assigned must be of one unit.

A literal number takes the unit of what it is added to or compared with, and is dimensionless in products and powers.
Arguments of exp, log, tanh and logistic, and exponents, are dimensionless.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from worldmodel.checks.draft import Draft, Text, column, conditions, located
from worldmodel.components.mechanism import ParameterEntry
from worldmodel.components.numbers import ConstantEntry, TableEntry
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
    Expression,
    If,
    Independent,
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
from worldmodel.language.signatures import LAWS, SlotUnit
from worldmodel.language.walk import literal_value, walk
from worldmodel.units import DIMENSIONLESS, Unit, known_unit, parse_unit


@dataclass
class _Scope:
    """The units of names in one text, and the problems met so far. A name whose unit is unknown is let pass."""

    text: Text
    variables: Mapping[str, Unit]
    names: dict[str, Unit | None]
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
    if draft.header is not None and draft.header.step is not None:
        _check_step(draft.header.step, problems)
    _check_declared(draft, problems)
    names: dict[str, dict[str, Unit | None]] = {}
    for text in draft.texts:
        scope = _Scope(text, variables, names.setdefault(text.path, {}), problems)
        match text.node:
            case Law():
                _check_law(text.node, scope, _target(draft, text, variables))
            case Probability():
                for condition in conditions(text.node):
                    _infer(condition, scope)
            case Monotone() | Bounded() | Independent():
                pass
            case Effect():
                _infer(text.node.change, scope)
            case _:
                unit = _infer(text.node, scope)
                if text.part.startswith("let."):
                    scope.names[text.part.split(".")[1]] = unit
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


def _check_declared(draft: Draft, problems: list[Problem]) -> None:
    """Every unit that a declared name is said to have."""
    own: dict[str, list[Mapping[str, ConstantEntry | ParameterEntry | TableEntry]]] = {}
    if draft.header is not None:
        own["world.toml"] = [draft.header.constants, draft.header.tables]
    for name, mechanism in draft.mechanisms.items():
        file = mechanism.file
        own[f"mechanisms/{name}.toml"] = [file.parameters, file.constants, file.tables]
    for name, utility in draft.utilities.items():
        own[f"utilities/{name}.toml"] = [utility.file.constants]
    for path, sections in own.items():
        for section in sections:
            for name, entry in section.items():
                _unit(entry.unit, path, f"{name}.unit", problems)


def _target(draft: Draft, text: Text, variables: Mapping[str, Unit]) -> Unit | None:
    """The unit of what a law draws: of the variable, or for a prior of its parameter."""
    folder, _, name = text.path.removesuffix(".toml").partition("/")
    if folder == "variables":
        return variables.get(name)
    if text.part == "law":
        return variables.get(draft.mechanisms[name].assigns)
    entry = draft.mechanisms[name].file.parameters[text.part.split(".")[1]]
    return parse_unit(entry.unit) if known_unit(entry.unit) else None


def _check_law(law: Law, scope: _Scope, target: Unit | None) -> None:
    for part in law.parts:
        _check_law(part, scope, target)
    slots = LAWS[law.family].slots
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


def _infer(node: Expression, scope: _Scope) -> Unit | None:
    """The unit of an expression; None where it is a literal number or a truth value, which goes with any."""
    match node:
        case Number() | Lookup():
            return None
        case Time():
            return DIMENSIONLESS
        case Aggregate(function, body):
            return _aggregate(function, body, scope)
        case Parameter(name):
            return _named(name, scope)
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


def _named(name: str, scope: _Scope) -> Unit | None:
    """The unit of a declared name. Bindings come before what reads them, so that theirs are known; none in a circle."""
    declared = scope.text.scope.declared.get(name)
    if name not in scope.names and declared is not None and declared.unit is not None:
        scope.names[name] = parse_unit(declared.unit) if known_unit(declared.unit) else None
    return scope.names.get(name)


def _aggregate(function: str, body: Expression, scope: _Scope) -> Unit | None:
    unit = _infer(body, scope)
    if function == "product" and unit is not None and not unit.agrees(DIMENSIONLESS):
        scope.mismatch(
            body, f"{render(body)} is {unit}", "a number without unit", "divide by a constant with that unit"
        )
        return None
    return unit


def _literal(node: Expression) -> bool:
    return not any(isinstance(part, Parameter | Variable | Start | Time) for part in walk(node))


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
