"""The contract of a distribution family: one row each, held against scipy.stats, Pyro and finite differences."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats as stats
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from worldmodel.families.student_t import _table_quantile
from worldmodel.families.table import FAMILIES
from worldmodel.families.truncated import Truncated
from worldmodel.language import signatures


@dataclass(frozen=True)
class Row:
    """A family, arguments to try, and the frozen scipy distribution for them."""

    family: str
    arguments: tuple[tuple[float, ...], ...]
    scipy: Callable[..., Any]


ROWS = (
    Row("Normal", ((0.0, 1.0), (-3.0, 0.2)), stats.norm),
    Row("StudentT", ((5.0, 0.0, 1.0), (2.5, 1.0, 3.0), (0.7, 0.0, 1.0)), stats.t),
    Row("LogNormal", ((0.7, 0.4), (-1.0, 2.0)), lambda mu, s: stats.lognorm(s, scale=np.exp(mu))),
    Row("HalfNormal", ((0.5,), (3.0,)), lambda s: stats.halfnorm(scale=s)),
    Row("Beta", ((4.0, 6.0), (0.5, 0.5), (30.0, 2.0)), stats.beta),
    Row("Gamma", ((2.3, 0.7), (0.3, 2.0), (150.0, 10.0)), lambda a, r: stats.gamma(a, scale=1 / r)),
    Row("Exponential", ((0.5,), (4.0,)), lambda r: stats.expon(scale=1 / r)),
    Row("Uniform", ((-1.0, 2.0),), lambda low, high: stats.uniform(low, high - low)),
    Row("Bernoulli", ((0.3,), (0.95,)), stats.bernoulli),
    Row("Categorical", ((0.2, 0.5, 0.3),), lambda *p: stats.rv_discrete(values=(range(len(p)), p))),
    Row("Poisson", ((0.4,), (12.0,), (400.0,)), stats.poisson),
    Row("Binomial", ((10.0, 0.3), (200.0, 0.9), (1.0, 0.5)), stats.binom),
    Row("NegativeBinomial", ((3.0, 2.0), (40.0, 0.5)), lambda m, r: stats.nbinom(r, r / (r + m))),
)
PAIRS = [(row, arguments) for row in ROWS for arguments in row.arguments]
CASES = [pytest.param(row, arguments, id=f"{row.family}{arguments}") for row, arguments in PAIRS]
CONTINUOUS = [case for case, (row, _) in zip(CASES, PAIRS, strict=True) if not signatures.FAMILIES[row.family].discrete]
IMPLICIT = ("StudentT", "Gamma", "Beta")
COUNTS = ("Poisson", "Binomial", "NegativeBinomial")
U = np.concatenate([[1e-12, 1e-9, 1 - 1e-9], (np.arange(199) + 0.5) / 199])


def tensors(arguments: tuple[float, ...]) -> list[torch.Tensor]:
    return [torch.tensor(argument, dtype=torch.float64) for argument in arguments]


def test_the_table_has_the_families_of_the_language_and_each_has_a_row() -> None:
    assert {name: family.signature for name, family in FAMILIES.items()} == dict(signatures.FAMILIES)
    assert {row.family for row in ROWS} | {"Delta"} == set(FAMILIES)


@pytest.mark.parametrize(("row", "arguments"), CASES)
def test_quantiles_equal_those_of_scipy(row: Row, arguments: tuple[float, ...]) -> None:
    frozen = row.scipy(*arguments)
    ours = FAMILIES[row.family].quantile(torch.from_numpy(U), *tensors(arguments)).numpy()
    theirs = frozen.ppf(U)
    np.testing.assert_allclose(ours, theirs, rtol=1e-7, atol=1e-15)


@pytest.mark.parametrize(("row", "arguments"), CASES)
def test_densities_equal_those_of_scipy_and_pyro_inside_and_outside_the_support(
    row: Row, arguments: tuple[float, ...]
) -> None:
    family, frozen = FAMILIES[row.family], row.scipy(*arguments)
    x = np.unique(frozen.ppf(U[3:]))
    ours = family.log_prob(torch.from_numpy(x), *tensors(arguments))
    theirs = frozen.logpmf(x) if family.signature.discrete else frozen.logpdf(x)
    np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-9, atol=1e-9)
    pyro = family.to_pyro(*tensors(arguments)).log_prob(torch.from_numpy(x))
    torch.testing.assert_close(ours, pyro, rtol=1e-9, atol=1e-9)
    if family.signature.support != "real":
        assert family.log_prob(torch.tensor([-1.5, 1e9], dtype=torch.float64), *tensors(arguments))[0] == -torch.inf


@pytest.mark.parametrize(("row", "arguments"), CASES)
def test_distribution_functions_and_means_equal_those_of_scipy(row: Row, arguments: tuple[float, ...]) -> None:
    family, frozen = FAMILIES[row.family], row.scipy(*arguments)
    x = np.concatenate([frozen.ppf(U[3:]), [-0.5, 0.5, 1.5]])
    np.testing.assert_allclose(
        family.cdf(torch.from_numpy(x), *tensors(arguments)), frozen.cdf(x), rtol=1e-9, atol=1e-12
    )
    if np.isfinite(frozen.mean()):
        np.testing.assert_allclose(family.mean(*tensors(arguments)), frozen.mean(), rtol=1e-9)


@pytest.mark.parametrize(("row", "arguments"), CONTINUOUS)
def test_draws_move_with_the_arguments_as_finite_differences_say(row: Row, arguments: tuple[float, ...]) -> None:
    family = FAMILIES[row.family]
    u = torch.from_numpy(U[4::20])
    for position in range(len(arguments)):
        given_arguments = [argument.clone().requires_grad_() for argument in tensors(arguments)]
        for at, probability in enumerate(u):
            draw = family.quantile(u, *given_arguments)[at]
            (gradient,) = torch.autograd.grad(draw, given_arguments[position])
            step = 1e-5 * max(1.0, abs(arguments[position]))
            moved = []
            for sign in (-1, 1):
                near = list(arguments)
                near[position] += sign * step
                moved.append(row.scipy(*near).ppf(probability.item()))
            expected = (moved[1] - moved[0]) / (2 * step)
            assert gradient.item() == pytest.approx(expected, rel=2e-5, abs=1e-8)


@pytest.mark.parametrize("family", [name for name, entry in signatures.FAMILIES.items() if entry.discrete])
def test_draws_of_discrete_families_carry_no_gradient(family: str) -> None:
    row = next(row for row in ROWS if row.family == family)
    arguments = [argument.requires_grad_() for argument in tensors(row.arguments[0])]
    assert not FAMILIES[family].quantile(torch.tensor([0.3], dtype=torch.float64), *arguments).requires_grad


@pytest.mark.parametrize(("row", "arguments"), CASES)
def test_extreme_uniform_numbers_give_finite_draws_and_finite_gradients(row: Row, arguments: tuple[float, ...]) -> None:
    given_arguments = [argument.requires_grad_() for argument in tensors(arguments)]
    u = torch.tensor([2.0**-54, 2.0**-53, 1 - 2.0**-53], dtype=torch.float64)
    draws = FAMILIES[row.family].quantile(u, *given_arguments)
    assert torch.isfinite(draws).all()
    if draws.requires_grad:
        for gradient in torch.autograd.grad(draws.sum(), given_arguments):
            assert torch.isfinite(gradient).all()


def test_gradients_of_broadcast_arguments_have_the_shape_of_the_arguments() -> None:
    alpha = torch.full((3, 1), 2.0, dtype=torch.float64, requires_grad=True)
    beta = torch.full((4,), 3.0, dtype=torch.float64, requires_grad=True)
    FAMILIES["Beta"].quantile(torch.full((3, 4), 0.3, dtype=torch.float64), alpha, beta).sum().backward()
    assert alpha.grad is not None
    assert beta.grad is not None
    assert (alpha.grad.shape, beta.grad.shape) == ((3, 1), (4,))


@settings(max_examples=30, deadline=None)
@given(df=st.floats(2, 200), u=st.lists(st.floats(2.0**-53, 1 - 2.0**-53), min_size=1, max_size=20))
def test_the_table_of_student_t_draws_equals_the_exact_inverse(df: float, u: list[float]) -> None:
    ours = _table_quantile(torch.tensor(u, dtype=torch.float64), df).numpy()
    np.testing.assert_allclose(ours, stats.t(df).ppf(u), rtol=1e-10, atol=1e-14)


def test_a_law_without_a_distribution_is_certain() -> None:
    delta, value = FAMILIES["Delta"], torch.tensor([1.0, 2.0], dtype=torch.float64)
    assert delta.quantile(torch.full((3, 1), 0.5, dtype=torch.float64), value).shape == (3, 2)
    assert delta.log_prob(torch.ones(2, dtype=torch.float64), value).tolist() == [0.0, -torch.inf]
    assert delta.cdf(torch.ones(2, dtype=torch.float64), value).tolist() == [1.0, 0.0]
    assert delta.deterministic


def test_arguments_outside_their_domain_are_told() -> None:
    number = tensors((0.0, -1.0, torch.inf, torch.nan, 2.0, 2.5))
    zero, negative, infinite, unknown, two, half = number
    assert not FAMILIES["Normal"].valid(zero, zero)
    assert not FAMILIES["Normal"].valid(unknown, two)
    assert not FAMILIES["Normal"].valid(infinite, two)
    assert FAMILIES["Poisson"].valid(zero)
    assert not FAMILIES["Poisson"].valid(negative)
    assert not FAMILIES["Binomial"].valid(half, zero)
    assert not FAMILIES["Categorical"].valid(zero, zero, two)
    assert torch.isnan(FAMILIES["Uniform"].quantile(tensors((0.5,))[0], two, zero))


DOMAINS = {
    "real": st.floats(-20, 20),
    "positive": st.floats(0.3, 20),
    "nonnegative": st.floats(0, 30),
    "unit": st.floats(0.01, 0.99),
    "count": st.integers(1, 60).map(float),
}


@st.composite
def laws(draw: st.DrawFn) -> tuple[str, list[torch.Tensor]]:
    """Any family with arguments in their domains."""
    name = draw(st.sampled_from(sorted(set(FAMILIES) - {"Delta"})))
    count = draw(st.integers(2, 5)) if name == "Categorical" else len(signatures.FAMILIES[name].slots)
    arguments = [draw(DOMAINS[slot.domain]) for slot in FAMILIES[name].slots(count)]
    if name == "Uniform":
        arguments[1] = arguments[0] + 0.1 + abs(arguments[1])
    return name, tensors(tuple(arguments))


@settings(max_examples=300)
@given(law=laws(), u=st.floats(1e-6, 1 - 1e-6))
def test_density_distribution_function_quantile_and_pyro_agree_for_any_arguments(
    law: tuple[str, list[torch.Tensor]], u: float
) -> None:
    name, arguments = law
    family = FAMILIES[name]
    assert family.valid(*arguments)
    x = family.quantile(torch.tensor([u], dtype=torch.float64), *arguments)
    density = family.log_prob(x, *arguments)
    torch.testing.assert_close(density, family.to_pyro(*arguments).log_prob(x), rtol=1e-8, atol=1e-8)
    reached = family.cdf(x, *arguments).item()
    if family.signature.discrete:
        assert family.cdf(x - 1, *arguments).item() - 1e-9 <= u <= reached + 1e-9
    else:
        assert reached == pytest.approx(u, abs=1e-9)


@pytest.mark.parametrize(
    ("row", "arguments"), [case for case, (row, _) in zip(CASES, PAIRS, strict=True) if row.family in IMPLICIT]
)
def test_draws_far_out_in_the_upper_tail_move_as_finite_differences_say(row: Row, arguments: tuple[float, ...]) -> None:
    tail = 2.0**-40
    position = 0
    given_arguments = [argument.clone().requires_grad_() for argument in tensors(arguments)]
    draw = FAMILIES[row.family].quantile(torch.tensor([1 - tail], dtype=torch.float64), *given_arguments)
    (gradient,) = torch.autograd.grad(draw.sum(), given_arguments[position])
    step = 1e-4 * arguments[position]
    moved = [row.scipy(*(arguments[0] + sign * step, *arguments[1:])).isf(tail) for sign in (-1, 1)]
    assert gradient.item() == pytest.approx((moved[1] - moved[0]) / (2 * step), rel=1e-4, abs=1e-12)


@pytest.mark.parametrize(("row", "arguments"), [pair for pair in PAIRS if pair[0].family in COUNTS])
def test_counts_are_right_at_the_steps_of_the_distribution_function(row: Row, arguments: tuple[float, ...]) -> None:
    family = FAMILIES[row.family]
    counts = torch.arange(30, dtype=torch.float64)
    steps = family.cdf(counts, *tensors(arguments))
    for u in (steps, torch.nextafter(steps, torch.zeros(())), torch.nextafter(steps, torch.ones(()))):
        inner = u[(u > 2.0**-54) & (u < 1 - 1e-9)]
        drawn = family.quantile(inner, *tensors(arguments))
        assert (family.cdf(drawn, *tensors(arguments)) >= inner).all()
        assert ((family.cdf(drawn - 1, *tensors(arguments)) < inner) | (drawn == 0)).all()


@pytest.mark.parametrize("z", [-1.0, -5.0, -8.0, -9.0, -20.0, -37.0])
def test_the_normal_distribution_function_keeps_its_digits_far_below(z: float) -> None:
    reached = FAMILIES["Normal"].cdf(*tensors((z, 0.0, 1.0))).item()
    assert reached == pytest.approx(scipy.special.ndtr(z), rel=1e-12)


@pytest.mark.parametrize("family", ["Normal", "LogNormal"])
def test_a_truncated_law_is_right_far_out_in_the_lower_tail(family: str) -> None:
    ends = (-12.0, -9.0) if family == "Normal" else (math.exp(-12.0), math.exp(-9.0))
    loc, scale, low, high = tensors((0.0, 1.0, *ends))
    law = Truncated(family, (loc, scale), low, high)
    assert law.valid()
    mass = scipy.special.ndtr(-9.0) - scipy.special.ndtr(-12.0)
    assert law.mass().item() == pytest.approx(mass, rel=1e-12)
    drawn = law.quantile(torch.tensor([0.5], dtype=torch.float64))
    drawn = drawn if family == "Normal" else torch.log(drawn)
    assert drawn.item() == pytest.approx(scipy.special.ndtri(scipy.special.ndtr(-12.0) + 0.5 * mass), rel=1e-9)
