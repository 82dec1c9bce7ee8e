"""The intermediate representation back to text, with no parenthesis more than the grammar needs.

`parse(render(node)) == node` for everything that the parser makes.
"""

import re
from typing import assert_never

from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
    Expression,
    Formula,
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
    Path,
    Probability,
    Start,
    Throughout,
    Time,
    Until,
    Variable,
    Within,
)

_IF, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(10)
_LIKE_A_TIME = re.compile(r"t\b|[0-9.]")
_ARITHMETIC = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT}


def render(node: Expression | Law | Formula) -> str:
    """The text of a law, expression or formula; a `Delta` law renders as its bare value."""
    match node:
        case Law("Delta", (value,)):
            return _text(value, _IF)
        case Law():
            return _law(node)
        case Probability(path, operator, bound):
            return f"P({_path(path)}) {operator} {render_number(bound)}"
        case Monotone(direction, target, by, level):
            return f"{direction}({_statistic(target, level)}, {_text(by, _ATOM)})"
        case Bounded(statistic, target, level, operator, bound):
            own = _text(target, _ATOM) if statistic == "every" else _statistic(target, level)
            return f"{own} {operator} {render_number(bound)}"
        case Independent(left, right, given):
            known = f" given {_list(given)}" if given else ""
            return f"independent({_list((left, right))}{known})"
        case Effect(target, level, change, step, operator, bound):
            done = f"do({_text(change, _IF)}{_steps(node)})"
            return f"effect({_statistic(target, level)}, {done}, {step}) {operator} {render_number(bound)}"
        case _:
            return _text(node, _IF)


def render_number(value: float) -> str:
    """The shortest text that reads back as the same float64."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _statistic(target: Variable, level: float | None) -> str:
    own = _text(target, _ATOM)
    return f"mean({own})" if level is None else f"quantile({own}, {render_number(level)})"


def _steps(effect: Effect) -> str:
    if effect.last is not None:
        return f", {effect.first}, {effect.last}"
    return f", {effect.first}" if effect.first > 1 else ""


def _timed(name: str, indices: tuple[str, ...], time: str) -> str:
    """`x[a, t]`; of a grounded name `x[north]`, too, the element stands before the time."""
    owner, _, element = name.partition("[")
    return f"{owner}[{', '.join((*([element.rstrip(']')] if element else []), *indices, time))}]"


def _law(law: Law) -> str:
    """A family with its arguments; a `Mixture` has a weight before each of its parts, and other composites one part."""
    numbers = [_text(argument, _IF) for argument in law.arguments]
    parts = [render(part) if part.family != "Delta" else f"Delta({render(part)})" for part in law.parts]
    match law.family:
        case "Mixture":
            listed = [text for pair in zip(numbers, parts, strict=True) for text in pair]
        case "ZeroInflated":
            listed = [*numbers, *parts]
        case _:
            listed = [*parts, *numbers]
    return f"{law.family}({', '.join(listed)})"


def _list(arguments: tuple[Expression, ...]) -> str:
    return ", ".join(_text(argument, _IF) for argument in arguments)


def _place(node: Expression) -> str:
    """A place of a table; a value that begins with a number or `t` stands in parentheses, not to be read as a time."""
    text = _text(node, _IF)
    match node:
        case Time() | Binary("-", Time(), Number()):
            return text
        case _:
            return f"({text})" if _LIKE_A_TIME.match(text) else text


def _path(path: Path) -> str:
    match path:
        case Within(condition, steps):
            return f"{_text(condition, _IF)} within {steps}"
        case Throughout(condition, steps):
            return f"{_text(condition, _IF)} throughout {steps}"
        case Until(first, second, steps):
            return f"{_text(first, _IF)} until {_text(second, _IF)} within {steps}"
        case _:
            assert_never(path)


def _text(node: Expression, outer: int) -> str:
    """The node's text, in parentheses where it binds less tightly than `outer` asks."""
    text, own = _bare(node)
    return text if own >= outer else f"({text})"


def _bare(node: Expression) -> tuple[str, int]:
    match node:
        case Number(value):
            return render_number(value), _ATOM
        case Parameter(name, indices):
            return (f"{name}[{', '.join(map(_place, indices))}]" if indices else name), _ATOM
        case Variable(name, lag, indices):
            return _timed(name, indices, f"t-{lag}" if lag else "t"), _ATOM
        case Start(name, indices):
            return _timed(name, indices, "0"), _ATOM
        case Time():
            return "t", _ATOM
        case Call(function, arguments):
            return f"{function}({_list(arguments)})", _ATOM
        case Aggregate(function, body, over):
            return f"{function}({_text(body, _IF)} over {', '.join(over)})", _ATOM
        case Lookup(values, _, indices):
            return f"[{', '.join(map(render_number, values))}][{_list(indices)}]", _ATOM
        case Negate(operand):
            return f"-{_text(operand, _UNARY)}", _UNARY
        case Not(operand):
            return f"not {_text(operand, _NOT)}", _NOT
        case Binary("^", left, right):
            return f"{_text(left, _ATOM)}^{_text(right, _UNARY)}", _POWER
        case Binary(operator, left, right):
            own = _ARITHMETIC[operator]
            return f"{_text(left, own)} {operator} {_text(right, own + 1)}", own
        case Compare(operator, left, right):
            return f"{_text(left, _SUM)} {operator} {_text(right, _SUM)}", _COMPARE
        case Logical(operator, left, right):
            own = _OR if operator == "or" else _AND
            return f"{_text(left, own)} {operator} {_text(right, own + 1)}", own
        case If(condition, then, otherwise):
            return f"if {_text(condition, _OR)} then {_text(then, _IF)} else {_text(otherwise, _IF)}", _IF
        case _:
            assert_never(node)
