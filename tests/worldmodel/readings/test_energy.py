"""Tempered laws are what they say: integrals, known answers, composition, refusals with their reasons."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from tests.worldmodel.language_strategies import NAMES, boxes, laws, points_in
from worldmodel.errors import InputError
from worldmodel.language.ir import Law, Variable
from worldmodel.language.parser import parse_law
from worldmodel.language.render import render
from worldmodel.language.signatures import LAWS
from worldmodel.readings.base_measure import GibbsMeasure, against, base_measure
from worldmodel.readings.energy import energy, log_partition, temper_numbers, tempered, with_numbers
from worldmodel.readings.interval import Box
from worldmodel.readings.interval_law import law_bounds
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.tempering import temper
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import is_discrete, law_log_prob, law_quantile

NUMBERS = fixed_environment()

LITERAL = {
    "Normal": "Normal(1, 2)",
    "StudentT": "StudentT(5, 1, 2)",
    "LogNormal": "LogNormal(0.3, 0.5)",
    "HalfNormal": "HalfNormal(2)",
    "Beta": "Beta(1.5, 0.8)",
    "Gamma": "Gamma(1.2, 3)",
    "Exponential": "Exponential(3)",
    "Uniform": "Uniform(-1, 4)",
    "Bernoulli": "Bernoulli(0.2)",
    "Categorical": "Categorical(0.2, 0, 0.3, 0.5)",
    "Poisson": "Poisson(3)",
    "Binomial": "Binomial(6, 0.3)",
    "NegativeBinomial": "NegativeBinomial(3, 0.7)",
    "Delta": "3",
    "Truncated": "Truncated(Normal(0, 1), -1, 2)",
    "Mixture": "Mixture(0.3, Poisson(2), 0.7, NegativeBinomial(3, 2))",
    "ZeroInflated": "ZeroInflated(0.3, Gamma(2, 1))",
}
MORE = [
    "Truncated(LogNormal(0, 1), 0.5, 4)",
    "Truncated(HalfNormal(1), -1, 2)",
    "Truncated(Exponential(2), -3, 1)",
    "Truncated(Uniform(0, 4), 1, 3)",
    "Mixture(0.3, Uniform(0, 1), 0.7, Uniform(0.5, 3))",
    "Mixture(0.5, Beta(2, 2), 0.5, Uniform(0, 1))",
    "Mixture(0.5, Bernoulli(0.3), 0.5, Binomial(4, 0.5))",
    "ZeroInflated(0.3, Poisson(2))",
    "ZeroInflated(0.4, Truncated(Normal(0, 1), -1, 2))",
    "ZeroInflated(0, Normal(0, 1))",
    "ZeroInflated(1, Uniform(0, 1))",
]
WITHOUT_END = (
    "Normal", "StudentT", "LogNormal", "HalfNormal", "Gamma", "Exponential", "Poisson", "NegativeBinomial",
    "Mixture(0.3, Poisson", "ZeroInflated(0.3, Gamma", "ZeroInflated(0.3, Poisson", "ZeroInflated(0, Normal",
)  # fmt: skip
TOO_STEEP = {
    "Beta(1.5, 0.8)": [-2.0],
    "Mixture(0.5, Beta(2, 2), 0.5, Uniform(0, 1))": [],
}
BETAS = [-2.0, -0.7, -0.3, 0.0, 0.4, 1.0, 1.7, 3.0]


def density(law: Law, x: float) -> float:
    return math.exp(law_log_prob(law, NUMBERS, torch.tensor([x], dtype=torch.float64)).item())


def partition(law: Law, beta: float) -> float:
    """∫ p^β by scipy's adaptive rules or a long sum: no code in common with what is tested."""
    if law.family == "Delta":
        return 1.0
    if is_discrete(law):
        return sum(density(law, k) ** beta for k in range(400) if density(law, k) > 0)
    if law.family == "ZeroInflated":
        probability, part = float(render(law.arguments[0])), law.parts[0]
        atom = probability**beta if probability else 0.0
        return atom + ((1 - probability) ** beta * partition(part, beta) if probability < 1 else 0.0)
    ends = sorted({*(quantile(law, u) for u in (1e-3, 0.03, 0.3, 0.5, 0.7, 0.97, 0.999)), *jumps(law), *support(law)})
    pieces = [
        integrate.quad(
            lambda x: density(law, x) ** beta if density(law, x) > 0 else 0.0, *piece, epsabs=1e-12, limit=500
        )[0]
        for piece in pairwise(ends)
    ]
    return math.fsum(pieces)


