"""Weights follow forecasts, admit chance, stand on their grid, and never remove a rival."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from assistants.parameters.learn import target_for
from assistants.parameters.observations import Observations
from assistants.parameters.rivals import bootstrap_weights, forecasts_within, rival_variables, rounded_weights, weigh
from worldmodel.inference.fit import generator_for
from worldmodel.world import World


def seen(columns: dict[str, np.ndarray]) -> Observations:
    return Observations({name: torch.from_numpy(column) for name, column in columns.items()}, 110, "data")


def test_only_states_with_several_weighed_mechanisms_have_rivals(lake: World) -> None:
    assert rival_variables(lake) == ("level",)


def test_the_rival_that_made_the_data_wins_but_the_other_stays(
    lake: World, columns: Callable[..., dict[str, np.ndarray]]
) -> None:
    rivalry = weigh(lake, "level", seen(columns(1)))
    lead, error = rivalry.lead("keeping")
    assert rivalry.weights == {"keeping": 0.95, "passing": 0.05}
    assert lead > 3 * error
    assert rivalry.by_evidence["keeping"] > 0.999
    assert len(rivalry.forecasts["keeping"].held) == 30
    assert len(rivalry.forecasts["keeping"].within) == len(rivalry.forecasts["passing"].within)


def test_the_prequential_score_is_near_the_evidence_where_it_covers_the_same_steps(
    lake: World, columns: Callable[..., dict[str, np.ndarray]]
) -> None:
    rivalry = weigh(lake, "level", seen(columns(2)))
    difference = {name: entry.evidence.value - entry.within.sum() for name, entry in rivalry.forecasts.items()}
    # What is left is the evidence of the first third of the steps, from which forecasts begin.
    assert all(-80 < value < -10 for value in difference.values())


def test_a_forecast_has_not_seen_what_it_foretells(lake: World, columns: Callable[..., dict[str, np.ndarray]]) -> None:
    data = columns(4)
    data["level"][109] += 20
    surprise = forecasts_within(target_for(lake.mechanisms["keeping"], seen(data)))[-1]
    # Forty standard deviations of the noise; a posterior that had seen the step would believe in far more noise.
    assert surprise < -200


def test_a_lead_of_chance_leaves_the_weights_near_even() -> None:
    generator = np.random.default_rng(3)
    scores = generator.normal(size=(2, 150))
    weights = bootstrap_weights(scores, generator_for("chance"))
    assert weights.sum() == pytest.approx(1)
    assert weights.max() < 0.99
    same = bootstrap_weights(np.stack((scores[0], scores[0])), generator_for("same"))
    assert same == pytest.approx([0.5, 0.5])


def test_a_steady_lead_is_believed() -> None:
    scores = np.stack((np.full(150, 0.1), np.zeros(150)))
    assert bootstrap_weights(scores, generator_for("steady"))[0] > 0.999


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(lambda weights: sum(weights) > 0.1))
def test_rounded_weights_add_up_and_leave_nobody_out(weights: list[float]) -> None:
    shares = np.array(weights) / sum(weights)
    rounded = rounded_weights(shares)
    assert sum(rounded) == pytest.approx(1)
    assert min(rounded) >= 0.05
    assert all(abs(weight * 20 - round(weight * 20)) < 1e-9 for weight in rounded)
    order = np.argsort(shares)
    # Of equal shares one may get the step that is left over.
    assert all(rounded[low] <= rounded[high] + 0.0501 * (shares[low] == shares[high]) for low, high in pairwise(order))
