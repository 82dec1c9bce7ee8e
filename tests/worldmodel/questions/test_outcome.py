"""Outcomes are read as they are written, and are what a run says by hand."""

from pathlib import Path

import pytest
import torch

from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER, world_from
from worldmodel import templates
from worldmodel.build import load_world
from worldmodel.errors import InputError
from worldmodel.questions.outcome import parse_outcome
from worldmodel.simulation.paths import utility_values
from worldmodel.simulation.simulate import simulate


def test_expressions_speak_of_families_lags_values_and_shared_numbers() -> None:
    world = world_from(EPIDEMIC)
    run = simulate(world, None, 4, 20, seed=1)
    by_text = {
        "sum(infected[r] over r) / population": run.values["total"][..., -1] / 1000,
        "infected[north]@2": run.values["infected[north]"][..., 1],
        "infected[east, t-1]@3": run.values["infected[east]"][..., 1],
        "if weather == wet then 1 else 0 @ 2": (run.values["weather"][..., 1] == 1).double(),
    }
    for text, expected in by_text.items():
        outcome = parse_outcome(world, text, 4)
        torch.testing.assert_close(outcome.values(run), expected)
        assert outcome.reads <= set(run.values)


def test_a_static_world_has_one_step() -> None:
    world = world_from(SPRINKLER)
    run = simulate(world, None, 1, 50)
    wet = parse_outcome(world, "if grass == wet then 1 else 0", 1).values(run)
    torch.testing.assert_close(wet, run.values["grass"][..., 0])


def test_a_utility_counts_by_its_mean_over_steps() -> None:
    world = load_world(Path(templates.__file__).parent / "us_macro")
    run = simulate(world, None, 6, 10)
    outcome = parse_outcome(world, "savers@4", 6)
    torch.testing.assert_close(
        outcome.values(run), utility_values(world.utilities["savers"], run)[..., :4].mean(dim=-1)
    )


@pytest.mark.parametrize(
    "text", ["infected", "infected[west]", "weather + 1", "total[0, t]", "x" * 9000, "1 +", "total@5"]
)
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--of"):
        parse_outcome(world_from(EPIDEMIC), text, 4)
