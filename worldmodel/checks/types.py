"""Numbers where numbers are wanted, truth values where those are, and named values only among their own."""

from collections.abc import Iterator
from typing import Literal, TypeGuard, assert_never

from worldmodel.checks.draft import Draft, Text, column, conditions
from worldmodel.errors import Problem
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
from worldmodel.language.walk import bare_name, literal_value
from worldmodel.scope import Domain, Scope

Kind = Literal["number", "truth value", "named value"] | Domain


def check_types(draft: Draft) -> Iterator[Problem]:
    """Every place where the one stands and the other is wanted."""
    for text in draft.texts:
        match text.node:
            case Probability():
                for condition in conditions(text.node):
                    yield from _want("truth value", condition, text, text.scope)
            case Monotone() | Independent():
                pass
            case Bounded(_, target):
                yield from _want("number", target, text, text.scope)
            case Effect(target, _, change):
                yield from _want("number", target, text, text.scope)
                yield from _effect(change, text)
            case Law():
                yield from _law(text.node, text, _values_wanted(draft, text))
            case _ if text.part.startswith("let."):
                yield from _inside(text.node, text, text.scope)
            case _:
                yield from _want("number", text.node, text, text.scope)


def _effect(change: Expression, text: Text) -> Iterator[Problem]:
    """A change that does not say by itself what becomes of the variable, or that no number can stand for."""
    yield from _want("truth value" if isinstance(change, Compare) else "number", change, text, text.scope)
    value = change.right if isinstance(change, Compare) else None
    if value is not None and literal_value(value) is None and not text.scope.is_value(value):
        yield Problem(
            code="wrong-kind",
            where=text.path,
            part=text.part,
            column=column(value),
            found="a name that stands for something else",
            wanted="a number, or one of the variable's named values",
            mend="write the value itself",
        )


def _values_wanted(draft: Draft, text: Text) -> Domain | None:
    """The values of the finite variable that a law or initial law speaks of."""
    folder, _, name = text.path.removesuffix(".toml").partition("/")
    if text.part == "law":
        return draft.scope.values.get(draft.mechanisms[name].file.target)
    return draft.scope.values.get(name) if folder == "variables" else None


def _law(law: Law, text: Text, values: Domain | None) -> Iterator[Problem]:
    wanted: Kind = values if law.family == "Delta" and values else "number"
    row = len(law.arguments) == 1 and law.family == "Categorical"
    for argument in law.arguments:
        yield from _want(wanted, argument, text, text.scope, row)
    for part in law.parts:
        yield from _law(part, text, values)


def kind_of(node: Expression, scope: Scope) -> Kind:
    """What an expression's value is: a number, a truth value, one of some names, or a bare name of unknown kin."""
    match node:
        case Number() | Time() | Negate() | Binary() | Call() | Lookup():
            return "number"
        case Compare() | Logical() | Not():
            return "truth value"
        case Aggregate(function):
            return "truth value" if function in ("any", "all") else "number"
        case Variable() | Start():
            return scope.domain(node) or "number"
        case Parameter() | If():
            deciding = _deciding(node, scope)
            domain = scope.domain(deciding)
            if domain is not None:
                return domain
            if not isinstance(deciding, Parameter | If):
                return kind_of(deciding, scope)
            return "named value" if scope.is_value(deciding) else "number"
        case _:
            assert_never(node)


def _deciding(node: Expression, scope: Scope) -> Expression:
    """The expression whose kind decides: of a choice its first branch, of a name what it is bound to.

    A loop, since bindings may lead from one to the next a long way; it ends, since none in a circle has a text here.
    """
    while scope.domain(node) is None:
        binding = scope.declared[node.name].binding if _bare(node, scope) else None
        if isinstance(node, If):
            node = node.then
        elif binding is not None:
            node = binding
        else:
            break
    return node


def _bare(node: Expression, scope: Scope) -> TypeGuard[Parameter]:
    return isinstance(node, Parameter) and not node.indices and node.name in scope.declared


