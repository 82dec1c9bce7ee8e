"""Outward rounding against exact fractions and mpmath; ends of the range; what has no value is told."""

import math
from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.special as special
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from worldmodel.readings import interval_arithmetic as arithmetic
from worldmodel.readings import interval_functions as functions
from worldmodel.readings.interval_arithmetic import Interval, point

numbers = st.floats(allow_nan=False, allow_infinity=False)
extended = st.floats(allow_nan=False)
HUGE, TINY = np.finfo(np.float64).max, 5e-324


@st.composite
def pieces(draw: st.DrawFn, ends: st.SearchStrategy[float] = extended) -> tuple[Interval, float]:
    """An interval and a point of it, which may be infinite only where the interval's end is."""
    first, second = sorted((draw(ends), draw(ends)))
    inside = draw(st.one_of(st.sampled_from([first, second]), st.floats(first, second)))
    return Interval(first, second), inside


def stepped(value: float, places: int) -> float:
    for _ in range(places):
        value = math.nextafter(value, math.inf)
    return value


OPERATIONS: dict[str, tuple[Callable[..., Interval], Callable[[Fraction, Fraction], Fraction]]] = {
    "+": (arithmetic.add, lambda a, b: a + b),
    "-": (arithmetic.subtract, lambda a, b: a - b),
    "*": (arithmetic.multiply, lambda a, b: a * b),
    "/": (arithmetic.divide, lambda a, b: a / b),
}


def encloses(interval: Interval, exact: Fraction) -> bool:
    low, high = float(interval.lower), float(interval.upper)
    return (low == -math.inf or Fraction(low) <= exact) and (high == math.inf or exact <= Fraction(high))


@pytest.mark.parametrize("operator", OPERATIONS)
@given(a=numbers, b=numbers)
def test_operations_on_points_enclose_the_exact_result_and_miss_it_by_one_place_at_most(
    operator: str, a: float, b: float
) -> None:
    mine, exact = OPERATIONS[operator]
    assume(operator != "/" or b != 0)
    found, true = mine(point(a), point(b)), exact(Fraction(a), Fraction(b))
    assert encloses(found, true)
    assert not found.partial
    places = 1 if all(1e-140 < abs(x) < 1e140 for x in (a, b, true)) else 2
    assert stepped(float(found.lower), places) >= float(found.upper)


@given(a=st.integers(-(2**26), 2**26), b=st.integers(-(2**26), 2**26))
def test_whole_numbers_stay_whole(a: int, b: int) -> None:
    for operator, result in {"+": a + b, "-": a - b, "*": a * b}.items():
        found = OPERATIONS[operator][0](point(a), point(b))
        assert (found.lower, found.upper) == (result, result)
    if b:
        found = arithmetic.divide(point(a * b), point(b))
        assert (found.lower, found.upper) == (a, a)
    found = arithmetic.square_root(point(float(abs(a)) ** 2))
    assert (found.lower, found.upper) == (abs(a), abs(a))


@given(a=st.floats(1e-300, 1e300), b=st.floats(1e-300, 1e300))
def test_rounding_is_outward_where_the_result_is_not_exact(a: float, b: float) -> None:
    """A bound equal to the rounded result on both sides would be wrong wherever that is not the exact result."""
    for mine, exact in OPERATIONS.values():
        found, true = mine(point(a), point(b)), exact(Fraction(a), Fraction(b))
        if found.lower == found.upper:
            assert Fraction(float(found.lower)) == true


@pytest.mark.parametrize("operator", OPERATIONS)
@given(left=pieces(), right=pieces())
def test_operations_contain_what_doubles_give_at_every_pair_of_points(
    operator: str, left: tuple[Interval, float], right: tuple[Interval, float]
) -> None:
    (x, a), (y, b) = left, right
    found = OPERATIONS[operator][0](x, y)
    with np.errstate(all="ignore"):
        value = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}[operator](a, b)
    assert found.contains(value) or (np.isnan(value) and found.partial)
    if math.isfinite(a) and math.isfinite(b) and not (operator == "/" and b == 0):
        assert encloses(found, OPERATIONS[operator][1](Fraction(a), Fraction(b)))
    if operator == "/" and b == 0:
        assert found.partial


