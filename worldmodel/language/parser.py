"""The one grammar, for laws, priors, utilities, claims and properties: recursive descent, one function for each rule.

    law         = name "(" part { "," part } ")" | expression  a family at the top, or a value without a distribution
    part        = law | expression                            laws only where a composite family wants them
    expression  = "if" any "then" expression "else" expression | any
    any         = all { "or" all }
    all         = negation { "and" negation }
    negation    = "not" negation | comparison
    comparison  = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
    sum         = product { ("+" | "-") product }
    product     = unary { ("*" | "/") unary }
    unary       = "-" unary | power
    power       = atom [ "^" unary ]
    atom        = number | "t" | name | name "[" places "]" | "(" expression ")"
                | name "(" expression { "," expression } ")" | name "(" expression "over" name { "," name } ")"
    places      = { expression "," } ( expression | "t" | "t" "-" integer | "0" )
    formula     = "P" "(" path ")" comparator number
                | ("increasing" | "decreasing") "(" "mean" "(" variable ")" "," variable ")"
    path        = expression ( "within" integer | "throughout" integer | "until" expression "within" integer )

A bare name is a parameter, constant, binding, index or named value in a law or utility, and the variable's present
value in a formula; which of them, the checks find out. `t` or 0 as the last place makes a variable of the name.
"""

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from worldmodel import limits
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
from worldmodel.language.reader import Reader, too_complex
from worldmodel.language.signatures import AGGREGATES, FUNCTIONS, LAWS, RESERVED, FamilySignature, accepts, usage
from worldmodel.language.tokens import Token, syntax_problem, tokenize
from worldmodel.language.walk import bare_name

Result = TypeVar("Result")
Rule = Callable[[Reader], Expression]
_COMPARATORS = ("<", "<=", ">", ">=", "==", "!=")


def parse_law(text: str) -> Law:
    """The law of a mechanism; an expression without a family at its top is a `Delta`."""
    return _whole(Reader(tokenize(text)), _law)


def parse_expression(text: str) -> Expression:
    """An expression without a distribution, as in utilities."""
    return _whole(Reader(tokenize(text)), _expression)


def parse_formula(text: str) -> Formula:
    """A claim or property."""
    return _whole(Reader(tokenize(text), bare_variables=True), _formula)


def _whole(reader: Reader, rule: Callable[[Reader], Result]) -> Result:
    result = rule(reader)
    if reader.token.kind != "end":
        raise reader.unexpected("an operator or the end of the text")
    return result


def _law(reader: Reader) -> Law:
    start = reader.token
    if reader.sees(*LAWS):
        return _family(reader)
    value = _expression(reader)
    return Law("Delta", (value,), at=reader.since(start))


def _family(reader: Reader) -> Law:
    reader.descend()
    name = reader.take()
    family = LAWS[name.text]
    arguments: list[Expression] = []
    parts: list[Law] = []
    order = ""
    reader.expect("(")
    while True:
        if reader.sees(*LAWS) and family.order is not None:
            parts.append(_family(reader))
            order += "L"
        else:
            arguments.append(_expression(reader))
            order += "a"
        if not reader.sees(","):
            break
        reader.take()
    reader.expect(")")
    reader.depth -= 1
    _check_order(name, family, order, arguments)
    return Law(name.text, tuple(arguments), tuple(parts), at=reader.since(name))


def _check_order(name: Token, family: FamilySignature, order: str, arguments: list[Expression]) -> None:
    # A table with a row of probabilities stands for all the arguments of a repeated family.
    row = family.repeated and family.order is None and order == "a" and isinstance(arguments[0], Parameter | Variable)
    if not (row or accepts(family, order)):
        raise syntax_problem(f"{len(order)} arguments of {name.text}", usage(family), name.at)


def _expression(reader: Reader) -> Expression:
    reader.descend()
    result = _conditional(reader) if reader.sees("if") else _any(reader)
    reader.depth -= 1
    return result


def _conditional(reader: Reader) -> Expression:
    start = reader.expect("if")
    condition = _any(reader)
    reader.expect("then")
    then = _expression(reader)
    reader.expect("else")
    otherwise = _expression(reader)
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
    if not reader.sees(*_COMPARATORS):
        return left
    operator = cast(CompareOperator, reader.take().text)
    right = _sum(reader)
    reader.count()
    if reader.sees(*_COMPARATORS):
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
    base = _atom(reader)
    if not reader.sees("^"):
        return base
    reader.take()
    reader.descend()
    exponent = _unary(reader)
    reader.depth -= 1
    reader.count()
    return Binary("^", base, exponent, at=reader.since(start))


def _atom(reader: Reader) -> Expression:
    reader.count()
    token = reader.token
    if token.kind == "number":
        return Number(float(reader.take().text), at=token.at)
    if reader.sees("("):
        reader.take()
        inner = _expression(reader)
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
    first = _expression(reader)
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
        arguments.append(_expression(reader))
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
    match _expression(reader):
        case Number() | Time() | Binary("-", Time(), Number()):
            raise syntax_problem(
                "a number or time in parentheses", "“t”, “t-1” or 0 itself, as the last place", start.at
            )
        case place:
            return place


def _formula(reader: Reader) -> Formula:
    if reader.sees("increasing", "decreasing"):
        return _monotone(reader)
    start = reader.token
    if not reader.sees("P"):
        raise reader.unexpected("“P(…) >= bound”, “increasing(mean(y[t]), x[t-1])” or “decreasing(…)”")
    reader.take()
    reader.expect("(")
    path = _path(reader)
    reader.expect(")")
    if not reader.sees("<", "<=", ">", ">="):
        raise reader.unexpected("one of < <= > >=")
    operator = cast(CompareOperator, reader.take().text)
    return Probability(path, operator, reader.probability(), at=reader.since(start))


def _path(reader: Reader) -> Path:
    start = reader.token
    condition = _expression(reader)
    if reader.sees("within", "throughout"):
        kind = reader.take().text
        steps = reader.integer(limits.LONGEST_PATH)
        node = Within if kind == "within" else Throughout
        return node(condition, steps, at=reader.since(start))
    if not reader.sees("until"):
        raise reader.unexpected("“within k”, “throughout k” or “until … within k”")
    reader.take()
    goal = _expression(reader)
    reader.expect("within")
    return Until(condition, goal, reader.integer(limits.LONGEST_PATH), at=reader.since(start))


def _monotone(reader: Reader) -> Monotone:
    start = reader.take()
    reader.expect("(")
    reader.expect("mean")
    reader.expect("(")
    target = _variable(reader)
    reader.expect(")")
    reader.expect(",")
    by = _variable(reader)
    reader.expect(")")
    direction = cast(Literal["increasing", "decreasing"], start.text)
    return Monotone(direction, target, by, at=reader.since(start))


def _variable(reader: Reader) -> Variable:
    at = reader.token.at
    node = _atom(reader)
    if not isinstance(node, Variable):
        raise syntax_problem("another expression", "a variable such as x[t-1]", at)
    return node
