"""The rules of the one grammar for expressions: recursive descent, one function for each rule (see `parser`)."""

from collections.abc import Callable
from typing import cast

from worldmodel import limits
from worldmodel.language.ir import (
    Aggregate,
    AggregateFunction,
    Binary,
    Call,
    Compare,
    CompareOperator,
    Expression,
    If,
    Logical,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.language.reader import Reader, too_complex
from worldmodel.language.signatures import AGGREGATES, FUNCTIONS, LAWS, RESERVED
from worldmodel.language.tokens import Token, syntax_problem
from worldmodel.language.walk import bare_name

Rule = Callable[[Reader], Expression]
COMPARATORS = ("<", "<=", ">", ">=", "==", "!=")


def expression(reader: Reader) -> Expression:
    """An expression without a distribution."""
    reader.descend()
    result = _conditional(reader) if reader.sees("if") else _any(reader)
    reader.depth -= 1
    return result


def _conditional(reader: Reader) -> Expression:
    start = reader.expect("if")
    condition = _any(reader)
    reader.expect("then")
    then = expression(reader)
    reader.expect("else")
    otherwise = expression(reader)
    return If(condition, then, otherwise, at=reader.since(start))


def _any(reader: Reader) -> Expression:
    return _chain(reader, ("or",), _all, Logical)


def _all(reader: Reader) -> Expression:
    return _chain(reader, ("and",), _negation, Logical)


def _negation(reader: Reader) -> Expression:
    return _prefixed(reader, "not", _comparison, Not)


def _prefixed(reader: Reader, word: str, rule: Rule, node: type[Not] | type[Negate]) -> Expression:
    start, crossed = reader.token, 0
    while reader.sees(word):
        reader.take()
        reader.count()
        crossed += 1
    result = rule(reader)
    if crossed > limits.EXPRESSION_DEPTH:
        raise too_complex(f"nesting deeper than {limits.EXPRESSION_DEPTH}", reader.token.at)
    for _ in range(crossed):
        result = node(result, at=reader.since(start))
    return result


def _comparison(reader: Reader) -> Expression:
    start = reader.token
    left = _sum(reader)
    if not reader.sees(*COMPARATORS):
        return left
    operator = cast(CompareOperator, reader.take().text)
    right = _sum(reader)
    reader.count()
    if reader.sees(*COMPARATORS):
        raise reader.unexpected("one comparison at a time (join two with “and”)")
    return Compare(operator, left, right, at=reader.since(start))


def _sum(reader: Reader) -> Expression:
    return _chain(reader, ("+", "-"), _product, Binary)


def _product(reader: Reader) -> Expression:
    return _chain(reader, ("*", "/"), _unary, Binary)


def _chain(reader: Reader, operators: tuple[str, ...], rule: Rule, node: Callable[..., Expression]) -> Expression:
    start = reader.token
    left = rule(reader)
    while reader.sees(*operators):
        operator = reader.take().text
        right = rule(reader)
        reader.count()
        left = node(operator, left, right, at=reader.since(start))
    return left


def _unary(reader: Reader) -> Expression:
    return _prefixed(reader, "-", _power, Negate)


def _power(reader: Reader) -> Expression:
    start = reader.token
    base = atom(reader)
    if not reader.sees("^"):
        return base
    reader.take()
    reader.descend()
    exponent = _unary(reader)
    reader.depth -= 1
    reader.count()
    return Binary("^", base, exponent, at=reader.since(start))


def atom(reader: Reader) -> Expression:
    """A number, a name with its places, a call, or an expression in parentheses."""
    reader.count()
    token = reader.token
    if token.kind == "number":
        return Number(float(reader.take().text), at=token.at)
    if reader.sees("("):
        reader.take()
        inner = expression(reader)
        reader.expect(")")
        return inner
    if reader.sees("t"):
        reader.take()
        return Time(at=token.at)
    if token.kind == "name" and (token.text not in RESERVED or token.text in AGGREGATES):
        return _named(reader)
    raise reader.unexpected("a number, a name or “(”")


def _named(reader: Reader) -> Expression:
    token = reader.take()
    if reader.sees("("):
        return _call(reader, token)
    if reader.sees("["):
        return _indexed(reader, token)
    if token.text in FUNCTIONS or token.text in LAWS or token.text in AGGREGATES:
        raise reader.unexpected(f"“(” after {token.text}")
    return Variable(token.text, at=token.at) if reader.bare_variables else Parameter(token.text, at=token.at)


def _call(reader: Reader, name: Token) -> Expression:
    if name.text in LAWS:
        raise syntax_problem(
            f"the distribution {name.text} inside an expression",
            "one distribution, at the top of a law",
            name.at,
            "make it a mechanism of its own",
        )
    reader.expect("(")
    first = expression(reader)
    if name.text in AGGREGATES and reader.sees("over"):
        return _aggregate(reader, name, first)
    function = FUNCTIONS.get(name.text)
    if function is None and name.text in AGGREGATES:
        raise reader.unexpected("“over” and an index")
    if function is None:
        # Families begin with a capital letter: who misspells one wants to see those.
        kind, known = ("distribution", LAWS) if name.text[0].isupper() else ("function", FUNCTIONS)
        raise syntax_problem(f"the {kind} “{name.text}”", f"one of {', '.join(known)}", name.at)
    arguments = _more(reader, first)
    if len(arguments) < function.fewest or (function.most is not None and len(arguments) > function.most):
        wanted = f"{function.fewest}" if function.most == function.fewest else f"{function.fewest} or more"
        raise syntax_problem(f"{len(arguments)} arguments of {name.text}", f"{wanted} wanted", name.at)
    return Call(name.text, arguments, at=reader.since(name))


def _more(reader: Reader, first: Expression) -> tuple[Expression, ...]:
    arguments = [first]
    while reader.sees(","):
        reader.take()
        arguments.append(expression(reader))
    reader.expect(")")
    return tuple(arguments)


def _aggregate(reader: Reader, name: Token, body: Expression) -> Aggregate:
    reader.take()
    over = [_index(reader)]
    while reader.sees(","):
        reader.take()
        over.append(_index(reader))
    reader.expect(")")
    return Aggregate(cast(AggregateFunction, name.text), body, tuple(over), at=reader.since(name))


def _index(reader: Reader) -> str:
    if reader.token.kind != "name" or reader.token.text in RESERVED:
        raise reader.unexpected("the name of an index")
    return reader.take().text


def _indexed(reader: Reader, name: Token) -> Expression:
    reader.expect("[")
    bare, reader.bare_variables = reader.bare_variables, False
    places = _places(reader)
    reader.bare_variables = bare
    if reader.sees("]"):
        reader.take()
        return Parameter(name.text, places, at=reader.since(name))
    starts, at = not reader.sees("t"), reader.take().at
    lag = 0
    if not starts and reader.sees("-"):
        reader.take()
        lag = reader.integer(limits.LONGEST_LAG)
    reader.expect("]")
    span = reader.since(name)
    names = tuple(known for place in places if (known := bare_name(place)) is not None)
    if len(names) == len(places):
        return Start(name.text, names, at=span) if starts else Variable(name.text, lag, names, at=span)
    if starts or lag:
        raise syntax_problem("a time behind a value", "indices before it, or t alone to read a table", at)
    return Parameter(name.text, (*places, Time(at=at)), at=span)


def _places(reader: Reader) -> tuple[Expression, ...]:
    """What stands before a time or before the closing bracket, the comma behind it taken."""
    places: list[Expression] = []
    while not reader.sees("t"):
        if reader.token.kind == "number":
            if reader.token.text == "0":
                break
            raise reader.unexpected("an index, a value, “t” or “t-1”")
        places.append(_place(reader))
        if not reader.sees(","):
            break
        reader.take()
    return tuple(places)


def _place(reader: Reader) -> Expression:
    start = reader.token
    match expression(reader):
        case Number() | Time() | Binary("-", Time(), Number()):
            raise syntax_problem(
                "a number or time in parentheses", "“t”, “t-1” or 0 itself, as the last place", start.at
            )
        case place:
            return place
