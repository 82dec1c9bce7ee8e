"""What a report says of priors is exact, and of contraction no matter of which draws were kept."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from assistants.parameters.learn import learn
from assistants.parameters.observations import Observations
from assistants.parameters.posterior import posterior_file
from assistants.parameters.report import evidence
from worldmodel.world import World


def test_priors_are_told_exactly_and_contraction_does_not_hang_on_draws(
    lake: World, columns: Callable[..., dict[str, np.ndarray]]
) -> None:
    values = {name: torch.from_numpy(column) for name, column in columns(1).items()}
    observations = Observations(values, 110, "sha256:" + "1" * 64)
    learned = learn(lake.mechanisms["keeper"], observations)
    file = posterior_file(lake, learned)
    facts, fewer = (
        evidence(observations, [(entry, file)], [], {}, [])["mechanisms"]["keeper"]["parameters"]["jitter"]
        for entry in (learned, replace(learned, kept=learned.kept[:50]))
    )
    # The logarithm of a half-normal variable has the variance pi^2 / 8, whatever its scale.
    exact = 1 - float(learned.posterior.covariance[0, 0]) / (math.pi**2 / 8)
    assert learned.target.names[0] == "jitter"
    assert facts["contraction"] == fewer["contraction"] == pytest.approx(exact, abs=1e-3)
    assert facts["prior"] == pytest.approx({"low": 0.0627, "median": 0.6745, "high": 1.96}, rel=2e-3)