def _fits(wanted: Kind, node: Expression, found: Kind) -> bool:
    if isinstance(wanted, tuple) and found == "named value":
        return all(bare_name(leaf) in wanted for leaf in _choices(node))
    return found == wanted


def _choices(node: Expression) -> Iterator[Expression]:
    """What an expression may turn out to be: the branches of a choice."""
    if isinstance(node, If):
        yield from _choices(node.then)
        yield from _choices(node.otherwise)
    else:
        yield node


def _want(wanted: Kind, node: Expression, text: Text, scope: Scope, row: bool = False) -> Iterator[Problem]:
    found = kind_of(node, scope)
    if not _fits(wanted, node, found):
        yield Problem(
            code="wrong-kind",
            where=text.path,
            part=text.part,
            column=column(node),
            found=_words(found),
            wanted=_words(wanted),
            mend=_mend(wanted, found),
        )
    if isinstance(node, Number | Variable | Time):
        return
    declared = scope.declared.get(node.name) if isinstance(node, Parameter) else None
    if declared is not None and bool(declared.row_width) != row:
        yield Problem(
            code="wrong-kind",
            where=text.path,
            part=text.part,
            column=column(node),
            found="a row of probabilities" if declared.row_width else "one number",
            wanted="one number" if declared.row_width else "a row of probabilities for all the values",
            mend="a table with rows is the only argument of a Categorical",
        )
    yield from _inside(node, text, scope)


def _words(kind: Kind) -> str:
    return f"one of {', '.join(kind)}" if isinstance(kind, tuple) else f"a {kind}"


def _mend(wanted: Kind, found: Kind) -> str:
    if wanted == "truth value":
        return "compare it with something"
    if isinstance(wanted, tuple) or isinstance(found, tuple) or found == "named value":
        return "named values are compared (== or !=) with values of their own variable, and are places of tables"
    return "use “if … then 1 else 0”"


def _inside(node: Expression, text: Text, scope: Scope) -> Iterator[Problem]:
    match node:
        case Number() | Variable() | Start() | Time():
            return
        case Parameter(name, places):
            axes = scope.declared[name].axes if name in scope.declared else ()
            for place, axis in zip(places, axes, strict=False):
                yield from _want(scope.names_along(axis) or "number", place, text, scope)
        case Lookup(_, _, places):
            for place in places:
                yield from _want("number", place, text, scope)
        case Negate(operand):
            yield from _want("number", operand, text, scope)
        case Not(operand):
            yield from _want("truth value", operand, text, scope)
        case Binary(_, left, right):
            yield from _want("number", left, text, scope)
            yield from _want("number", right, text, scope)
        case Compare():
            yield from _compare(node, text, scope)
        case Logical(_, left, right):
            yield from _want("truth value", left, text, scope)
            yield from _want("truth value", right, text, scope)
        case If(condition, then, otherwise):
            kind = scope.domain(node) or kind_of(then, scope)
            yield from _want("truth value", condition, text, scope)
            yield from _want(kind, then, text, scope)
            yield from _want(kind, otherwise, text, scope)
        case Aggregate(function, body):
            wanted: Kind = "truth value" if function in ("any", "all") else "number"
            yield from _want(wanted, body, text, scope.within(node))
        case Call(_, arguments):
            for argument in arguments:
                yield from _want("number", argument, text, scope)
        case _:
            assert_never(node)


def _compare(node: Compare, text: Text, scope: Scope) -> Iterator[Problem]:
    domain = scope.domain(node.left) or scope.domain(node.right)
    if domain is not None and node.operator not in ("==", "!="):
        yield Problem(
            code="wrong-kind",
            where=text.path,
            part=text.part,
            column=column(node),
            found=f"“{node.operator}” between named values",
            wanted="== or !=",
            mend="named values have no order; use a table or an integer variable",
        )
    for side in (node.left, node.right):
        yield from _want(domain or "number", side, text, scope)
