"""Simplifying a text changes neither its value nor its unit: what grounding folds, and what the algebra leaves out."""

import math
from collections.abc import Callable

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.worldmodel.readings.test_torch_expression import expressions, plain
from worldmodel.checks.draft import Text
from worldmodel.checks.units import _infer, _Scope
from worldmodel.grounding.expressions import Element
from worldmodel.grounding.expressions import ground as ground_expression
from worldmodel.language import algebra
from worldmodel.language.ir import Binary, Expression
from worldmodel.scope import Declared, Scope
from worldmodel.units import Unit, parse_unit

SCOPE = Scope(declared={"p": Declared("parameter", "m"), "q": Declared("parameter", "1")})
VARIABLES = {"x": parse_unit("m"), "y": parse_unit("percent")}
ALGEBRA: dict[str, Callable[[Expression, Expression], Expression]] = {
    "+": algebra.plus,
    "-": algebra.minus,
    "*": algebra.times,
    "/": algebra.divided,
    "^": algebra.power,
}


def _unit(node: Expression) -> tuple[Unit | None, int]:
    """The unit of an expression and how many problems it has."""
    scope = _Scope(Text("world.toml", "x", node, SCOPE), VARIABLES, {}, [])
    return _infer(node, scope), len(scope.problems)


def _value(node: Expression) -> float | None:
    try:
        value = plain(node)
    except (ArithmeticError, ValueError):
        return None
    return float(value) if math.isfinite(value) else None


def _means_the_same(simpler: Expression, original: Expression) -> None:
    value = _value(original)
    if value is not None:
        assert _value(simpler) == value
    unit, problems = _unit(original)
    if not problems:
        other, others = _unit(simpler)
        assert not others
        # A product with 0 is 0, and a literal 0 goes with any unit.
        assert other is None or (unit is not None and other.agrees(unit))


@given(expressions)
def test_grounding_keeps_value_and_unit(expression: Expression) -> None:
    simpler = ground_expression(expression, Element(SCOPE, {}))
    _means_the_same(simpler, expression)
    assert ground_expression(simpler, Element(SCOPE, {})) == simpler


@given(st.sampled_from(sorted(ALGEBRA)), expressions, expressions)
def test_the_algebra_keeps_value_and_unit(operator: str, left: Expression, right: Expression) -> None:
    original = Binary(operator, left, right)  # type: ignore[arg-type]
    _means_the_same(ALGEBRA[operator](left, right), original)


@given(expressions)
def test_numbers_and_units_are_there_to_be_compared(expression: Expression) -> None:
    """The two properties above are not empty: this strategy makes texts with a value, and with a unit."""
    assume(_value(expression) is not None and _unit(expression)[1] == 0)
    assert _unit(expression)[0] is None or isinstance(_unit(expression)[0], Unit)
