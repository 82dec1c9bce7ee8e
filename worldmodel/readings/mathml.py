"""A text as MathML, which browsers draw by themselves: a page of equations then needs no script and no network.

Only elements of MathML Core are used [mathmlcore2025].
"""

from collections.abc import Iterable
from typing import assert_never

from worldmodel.language.ir import (
    Aggregate,
    AggregateFunction,
    Binary,
    Bounded,
    Call,
    Compare,
    CompareOperator,
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

ANY, _OR, _AND, _NOT, _COMPARISON, SUM, TERM, FACTOR, _ATOM = range(9)


def to_mathml(node: Expression | Law | Formula) -> Html:
    """One expression, law or formula, for the middle of a sentence."""
    match node:
        case Law():
            return _math([law_markup(node)])
        case Probability(path, operator, bound):
            inside = _fenced("(", [_path(path)], ")")
            return _math([identifier_markup("P"), inside, operator_markup(_COMPARE[operator]), number_markup(bound)[0]])
        case Monotone() | Bounded() | Independent() | Effect():
            return _math(_claim(node))
        case _:
            return _math([text_markup(node, ANY)])


def _claim(node: Monotone | Bounded | Independent | Effect) -> list[Html]:
    """The pieces of a claim about one step, about the graph, or about what an intervention does."""
    match node:
        case Monotone(direction, target, by, level):
            return [_statistic(target, level), _word(f" {direction} in "), text_markup(by, ANY)]
        case Bounded(statistic, target, level, operator, bound):
            own = text_markup(target, ANY) if statistic == "every" else _statistic(target, level)
            return [own, *_limit(operator, bound)]
        case Independent(left, right, given):
            sides = [text_markup(left, ANY), operator_markup("⊥"), text_markup(right, ANY)]
            known = [operator_markup("|"), *_commas(text_markup(one, ANY) for one in given)] if given else []
            return [*sides, *known]
        case Effect(target, level, change, step, operator, bound, first, last):
            done = _called("do", [text_markup(change, ANY)])
            when = _word(f" at steps {first} to {last or step} changes ")
            return [done, when, _statistic(target, level), _word(f" at step {step} by "), *_limit(operator, bound)]
        case _:
            assert_never(node)


def _statistic(target: Variable, level: float | None) -> Html:
    own = text_markup(target, ANY)
    return _called("mean", [own]) if level is None else _called("quantile", [own, number_markup(level)[0]])


def _limit(operator: CompareOperator, bound: float) -> list[Html]:
    sign = [operator_markup("−")] if bound < 0 else []
    return [operator_markup(_COMPARE[operator]), *sign, number_markup(abs(bound))[0]]


def _math(parts: Iterable[Html]) -> Html:
    return fill("<math>$parts</math>", parts=row_markup(parts))


def row_markup(parts: Iterable[Html]) -> Html:
    """Several pieces as one."""
    return fill("<mrow>$parts</mrow>", parts=join(parts, ""))


def operator_markup(sign: str) -> Html:
    """A sign."""
    return fill("<mo>$sign</mo>", sign=sign)


def identifier_markup(name: str) -> Html:
    """A name without places."""
    return fill("<mi>$name</mi>", name=name)


def _word(text: str) -> Html:
    return fill("<mtext>$text</mtext>", text=text.replace(" ", "\u00a0"))


_TALL = ("<mfrac", "<mtable", "<munder")


def _fenced(left: str, parts: Iterable[Html], right: str) -> Html:
    """Fences that grow only around what is tall; else a subscript would already stretch them."""
    inside = join(parts, "")
    grow = "true" if any(tag in inside.text for tag in _TALL) else "false"
    fence = '<mo stretchy="$grow">$sign</mo>'
    return row_markup([fill(fence, grow=grow, sign=left), inside, fill(fence, grow=grow, sign=right)])


def _commas(parts: Iterable[Html]) -> list[Html]:
    found = [piece for part in parts for piece in (operator_markup(","), part)]
    return found[1:]


def _called(function: str, arguments: Iterable[Html]) -> Html:
    return row_markup([identifier_markup(function), _fenced("(", _commas(arguments), ")")])


def subscripted_markup(name: str, places: list[Html]) -> Html:
    """A name and the places at which it is read; elements in a grounded name are places too."""
    head, _, elements = name.partition("[")
    places = [*([identifier_markup(elements.removesuffix("]"))] if elements else []), *places]
    letter, _, rest = head.partition("_")
    if letter in GREEK or len(letter) == 1:
        places = [*([identifier_markup(rest)] if rest else []), *places]
        head = GREEK.get(letter, letter)
    if not places:
        return identifier_markup(head)
    # The depth keeps subscripts on one line where the browser has no font with mathematical measures.
    template = '<msub><mpadded depth="0.14em">$base</mpadded>$places</msub>'
    return fill(template, base=identifier_markup(head), places=row_markup(_commas(places)))


def name_markup(name: str) -> Html:
    """A name as it is drawn where nothing stands beside it."""
    return subscripted_markup(name, [])


def _at(lag: int) -> Html:
    if lag == 0:
        return identifier_markup("t")
    return row_markup([identifier_markup("t"), operator_markup("−"), fill("<mn>$lag</mn>", lag=lag)])


def law_markup(law: Law) -> Html:
    """A family with its arguments; each weight of a mixture stands before its part."""
    numbers = [text_markup(argument, ANY) for argument in law.arguments]
    if law.family == "Delta":
        return numbers[0]
    parts = [law_markup(part) for part in law.parts]
    match law.family:
        case "Mixture":
            listed = [
                row_markup([number, operator_markup(":"), part]) for number, part in zip(numbers, parts, strict=True)
            ]
        case "ZeroInflated":
            listed = [*numbers, *parts]
        case _:
            listed = [*parts, *numbers]
    return _called(law.family, listed)


def _path(path: Path) -> Html:
    match path:
        case Within(condition, steps):
            return row_markup([text_markup(condition, ANY), _word(" at some step of 1 to "), _steps(steps)])
        case Throughout(condition, steps):
            return row_markup([text_markup(condition, ANY), _word(" at every step of 1 to "), _steps(steps)])
        case Until(first, second, steps):
            until = [_word(" until "), text_markup(second, ANY), _word(" by step "), _steps(steps)]
            return row_markup([text_markup(first, ANY), *until])
        case _:
            assert_never(path)


def _steps(steps: int) -> Html:
    return fill("<mn>$steps</mn>", steps=steps)


def text_markup(node: Expression, outer: int) -> Html:
    """The node in parentheses where it binds less tightly than `outer` asks."""
    markup, own = _bare(node)
    return markup if own >= outer else _fenced("(", [markup], ")")


def _bare(node: Expression) -> tuple[Html, int]:
    match node:
        case Number(value):
            return number_markup(value)
        case Parameter(name, indices):
            return subscripted_markup(name, [text_markup(index, ANY) for index in indices]), _ATOM
        case Variable(name, lag, indices):
            return subscripted_markup(name, [*map(name_markup, indices), _at(lag)]), _ATOM
        case Start(name, indices):
            return subscripted_markup(name, [*map(name_markup, indices), _steps(0)]), _ATOM
        case Time():
            return identifier_markup("t"), _ATOM
        case Aggregate(function, body, over):
            return _aggregate(function, body, over)
        case Lookup(values, _, indices):
            table = _fenced("(", _commas(number_markup(value)[0] for value in values), ")")
            places = row_markup(_commas(text_markup(index, ANY) for index in indices))
            return fill("<msub>$table$places</msub>", table=table, places=places), _ATOM
        case Call(function, arguments):
            return _call(function, [text_markup(argument, ANY) for argument in arguments]), _ATOM
        case Negate(operand):
            return row_markup([operator_markup("−"), text_markup(operand, TERM)]), SUM
        case Not(operand):
            return row_markup([operator_markup("¬"), text_markup(operand, _NOT)]), _NOT
        case Binary():
            return _binary(node)
        case Compare(operator, left, right):
            return row_markup(
                [text_markup(left, SUM), operator_markup(_COMPARE[operator]), text_markup(right, SUM)]
            ), _COMPARISON
        case Logical("or", left, right):
            return row_markup([text_markup(left, _OR), operator_markup("∨"), text_markup(right, _AND)]), _OR
        case Logical(_, left, right):
            return row_markup([text_markup(left, _AND), operator_markup("∧"), text_markup(right, _NOT)]), _AND
        case If(condition, then, otherwise):
            return _cases(condition, then, otherwise), ANY
        case _:
            assert_never(node)


def _aggregate(function: AggregateFunction, body: Expression, over: tuple[str, ...]) -> tuple[Html, int]:
    """A sum or product with its index sets below; functions that have no sign of their own are called by name."""
    below = row_markup(_commas(map(name_markup, over)))
    sign = _AGGREGATES.get(function)
    head = (
        identifier_markup(function)
        if sign is None
        else fill('<mo largeop="true" movablelimits="false">$sign</mo>', sign=sign)
    )
    under = fill("<munder>$head$below</munder>", head=head, below=below)
    if sign is None:
        return row_markup([under, _fenced("(", [text_markup(body, ANY)], ")")]), _ATOM
    return row_markup([under, text_markup(body, TERM)]), SUM


def _binary(node: Binary) -> tuple[Html, int]:
    match node.operator:
        case "+" | "-" as sign:
            shown = "−" if sign == "-" else "+"
            return row_markup([text_markup(node.left, SUM), operator_markup(shown), text_markup(node.right, TERM)]), SUM
        case "*":
            return row_markup(
                [text_markup(node.left, TERM), operator_markup("·"), text_markup(node.right, FACTOR)]
            ), TERM
        case "/":
            parts = {"above": text_markup(node.left, ANY), "below": text_markup(node.right, ANY)}
            return fill("<mfrac>$above$below</mfrac>", **parts), FACTOR
        case "^":
            parts = {"base": text_markup(node.left, _ATOM), "power": text_markup(node.right, ANY)}
            return fill("<msup>$base$power</msup>", **parts), FACTOR
        case _:
            assert_never(node.operator)


def _cases(condition: Expression, then: Expression, otherwise: Expression) -> Html:
    """`if` in a chain of `else if` is one brace with a line for each."""
    lines = []
    rest: Expression = If(condition, then, otherwise)
    while isinstance(rest, If):
        lines.append((text_markup(rest.then, ANY), row_markup([_word("if "), text_markup(rest.condition, ANY)])))
        rest = rest.otherwise
    lines.append((text_markup(rest, ANY), _word("otherwise")))
    template = '<mtr><mtd style="text-align:left">$value</mtd><mtd style="text-align:left">$when</mtd></mtr>'
    rows = join((fill(template, value=value, when=when) for value, when in lines), "")
    return row_markup([operator_markup("{"), fill("<mtable>$rows</mtable>", rows=rows)])


def _call(function: str, arguments: list[Html]) -> Html:
    match function, arguments:
        case "abs", [x]:
            return _fenced("|", [x], "|")
        case "sqrt", [x]:
            return fill("<msqrt>$x</msqrt>", x=x)
        case _:
            return _called(function, arguments)


def number_markup(value: float) -> tuple[Html, int]:
    """A number, with how tightly it binds."""
    mantissa, _, exponent = render_number(abs(value)).partition("e")
    digits = fill("<mn>$mantissa</mn>", mantissa=mantissa)
    if exponent:
        power = fill("<msup><mn>10</mn><mn>$exponent</mn></msup>", exponent=str(int(exponent)).replace("-", "−"))
        digits = row_markup([digits, operator_markup("·"), power])
    if value < 0:
        return row_markup([operator_markup("−"), digits]), SUM
    return digits, TERM if exponent else _ATOM
