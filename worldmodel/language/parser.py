"""The one grammar, for laws, priors, utilities, claims and properties: recursive descent, one function for each rule.

    law         = expression                                  a family at the top, or a value without a distribution
    expression  = "if" any "then" expression "else" expression | any
    any         = all { "or" all }
    all         = negation { "and" negation }
    negation    = "not" negation | comparison
    comparison  = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
    sum         = product { ("+" | "-") product }
    product     = unary { ("*" | "/") unary }
    unary       = "-" unary | power
    power       = atom [ "^" unary ]
    atom        = number | name | name "[" index "]" | name "(" expression { "," expression } ")" | "(" expression ")"
    index       = "t" | "t" "-" integer | "0"
    formula     = "P" "(" path ")" comparator number
                | ("increasing" | "decreasing") "(" "mean" "(" variable ")" "," variable ")"
    path        = expression ( "within" integer | "throughout" integer | "until" expression "within" integer )

A bare name is a parameter or constant in a law or utility, and the variable's present value in a formula.
"""

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from worldmodel import limits
from worldmodel.language.ir import (
    ArithmeticOperator,
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
    Until,
    Variable,
    Within,
)
from worldmodel.language.reader import Reader, too_complex
from worldmodel.language.signatures import FAMILIES, FUNCTIONS, RESERVED
from worldmodel.language.tokens import Token, syntax_problem, tokenize

Result = TypeVar("Result")
_COMPARATORS = ("<", "<=", ">", ">=", "==", "!=")


def parse_law(text: str) -> Law:
    """The law of a mechanism; an expression without a family at its top is a `Delta`."""
    reader = Reader(tokenize(text))
    return _whole(reader, _law)


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
    if start.kind == "name" and start.text in FAMILIES:
        reader.take()
        arguments = _arguments(reader)
        _check_family_arity(start, len(arguments))
        return Law(start.text, arguments, at=reader.since(start))
    value = _expression(reader)
    return Law("Delta", (value,), at=reader.since(start))


def _expression(reader: Reader) -> Expression:
    reader.depth += 1
    if reader.depth > limits.EXPRESSION_DEPTH:
        raise too_complex(f"nesting deeper than {limits.EXPRESSION_DEPTH}", reader.token.at)
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
    return _logical(reader, "or", _all)


def _all(reader: Reader) -> Expression:
    return _logical(reader, "and", _negation)


def _logical(reader: Reader, operator: Literal["and", "or"], rule: Callable[[Reader], Expression]) -> Expression:
    start = reader.token
    left = rule(reader)
    while reader.sees(operator):
        reader.take()
        right = rule(reader)
        reader.count()
        left = Logical(operator, left, right, at=reader.since(start))
    return left


def _negation(reader: Reader) -> Expression:
    start = reader.token
    crossed = 0
    while reader.sees("not"):
        reader.take()
        reader.count()
        crossed += 1
    result = _comparison(reader)
    for _ in range(min(crossed, limits.EXPRESSION_DEPTH + 1)):
        result = Not(result, at=reader.since(start))
    return _bounded(result, crossed, reader)


def _bounded(result: Expression, prefixes: int, reader: Reader) -> Expression:
    if prefixes > limits.EXPRESSION_DEPTH:
        raise too_complex(f"nesting deeper than {limits.EXPRESSION_DEPTH}", reader.token.at)
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
    return _chain(reader, ("+", "-"), _product)


def _product(reader: Reader) -> Expression:
    return _chain(reader, ("*", "/"), _unary)


def _chain(reader: Reader, operators: tuple[str, str], rule: Callable[[Reader], Expression]) -> Expression:
    start = reader.token
    left = rule(reader)
    while reader.sees(*operators):
        operator = cast(ArithmeticOperator, reader.take().text)
        right = rule(reader)
        reader.count()
        left = Binary(operator, left, right, at=reader.since(start))
    return left


def _unary(reader: Reader) -> Expression:
    start = reader.token
    signs = 0
    while reader.sees("-"):
        reader.take()
        reader.count()
        signs += 1
    result = _power(reader)
    for _ in range(min(signs, limits.EXPRESSION_DEPTH + 1)):
        result = Negate(result, at=reader.since(start))
    return _bounded(result, signs, reader)