@given(x=st.floats(0, HUGE))
def test_the_root_encloses_the_exact_root(x: float) -> None:
    found = arithmetic.square_root(point(x))
    assert Fraction(float(found.lower)) ** 2 <= Fraction(x) <= Fraction(float(found.upper)) ** 2
    assert found.contains(math.sqrt(x))


FUNCTIONS: dict[str, tuple[Callable[[Interval], Interval], Callable[..., object], Callable[..., object], object]] = {
    "exp": (functions.exponential, mpmath.exp, torch.exp, np.exp),
    "log": (functions.logarithm, mpmath.log, torch.log, np.log),
    "tanh": (functions.hyperbolic_tangent, mpmath.tanh, torch.tanh, np.tanh),
    "logistic": (functions.logistic, lambda x: 1 / (1 + mpmath.exp(-x)), torch.sigmoid, special.expit),
}
ARGUMENTS = st.one_of(
    st.floats(-760, 760), st.floats(-1, 1), numbers, st.sampled_from([709.78, 709.79, -745.2, -708.5, TINY, HUGE])
)


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=ARGUMENTS)
def test_functions_contain_the_exact_value_and_those_of_torch_and_numpy(name: str, x: float) -> None:
    mine, exact, by_torch, by_numpy = FUNCTIONS[name]
    x = abs(x) if name == "log" else x
    assume(not (name == "log" and x == 0) and not (name == "exp" and abs(x) > 1e6))
    found = mine(point(x))
    assert not found.partial
    with mpmath.workdps(80):
        value = exact(mpmath.mpf(x))
        assert mpmath.mpf(float(found.lower)) <= value <= mpmath.mpf(float(found.upper))
    for repeat in (1, 33):  # torch's scalar and vector code differ
        assert found.contains(by_torch(torch.full((repeat,), x, dtype=torch.float64))[0].item())
    with np.errstate(all="ignore"):
        assert found.contains(by_numpy(np.float64(x)))  # type: ignore[operator]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpy_and_torch_err_by_less_than_a_quarter_of_the_margin(name: str) -> None:
    _, exact, by_torch, by_numpy = FUNCTIONS[name]
    generator = np.random.default_rng(7)
    wide = generator.uniform(-700, 700, 300) if name in {"exp", "logistic"} else generator.normal(size=300) * 9
    x = np.concatenate([wide, generator.normal(size=300), generator.normal(size=200) * 1e-6])
    x = np.exp(x) if name == "log" else x
    given_values = (np.asarray(by_torch(torch.from_numpy(x))), by_numpy(x))  # type: ignore[operator]
    with mpmath.workdps(60):
        true = [exact(mpmath.mpf(float(one))) for one in x]
        for values in given_values:
            errors = [abs((mpmath.mpf(float(v)) - t) / t) * 2**52 for v, t in zip(values, true, strict=True) if t != 0]
            assert max(errors) < functions.MARGIN / 4


@given(x=pieces(st.floats(-30, 30)), y=pieces(st.floats(-6, 6)))
def test_powers_contain_what_torch_and_mpmath_give(x: tuple[Interval, float], y: tuple[Interval, float]) -> None:
    (base, a), (exponent, b) = x, y
    found = functions.power(base, exponent)
    value = torch.pow(torch.tensor(a, dtype=torch.float64), torch.tensor(b, dtype=torch.float64)).item()
    assert found.contains(value) or (math.isnan(value) and found.partial)
    if a > 0:
        with mpmath.workdps(60):
            exact = mpmath.mpf(a) ** mpmath.mpf(b)
            assert found.lower <= exact <= found.upper
    if a == 0 and b < 0:
        assert found.partial


