"""Laws of laws against SciPy and quadrature: density, draws, distribution function, mean, gradients."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats as stats
import torch

from worldmodel.language.parser import parse_law
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.torch_law import law_cdf, law_log_prob, law_mean, law_quantile, law_to_pyro, law_valid

NUMBERS = fixed_environment()
U = (torch.arange(2000, dtype=torch.float64) + 0.5) / 2000

CONTINUOUS = {
    "Truncated(Normal(1, 2), 0, 3)": stats.truncnorm(-0.5, 1, loc=1, scale=2),
    "Truncated(HalfNormal(2), 1, 5)": stats.truncnorm(0.5, 2.5, scale=2),
    "Truncated(Exponential(0.5), 1, 4)": stats.truncexpon(b=1.5, loc=1, scale=2),
    "Truncated(Uniform(0, 4), 1, 9)": stats.uniform(1, 3),
}
TAILS = ["Truncated(Normal(0, 1), 6, 9)", "Truncated(Normal(0, 1), -9, -6)"]
EVERY = [
    *CONTINUOUS,
    *TAILS,
    "Truncated(LogNormal(0.3, 0.5), 0.5, 4)",
    "Mixture(1, Normal(-2, 0.5), 3, StudentT(5, 1, 1))",
    "Mixture(0.2, Exponential(1), 0.5, LogNormal(0, 0.3), 0.3, Uniform(1, 2))",
    "Mixture(0.5, Truncated(Normal(0, 1), 0, 1), 0.5, Gamma(2, 1))",
]


@pytest.mark.parametrize("text", CONTINUOUS)
def test_truncated_laws_are_scipys(text: str) -> None:
    law, known = parse_law(text), CONTINUOUS[text]
    x = law_quantile(law, NUMBERS, U)
    assert np.allclose(x, known.ppf(U), rtol=1e-7, atol=1e-12)
    assert np.allclose(law_log_prob(law, NUMBERS, x), known.logpdf(x), rtol=1e-8, atol=1e-8)
    assert np.allclose(law_cdf(law, NUMBERS, x), U, atol=1e-8)
    assert law_mean(law, NUMBERS).item() == pytest.approx(known.mean(), rel=1e-8)
    assert law_valid(law, NUMBERS)


@pytest.mark.parametrize(("text", "sign"), [(TAILS[0], 1), (TAILS[1], -1)])
def test_far_tails_keep_their_digits(text: str, sign: int) -> None:
    """By the survival function, which is exact there where one minus it has no digits left."""
    start, end = stats.norm.sf([6, 9])
    u = U if sign > 0 else 1 - U
    expected = sign * stats.norm.isf(start - u * (start - end))
    assert np.allclose(law_quantile(parse_law(text), NUMBERS, U), expected, rtol=1e-7)


@pytest.mark.parametrize("text", EVERY)
def test_densities_integrate_to_the_distribution_function_and_the_mean(text: str) -> None:
    law = parse_law(text)
    ends = torch.tensor([1e-9, *(k / 400 for k in range(1, 400)), 1 - 1e-9], dtype=torch.float64)
    drawn = np.sort(law_quantile(law, NUMBERS, ends).numpy())
    corners = [x for x in (0.0, 1.0, 2.0) if drawn[0] < x < drawn[-1]]
    tails = [-60.0, -20.0, -8.0, 8.0, 20.0, 60.0] if "StudentT" in text else []
    points = np.unique([*drawn[:: len(drawn) // 40], drawn[-1], *corners, *tails])

    def density(x: float) -> float:
        return math.exp(law_log_prob(law, NUMBERS, torch.tensor(x, dtype=torch.float64)).item())

    nodes, weights = np.polynomial.legendre.leggauss(24)
    total = mean = 0.0
    for low, high in itertools.pairwise(points):
        x = (low + high) / 2 + (high - low) / 2 * nodes
        mass = weights * (high - low) / 2 * [density(value) for value in x]
        total, mean = total + mass.sum(), mean + (mass * x).sum()
        above = law_cdf(law, NUMBERS, torch.tensor(high, dtype=torch.float64)).item()
        assert total == pytest.approx(above, abs=2e-6)
    assert mean == pytest.approx(law_mean(law, NUMBERS).item(), abs=1e-4)


@pytest.mark.parametrize("text", [*EVERY, "ZeroInflated(0.3, Normal(1, 1))", "ZeroInflated(0.4, Poisson(2))"])
def test_draws_follow_the_distribution_function(text: str) -> None:
    """P(draw <= x) over a fine grid of uniform numbers is the distribution function, at every x."""
    law = parse_law(text)
    u = (torch.arange(200_000, dtype=torch.float64) + 0.5) / 200_000
    draws = law_quantile(law, NUMBERS, u)
    for x in (-3.0, -1.0, 0.0, 0.4, 1.0, 1.5, 2.0, 3.0, 7.0):
        share = (draws <= x).double().mean().item()
        assert share == pytest.approx(law_cdf(law, NUMBERS, torch.tensor(x, dtype=torch.float64)).item(), abs=2e-5)
    torch.manual_seed(0)
    other = law_to_pyro(law, NUMBERS).sample(torch.Size([20_000]))
    assert stats.ks_2samp(other.numpy(), draws.numpy()[::10]).pvalue > 1e-3


def test_zero_inflated_masses_are_the_text_books() -> None:
    law = parse_law("ZeroInflated(0.4, Poisson(2))")
    x = torch.arange(12, dtype=torch.float64)
    expected = 0.6 * stats.poisson(2).pmf(x)
    expected[0] += 0.4
    assert np.allclose(torch.exp(law_log_prob(law, NUMBERS, x)), expected)
    assert law_mean(law, NUMBERS).item() == pytest.approx(1.2)
    spike = parse_law("ZeroInflated(0.3, Normal(1, 1))")
    at = torch.tensor([0.0, 0.5], dtype=torch.float64)
    assert np.allclose(torch.exp(law_log_prob(spike, NUMBERS, at)), [0.3, 0.7 * stats.norm(1, 1).pdf(0.5)])


@pytest.mark.parametrize(
    "text",
    [
        "Mixture(a, Normal(-1, 0.5), 1 - a, Normal(b, 1))",
        "Mixture(0.3, Exponential(b), 0.7, LogNormal(a, 0.3))",
        "Truncated(Normal(a, b), -1, 2)",
        "Truncated(Normal(a, b), 6, 9)",
        "Truncated(Exponential(b), a, 4)",
    ],
)
def test_the_gradient_of_a_mean_is_the_means_gradient(text: str) -> None:
    """The mean of draws over a fine grid, by the gradient of draws and by the closed form."""
    law = parse_law(text)
    u = (torch.arange(400_000, dtype=torch.float64) + 0.5) / 400_000
    gradients = []
    for by_draws in (True, False):
        values = {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in (("a", 0.4), ("b", 1.3))
        }
        environment = fixed_environment(values.__getitem__)
        mean = law_quantile(law, environment, u).mean() if by_draws else law_mean(law, environment)
        found = torch.autograd.grad(mean, list(values.values()), allow_unused=True)
        gradients.append([0.0 if gradient is None else gradient.item() for gradient in found])
    assert gradients[0] == pytest.approx(gradients[1], rel=2e-3, abs=2e-4)


@pytest.mark.parametrize(
    "text",
    [
        "Truncated(Normal(0, 1), 2, 1)",
        "Truncated(Normal(0, 1), 50, 60)",
        "Mixture(-1, Normal(0, 1), 2, Normal(0, 1))",
        "Mixture(1, Normal(0, 0 - 1), 2, Normal(0, 1))",
        "ZeroInflated(1.5, Normal(0, 1))",
    ],
)
def test_arguments_outside_their_domain_are_told(text: str) -> None:
    assert not law_valid(parse_law(text), NUMBERS)


def test_gradients_stay_finite_where_another_part_holds() -> None:
    law = parse_law("Mixture(0.5, LogNormal(a, 0.1), 0.5, Exponential(1))")
    a = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(law_quantile(law, fixed_environment(lambda _: a), U).sum(), a)
    assert torch.isfinite(gradient)


def test_a_part_without_weight_is_never_drawn() -> None:
    """The weights are ones whose sums of shares leave gaps when they are rounded; draws are tried at every edge."""
    for weights in list(itertools.product((0.0, 0.1, 0.3, 0.7), repeat=4))[1:]:
        parts = ", ".join(f"{weight}, Normal({1000 * place}, 1)" for place, weight in enumerate(weights))
        ends = torch.cumsum(torch.tensor(weights, dtype=torch.float64) / sum(weights), dim=0)
        edges = torch.cat([ends, torch.nextafter(ends, torch.zeros(())), torch.nextafter(ends, torch.full((), 2.0))])
        u = torch.cat([edges, torch.tensor([0.0, 1.0], dtype=torch.float64)]).clamp(2.0**-53, 1 - 2.0**-53)
        drawn = law_quantile(parse_law(f"Mixture({parts})"), NUMBERS, u)
        picked = set((drawn / 1000).round().int().tolist())
        assert picked <= {place for place, weight in enumerate(weights) if weight > 0}, weights
