"""Impulse responses against closed forms and statsmodels, and differences that show the edit alone."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from statsmodels.tsa.vector_ar.var_model import VARProcess

from tests.worldmodel.surface_worlds import EPIDEMIC, world_from
from worldmodel.errors import InputError
from worldmodel.questions.impulse import difference, impulse_response
from worldmodel.simulation.intervention import parse_interventions
from worldmodel.world import World

MakeWorld = Callable[..., World]


def test_an_autoregression_answers_with_powers_of_its_slope(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(0.7 * x[t-1], 2)"})
    noise = impulse_response(world, "x", 1.5, 3, "noise", 8, 20, seed=1)
    value = impulse_response(world, "x", 3.0, 3, "value", 8, 20, seed=1)
    expected = [0, 0, *(3 * 0.7**k for k in range(6))]
    for answer in (noise, value):
        torch.testing.assert_close(answer.of("x")[:, 0], torch.tensor([expected] * 20, dtype=torch.float64))


def test_a_vector_autoregression_answers_as_statsmodels_says(world_of: MakeWorld) -> None:
    first = np.array([[0.5, 0.2, 0.0], [-0.1, 0.4, 0.3], [0.2, 0.0, 0.3]])
    second = np.array([[0.1, 0.0, 0.1], [0.0, 0.1, 0.0], [0.0, -0.2, 0.0]])
    names = ["a", "b", "c"]
    rows = {
        name: " + ".join(
            f"({matrix[row, column]}) * {other}[t-{lag}]"
            for lag, matrix in ((1, first), (2, second))
            for column, other in enumerate(names)
        )
        for row, name in enumerate(names)
    }
    world = world_of(laws={name: f"Normal({text}, 0.5)" for name, text in rows.items()})
    process = VARProcess(np.stack([first, second]), np.zeros((3, 1)), 0.25 * np.eye(3), names=names)
    responses = process.ma_rep(maxn=9)
    for column, name in enumerate(names):
        answer = impulse_response(world, name, 2.0, 1, "noise", 10, 3, seed=2)
        for row, other in enumerate(names):
            found = answer.mean(other).numpy()
            np.testing.assert_allclose(found, 2.0 * 0.5 * responses[:, row, column], atol=1e-12)


def test_a_shock_to_a_count_stays_a_count_and_one_without_noise_is_refused(world_of: MakeWorld) -> None:
    world = world_of(laws={"n": "Poisson(3)", "y": "n[t] + y[t-1]"}, supports={"n": {"kind": "integer", "lower": 0.0}})
    answer = impulse_response(world, "n", 1.0, 2, "noise", 4, 2000)
    change = answer.of("n")[..., 1]
    assert bool((change >= 0).all())
    assert change.mean().item() == pytest.approx(3**0.5, rel=0.1)
    torch.testing.assert_close(answer.of("y")[..., 3], change)
    with pytest.raises(InputError, match="no-noise"):
        impulse_response(world, "y")
    with pytest.raises(InputError, match="unknown-name"):
        impulse_response(world, "q")
    with pytest.raises(InputError, match="horizon-too-short"):
        impulse_response(world, "n", step=5, horizon=4)


def test_a_shock_beyond_every_number_stays_finite(world_of: MakeWorld) -> None:
    answer = impulse_response(world_of(laws={"x": "Normal(0, 1)"}), "x", 40.0, 1, "noise", 2, 10)
    assert bool(torch.isfinite(answer.of("x")).all())


def test_a_difference_shows_the_edit_alone(world_of: MakeWorld) -> None:
    laws = {"x": "Normal(0, 1)", "y": "Normal(x[t], 1)", "z": "Gamma(2, 1)"}
    first, second = world_of(laws=laws), world_of(laws={**laws, "y": "Normal(3 * x[t], 1)"})
    answer = difference(first, second, 5, 10)
    assert not answer.of("x").any()
    assert not answer.of("z").any()
    torch.testing.assert_close(answer.of("y"), 2 * answer.first.values["x"])
    edits = parse_interventions(first, ["x+=1@2"])
    edited = difference(first, first, 5, 10, interventions=((), edits))
    assert edited.mean("y").tolist() == pytest.approx([0, 1, 0, 0, 0])
    assert edited.quantiles("y", [0.5]).flatten().tolist() == pytest.approx([0, 1, 0, 0, 0])


def test_one_region_is_shocked_and_its_neighbours_follow_when_they_are_reached() -> None:
    answer = impulse_response(world_from(EPIDEMIC), "infected[north]", 1.0, 2, "noise", 5, 50, source="prior")
    moved = {name: (answer.of(f"infected[{name}]") != 0).any(dim=0)[0].tolist() for name in ("north", "south", "east")}
    assert moved["north"] == [False, True, True, True, True]
    assert moved["south"] == [False, False, True, True, True]
    assert moved["east"] == [False, False, False, True, True]
