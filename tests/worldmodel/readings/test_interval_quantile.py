"""The tails of scipy are as right as they are taken to be, and quantiles lie inside their enclosures."""

import math
from collections.abc import Callable

import mpmath
import numpy as np
import pytest
import scipy.special as special
from hypothesis import given, settings
from hypothesis import strategies as st

from worldmodel.readings import interval_quantile as quantile
from worldmodel.readings.interval_arithmetic import Interval, point
from worldmodel.readings.interval_distribution import distribution
from worldmodel.readings.interval_quantile import DRAWN, EVERY, TAIL_ERROR

shapes = st.floats(-2, 3).map(lambda power: 10.0**power)
uniforms = st.one_of(st.floats(2.0**-53, 1 - 2.0**-53), st.sampled_from([2.0**-53, 0.5, 1 - 2.0**-53, 1e-9, 1 - 1e-9]))


def gamma_tails(shape: float, x: float) -> tuple[object, object]:
    return mpmath.gammainc(shape, 0, x, regularized=True), mpmath.gammainc(shape, x, mpmath.inf, regularized=True)


def beta_tails(alpha: float, beta: float, x: float) -> tuple[object, object]:
    return mpmath.betainc(alpha, beta, 0, x, regularized=True), mpmath.betainc(alpha, beta, x, 1, regularized=True)


def t_tails(df: float, t: float) -> tuple[object, object]:
    half = mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, df / (df + mpmath.mpf(t) ** 2), regularized=True) / 2
    return (half, 1 - half) if t <= 0 else (1 - half, half)


def near(found: float, true: object) -> bool:
    """Within the error that is assumed; what is too small for a normal double is not compared."""
    return bool(true < 1e-290 or abs(found - true) <= TAIL_ERROR / 4 * true)  # type: ignore[operator]


@settings(max_examples=60)
@given(shape=shapes, u=uniforms)
def test_the_gamma_tails_and_quantiles(shape: float, u: float) -> None:
    x = float(special.gammaincinv(shape, u))
    found = quantile.gamma(point(shape), point(u))
    with mpmath.workdps(40):
        if x > 1e-290:
            lower, upper = gamma_tails(shape, x)
            assert near(float(special.gammainc(shape, x)), lower)
            assert near(float(special.gammaincc(shape, x)), upper)
        assert found.lower == 0 or gamma_tails(shape, float(found.lower))[0] <= u
        assert gamma_tails(shape, float(found.upper))[0] >= u
    assert found.contains(max(x, 2.3e-308))


@settings(max_examples=60)
@given(alpha=shapes, beta=shapes, u=uniforms)
def test_the_beta_tails_and_quantiles(alpha: float, beta: float, u: float) -> None:
    x = float(special.betaincinv(alpha, beta, u))
    found = quantile.beta(point(alpha), point(beta), point(u))
    with mpmath.workdps(40):
        if 1e-290 < x < 1:
            lower, upper = beta_tails(alpha, beta, x)
            assert near(float(special.betainc(alpha, beta, x)), lower)
            assert near(float(special.betaincc(alpha, beta, x)), upper)
        assert found.lower == 0 or beta_tails(alpha, beta, float(found.lower))[0] <= u
        assert found.upper == 1 or beta_tails(alpha, beta, float(found.upper))[0] >= u
    assert found.contains(x)


@settings(max_examples=60)
@given(df=st.floats(0.5, 200), u=uniforms)
def test_the_student_tails_and_quantiles(df: float, u: float) -> None:
    t = float(special.stdtrit(df, u))
    found = quantile.student_t(point(df), point(u))
    with mpmath.workdps(40):
        lower, upper = t_tails(df, t)
        assert near(float(special.stdtr(df, t)), lower)
        assert near(float(special.stdtr(df, -t)), upper)
        assert t_tails(df, float(found.lower))[0] <= u
        assert math.isinf(found.upper) or t_tails(df, float(found.upper))[0] >= u
    assert found.contains(t)


@given(u=uniforms)
def test_the_quantiles_with_closed_forms(u: float) -> None:
    with mpmath.workdps(60):
        exact = mpmath.mpf(u)
        normal, half = quantile.normal(point(u)), quantile.half_normal(point(u))
        assert mpmath.ncdf(float(normal.lower)) <= exact <= mpmath.ncdf(float(normal.upper))
        assert mpmath.erf(float(half.lower) / mpmath.sqrt(2)) < exact < mpmath.erf(float(half.upper) / mpmath.sqrt(2))
        exponential = quantile.exponential(point(u))
        assert exponential.lower <= -mpmath.log(1 - exact) <= exponential.upper


