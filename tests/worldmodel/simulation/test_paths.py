"""Properties and utilities of whole trajectories, against a definition in plain Python."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch

from worldmodel.components.purpose import UtilityFile
from worldmodel.errors import InputError
from worldmodel.language.ir import Probability
from worldmodel.language.parser import parse_expression, parse_formula
from worldmodel.simulation.paths import path_holds, probability_holds, utility_values, variables_of
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import Utility, World


def trajectories(x: list[float], y: list[float], alive: int) -> Trajectories:
    """One trajectory that is alive for the first `alive` steps."""
    values = {"x": torch.tensor([[x]], dtype=torch.float64), "y": torch.tensor([[y]], dtype=torch.float64)}
    living = torch.tensor([[[step < alive for step in range(len(x))]]])
    before = {name: (torch.zeros(1, 1, dtype=torch.float64),) for name in values}
    return Trajectories(values, living, before, {}, {})


def formula(text: str) -> Probability:
    parsed = parse_formula(text)
    assert isinstance(parsed, Probability)
    return parsed


def holds(text: str, run: Trajectories) -> bool:
    return bool(probability_holds(formula(text), run))


@pytest.mark.parametrize("alive", range(5))
@pytest.mark.parametrize("x", list(itertools.product([False, True], repeat=3)))
def test_paths_mean_what_they_say_and_failure_counts_against_the_property(x: tuple[bool, ...], alive: int) -> None:
    for y in itertools.product([False, True], repeat=3):
        check_paths(x, y, alive)


def check_paths(x: tuple[bool, ...], y: tuple[bool, ...], alive: int) -> None:
    run = trajectories([*map(float, x), 1.0], [*map(float, y), 0.0], alive)
    failed = alive < 3
    lived = range(min(alive, 3))
    ever = any(x[step] for step in lived)
    broken = any(not x[step] for step in lived)
    assert holds("P(x > 0 within 3) >= 0.5", run) == ever
    assert holds("P(x > 0 within 3) <= 0.5", run) == (ever or failed)
    assert holds("P(x > 0 throughout 3) >= 0.5", run) == (not broken and not failed)
    assert holds("P(x > 0 throughout 3) <= 0.5", run) == (not broken)
    reached = [step for step in lived if y[step] and all(x[earlier] for earlier in range(step))]
    given_up = [step for step in lived if not x[step] and not y[step] and not any(y[: step + 1])]
    assert holds("P(x > 0 until y > 0 within 3) >= 0.5", run) == bool(reached)
    undecided = failed and not given_up and not reached
    assert holds("P(x > 0 until y > 0 within 3) < 0.5", run) == (bool(reached) or undecided)


def test_start_values_and_lags_reach_before_step_one(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "x[t-1] * 2", "w": "x[t-3]"}, initial={"x": ["Delta(5)", "Delta(3)", "Delta(2)"]})
    run = simulate(world, None, horizon=4, draws=1)
    assert bool(path_holds(formula("P(x[t] >= 2 * x[0] throughout 4) >= 0.9").path, run))
    assert not bool(path_holds(formula("P(x[t] > 2 * x[0] throughout 4) >= 0.9").path, run))
    file = UtilityFile(
        format=1,
        id="u",
        stakeholder="s",
        title="u",
        utility="-",
        constants={"a": {"value": 0.5, "unit": "1", "why": "-"}},
        why="-",
    )
    utility = Utility(file, parse_expression("a * (log(x[t]) - log(x[t-2])) + x[0]"))
    values = utility_values(utility, run).flatten().tolist()
    assert values == pytest.approx([0.5 * math.log(10 / 3) + 5, *[0.5 * math.log(4) + 5] * 3])
    assert variables_of(utility.expression) == {"x"}


def test_a_horizon_shorter_than_the_property_is_told() -> None:
    run = trajectories([1.0, 1.0], [1.0, 1.0], 2)
    with pytest.raises(InputError, match="horizon-too-short"):
        path_holds(formula("P(x > 0 throughout 3) >= 0.5").path, run)
