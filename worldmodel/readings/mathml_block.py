"""Equations that stand by themselves: MathML in as many lines as the length of their text asks for.

Browsers do not break lines of mathematics by themselves [mathmlcore2025].
"""

from collections.abc import Iterable, Sequence

from worldmodel.language.ir import Binary, Call, Expression, Law
from worldmodel.language.render import render
from worldmodel.markup import Html, fill, join
from worldmodel.readings.mathml import (
    ANY,
    FACTOR,
    SUM,
    TERM,
    identifier_markup,
    law_markup,
    name_markup,
    operator_markup,
    row_markup,
    subscripted_markup,
    text_markup,
)

Line = tuple[int, Html]
"""How far a line stands in, and what is on it."""

_WIDTH = 100
_ONE_PIECE = frozenset({"abs", "sqrt"})


def equation_to_mathml(target: str, indices: tuple[str, ...], law: Law, dynamic: bool = True) -> Html:
    """`y_t ~ law` of one variable or family; without `_t` where the world is static."""
    sign = "=" if law.family == "Delta" else "\N{TILDE OPERATOR}"
    left = subscripted_markup(target, [*map(name_markup, indices), *([identifier_markup("t")] if dynamic else [])])
    return _block([left, operator_markup(sign)], _law_lines(law))


def definition_to_mathml(name: str, value: Expression) -> Html:
    """`name = value`: one binding of a law."""
    return _block([name_markup(name), operator_markup("=")], _lines(value, ANY))


def _block(left: Iterable[Html], lines: Sequence[Line]) -> Html:
    if len(lines) == 1:
        return fill('<math display="block">$all</math>', all=row_markup([*left, lines[0][1]]))
    cell = '<mtd style="text-align:$side">$inside</mtd>'
    rows = []
    for place, (indent, line) in enumerate(lines):
        head = fill(cell, side="right", inside=row_markup(left if place == 0 else []))
        space = fill('<mspace width="${width}em"/>', width=f"{1.4 * indent:.1f}")
        rows.append(
            fill("<mtr>$head$rest</mtr>", head=head, rest=fill(cell, side="left", inside=row_markup([space, line])))
        )
    return fill('<math display="block"><mtable displaystyle="true">$rows</mtable></math>', rows=join(rows, ""))


def _law_lines(law: Law) -> list[Line]:
    if law.family == "Delta":
        return _lines(law.arguments[0], ANY)
    if sum(map(_length, law.arguments)) + len(law.family) <= _WIDTH or law.parts:
        return [(0, law_markup(law))]
    return _call_lines(law.family, law.arguments)


def _lines(node: Expression, outer: int) -> list[Line]:
    """The lines of an expression, in parentheses where it binds less tightly than `outer` asks."""
    if _length(node) <= _WIDTH:
        return [(0, text_markup(node, outer))]
    match node:
        case Call(function, arguments) if function not in _ONE_PIECE:
            return _call_lines(function, arguments)
        case Binary("+" | "-" as sign, left, right):
            shown = operator_markup("\N{MINUS SIGN}" if sign == "-" else "+")
            lines = [*_lines(left, SUM), *_before(shown, _lines(right, TERM))]
            return lines if outer <= SUM else _between("(", lines, ")")
        case Binary("*", left, right):
            lines = [*_lines(left, TERM), *_before(operator_markup("·"), _lines(right, FACTOR))]
            return lines if outer <= TERM else _between("(", lines, ")")
        case Binary("/", left, right):
            return [*_lines(left, TERM), *_before(operator_markup("/"), _lines(right, FACTOR))]
        case _:
            return [(0, text_markup(node, outer))]


def _length(node: Expression) -> int:
    """About how many letters stand beside each other: of a fraction, the longer of its two lines."""
    match node:
        case Binary("/", left, right):
            return max(_length(left), _length(right))
        case Binary(_, left, right):
            return _length(left) + _length(right) + 3
        case Call(function, arguments):
            return len(function) + 2 + sum(_length(argument) + 2 for argument in arguments)
        case _:
            return len(render(node))


def _call_lines(function: str, arguments: Sequence[Expression]) -> list[Line]:
    """The name with its parenthesis, then the arguments, short ones together on a line."""
    packed: list[list[Line]] = []
    room = 0
    for place, argument in enumerate(arguments):
        length = _length(argument)
        lines = _lines(argument, ANY)
        if place < len(arguments) - 1:
            lines = _after(lines, operator_markup(","))
        if packed and len(lines) == len(packed[-1]) == 1 and length <= room:
            packed[-1] = [(0, row_markup([packed[-1][0][1], lines[0][1]]))]
            room -= length
        else:
            packed.append(lines)
            room = _WIDTH - length
    inside = [(indent + 1, markup) for lines in packed for indent, markup in lines]
    head = row_markup([identifier_markup(function), _fence("(")])
    return [(0, head), *_after(inside, _fence(")"))]


def _fence(sign: str) -> Html:
    return fill('<mo stretchy="false">$sign</mo>', sign=sign)


def _between(left: str, lines: list[Line], right: str) -> list[Line]:
    return _after(_before(_fence(left), lines), _fence(right))


def _before(sign: Html, lines: list[Line]) -> list[Line]:
    (indent, first), *rest = lines
    return [(indent, row_markup([sign, first])), *rest]


def _after(lines: list[Line], sign: Html) -> list[Line]:
    *rest, (indent, last) = lines
    return [*rest, (indent, row_markup([last, sign]))]
