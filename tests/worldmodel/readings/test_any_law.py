"""Any law, laws of laws too: its density, distribution function and draws are one law, and Pyro's is the same.

The density of a composite law is put together here once more from Pyro's densities of its parts, by the text book.
"""

import pytest
import scipy.stats as stats
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from tests.worldmodel.language_strategies import NAMES, Key, laws, literal
from tests.worldmodel.readings.test_torch_expression import ENVIRONMENT
from worldmodel.families.table import FAMILIES
from worldmodel.language.ir import Law, Number
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import is_discrete, law_cdf, law_log_prob, law_quantile, law_to_pyro, law_valid

U = torch.linspace(0.0213, 0.9787, 24, dtype=torch.float64)


@st.composite
def environments(draw: st.DrawFn) -> Environment:
    """Ordinary values of everything that a random law may read."""
    at: dict[Key, Tensor] = {}
    for key in NAMES.every_key():
        value = draw(st.integers(1, 9)) if key[0] == "time" else draw(st.sampled_from([-2.0, -0.5, 0.0, 0.3, 1.0, 2.5]))
        at[key] = torch.tensor(float(value), dtype=torch.float64)
    return Environment(
        lambda name: at["parameter", name, 0],
        lambda name, lag: at["variable", name, lag],
        lambda name: at["start", name, 0],
        lambda: at["time", "", 0],
    )


def _text_book(law: Law, environment: Environment, x: Tensor) -> Tensor:
    """The log density from Pyro's of the simple laws that it is made of."""
    arguments = [evaluate(argument, environment) for argument in law.arguments]
    match law.family:
        case "Truncated":
            (part,) = law.parts
            low, high = arguments
            mass = law_cdf(part, environment, high) - law_cdf(part, environment, low)
            inside = (x >= low) & (x <= high)
            return torch.where(inside, _text_book(part, environment, x) - mass.log(), -torch.inf)
        case "Mixture":
            total = torch.stack(arguments).sum()
            terms = [
                (w / total).log() + _text_book(p, environment, x) for w, p in zip(arguments, law.parts, strict=True)
            ]
            return torch.logsumexp(torch.stack(torch.broadcast_tensors(*terms)), dim=0)
        case "ZeroInflated":
            (share,), (part,) = arguments, law.parts
            rest = torch.log1p(-share) + _text_book(part, environment, x)
            at_zero = torch.logaddexp(share.log(), rest) if is_discrete(part) else share.log()
            return torch.where(x == 0, at_zero, rest)
        case _:
            family = FAMILIES[law.family].to_pyro(*arguments)
            supported = family.support.check(x)  # type: ignore[union-attr]
            safe = torch.where(supported, x, law_quantile(law, environment, torch.tensor(0.5, dtype=torch.float64)))
            return torch.where(supported, family.log_prob(safe), -torch.inf)


@given(laws(composites=True).filter(lambda law: law.family != "Delta"), environments())
def test_density_is_the_text_books_and_pyros(law: Law, environment: Environment) -> None:
    assume(law_valid(law, environment).all())  # what is cut to a place far out in a tail is told, not drawn
    x = law_quantile(law, environment, U)
    ours = law_log_prob(law, environment, x)
    torch.testing.assert_close(ours, _text_book(law, environment, x).expand_as(ours), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(law_to_pyro(law, environment).log_prob(x).expand_as(ours), ours, rtol=1e-6, atol=1e-6)
    assert torch.isfinite(ours).all()


def _as_the_language_says(law: Law, environment: Environment, u: Tensor) -> Tensor:
    """The draw for one uniform number, from the quantile functions of the simple laws alone."""
    arguments = [evaluate(argument, environment) for argument in law.arguments]
    match law.family:
        case "Truncated":
            (part,) = law.parts
            low, high = (law_cdf(part, environment, end) for end in arguments)
            return law_quantile(part, environment, low + u * (high - low))
        case "Mixture":
            weights = torch.stack(arguments) / torch.stack(arguments).sum()
            before = torch.cat([torch.zeros(1, dtype=torch.float64), weights.cumsum(0)])
            chosen = int((u > before[1:-1]).sum())
            inside = (u - before[chosen]) / weights[chosen]
            return _as_the_language_says(law.parts[chosen], environment, inside)
        case "ZeroInflated":
            (share,) = arguments
            rest = _as_the_language_says(law.parts[0], environment, ((u - share) / (1 - share)).clamp(min=1e-9))
            return torch.where(u <= share, 0.0, rest)
        case _:
            return FAMILIES[law.family].quantile(u, *arguments)


@given(laws(composites=True), environments())
def test_draws_are_those_that_the_language_defines(law: Law, environment: Environment) -> None:
    drawn = law_quantile(law, environment, U).expand_as(U)
    expected = torch.stack([_as_the_language_says(law, environment, u).reshape(()) for u in U])
    torch.testing.assert_close(drawn, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("distance", [5.0, 8.0, 9.0, 20.0, 35.0])
def test_a_normal_law_cut_to_a_far_tail_is_scipys(sign: int, distance: float) -> None:
    """From 8 standard deviations on 1 + erf has no digits left."""
    low, high = sorted((sign * distance, sign * (distance + 1)))
    law = Law("Truncated", (literal(low), literal(high)), (Law("Normal", (Number(0.0), Number(1.0))),))
    assert law_valid(law, ENVIRONMENT).all()
    x = law_quantile(law, ENVIRONMENT, U).numpy()
    exact = stats.truncnorm(low, high)
    assert exact.cdf(x) == pytest.approx(U.numpy(), rel=1e-6)
    assert law_log_prob(law, ENVIRONMENT, torch.from_numpy(x)).numpy() == pytest.approx(
        exact.logpdf(x), rel=1e-9, abs=1e-8
    )