def _power(reader: Reader) -> Expression:
    start = reader.token
    base = _atom(reader)
    if not reader.sees("^"):
        return base
    reader.take()
    reader.depth += 1
    if reader.depth > limits.EXPRESSION_DEPTH:
        raise too_complex(f"nesting deeper than {limits.EXPRESSION_DEPTH}", reader.token.at)
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
    if token.kind == "name" and token.text not in RESERVED:
        return _named(reader)
    raise reader.unexpected("a number, a name or “(”")


def _named(reader: Reader) -> Expression:
    token = reader.take()
    if reader.sees("("):
        return _call(reader, token)
    if reader.sees("["):
        return _indexed(reader, token)
    if token.text in FUNCTIONS or token.text in FAMILIES:
        raise reader.unexpected(f"“(” after {token.text}")
    return Variable(token.text, at=token.at) if reader.bare_variables else Parameter(token.text, at=token.at)


def _call(reader: Reader, name: Token) -> Expression:
    if name.text in FAMILIES:
        raise syntax_problem(
            f"the distribution {name.text} inside an expression",
            "one distribution, at the top of a law",
            name.at,
            "make it a mechanism of its own",
        )
    function = FUNCTIONS.get(name.text)
    if function is None:
        raise syntax_problem(f"the function “{name.text}”", f"one of {', '.join(FUNCTIONS)}", name.at)
    arguments = _arguments(reader)
    if len(arguments) < function.fewest or (function.most is not None and len(arguments) > function.most):
        wanted = f"{function.fewest}" if function.most == function.fewest else f"{function.fewest} or more"
        raise syntax_problem(f"{len(arguments)} arguments of {name.text}", f"{wanted} wanted", name.at)
    return Call(name.text, arguments, at=reader.since(name))


def _arguments(reader: Reader) -> tuple[Expression, ...]:
    reader.expect("(")
    arguments = [_expression(reader)]
    while reader.sees(","):
        reader.take()
        arguments.append(_expression(reader))
    reader.expect(")")
    return tuple(arguments)


def _check_family_arity(name: Token, count: int) -> None:
    family = FAMILIES[name.text]
    wanted = len(family.slots)
    if (count == wanted and not family.repeated) or (count >= 2 and family.repeated):
        return
    names = ", ".join(slot.name for slot in family.slots) + (", …" if family.repeated else "")
    raise syntax_problem(f"{count} arguments of {name.text}", f"{name.text}({names})", name.at)


def _indexed(reader: Reader, name: Token) -> Expression:
    reader.expect("[")
    if reader.token.kind == "number" and reader.token.text == "0":
        reader.take()
        reader.expect("]")
        return Start(name.text, at=reader.since(name))
    reader.expect("t")
    lag = 0
    if reader.sees("-"):
        reader.take()
        lag = _integer(reader, limits.LONGEST_LAG)
    reader.expect("]")
    return Variable(name.text, lag, at=reader.since(name))


def _integer(reader: Reader, most: int) -> int:
    token = reader.token
    if token.kind != "number" or not token.text.isdigit() or not 1 <= int(token.text) <= most:
        raise reader.unexpected(f"a whole number from 1 to {most}")
    reader.take()
    return int(token.text)


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
    return Probability(path, operator, _probability(reader), at=reader.since(start))


def _probability(reader: Reader) -> float:
    if reader.token.kind != "number" or not 0 <= float(reader.token.text) <= 1:
        raise reader.unexpected("a probability from 0 to 1")
    return float(reader.take().text)


def _path(reader: Reader) -> Path:
    start = reader.token
    condition = _expression(reader)
    if reader.sees("within", "throughout"):
        kind = reader.take().text
        steps = _integer(reader, limits.LONGEST_PATH)
        node = Within if kind == "within" else Throughout
        return node(condition, steps, at=reader.since(start))
    if not reader.sees("until"):
        raise reader.unexpected("“within k”, “throughout k” or “until … within k”")
    reader.take()
    goal = _expression(reader)
    reader.expect("within")
    return Until(condition, goal, _integer(reader, limits.LONGEST_PATH), at=reader.since(start))


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
