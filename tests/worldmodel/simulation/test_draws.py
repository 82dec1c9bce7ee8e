"""Parameters are drawn from the posterior that people reviewed, or from the prior, and from nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.stats as stats
import torch

from worldmodel.simulation.draws import draw_parameters
from worldmodel.world import World

PRIORS = {"x.a": "Beta(4, 6)", "x.b": "Normal(1, 2)", "x.s": "LogNormal(0.7, 0.4)", "x.w": "Uniform(2, 6)"}
LAW = {"x": "Normal(a * x[t-1] + b, s * w)", "y": "Normal(c, 1)"}


def entry(scale: str, mean: float, sd: float) -> dict[str, object]:
    return {"scale": scale, "mean": mean, "sd": sd, "grid": sd / 2, "bits": 1.0}


POSTERIOR = {
    "order": ["b", "a", "s", "w"],
    "parameters": {
        "a": entry("logit", 0.4, 0.2),
        "b": entry("identity", -1.0, 0.5),
        "s": entry("log", 0.3, 0.1),
        "w": entry("logit", 0.0, 0.3),
    },
    "correlation": [[1.0, 0.8, 0.0, -0.3], [0.8, 1.0, 0.1, 0.0], [0.0, 0.1, 1.0, 0.0], [-0.3, 0.0, 0.0, 1.0]],
}


@pytest.fixture
def world(world_of: Callable[..., World]) -> World:
    return world_of(laws=LAW, parameters={**PRIORS, "y.c": "Normal(3, 1)"}, posteriors={"x": POSTERIOR})


def test_priors_are_followed_parameter_by_parameter(world: World) -> None:
    drawn = draw_parameters(world, 1, 4000, source="prior")
    laws = {"x.a": stats.beta(4, 6), "x.b": stats.norm(1, 2), "x.s": stats.lognorm(0.4, scale=np.exp(0.7))}
    for name, law in {**laws, "x.w": stats.uniform(2, 4), "y.c": stats.norm(3, 1)}.items():
        assert drawn[name].shape == (4000, 1)
        assert stats.kstest(drawn[name].flatten().numpy(), law.cdf).pvalue > 0.01


def test_posteriors_are_jointly_gaussian_on_their_scales(world: World) -> None:
    drawn = draw_parameters(world, 1, 20000)
    scales = {
        "b": drawn["x.b"],
        "a": torch.logit(drawn["x.a"]),
        "s": torch.log(drawn["x.s"]),
        "w": torch.logit((drawn["x.w"] - 2) / 4),
    }
    table = torch.cat(list(scales.values()), dim=1).numpy()
    expected = POSTERIOR["parameters"]
    for column, name in enumerate(scales):
        law = stats.norm(expected[name]["mean"], expected[name]["sd"])
        assert stats.kstest(table[:, column], law.cdf).pvalue > 0.01
    np.testing.assert_allclose(np.corrcoef(table.T), POSTERIOR["correlation"], atol=0.03)


def test_a_mechanism_without_a_posterior_falls_back_to_its_prior(world: World) -> None:
    assert torch.equal(draw_parameters(world, 1, 9)["y.c"], draw_parameters(world, 1, 9, source="prior")["y.c"])
