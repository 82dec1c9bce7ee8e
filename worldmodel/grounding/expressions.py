"""One expression or law for one element of its index sets: names get their elements, sums are written out.

What does not depend on the state is folded: a table at fixed places is a number, `if a == b` is one of its branches, a
product with 0 is 0, so that places without contact are no edges. Units were checked before, on the text as written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import assert_never

from worldmodel.grounding.names import element_name
from worldmodel.grounding.tables import flatten
from worldmodel.language.ir import (
    Aggregate,
    AggregateFunction,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Lookup,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.language.rewrite import change_children, join
from worldmodel.language.walk import bare_name
from worldmodel.scope import Declared, Domain, Scope


@dataclass(frozen=True)
class Element:
    """The element that a text is written out for: which element each index in force stands for."""

    scope: Scope
    at: Mapping[str, str]
    own_constants: frozenset[str] = frozenset()
    bindings: "dict[str, Expression] | None" = None
    """Bindings already written out for this element; shared by all texts of it."""


def ground_law(law: Law, element: Element, wanted: Domain | None = None) -> Law:
    """A law for one element; `wanted` are the values of the finite variable that it assigns."""
    parts = tuple(ground_law(part, element, wanted) for part in law.parts)
    first = law.arguments[0] if law.arguments else None
    if law.family == "Categorical" and len(law.arguments) == 1 and isinstance(first, Parameter):
        return Law(law.family, _row(first, element), parts, at=law.at)
    own = wanted if law.family == "Delta" else None
    return Law(law.family, tuple(ground(argument, element, own) for argument in law.arguments), parts, at=law.at)


def ground(node: Expression, element: Element, wanted: Domain | None = None) -> Expression:
    """An expression for one element; `wanted` are the names among which a bare name of a value is."""
    match node:
        case Variable(name, lag, places):
            return Variable(element_name(name, _elements(places, element)), lag, at=node.at)
        case Start(name, places):
            return Start(element_name(name, _elements(places, element)), at=node.at)
        case Parameter():
            return _name(node, element, wanted)
        case If(condition):
            return _choice(node, ground(condition, element), element, wanted or element.scope.domain(node))
        case Compare(operator, left, right):
            domain = element.scope.domain(left) or element.scope.domain(right)
            return Compare(operator, ground(left, element, domain), ground(right, element, domain), at=node.at)
        case Aggregate():
            return _aggregate(node, element)
        case Binary():
            return _folded(change_children(node, lambda child: ground(child, element)))
        case Number() | Time() | Negate() | Logical() | Not() | Call() | Lookup():
            return change_children(node, lambda child: ground(child, element))
        case _:
            assert_never(node)


def _elements(places: tuple[str, ...], element: Element) -> tuple[str, ...]:
    return tuple(element.at.get(place, place) for place in places)


def _name(node: Parameter, element: Element, wanted: Domain | None) -> Expression:
    scope, name = element.scope, node.name
    if name in element.at:
        return Number(float(scope.indices[scope.bound[name]].index(element.at[name])), at=node.at)
    declared = scope.declared.get(name)
    if declared is None:
        assert wanted is not None, f"the checker lets no name without a meaning through: {name}"
        return Number(float(wanted.index(name)), at=node.at)
    match declared.kind:
        case "parameter":
            places = tuple(place for place in map(bare_name, node.indices) if place is not None)
            return Parameter(element_name(name, _elements(places, element)), at=node.at)
        case "constant":
            if name in element.own_constants:
                return node
            assert declared.value is not None
            return Number(float(declared.value), at=node.at)
        case "binding":
            return _binding(name, declared, element)
        case "table":
            (column,) = _columns(node, declared, element)
            return column
        case _:
            assert_never(declared.kind)


def _binding(name: str, declared: Declared, element: Element) -> Expression:
    """A binding written out; one that several texts read is written out once and shared."""
    assert declared.binding is not None, "the checker lets no binding in a circle through"
    found = {} if element.bindings is None else element.bindings
    if name not in found:
        found[name] = ground(declared.binding, replace(element, bindings=found), declared.domain)
    return found[name]


def _row(node: Parameter, element: Element) -> tuple[Expression, ...]:
    declared = element.scope.declared[node.name]
    return _columns(node, declared, element)


def _columns(node: Parameter, declared: Declared, element: Element) -> tuple[Expression, ...]:
    """What a table holds at its places: one expression, or one for each entry of its rows."""
    assert declared.rows is not None
    scope = element.scope
    domains = [scope.names_along(axis) for axis in declared.axes]
    places = tuple(
        _since_first(ground(place, element)) if domain is None else ground(place, element, domain)
        for place, domain in zip(node.indices, domains, strict=True)
    )
    sizes, columns = flatten(declared.rows, domains)
    fixed = [place.value for place in places if isinstance(place, Number)]
    if len(fixed) == len(places):
        at = _flat(fixed, sizes)
        return tuple(Number(column[at], at=node.at) for column in columns)
    return tuple(Lookup(column, sizes, places, at=node.at) for column in columns)


def _since_first(time: Expression) -> Expression:
    """The place of a step in a list whose first entry is step 1."""
    return Binary("-", time, Number(1.0))


def _flat(places: list[float], sizes: tuple[int, ...]) -> int:
    at = 0
    for place, size in zip(places, sizes, strict=True):
        at = at * size + min(max(int(place), 0), size - 1)
    return at


def _choice(node: If, condition: Expression, element: Element, wanted: Domain | None) -> Expression:
    truth = known_truth(condition)
    if truth is not None:
        return ground(node.then if truth else node.otherwise, element, wanted)
    return If(condition, ground(node.then, element, wanted), ground(node.otherwise, element, wanted), at=node.at)


def known_truth(node: Expression) -> bool | None:
    """Whether a condition holds, where that does not depend on the state."""
    match node:
        case Compare("==" | "!=" as operator, Number(left), Number(right)):
            return (left == right) == (operator == "==")
        case Not(operand):
            inside = known_truth(operand)
            return None if inside is None else not inside
        case Logical(operator, left, right):
            truths = (known_truth(left), known_truth(right))
            decided = operator == "or"
            if decided in truths:
                return decided
            return None if None in truths else not decided
        case _:
            return None


def _folded(node: Expression) -> Expression:
    match node:
        case Binary("*", Number(0.0), _) | Binary("*", _, Number(0.0)):
            return Number(0.0, at=node.at)
        case Binary("*", Number(1.0), other) | Binary("+", Number(0.0), other) | Binary("+" | "-", other, Number(0.0)):
            return other
        case _:
            return node


def _aggregate(node: Aggregate, element: Element) -> Expression:
    scope = element.scope.within(node)
    sets = [scope.indices[scope.bound[name]] for name in node.over]
    terms = [
        ground(node.body, replace(element, scope=scope, at={**element.at, **dict(zip(node.over, chosen, strict=True))}))
        for chosen in product(*sets)
    ]
    return _combined(node.function, terms, len(terms))


def _combined(function: AggregateFunction, terms: list[Expression], count: int) -> Expression:
    match function:
        case "sum":
            return join(terms, lambda left, right: _folded(Binary("+", left, right)))
        case "product":
            return join(terms, lambda left, right: _folded(Binary("*", left, right)))
        case "mean":
            return Binary("/", _combined("sum", terms, count), Number(float(count)))
        case "min" | "max":
            return join(terms, lambda left, right: Call(function, (left, right)))
        case "any":
            return join(terms, lambda left, right: Logical("or", left, right))
        case "all":
            return join(terms, lambda left, right: Logical("and", left, right))
        case _:
            assert_never(function)