def support(law: Law) -> tuple[float, float]:
    found = law_bounds(law, Box())
    return float(found.lower), float(found.upper)


def jumps(law: Law) -> list[float]:
    return [0.5, 1.0] if law.family == "Mixture" else []


def quantile(law: Law, u: float) -> float:
    return law_quantile(law, NUMBERS, torch.tensor(u, dtype=torch.float64)).item()


def test_every_law_of_the_language_is_tried() -> None:
    assert set(LITERAL) == set(LAWS) - {"Dirichlet"}


@pytest.mark.parametrize("text", [*LITERAL.values(), *MORE])
@pytest.mark.parametrize("beta", BETAS)
def test_the_tempered_law_integrates_to_one_and_log_partition_is_that_of_an_independent_rule(
    text: str, beta: float
) -> None:
    law = parse_law(text)
    if beta <= 0 and any(text.startswith(name) for name in WITHOUT_END):
        with pytest.raises(InputError, match="does-not-normalise"):
            tempered(law, beta)
        return
    if text in TOO_STEEP and beta in TOO_STEEP[text]:
        with pytest.raises(InputError, match=r"does-not-normalise|no-closed-form"):
            tempered(law, beta)
        return
    found = tempered(law, beta)
    true = partition(law, beta)
    assert math.exp(found.log_partition) == pytest.approx(true, rel=2e-7)
    assert found.error < 1e-8
    if found.law is not None:
        points = [quantile(law, u) for u in (0.1, 0.3, 0.62, 0.9)] if law.family != "Delta" else [3.0]
        for x in points:
            assert density(found.law, x) == pytest.approx(density(law, x) ** beta / true, rel=2e-7)
    else:
        assert found.levels is not None
        assert found.levels.probabilities(beta).sum().item() == pytest.approx(1)


@pytest.mark.parametrize("text", [*LITERAL.values(), *MORE])
def test_at_one_a_law_is_itself(text: str) -> None:
    law = parse_law(text)
    assert temper(law, 1.0) == law
    if law.family == "Mixture" and not is_discrete(law):
        return
    assert log_one(law) == pytest.approx(0, abs=1e-9)


def log_one(law: Law) -> float:
    try:
        return log_partition(law, torch.tensor(1.0, dtype=torch.float64)).item()
    except InputError:
        from worldmodel.readings.levels import energy_levels

        return energy_levels(law, 1.0).log_partition(1.0)


@settings(max_examples=120)
@given(
    law=laws(),
    box=boxes(NAMES),
    betas=st.tuples(st.floats(0.05, 3), st.floats(0.05, 3)),
    sign=st.sampled_from([1, 1, -1]),
    data=st.data(),
)
def test_tempering_twice_is_tempering_by_the_product_whatever_the_arguments(
    law: Law,
    box: dict[tuple[str, str, int], tuple[float, float]],
    betas: tuple[float, float],
    sign: int,
    data: st.DataObject,
) -> None:
    values = data.draw(points_in(box))

    def read(*key: object) -> torch.Tensor:
        return torch.tensor(values[key], dtype=torch.float64)  # type: ignore[index]

    environment = Environment(
        lambda name: read("parameter", name, 0),
        lambda name, lag: read("variable", name, lag),
        lambda name: read("start", name, 0),
        lambda: read("time", "", 0),
    )
    first, second = betas[0], sign * betas[1]
    try:
        once, twice = temper(law, first * second), temper(temper(law, first), second)
        one, two = with_numbers(once, environment), with_numbers(twice, environment)
    except InputError:
        assume(False)
    u = torch.tensor([0.1, 0.5, 0.8], dtype=torch.float64)
    x = law_quantile(law, environment, u)
    torch.testing.assert_close(
        law_log_prob(one, NUMBERS, x), law_log_prob(two, NUMBERS, x), rtol=1e-6, atol=1e-8, equal_nan=False
    )


