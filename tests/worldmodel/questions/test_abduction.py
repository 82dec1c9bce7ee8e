"""Noise read back from values gives them again, and is as uniform as the noise that it came from."""

import pytest
import torch
from scipy import stats

from worldmodel.language.parser import parse_law
from worldmodel.questions.abduction import abduct, invertibility
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.torch_law import law_quantile
from worldmodel.simulation.noise import Noise

LAWS = {
    "Normal(1, 2)": "invertible",
    "StudentT(3, 1, 2)": "invertible",
    "Truncated(Normal(0, 1), 6, 7)": "invertible",
    "Bernoulli(0.3)": "coupled",
    "Poisson(4)": "coupled",
    "NegativeBinomial(4, 2)": "coupled",
    "Mixture(1, Normal(0, 1), 3, Normal(1, 2))": "coupled",
    "Mixture(1, Poisson(2), 3, Poisson(9))": "coupled",
    "ZeroInflated(0.4, Gamma(2, 1))": "coupled",
    "ZeroInflated(0.4, Poisson(1))": "coupled",
    "ZeroInflated(0.3, Mixture(1, Poisson(0.5), 3, Poisson(1)))": "coupled",
    "ZeroInflated(0.3, ZeroInflated(0.5, Gamma(2, 1)))": "coupled",
    "ZeroInflated(0.2, Mixture(1, Normal(0, 1), 3, Normal(4, 2)))": "coupled",
}


@pytest.mark.parametrize("text", LAWS)
def test_noise_comes_back_as_uniform_as_it_was(text: str) -> None:
    law, environment = parse_law(text), fixed_environment()
    assert invertibility(law) == LAWS[text]
    noise = Noise(7)
    u, spare = noise.uniform("u", 1, 4000, 1), noise.uniform("spare", 1, 4000, 1)
    x = law_quantile(law, environment, u)
    back = abduct(law, environment, x, spare)
    torch.testing.assert_close(law_quantile(law, environment, back), x, rtol=1e-6, atol=1e-6)
    assert stats.kstest(back.flatten().numpy(), "uniform").pvalue > 1e-3
    if LAWS[text] == "invertible":
        torch.testing.assert_close(back, u, rtol=1e-6, atol=1e-7)
