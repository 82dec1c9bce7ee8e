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
    formula     = "P" "(" path ")" limit
                | ("increasing" | "decreasing") "(" statistic "," variable ")"
                | statistic limit | variable limit
                | "independent" "(" variable "," variable [ "given" variable { "," variable } ] ")"
                | "effect" "(" statistic "," "do" "(" change [ "," integer [ "," integer ] ] ")" "," integer ")" limit
    path        = expression ( "within" integer | "throughout" integer | "until" expression "within" integer )
    statistic   = "mean" "(" variable ")" | "quantile" "(" variable "," number ")"
    change      = variable ( "==" value | ("+" | "-" | "*") number )
    limit       = ("<" | "<=" | ">" | ">=") [ "-" ] number

A bare name is a parameter, constant, binding, index or named value in a law or utility, and the variable's present
value in a formula; which of them, the checks find out. `t` or 0 as the last place makes a variable of the name. The
words of formulas alone (`given`, `do`, `effect`, …) are names like any other elsewhere.
"""

from collections.abc import Callable
from typing import TypeVar

from worldmodel.language.expressions import expression
from worldmodel.language.formulas import formula
from worldmodel.language.ir import Expression, Formula, Law, Parameter, Variable
from worldmodel.language.reader import Reader
from worldmodel.language.signatures import LAWS, FamilySignature, accepts, usage
from worldmodel.language.tokens import Token, syntax_problem, tokenize

Result = TypeVar("Result")


def parse_law(text: str) -> Law:
    """The law of a mechanism; an expression without a family at its top is a `Delta`."""
    return _whole(Reader(tokenize(text)), _law)


def parse_expression(text: str) -> Expression:
    """An expression without a distribution, as in utilities."""
    return _whole(Reader(tokenize(text)), expression)


def parse_formula(text: str) -> Formula:
    """A claim or property."""
    return _whole(Reader(tokenize(text), bare_variables=True), formula)


def _whole(reader: Reader, rule: Callable[[Reader], Result]) -> Result:
    result = rule(reader)
    if reader.token.kind != "end":
        raise reader.unexpected("an operator or the end of the text")
    return result


def _law(reader: Reader) -> Law:
    start = reader.token
    if reader.sees(*LAWS):
        return _family(reader)
    value = expression(reader)
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
            arguments.append(expression(reader))
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