@pytest.mark.parametrize("beta", [-30.0, -2.0, -0.5, 0.0, 0.5, 1.0, 3.0, 40.0])
def test_two_levels_have_the_mean_energy_of_the_textbook(beta: float) -> None:
    energies = torch.tensor([0.0, 1.0], dtype=torch.float64)
    measure = GibbsMeasure(energies, torch.zeros(2, dtype=torch.float64), energies)
    mean = special.expit(-beta)
    assert measure.mean_energy(beta) == pytest.approx(mean, rel=1e-12)
    assert measure.log_partition(beta) == pytest.approx(math.log1p(math.exp(-beta)), rel=1e-12)
    assert measure.heat_capacity(beta) == pytest.approx(beta**2 * mean * (1 - mean), rel=1e-9)
    shannon = -sum(p * math.log(p) for p in (mean, 1 - mean))
    assert measure.entropy(beta) == pytest.approx(shannon, abs=1e-9)
    if abs(beta) < 20:
        assert measure.inverse_temperature(mean) == pytest.approx(beta, abs=1e-6)


def test_the_same_two_levels_as_a_law() -> None:
    """Bernoulli(logistic(−1)) has levels one apart; at β its mean is 1/(1 + e^β), for negative β too."""
    law = parse_law(f"Bernoulli({special.expit(-1.0)})")
    for beta in (-3.0, -0.5, 0.0, 0.5, 2.0):
        (probability,) = temper(law, beta).arguments
        assert float(render(probability)) == pytest.approx(1 / (1 + math.exp(beta)), rel=1e-12)


def test_no_finite_temperature_gives_an_energy_outside_the_levels() -> None:
    energies = torch.tensor([0.0, 1.0, 5.0], dtype=torch.float64)
    measure = GibbsMeasure(energies, torch.zeros(3, dtype=torch.float64), energies)
    assert math.isnan(measure.inverse_temperature(5.5))
    assert measure.inverse_temperature(2.0) == pytest.approx(0.0, abs=1e-9)


def test_impossible_points_stay_impossible_at_every_sign() -> None:
    for beta in (-2.0, 0.0, 2.0):
        weights = temper(parse_law("Categorical(0.5, 0, 0.5)"), beta).arguments
        assert [float(render(weight)) for weight in weights] == [0.5, 0.0, 0.5]
        assert temper(parse_law("Bernoulli(0)"), beta) == parse_law("Bernoulli(0)")


def thermodynamic_integral(measure: GibbsMeasure) -> float:
    """The mean of −E at β, integrated over β from 0 to 1 by Gauss–Legendre."""
    return integrate.fixed_quad(lambda betas: [-measure.mean_energy(beta) for beta in betas], 0, 1, n=40)[0]


@pytest.mark.parametrize(("alpha", "beta", "ones", "zeros"), [(2, 3, 4, 1), (1, 1, 0, 6), (0.7, 5, 12, 3)])
def test_thermodynamic_integration_gives_the_evidence_of_beta_and_bernoulli(
    alpha: float, beta: float, ones: int, zeros: int
) -> None:
    prior = parse_law(f"Beta({alpha}, {beta})")
    measure = against(prior, NUMBERS, lambda p: -torch.xlogy(torch.tensor(float(ones)), p) - zeros * torch.log1p(-p))
    evidence = special.betaln(alpha + ones, beta + zeros) - special.betaln(alpha, beta)
    assert measure.log_partition(1.0) - measure.log_partition(0.0) == pytest.approx(evidence, rel=1e-9)
    assert measure.log_partition(0.0) == pytest.approx(0, abs=1e-9)
    assert thermodynamic_integral(measure) == pytest.approx(evidence, rel=1e-5)
    assert measure.error < 1e-9


