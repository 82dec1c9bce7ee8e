"""Where expressions surely have a value, and how laws follow an input: known answers."""

import numpy as np
import pytest

from worldmodel.language.ir import Variable
from worldmodel.language.parser import parse_expression, parse_law
from worldmodel.readings.interval import Box, Interval
from worldmodel.readings.interval_defined import surely_defined
from worldmodel.readings.interval_order import order_signs
from worldmodel.readings.interval_slope import slope

X = Variable("x", 1)


def box(low: float, high: float) -> Box:
    return Box({"a": Interval(1.0, np.inf)}, {("x", 1): Interval(low, high), ("y", 1): Interval(-np.inf, np.inf)})


@pytest.mark.parametrize(
    ("text", "low", "high", "wanted"),
    [
        ("x[t-1] * y[t-1] - y[t-1]", -np.inf, np.inf, True),
        ("1 / x[t-1]", -1, 1, False),
        ("1 / x[t-1]", 0, 1, False),
        ("y[t-1] / x[t-1]", 0.5, np.inf, True),
        ("1 / (1 + exp(x[t-1]))", -np.inf, np.inf, True),
        ("log(x[t-1])", 0, 1, False),
        ("log(1 + abs(y[t-1]))", 0, 1, True),
        ("sqrt(x[t-1])", 0, 1, True),
        ("sqrt(x[t-1])", -1, 1, False),
        ("x[t-1] ^ -1", -1, 1, False),
        ("x[t-1] ^ 3", -1, 1, True),
        ("x[t-1] ^ 0.5", -1, 1, False),
        ("x[t-1] ^ 0.5", 0, 1, True),
        ("x[t-1] ^ y[t-1]", 0, 1, False),
        ("x[t-1] ^ y[t-1]", 0.5, 1, True),
        ("if log(x[t-1]) > 0 then 1 else 2", -1, 1, False),
        ("min(1, log(x[t-1]))", -1, 1, False),
    ],
)
def test_where_an_expression_surely_has_a_value(text: str, low: float, high: float, wanted: bool) -> None:
    assert bool(surely_defined(parse_expression(text), box(low, high))) is wanted


@pytest.mark.parametrize(
    ("law", "level", "wanted"),
    [
        ("Normal(x[t-1], 1)", None, "up"),
        ("Normal(x[t-1], x[t-1])", None, "none"),
        ("Normal(x[t-1], x[t-1])", 0.9, "up"),
        ("Normal(0, x[t-1])", 0.1, "down"),
        ("LogNormal(-x[t-1], 1)", None, "down"),
        ("StudentT(3, 0, x[t-1])", 0.9, "up"),
        ("StudentT(x[t-1], 0, 1)", 0.9, "none"),
        ("Gamma(x[t-1], 1)", None, "up"),
        ("Gamma(1, x[t-1])", 0.3, "down"),
        ("Beta(1, x[t-1])", None, "down"),
        ("Uniform(-x[t-1], 3 * x[t-1])", None, "none"),
        ("Uniform(-x[t-1], 3 * x[t-1])", 0.5, "up"),
        ("Uniform(-x[t-1], 3 * x[t-1])", 0.1, "down"),
        ("Exponential(x[t-1])", None, "down"),
        ("HalfNormal(x[t-1])", None, "up"),
        ("Binomial(7, logistic(x[t-1]))", None, "up"),
        ("NegativeBinomial(x[t-1], 2)", None, "up"),
        ("NegativeBinomial(2, x[t-1])", None, "none"),
        ("Truncated(Normal(x[t-1], 1), 0, 1)", None, "up"),
        ("Truncated(Normal(0, x[t-1]), 0, 1)", None, "none"),
        ("Truncated(Exponential(x[t-1]), 0, 1)", None, "down"),
        ("Truncated(Normal(0, 1), x[t-1], 9)", None, "up"),
        ("Mixture(0.5, Normal(x[t-1], 1), 0.5, Gamma(x[t-1], 1))", 0.5, "up"),
        ("Mixture(0.5, Normal(x[t-1], x[t-1]), 0.5, Gamma(x[t-1], 1))", 0.5, "none"),
        ("Mixture(x[t-1], Normal(0, 1), 1, Normal(1, 1))", None, "none"),
        ("ZeroInflated(0.5, Gamma(x[t-1], 1))", None, "up"),
        ("Categorical(0.5, 0.5)", None, "none"),
    ],
)
def test_how_a_law_follows_an_input(law: str, level: float | None, wanted: str) -> None:
    signs = order_signs(parse_law(law), X, box(0.5, 3.0), level) or [Interval(-1.0, 1.0)]
    up, down = (all(bool(ok) for ok in ends) for ends in ((s.lower >= 0 for s in signs), (s.upper <= 0 for s in signs)))
    assert ("up" if up else "down" if down else "none") == wanted


def test_what_saturates_rises_without_end() -> None:
    """Bounds on both places of x alone would give its slope either sign."""
    for text in ("x[t-1]^2 / (1 + x[t-1]^2)", "x[t-1]^2 / (x[t-1]^2 + 1)", "x[t-1] / (a + x[t-1])"):
        assert slope(parse_expression(text), X, box(0, np.inf)).slope.lower >= 0
    assert slope(parse_expression("a / (a + x[t-1])"), X, box(0, np.inf)).slope.upper <= 0


def test_a_condition_on_something_else_does_not_jump() -> None:
    other = slope(parse_expression("if y[t-1] > 0 then x[t-1] else 3 * x[t-1]"), X, box(0, 1)).slope
    assert (other.lower, other.upper) == (1.0, 3.0)
    own = slope(parse_expression("if x[t-1] > 0.5 then x[t-1] else 3 * x[t-1]"), X, box(0, 1)).slope
    assert (own.lower, own.upper) == (-np.inf, np.inf)
