"""Bounds contain every value and every draw, for random texts, laws, boxes and noise; slopes have the sign they say."""

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.worldmodel.language_strategies import (
    NAMES,
    Box,
    Key,
    boxes,
    conditions,
    expressions,
    laws,
    points_in,
    total_expressions,
)
from worldmodel.language.ir import Expression, Law, Variable
from worldmodel.language.parser import parse_expression, parse_law
from worldmodel.language.signatures import FAMILIES
from worldmodel.readings import interval
from worldmodel.readings.interval import Interval, bounds, truth
from worldmodel.readings.interval_law import DRAWN, law_bounds, mean_bounds
from worldmodel.readings.interval_slope import monotone
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import law_mean, law_quantile, law_valid

QUIET = settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])


def interval_box(box: Box) -> interval.Box:
    def of(kind: str) -> dict[tuple[str, int], Interval]:
        return {(name, lag): Interval(*ends) for (found, name, lag), ends in box.items() if found == kind}

    parameters = {name: ends for (name, _), ends in of("parameter").items()}
    starts = {name: ends for (name, _), ends in of("start").items()}
    return interval.Box(parameters, of("variable"), starts, of("time")["", 0])


def environment(values: dict[Key, float]) -> Environment:
    def read(*key: object) -> torch.Tensor:
        return torch.tensor(values[key], dtype=torch.float64)  # type: ignore[index]

    return Environment(
        lambda name: read("parameter", name, 0),
        lambda name, lag: read("variable", name, lag),
        lambda name: read("start", name, 0),
        lambda: read("time", "", 0),
    )


@st.composite
def boxes_and_points(draw: st.DrawFn) -> tuple[interval.Box, Environment]:
    box = draw(boxes(NAMES))
    return interval_box(box), environment(draw(points_in(box)))


@QUIET
@given(expression=expressions(), place=boxes_and_points())
def test_bounds_contain_the_value_at_every_point(
    expression: Expression, place: tuple[interval.Box, Environment]
) -> None:
    found = bounds(expression, place[0])
    value = evaluate(expression, place[1]).item()
    assert found.contains(value) or (math.isnan(value) and found.partial)


@QUIET
@given(expression=total_expressions(), place=boxes_and_points())
def test_an_expression_that_has_a_value_everywhere_keeps_it_inside(
    expression: Expression, place: tuple[interval.Box, Environment]
) -> None:
    value = evaluate(expression, place[1]).item()
    assert math.isfinite(value)
    assert bounds(expression, place[0]).contains(value)


@QUIET
@given(condition=conditions(), place=boxes_and_points())
def test_a_condition_that_is_decided_is_decided_rightly(
    condition: Expression, place: tuple[interval.Box, Environment]
) -> None:
    found = truth(condition, place[0])
    assert found.can_hold if bool(evaluate(condition, place[1])) else found.can_fail


uniforms = st.one_of(
    st.integers(0, 2**52 - 1).map(lambda k: (k + 0.5) / 2**52),
    st.sampled_from([0.5 / 2**52, 1.5 / 2**52, 1 - 0.5 / 2**52, 1 - 1.5 / 2**52, 0.25 + 0.5 / 2**52]),
)


@st.composite
def noise(draw: st.DrawFn) -> tuple[Interval, float]:
    """Some interval of uniform numbers that the simulator can draw, and one of them."""
    first, second, inside = sorted((draw(uniforms), draw(uniforms), draw(uniforms)))
    return (DRAWN, second) if draw(st.booleans()) else (Interval(first, inside), second)


@settings(QUIET, max_examples=250)
@given(law=laws(composites=True), place=boxes_and_points(), u=noise())
def test_bounds_contain_every_draw(
    law: Law, place: tuple[interval.Box, Environment], u: tuple[Interval, float]
) -> None:
    found = law_bounds(law, place[0], u[0])
    assume(bool(law_valid(law, place[1])))  # between the ends of a Truncated law there may be nothing
    drawn = law_quantile(law, place[1], torch.tensor([u[1]], dtype=torch.float64)).item()
    assert found.contains(drawn)


