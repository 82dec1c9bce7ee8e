"""A text as MathML, which browsers draw by themselves: a page of equations then needs no script and no network.

Only elements of MathML Core are used [mathmlcore2025].
"""

from collections.abc import Iterable
from typing import assert_never

from worldmodel.language.ir import (
    Aggregate,
    AggregateFunction,
    Binary,
    Call,
    Compare,
    CompareOperator,
    Expression,
    Formula,
    If,
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
from worldmodel.language.render import render_number
from worldmodel.markup import Html, fill, join
from worldmodel.readings.letters import GREEK

_COMPARE: dict[CompareOperator, str] = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
_AGGREGATES: dict[AggregateFunction, str] = {
    "sum": "∑",
    "product": "∏",
    "any": "\N{N-ARY LOGICAL OR}",
    "all": "\N{N-ARY LOGICAL AND}",
}

_IF, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _POWER, _ATOM = range(9)


def equation_to_mathml(target: str, indices: tuple[str, ...], law: Law, dynamic: bool = True) -> Html:
    """`y_t ~ law` of one variable or family as a block; without `_t` where the world is static."""
    sign = "=" if law.family == "Delta" else "\N{TILDE OPERATOR}"
    left = _subscripted(target, [*map(_name, indices), *([_identifier("t")] if dynamic else [])])
    return _math([left, _operator(sign), _law(law)], block=True)


def definition_to_mathml(name: str, value: Expression) -> Html:
    """`name = value` as a block: one binding of a law."""
    return _math([_name(name), _operator("="), _text(value, _IF)], block=True)


def to_mathml(node: Expression | Law | Formula) -> Html:
    """One expression, law or formula, for the middle of a sentence."""
    match node:
        case Law():
            return _math([_law(node)])
        case Probability(path, operator, bound):
            inside = _fenced("(", [_path(path)], ")")
            return _math([_identifier("P"), inside, _operator(_COMPARE[operator]), _number(bound)[0]])
        case Monotone(direction, target, by):
            mean = _called("mean", [_text(target, _IF)])
            return _math([mean, _word(f" {direction} in "), _text(by, _IF)])
        case _:
            return _math([_text(node, _IF)])


def _math(parts: Iterable[Html], block: bool = False) -> Html:
    template = '<math display="block">$parts</math>' if block else "<math>$parts</math>"
    return fill(template, parts=_row(parts))


def _row(parts: Iterable[Html]) -> Html:
    return fill("<mrow>$parts</mrow>", parts=join(parts, ""))


def _operator(sign: str) -> Html:
    return fill("<mo>$sign</mo>", sign=sign)


def _identifier(name: str) -> Html:
    return fill("<mi>$name</mi>", name=name)


def _word(text: str) -> Html:
    return fill("<mtext>$text</mtext>", text=text.replace(" ", "\u00a0"))


_TALL = ("<mfrac", "<mtable", "<munder")


def _fenced(left: str, parts: Iterable[Html], right: str) -> Html:
    """Fences that grow only around what is tall; else a subscript would already stretch them."""
    inside = join(parts, "")
    grow = "true" if any(tag in inside.text for tag in _TALL) else "false"
    fence = '<mo stretchy="$grow">$sign</mo>'
    return _row([fill(fence, grow=grow, sign=left), inside, fill(fence, grow=grow, sign=right)])


def _commas(parts: Iterable[Html]) -> list[Html]:
    found = [piece for part in parts for piece in (_operator(","), part)]
    return found[1:]


def _called(function: str, arguments: Iterable[Html]) -> Html:
    return _row([_identifier(function), _fenced("(", _commas(arguments), ")")])


def _subscripted(name: str, places: list[Html]) -> Html:
    """A name and the places at which it is read; elements in a grounded name are places too."""
    head, _, elements = name.partition("[")
    places = [*([_identifier(elements.removesuffix("]"))] if elements else []), *places]
    letter, _, rest = head.partition("_")
    if letter in GREEK or len(letter) == 1:
        places = [*([_identifier(rest)] if rest else []), *places]
        head = GREEK.get(letter, letter)
    if not places:
        return _identifier(head)
    # The depth keeps subscripts on one line where the browser has no font with mathematical measures.
    template = '<msub><mpadded depth="0.22em">$base</mpadded>$places</msub>'
    return fill(template, base=_identifier(head), places=_row(_commas(places)))


def _name(name: str) -> Html:
    return _subscripted(name, [])


def _at(lag: int) -> Html:
    if lag == 0:
        return _identifier("t")
    return _row([_identifier("t"), _operator("−"), fill("<mn>$lag</mn>", lag=lag)])


def _law(law: Law) -> Html:
    """A family with its arguments; each weight of a mixture stands before its part."""
    numbers = [_text(argument, _IF) for argument in law.arguments]
    if law.family == "Delta":
        return numbers[0]
    parts = [_law(part) for part in law.parts]
    match law.family:
        case "Mixture":
            listed = [_row([number, _operator(":"), part]) for number, part in zip(numbers, parts, strict=True)]
        case "ZeroInflated":
            listed = [*numbers, *parts]
        case _:
            listed = [*parts, *numbers]
    return _called(law.family, listed)


def _path(path: Path) -> Html:
    match path:
        case Within(condition, steps):
            return _row([_text(condition, _IF), _word(" at some step of 1 to "), _steps(steps)])
        case Throughout(condition, steps):
            return _row([_text(condition, _IF), _word(" at every step of 1 to "), _steps(steps)])
        case Until(first, second, steps):
            until = [_word(" until "), _text(second, _IF), _word(" by step "), _steps(steps)]
            return _row([_text(first, _IF), *until])
        case _:
            assert_never(path)


def _steps(steps: int) -> Html:
    return fill("<mn>$steps</mn>", steps=steps)


def _text(node: Expression, outer: int) -> Html:
    """The node in parentheses where it binds less tightly than `outer` asks."""
    markup, own = _bare(node)
    return markup if own >= outer else _fenced("(", [markup], ")")


def _bare(node: Expression) -> tuple[Html, int]:
    match node:
        case Number(value):
            return _number(value)
        case Parameter(name, indices):
            return _subscripted(name, [_text(index, _IF) for index in indices]), _ATOM
        case Variable(name, lag, indices):
            return _subscripted(name, [*map(_name, indices), _at(lag)]), _ATOM
        case Start(name, indices):
            return _subscripted(name, [*map(_name, indices), _steps(0)]), _ATOM
        case Time():
            return _identifier("t"), _ATOM
        case Aggregate(function, body, over):
            return _aggregate(function, body, over)
        case Lookup(values, _, indices):
            table = _fenced("(", _commas(_number(value)[0] for value in values), ")")
            places = _row(_commas(_text(index, _IF) for index in indices))
            return fill("<msub>$table$places</msub>", table=table, places=places), _ATOM
        case Call(function, arguments):
            return _call(function, [_text(argument, _IF) for argument in arguments]), _ATOM
        case Negate(operand):
            return _row([_operator("−"), _text(operand, _PRODUCT)]), _SUM
        case Not(operand):
            return _row([_operator("¬"), _text(operand, _NOT)]), _NOT
        case Binary():
            return _binary(node)
        case Compare(operator, left, right):
            return _row([_text(left, _SUM), _operator(_COMPARE[operator]), _text(right, _SUM)]), _COMPARISON
        case Logical("or", left, right):
            return _row([_text(left, _OR), _operator("∨"), _text(right, _AND)]), _OR
        case Logical(_, left, right):
            return _row([_text(left, _AND), _operator("∧"), _text(right, _NOT)]), _AND
        case If(condition, then, otherwise):
            return _cases(condition, then, otherwise), _IF
        case _:
            assert_never(node)


def _aggregate(function: AggregateFunction, body: Expression, over: tuple[str, ...]) -> tuple[Html, int]:
    """A sum or product with its index sets below; functions that have no sign of their own are called by name."""
    below = _row(_commas(map(_name, over)))
    sign = _AGGREGATES.get(function)
    head = (
        _identifier(function)
        if sign is None
        else fill('<mo largeop="true" movablelimits="false">$sign</mo>', sign=sign)
    )
    under = fill("<munder>$head$below</munder>", head=head, below=below)
    if sign is None:
        return _row([under, _fenced("(", [_text(body, _IF)], ")")]), _ATOM
    return _row([under, _text(body, _PRODUCT)]), _SUM


def _binary(node: Binary) -> tuple[Html, int]:
    match node.operator:
        case "+" | "-" as sign:
            shown = "−" if sign == "-" else "+"
            return _row([_text(node.left, _SUM), _operator(shown), _text(node.right, _PRODUCT)]), _SUM
        case "*":
            return _row([_text(node.left, _PRODUCT), _operator("·"), _text(node.right, _POWER)]), _PRODUCT
        case "/":
            parts = {"above": _text(node.left, _IF), "below": _text(node.right, _IF)}
            return fill("<mfrac>$above$below</mfrac>", **parts), _POWER
        case "^":
            parts = {"base": _text(node.left, _ATOM), "power": _text(node.right, _IF)}
            return fill("<msup>$base$power</msup>", **parts), _POWER
        case _:
            assert_never(node.operator)


def _cases(condition: Expression, then: Expression, otherwise: Expression) -> Html:
    """`if` in a chain of `else if` is one brace with a line for each."""
    lines = []
    rest: Expression = If(condition, then, otherwise)
    while isinstance(rest, If):
        lines.append((_text(rest.then, _IF), _row([_word("if "), _text(rest.condition, _IF)])))
        rest = rest.otherwise
    lines.append((_text(rest, _IF), _word("otherwise")))
    template = '<mtr><mtd style="text-align:left">$value</mtd><mtd style="text-align:left">$when</mtd></mtr>'
    rows = join((fill(template, value=value, when=when) for value, when in lines), "")
    return _row([_operator("{"), fill("<mtable>$rows</mtable>", rows=rows)])


def _call(function: str, arguments: list[Html]) -> Html:
    match function, arguments:
        case "abs", [x]:
            return _fenced("|", [x], "|")
        case "sqrt", [x]:
            return fill("<msqrt>$x</msqrt>", x=x)
        case _:
            return _called(function, arguments)


def _number(value: float) -> tuple[Html, int]:
    mantissa, _, exponent = render_number(abs(value)).partition("e")
    digits = fill("<mn>$mantissa</mn>", mantissa=mantissa)
    if exponent:
        power = fill("<msup><mn>10</mn><mn>$exponent</mn></msup>", exponent=str(int(exponent)).replace("-", "−"))
        digits = _row([digits, _operator("·"), power])
    if value < 0:
        return _row([_operator("−"), digits]), _SUM
    return digits, _PRODUCT if exponent else _ATOM
