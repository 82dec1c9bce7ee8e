"""A mechanism as an equation in LaTeX, as MathJax in a notebook and amsmath on paper read it."""

from typing import assert_never

from worldmodel.families.table import FAMILIES
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    CompareOperator,
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
from worldmodel.language.render import render_number
from worldmodel.language.rewrite import change_children, change_law
from worldmodel.readings.letters import GREEK
from worldmodel.world import Mechanism, World

_COMPARE: dict[CompareOperator, str] = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_OWN_COMMAND = frozenset({"min", "max", "exp", "log", "tanh"})

_IF, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _POWER, _ATOM = range(9)


def to_latex(mechanism: Mechanism, world: World) -> str:
    """`y_t ~ law` with the unit of y behind it, or `y_t = value` where the law has no distribution."""
    file = mechanism.file
    variable = world.variables[mechanism.assigns].file
    sign = "=" if mechanism.law.family == "Delta" else r"\sim"
    places = [*map(_index, file.binders or variable.over), *([] if world.static else ["t"])]
    behind = "" if variable.unit == "1" else rf" \quad [\text{{{escaped(variable.unit)}}}]"
    law = law_to_latex(change_law(mechanism.law, _timeless) if world.static else mechanism.law)
    return f"{_name(file.target, ', '.join(places))} {sign} {law}{behind}"


def law_to_latex(law: Law) -> str:
    """One law; a weight of a mixture stands before its part."""
    numbers = [_text(argument, _IF) for argument in law.arguments]
    if law.family == "Delta":
        return numbers[0]
    parts = [law_to_latex(part) for part in law.parts]
    match law.family:
        case "Mixture":
            listed = [f"{number}: {part}" for number, part in zip(numbers, parts, strict=True)]
        case "ZeroInflated":
            listed = [*numbers, *parts]
        case _:
            listed = [*parts, *numbers]
    sign = FAMILIES[law.family].latex if law.family in FAMILIES else rf"\operatorname{{{law.family}}}"
    return f"{sign}{_listed(listed)}"


def _timeless(node: Expression) -> Expression:
    if isinstance(node, Variable):
        return Parameter(node.name, tuple(map(Parameter, node.indices)))
    return change_children(node, _timeless)


def expression_to_latex(expression: Expression) -> str:
    """One expression."""
    return _text(expression, _IF)


def _listed(arguments: list[str]) -> str:
    return rf"\left({', '.join(arguments)}\right)"


def _text(node: Expression, outer: int) -> str:
    """The node in parentheses where it binds less tightly than `outer` asks."""
    text, own = _bare(node)
    return text if own >= outer else rf"\left({text}\right)"


def _bare(node: Expression) -> tuple[str, int]:
    match node:
        case Number(value):
            return _number(value)
        case Parameter(name, indices):
            return _name(name, ", ".join(_text(index, _IF) for index in indices)), _ATOM
        case Variable(name, lag, indices):
            return _name(name, ", ".join((*map(_index, indices), f"t-{lag}" if lag else "t"))), _ATOM
        case Start(name, indices):
            return _name(name, ", ".join((*map(_index, indices), "0"))), _ATOM
        case Time():
            return "t", _ATOM
        case Aggregate(function, body, over):
            return _aggregate(function, _text(body, _PRODUCT), over), _SUM
        case Lookup(values, _, indices):
            table = ", ".join(_number(value)[0] for value in values)
            places = ", ".join(_text(index, _IF) for index in indices)
            return rf"\left({table}\right)_{{{places}}}", _ATOM
        case Call(function, arguments):
            return _call(function, [_text(argument, _IF) for argument in arguments]), _ATOM
        case Negate(operand):
            return f"-{_text(operand, _PRODUCT)}", _SUM
        case Not(operand):
            return rf"\lnot {_text(operand, _NOT)}", _NOT
        case Binary():
            return _binary(node)
        case Compare(operator, left, right):
            return f"{_text(left, _SUM)} {_COMPARE[operator]} {_text(right, _SUM)}", _COMPARISON
        case Logical("or", left, right):
            return rf"{_text(left, _OR)} \lor {_text(right, _AND)}", _OR
        case Logical(_, left, right):
            return rf"{_text(left, _AND)} \land {_text(right, _NOT)}", _AND
        case If(condition, then, otherwise):
            return _cases(condition, then, otherwise), _IF
        case _:
            assert_never(node)


_AGGREGATES = {
    "sum": r"\sum",
    "product": r"\prod",
    "any": r"\bigvee",
    "all": r"\bigwedge",
    "min": r"\min",
    "max": r"\max",
}


def _aggregate(function: str, body: str, over: tuple[str, ...]) -> str:
    sign = _AGGREGATES.get(function, r"\operatorname{mean}")
    return rf"{sign}_{{{', '.join(map(_index, over))}}} {body}"


def _index(name: str) -> str:
    return _name(name, "")


def _binary(node: Binary) -> tuple[str, int]:
    match node.operator:
        case "+" | "-":
            return f"{_text(node.left, _SUM)} {node.operator} {_text(node.right, _PRODUCT)}", _SUM
        case "*":
            return rf"{_text(node.left, _PRODUCT)} \cdot {_text(node.right, _POWER)}", _PRODUCT
        case "/":
            return rf"\frac{{{_text(node.left, _IF)}}}{{{_text(node.right, _IF)}}}", _POWER
        case "^":
            return f"{_text(node.left, _ATOM)}^{{{_text(node.right, _IF)}}}", _POWER
        case _:
            assert_never(node.operator)


def _cases(condition: Expression, then: Expression, otherwise: Expression) -> str:
    first = rf"{_text(then, _IF)} & \text{{if }} {_text(condition, _IF)}"
    second = rf"{_text(otherwise, _IF)} & \text{{otherwise}}"
    return rf"\begin{{cases}} {first} \\ {second} \end{{cases}}"


def _call(function: str, arguments: list[str]) -> str:
    match function, arguments:
        case "abs", [x]:
            return rf"\left|{x}\right|"
        case "sqrt", [x]:
            return rf"\sqrt{{{x}}}"
        case _ if function in _OWN_COMMAND:
            return rf"\{function}{_listed(arguments)}"
        case _:
            return rf"\operatorname{{{function}}}{_listed(arguments)}"


def _number(value: float) -> tuple[str, int]:
    mantissa, _, exponent = render_number(abs(value)).partition("e")
    text = rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa
    if value < 0:
        return f"-{text}", _SUM
    return text, _PRODUCT if exponent else _ATOM


def _name(name: str, subscript: str) -> str:
    """A name with its subscript: single and Greek letters in mathematical type, words upright."""
    head, _, rest = name.partition("_")
    if head in GREEK or len(head) == 1:
        symbol = rf"\{head}" if head in GREEK else head
        parts = [*([rf"\text{{{escaped(rest)}}}"] if rest else []), *([subscript] if subscript else [])]
        return f"{symbol}_{{{', '.join(parts)}}}" if parts else symbol
    symbol = rf"\text{{{escaped(name)}}}"
    return f"{symbol}_{{{subscript}}}" if subscript else symbol


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{character: "\\" + character for character in "_&%$#{}"},
}


def escaped(text: str) -> str:
    """Text with every character that LaTeX would act on made harmless."""
    return "".join(_SPECIAL.get(character, character) for character in text)