@QUIET
@given(law=laws(composites=True), place=boxes_and_points())
def test_bounds_contain_every_mean(law: Law, place: tuple[interval.Box, Environment]) -> None:
    mean = law_mean(law, place[1]).item()
    found = mean_bounds(law, place[0])
    assert found.partial if math.isnan(mean) else found.lower - 1e-12 <= mean <= found.upper + 1e-12


ARGUMENTS = {
    "real": (-1.0, 0.5),
    "positive": (0.6, 1.9),
    "nonnegative": (0.0, 2.0),
    "unit": (0.2, 0.7),
    "count": (3, 6),
}


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_bounds_a_grid_of_draws_and_no_more_than_it_must(family: str) -> None:
    """The hull of the draws at the ends of all arguments comes near the bounds, but for what is said to be loose."""
    slots = FAMILIES[family].slots * (3 if FAMILIES[family].repeated else 1)
    ends = [ARGUMENTS[slot.domain] for slot in slots]
    if family == "Uniform":
        ends[1] = (1.0, 2.0)
    names = "abcde"[: len(slots)]
    law = parse_law(f"{family}({', '.join(names)})")
    box = interval.Box({name: Interval(*end) for name, end in zip(names, ends, strict=True)})
    grids = torch.meshgrid(*[torch.linspace(*end, 4, dtype=torch.float64) for end in ends], indexing="ij")
    grid = {
        name: (torch.round(values) if slot.domain == "count" else values).flatten()
        for name, values, slot in zip(names, grids, slots, strict=True)
    }
    low, high = 0.04, 0.97
    levels = torch.linspace(low, high, 60, dtype=torch.float64).unsqueeze(-1)
    reader = Environment(grid.__getitem__, lambda *_: torch.nan, lambda _: torch.nan)
    draws = law_quantile(law, reader, levels).numpy()
    found = law_bounds(law, box, Interval(low, high))
    assert found.lower <= draws.min()
    assert draws.max() <= found.upper
    slack = {"NegativeBinomial": 2.0}.get(family, 1e-6)
    assert found.lower >= draws.min() - slack
    assert found.upper <= draws.max() + slack


@pytest.mark.parametrize(
    ("text", "support"),
    [
        ("Normal(0, 1)", (-np.inf, np.inf)),
        ("LogNormal(0, 1)", (0.0, np.inf)),
        ("HalfNormal(2)", (0.0, np.inf)),
        ("Gamma(2, 3)", (0.0, np.inf)),
        ("Beta(2, 3)", (0.0, 1.0)),
        ("Uniform(2, 3)", (2.0, 3.0)),
        ("Poisson(3)", (0.0, np.inf)),
        ("Poisson(0)", (0.0, 0.0)),
        ("Binomial(4, 0.5)", (0.0, 4.0)),
        ("NegativeBinomial(2, 3)", (0.0, np.inf)),
        ("Categorical(0.2, 0.3, 0.5)", (0.0, 2.0)),
        ("Bernoulli(0.5)", (0.0, 1.0)),
        ("3", (3.0, 3.0)),
    ],
)
def test_without_knowledge_of_the_noise_the_bounds_are_the_support(text: str, support: tuple[float, float]) -> None:
    found = law_bounds(parse_law(text), interval.Box())
    assert (found.lower, found.upper, found.partial) == (*support, False)


@pytest.mark.parametrize("text", ["Normal(0, x[t])", "Exponential(x[t])", "Beta(2, x[t])", "Bernoulli(x[t] * 3)"])
def test_arguments_that_may_leave_their_domain_are_told(text: str) -> None:
    box = interval.Box(variables={("x", 0): Interval(-1.0, 1.0)})
    assert law_bounds(parse_law(text), box).partial
    assert not law_bounds(parse_law(text), interval.Box(variables={("x", 0): Interval(0.1, 0.3)})).partial