@pytest.mark.parametrize(("m", "s", "sigma", "data"), [(0.0, 1.0, 1.0, [0.3]), (1.0, 2.0, 0.5, [0.1, -0.4, 1.9])])
def test_thermodynamic_integration_gives_the_evidence_of_two_normals(
    m: float, s: float, sigma: float, data: list[float]
) -> None:
    y = torch.tensor(data, dtype=torch.float64)
    count = len(data)
    covariance = sigma**2 * torch.eye(count, dtype=torch.float64) + s**2
    evidence = torch.distributions.MultivariateNormal(
        torch.full((count,), m, dtype=torch.float64), covariance
    ).log_prob(y)

    def minus_log_likelihood(x: torch.Tensor) -> torch.Tensor:
        return -torch.distributions.Normal(x.unsqueeze(-1), sigma).log_prob(y).sum(-1)

    measure = against(parse_law(f"Normal({m}, {s})"), NUMBERS, minus_log_likelihood)
    assert measure.log_partition(1.0) == pytest.approx(evidence.item(), rel=1e-9)
    assert thermodynamic_integral(measure) == pytest.approx(evidence.item(), rel=1e-5)


@pytest.mark.parametrize(
    "text", ["Gamma(2.5, 3)", "Beta(2, 3)", "Normal(1, 2)", "Poisson(3)", "ZeroInflated(0.3, Normal(0, 1))"]
)
def test_mean_energy_and_heat_capacity_are_the_derivatives_of_log_partition(text: str) -> None:
    law, beta, step = parse_law(text), 1.3, 1e-3
    low, middle, high = (tempered(law, beta + shift) for shift in (-step, 0.0, step))
    slope = (high.log_partition - low.log_partition) / (2 * step)
    assert middle.mean_energy == pytest.approx(-slope, rel=1e-5)
    fall = -(high.mean_energy - low.mean_energy) / (2 * step)
    assert middle.heat_capacity == pytest.approx(beta**2 * fall, rel=1e-5)