COUNTS: dict[str, tuple[Callable[..., Interval], Callable[..., object]]] = {
    "poisson": (quantile.poisson, lambda k, m: mpmath.gammainc(k + 1, m, mpmath.inf, regularized=True)),
    "negative_binomial": (
        quantile.negative_binomial,
        lambda k, m, r: mpmath.betainc(r, k + 1, 0, mpmath.mpf(r) / (mpmath.mpf(r) + mpmath.mpf(m)), regularized=True),
    ),
}


@settings(max_examples=40)
@given(mean=st.floats(0.01, 60), concentration=st.floats(0.2, 20), u=uniforms, name=st.sampled_from(sorted(COUNTS)))
def test_counts_are_enclosed_and_but_for_the_last_digits_of_u_no_more_than_one_apart(
    name: str, mean: float, concentration: float, u: float
) -> None:
    mine, exact = COUNTS[name]
    arguments = (mean,) if name == "poisson" else (mean, concentration)
    found = mine(*map(point, arguments), point(u))
    with mpmath.workdps(40):
        assert found.lower == 0 or exact(float(found.lower) - 1, *arguments) < u
        assert exact(float(found.upper), *arguments) >= u
    assert u > 1 - 1e-9 or found.upper - found.lower <= 1


@settings(max_examples=40)
@given(trials=st.integers(0, 80), probability=st.floats(0, 1), u=uniforms)
def test_binomial_counts_are_enclosed(trials: int, probability: float, u: float) -> None:
    found = quantile.binomial(point(trials), point(probability), point(u))
    p = mpmath.mpf(probability)
    with mpmath.workdps(40):
        masses = [mpmath.binomial(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(trials + 1)]
        reached = [mpmath.fsum(masses[: k + 1]) for k in range(trials + 1)]
        true = next((k for k, level in enumerate(reached) if level >= u - mpmath.mpf(10) ** -30), trials)
    assert found.contains(true)


@given(
    mean=st.tuples(shapes, shapes),
    concentration=st.tuples(shapes, shapes),
    u=uniforms,
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=60)
def test_negative_binomial_counts_over_a_box_contain_those_inside(
    mean: tuple[float, float], concentration: tuple[float, float], u: float, at: tuple[float, float]
) -> None:
    (m1, m2), (r1, r2) = sorted(min(x, 100.0) for x in mean), sorted(concentration)
    m, r = min(m1 + at[0] * (m2 - m1), m2), min(r1 + at[1] * (r2 - r1), r2)
    box = quantile.negative_binomial(Interval(m1, m2), Interval(r1, r2), point(u))
    inside = quantile.negative_binomial(point(m), point(r), point(u))
    assert box.lower <= inside.upper
    assert box.upper >= inside.lower


def test_the_end_of_the_noise_is_where_the_simulator_has_it() -> None:
    """The greatest and the least number that a 52-bit word gives."""
    assert DRAWN.contains(0.5 / 2**52)
    assert DRAWN.contains((2**52 - 0.5) / 2**52)
    assert (EVERY.lower, EVERY.upper) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("family", "arguments"),
    [
        ("Normal", [1.0, 2.0]), ("StudentT", [3.0, 1.0, 2.0]), ("LogNormal", [0.3, 0.5]), ("HalfNormal", [2.0]),
        ("Exponential", [3.0]), ("Gamma", [0.7, 2.0]), ("Beta", [2.0, 0.5]), ("Uniform", [-1.0, 2.0]),
    ],
)  # fmt: skip
def test_distribution_functions_enclose_those_of_the_families(family: str, arguments: list[float]) -> None:
    import torch

    from worldmodel.families.table import FAMILIES

    x = np.linspace(-2, 4, 61)
    wide = [Interval(value, value + 0.5) for value in arguments]
    for boxes in ([point(value) for value in arguments], wide):
        for value in [[box.lower for box in boxes], [box.upper for box in boxes]]:
            true = FAMILIES[family].cdf(
                torch.from_numpy(x), *[torch.tensor(float(one), dtype=torch.float64) for one in value]
            )
            found = distribution(family, boxes, Interval(x, x))
            assert (found.lower <= true.numpy() + 1e-15).all()
            assert (found.upper >= true.numpy() - 1e-15).all()