COMPOSITES = [
    ("Truncated(Normal(x[t], 1), -1, 2)", (-1.0, 2.0), (0.0, 1.0)),
    ("ZeroInflated(0.3, Uniform(2, 3))", (0.0, 0.0), (0.0, 0.3)),
    ("ZeroInflated(0.3, Uniform(2, 3))", (2.0, 3.0), (0.301, 1.0)),
    ("ZeroInflated(0.5, Uniform(2, 3))", (0.0, 2.5), (0.1, 0.75)),
    ("Mixture(0.25, Uniform(0, 1), 0.75, Uniform(5, 6))", (0.0, 0.96), (0.0, 0.24)),
    ("Mixture(1, Uniform(0, 1), 3, Uniform(5, 6))", (5.0, 5.5), (0.251, 0.625)),
    ("Truncated(Uniform(0, 4), 1, 3)", (1.5, 2.0), (0.25, 0.5)),
]


@pytest.mark.parametrize(("text", "expected", "u"), COMPOSITES)
def test_composite_laws_draw_from_the_parts_that_the_noise_picks(
    text: str, expected: tuple[float, float], u: tuple[float, float]
) -> None:
    law = parse_law(text)
    box = interval.Box(variables={("x", 0): Interval(-1.0, 1.0)})
    found = law_bounds(law, box, Interval(*u))
    assert (found.lower, found.upper) == pytest.approx(expected, abs=0.002)


@QUIET
@given(expression=total_expressions(leaves=5), box=boxes(NAMES), data=st.data())
def test_what_is_said_to_rise_never_falls(
    expression: Expression, box: dict[Key, tuple[float, float]], data: st.DataObject
) -> None:
    by = ("variable", "x", 1)
    answer = monotone(expression, Variable("x", 1), interval_box(box))
    assume(answer != "unknown")
    values = data.draw(points_in(box))
    first, second = sorted(data.draw(st.tuples(st.floats(*box[by]), st.floats(*box[by]))))
    low, high = (evaluate(expression, environment({**values, by: x})).item() for x in (first, second))
    slack = 1e-9 * (1 + abs(low) + abs(high))
    assert answer == "decreasing" or low <= high + slack
    assert answer == "increasing" or high <= low + slack


@pytest.mark.parametrize(
    ("text", "ends", "answer"),
    [
        ("x[t]^3", (-1.0, 1.0), "increasing"),
        ("x[t]^2", (-1.0, 1.0), "unknown"),
        ("x[t]^2", (0.0, 1.0), "increasing"),
        ("sqrt(x[t])", (0.0, 1.0), "increasing"),
        ("1 / x[t]", (0.5, 1.0), "decreasing"),
        ("1 / x[t]", (-1.0, 1.0), "unknown"),
        ("mix(0.3, x[t], 2 * x[t])", (-1.0, 1.0), "increasing"),
        ("mix(x[t], 2, 3)", (-1.0, 2.0), "decreasing"),
        ("min(x[t], 1 + tanh(x[t]))", (-3.0, 3.0), "increasing"),
        ("clip(-x[t], 0, 1)", (-3.0, 3.0), "decreasing"),
        ("if x[t] > 0 then 1 else 0", (-1.0, 1.0), "unknown"),
        ("if x[t] > 0 then x[t] else 0", (0.5, 1.0), "increasing"),
        ("logistic(3 * x[t]) - logistic(x[t] * 0)", (-1.0, 1.0), "increasing"),
        ("2^x[t]", (-2.0, 2.0), "increasing"),
        ("abs(x[t] + 2)", (-1.0, 1.0), "increasing"),
        ("max(3, 4)", (-1.0, 1.0), "constant"),
        ("log(x[t])", (-1.0, 1.0), "unknown"),
        ("exp(-x[t])", (-1.0, 1.0), "decreasing"),
    ],
)
def test_signs_of_known_functions(text: str, ends: tuple[float, float], answer: str) -> None:
    box = interval.Box(variables={("x", 0): Interval(*ends)})
    assert monotone(parse_expression(text), Variable("x", 0), box) == answer
