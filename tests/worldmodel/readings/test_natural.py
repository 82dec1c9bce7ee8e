"""A posterior in a parameter's own unit agrees with draws; a prior with its quantiles."""

import numpy as np
import pytest

from worldmodel.components.posterior import ParameterPosterior, Scale
from worldmodel.language.parser import parse_law
from worldmodel.readings.natural import known_after, known_before


@pytest.mark.parametrize(
    ("scale", "prior"),
    [("identity", "Normal(0, 1)"), ("log", "HalfNormal(1)"), ("logit", "Beta(2, 2)"), ("logit", "Uniform(-1, 3)")],
)
def test_mean_sd_and_interval_are_those_of_draws(scale: Scale, prior: str) -> None:
    entry = ParameterPosterior(scale=scale, mean=-0.5, sd=0.7, grid=0.35, bits=1.0)
    known = known_after(entry, parse_law(prior))
    raw = -0.5 + 0.7 * np.random.default_rng(1).standard_normal(400_000)
    low, high = (-1.0, 3.0) if prior.startswith("Uniform") else (0.0, 1.0)
    values = {"identity": raw, "log": np.exp(raw), "logit": low + (high - low) / (1 + np.exp(-raw))}[scale]
    # Five standard errors of 400,000 draws, of a mean, an sd and quantiles at a density of 0.1 and more.
    room = 5 * values.std() / np.sqrt(len(values))
    assert known.mean == pytest.approx(values.mean(), abs=room)
    assert known.sd == pytest.approx(values.std(), rel=0.02)
    wanted = np.quantile(values, [0.05, 0.5, 0.95])
    assert [known.low, known.median, known.high] == pytest.approx(wanted, abs=8 * room)


def test_priors_by_their_quantiles_and_hierarchical_ones_not_at_all() -> None:
    known = known_before(parse_law("Normal(2, 3)"))
    assert known is not None
    assert [known.low, known.median, known.high] == pytest.approx([2 - 3 * 1.6448536, 2, 2 + 3 * 1.6448536], abs=1e-6)
    truncated = known_before(parse_law("Truncated(Normal(0, 1), 0, 10)"))
    assert truncated is not None
    assert truncated.low > 0
    assert known_before(parse_law("Normal(centre, 1)")) is None