@given(x=pieces(numbers), n=st.sampled_from([-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 7.0]))
def test_literal_powers_contain_what_torch_gives(x: tuple[Interval, float], n: float) -> None:
    base, a = x
    found = functions.power(base, point(n))
    for repeat in (1, 33):
        value = torch.pow(torch.full((repeat,), a, dtype=torch.float64), n)[0].item()
        assert found.contains(value) or (math.isnan(value) and found.partial)


@given(w=pieces(st.floats(-3, 3)), a=pieces(st.floats(-1e3, 1e3)), b=pieces(st.floats(-1e3, 1e3)))
def test_a_mix_is_as_narrow_as_its_corners(
    w: tuple[Interval, float], a: tuple[Interval, float], b: tuple[Interval, float]
) -> None:
    found = functions.mix(w[0], a[0], b[0])
    assert found.contains(w[1] * a[1] + (1 - w[1]) * b[1])
    corners = [
        v * x + (1 - v) * y
        for v in (w[0].lower, w[0].upper)
        for x in (a[0].lower, a[0].upper)
        for y in (b[0].lower, b[0].upper)
    ]
    assert found.upper <= max(corners) + 1e-10
    assert found.lower >= min(corners) - 1e-10


def test_a_mix_of_unbounded_values_is_still_contained() -> None:
    found = functions.mix(Interval(0.0, 1.0), Interval(-np.inf, 1.0), point(2.0))
    assert (found.lower, found.partial) == (-np.inf, True)
    assert found.upper >= 2.0


@pytest.mark.parametrize(
    ("found", "lower", "upper"),
    [
        (arithmetic.add(point(np.inf), point(-np.inf)), -np.inf, np.inf),
        (arithmetic.multiply(point(0.0), Interval(0.0, np.inf)), 0.0, 0.0),
        (arithmetic.divide(point(0.0), point(0.0)), -np.inf, np.inf),
        (arithmetic.square_root(Interval(-2.0, 4.0)), 0.0, 2.0),
        (arithmetic.square_root(Interval(-2.0, -1.0)), -np.inf, np.inf),
        (functions.logarithm(Interval(-2.0, -1.0)), -np.inf, np.inf),
        (functions.logarithm(Interval(-1.0, 1.0)), -np.inf, 0.0),
    ],
)
def test_what_has_no_value_is_flagged_and_never_nan(found: Interval, lower: float, upper: float) -> None:
    assert found.partial
    assert found.lower == lower
    assert found.upper == pytest.approx(upper, abs=1e-300)


def test_the_ends_of_the_range_round_outward() -> None:
    over = arithmetic.add(point(HUGE), point(HUGE))
    assert (over.lower, over.upper) == (HUGE, np.inf)
    under = arithmetic.multiply(point(TINY), point(0.5))
    assert (under.lower, under.upper) == (0.0, TINY)
    exact = arithmetic.add(point(TINY), point(TINY))
    assert (exact.lower, exact.upper) == (2 * TINY, 2 * TINY), "sums of subnormals are exact and are kept"
    assert functions.exponential(point(800.0)).contains(np.inf)
    assert functions.exponential(point(800.0)).lower == pytest.approx(HUGE)
    assert functions.exponential(point(-800.0)).lower == 0.0
    assert 0 < functions.exponential(point(-800.0)).upper < 1e-300


def test_an_interval_refuses_nan_and_ends_in_the_wrong_order() -> None:
    for ends in ((np.nan, 1.0), (0.0, np.nan), (1.0, 0.0)):
        with pytest.raises(ValueError, match="lower end"):
            Interval(*ends)


def test_arrays_are_treated_element_by_element() -> None:
    x = Interval(np.array([-1.0, 1.0, 2.0]), np.array([1.0, 2.0, 2.0]))
    found = arithmetic.divide(point(1.0), x)
    assert found.lower.tolist() == [-np.inf, 0.5, 0.5]
    assert found.upper.tolist() == [np.inf, 1.0, 0.5]
    assert found.partial.tolist() == [True, False, False]
