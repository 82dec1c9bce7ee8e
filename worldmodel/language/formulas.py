"""The rules of the one grammar for claims and properties (see `parser`)."""

from typing import Literal, cast

from worldmodel import limits
from worldmodel.language.expressions import atom, expression
from worldmodel.language.ir import (
    Binary,
    Bounded,
    Compare,
    CompareOperator,
    Effect,
    Expression,
    Formula,
    Independent,
    Monotone,
    Parameter,
    Path,
    Probability,
    Statistic,
    Throughout,
    Until,
    Variable,
    Within,
)
from worldmodel.language.reader import Reader
from worldmodel.language.tokens import syntax_problem
from worldmodel.language.walk import literal_value

_LIMITS = ("<", "<=", ">", ">=")
_WANTED = (
    "“P(…) >= bound”, “increasing(mean(y[t]), x[t-1])”, “decreasing(…)”, “mean(y[t]) >= 0”, “y[t] >= 0”, "
    "“independent(x[t], y[t] given z[t])” or “effect(mean(y), do(x + 1), 8) >= 0”"
)


def formula(reader: Reader) -> Formula:
    """A claim or property."""
    if _calls(reader, "increasing", "decreasing"):
        return _monotone(reader)
    if _calls(reader, "P"):
        return _probability(reader)
    if _calls(reader, "independent"):
        return _independent(reader)
    if _calls(reader, "effect"):
        return _effect(reader)
    return _bounded(reader)


def _calls(reader: Reader, *words: str) -> bool:
    """Whether one of these words comes next, with a parenthesis behind it."""
    return reader.sees(*words) and reader.tokens[reader.position + 1].text == "("


def _probability(reader: Reader) -> Probability:
    start = reader.take()
    reader.expect("(")
    path = _path(reader)
    reader.expect(")")
    if not reader.sees(*_LIMITS):
        raise reader.unexpected("one of < <= > >=")
    operator = cast(CompareOperator, reader.take().text)
    return Probability(path, operator, reader.probability(), at=reader.since(start))


def _path(reader: Reader) -> Path:
    start = reader.token
    condition = expression(reader)
    if reader.sees("within", "throughout"):
        kind = reader.take().text
        steps = reader.integer(limits.LONGEST_PATH)
        node = Within if kind == "within" else Throughout
        return node(condition, steps, at=reader.since(start))
    if not reader.sees("until"):
        raise reader.unexpected("“within k”, “throughout k” or “until … within k”")
    reader.take()
    goal = expression(reader)
    reader.expect("within")
    return Until(condition, goal, reader.integer(limits.LONGEST_PATH), at=reader.since(start))


def _monotone(reader: Reader) -> Monotone:
    start = reader.take()
    reader.expect("(")
    _, target, level = _statistic(reader)
    reader.expect(",")
    by = _variable(reader)
    reader.expect(")")
    direction = cast(Literal["increasing", "decreasing"], start.text)
    return Monotone(direction, target, by, level, at=reader.since(start))


def _statistic(reader: Reader) -> tuple[Statistic, Variable, float | None]:
    if not _calls(reader, "mean", "quantile"):
        raise reader.unexpected("“mean(y[t])” or “quantile(y[t], 0.9)”")
    kind = cast(Statistic, reader.take().text)
    reader.expect("(")
    target = _variable(reader)
    level = None
    if kind == "quantile":
        reader.expect(",")
        at = reader.token.at
        level = reader.probability()
        if level in (0, 1):
            raise syntax_problem(f"the quantile at {level:g}", "a level between 0 and 1", at)
    reader.expect(")")
    return kind, target, level


def _bounded(reader: Reader) -> Bounded:
    start = reader.token
    if _calls(reader, "mean", "quantile"):
        kind, target, level = _statistic(reader)
    elif start.kind == "name":
        kind, target, level = "every", _variable(reader), None
    else:
        raise reader.unexpected(_WANTED)
    operator, bound = _limit(reader)
    return Bounded(kind, target, level, operator, bound, at=reader.since(start))


def _limit(reader: Reader) -> tuple[CompareOperator, float]:
    if not reader.sees(*_LIMITS):
        raise reader.unexpected("one of < <= > >=")
    operator = cast(CompareOperator, reader.take().text)
    sign = 1.0
    if reader.sees("-"):
        reader.take()
        sign = -1.0
    if reader.token.kind != "number":
        raise reader.unexpected("a number")
    # 0.0 has no sign of its own: -0 reads as 0, so that equal claims are equal texts.
    return operator, sign * float(reader.take().text) + 0.0


def _independent(reader: Reader) -> Independent:
    start = reader.take()
    reader.expect("(")
    left = _variable(reader)
    reader.expect(",")
    right = _variable(reader)
    given: list[Variable] = []
    if reader.sees("given"):
        reader.take()
        given.append(_variable(reader))
        while reader.sees(","):
            reader.take()
            given.append(_variable(reader))
    reader.expect(")")
    return Independent(left, right, tuple(given), at=reader.since(start))


def _effect(reader: Reader) -> Effect:
    start = reader.take()
    reader.expect("(")
    _, target, level = _statistic(reader)
    reader.expect(",")
    reader.expect("do")
    reader.expect("(")
    change = _change(reader)
    first, last = 1, None
    if reader.sees(","):
        reader.take()
        first = reader.integer(limits.LONGEST_PATH)
    if reader.sees(","):
        reader.take()
        at = reader.token.at
        last = reader.integer(limits.LONGEST_PATH)
        if last < first:
            raise syntax_problem(f"steps {first} to {last}", "a last step that is not before the first one", at)
    reader.expect(")")
    reader.expect(",")
    step = reader.integer(limits.LONGEST_PATH)
    reader.expect(")")
    operator, bound = _limit(reader)
    return Effect(target, level, change, step, operator, bound, first, last, at=reader.since(start))


def _change(reader: Reader) -> Expression:
    at = reader.token.at
    node = expression(reader)
    match node:
        case Compare("==", Variable(), Variable() | Parameter()):
            return node
        case Compare("==", Variable(), right) | Binary("+" | "-" | "*", Variable(), right):
            if literal_value(right) is not None:
                return node
        case _:
            pass
    raise syntax_problem("another change", "a change such as x == 4, x + 1, x - 1 or x * 1.1", at)


def _variable(reader: Reader) -> Variable:
    at = reader.token.at
    node = atom(reader)
    if not isinstance(node, Variable):
        raise syntax_problem("another expression", "a variable such as x[t-1]", at)
    return node