@pytest.mark.parametrize(
    ("text", "capacity"),
    [("Normal(3, 7)", 0.5), ("HalfNormal(2)", 0.5), ("Exponential(4)", 1.0), ("Uniform(0, 3)", 0.0)],
)
@pytest.mark.parametrize("beta", [0.2, 1.0, 5.0])
def test_heat_capacities_of_quadratic_and_linear_energies(text: str, capacity: float, beta: float) -> None:
    """Equipartition: one half for a quadratic energy, 1 for a linear one on a half-line, at every temperature."""
    assert tempered(parse_law(text), beta).heat_capacity == pytest.approx(capacity, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "beta", "code", "reason"),
    [
        ("Normal(m, 1)", -0.5, "does-not-normalise", "grows without bound on (−∞, ∞)"),
        ("Normal(m, 1)", 0.0, "does-not-normalise", "no finite mass"),
        ("Exponential(2)", -1.0, "does-not-normalise", "[0, ∞)"),
        ("Poisson(m)", 0.0, "does-not-normalise", "0, 1, 2, …"),
        ("StudentT(2, 0, 1)", 0.3, "does-not-normalise", "β (df + 1) must be above 1"),
        ("Beta(3, 1)", -0.5, "does-not-normalise", "β (alpha − 1)"),
        ("Gamma(0.5, 1)", 2.0, "does-not-normalise", "β (shape − 1)"),
        ("Poisson(m)", 2.0, "no-closed-form", "Poisson to a power"),
        ("Binomial(n, 0.5)", 2.0, "no-closed-form", "number of trials"),
        ("Truncated(Normal(m, 1), 0, 1)", -1.0, "no-closed-form", "no family"),
        ("Mixture(0.5, Normal(0, 1), 0.5, Normal(3, 1))", 2.0, "no-closed-form", "Mixture to a power"),
        ("Normal(0, 1)", math.nan, "does-not-normalise", "finite number"),
    ],
)
def test_refusals_say_why(text: str, beta: float, code: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        temper(parse_law(text), beta)
    (problem,) = caught.value.problems
    assert problem.code == code
    assert reason in problem.found


def test_a_sum_over_unbounded_counts_and_an_unsure_integral_are_refused_too() -> None:
    for text, beta, code in [
        ("ZeroInflated(0.3, Poisson(2))", -1.0, "does-not-normalise"),
        ("Mixture(0.3, Poisson(2), 0.7, Bernoulli(0.2))", 0.0, "does-not-normalise"),
        ("Mixture(0.5, Normal(0, 1), 0.5, Normal(3, 1))", 2.0, "no-closed-form"),
        ("Mixture(0.5, Beta(0.2, 1), 0.5, Beta(1, 0.2))", 3.0, "no-closed-form"),
        ("NegativeBinomial(1000000, 0.1)", 0.001, "no-closed-form"),
    ]:
        with pytest.raises(InputError) as caught:
            tempered(parse_law(text), beta)
        assert caught.value.problems[0].code == code


def test_the_answer_is_written_in_the_arguments_of_the_law() -> None:
    for text, beta, answer in [
        ("Normal(a * x[t-1], s)", 4.0, "Normal(a * x[t-1], s / 2)"),
        ("Gamma(k, r)", 2.0, "Gamma(2 * (k - 1) + 1, 2 * r)"),
        ("Exponential(exp(b))", 0.5, "Exponential(0.5 * exp(b))"),
        ("Uniform(a, b)", -3.0, "Uniform(a, b)"),
        ("x[t-1] + 1", -3.0, "x[t-1] + 1"),
        ("Truncated(Exponential(r), a, b)", 0.0, "Uniform(max(a, 0), b)"),
        ("Categorical(p, 1 - p)", 2.0, "Categorical(p^2, (1 - p)^2)"),
    ]:
        assert render(temper(parse_law(text), beta)) == answer


def test_energy_is_infinite_where_nothing_can_be() -> None:
    law = parse_law("Exponential(2)")
    x = torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)
    assert energy(law, NUMBERS, x).tolist() == pytest.approx([math.inf, -math.log(2), 2 - math.log(2)])


def test_arguments_outside_their_domains_are_told() -> None:
    environment = Environment(
        lambda _: torch.tensor(-1.0, dtype=torch.float64), lambda *_: torch.nan, lambda _: torch.nan
    )
    with pytest.raises(InputError) as caught:
        with_numbers(parse_law("Normal(0, s)"), environment)
    assert caught.value.problems[0].code == "out-of-domain"
    assert Variable("x") not in with_numbers(parse_law("Normal(s, 1)"), environment).arguments


def test_base_measures() -> None:
    kinds = {
        "Normal(0, 1)": "Lebesgue",
        "Poisson(2)": "counting",
        "3": "point",
        "ZeroInflated(0.2, Normal(0, 1))": "Lebesgue and a point mass at 0",
        "ZeroInflated(0.2, Poisson(3))": "counting",
        "Truncated(Normal(0, 1), 0, 1)": "Lebesgue",
    }
    assert {text: base_measure(parse_law(text)) for text in kinds} == kinds


def test_a_mass_at_zero_is_tempered_with_the_rest() -> None:
    law = temper_numbers(parse_law("ZeroInflated(0.3, Exponential(2))"), 2.0)
    inner = 0.7**2 * 2**2 / (2 * 2)
    assert float(render(law.arguments[0])) == pytest.approx(0.09 / (0.09 + inner), rel=1e-12)
    assert render(law.parts[0]) == "Exponential(4)"
