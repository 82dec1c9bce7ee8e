"""The trainer reaches the exact optimum of a linear-quadratic world, repeats itself, and stops where numbers stop."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from benchmarks.linear_quadratic import ACTIONS, STATES, LinearQuadraticTask, gain_return, matrices, riccati_return
from policy.algorithms.pathwise import Trained, train
from policy.configuration import Configuration
from policy.network import Kind
from policy.preparation import prepare
from policy.selection import shortfall
from policy.task import Outcome, Parameters, Requirement, Rule
from policy.weights import dump_policy
from worldmodel.errors import EnvironmentProblem

ROOT = "ab" * 32
QUICK = Configuration(
    iterations=120, affine_iterations=100, draws=32, batch=4, checkpoints=4, validation_draws=256, pool=32
)


def run(task: LinearQuadraticTask, kind: Kind, configuration: Configuration = QUICK, root: str = ROOT) -> Trained:
    def ignore(frame: dict[str, object]) -> None: ...

    return train(task, kind, prepare(task, configuration, root), configuration, root, ignore)


def fraction_of_optimum(task: LinearQuadraticTask, trained: Trained) -> float:
    """How much of the gap between doing nothing and the exact optimum a policy closes, on seeds of its own."""
    with torch.no_grad():
        outcome = task.run(trained.policy, Parameters({}, 20_000), 12345, 1)
    nothing = gain_return(matrices(), np.zeros((ACTIONS, STATES)))
    return (float(outcome.utilities.sum(-1).mean()) - nothing) / (riccati_return(matrices()) - nothing)


@pytest.mark.parametrize("kind", ["affine", "mlp"])
def test_it_closes_99_percent_of_the_gap_to_the_riccati_optimum(kind: Kind) -> None:
    task = LinearQuadraticTask()
    assert 0.99 <= fraction_of_optimum(task, run(task, kind)) <= 1.005


def test_the_exact_return_of_a_gain_agrees_with_simulation() -> None:
    gain = 0.05 * np.ones((ACTIONS, STATES))
    with torch.no_grad():
        outcome = LinearQuadraticTask().run(lambda x: -x @ torch.from_numpy(gain).T, Parameters({}, 40_000), 1, 1)
    returns = outcome.utilities.sum(-1)
    assert float(returns.mean()) == pytest.approx(gain_return(matrices(), gain), abs=5 * float(returns.std()) / 200)
    assert gain_return(matrices(), gain) < riccati_return(matrices())


def test_the_same_run_gives_the_same_bytes_and_another_root_gives_others() -> None:
    quick = Configuration(iterations=4, draws=8, batch=2, checkpoints=1, validation_draws=16, pool=8)
    task = LinearQuadraticTask()
    first, again = (dump_policy(run(task, "mlp", quick).policy) for _ in range(2))
    assert first == again
    assert dump_policy(run(task, "mlp", quick, "cd" * 32).policy) != first


def test_global_random_state_does_not_matter_and_is_not_touched() -> None:
    quick = Configuration(iterations=3, draws=8, batch=2, checkpoints=1, validation_draws=16, pool=8)
    torch.manual_seed(1)
    first = dump_policy(run(LinearQuadraticTask(), "mlp", quick).policy)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert dump_policy(run(LinearQuadraticTask(), "mlp", quick).policy) == first
    assert torch.equal(torch.get_rng_state(), before)


def test_a_floor_is_bought_with_utility_and_not_the_other_way_round() -> None:
    floor = (Requirement("x0_above_minus_0_8", 0.97),)
    free, bound = LinearQuadraticTask(lowest=-0.8), LinearQuadraticTask(lowest=-0.8, requirements=floor)
    configuration = replace_settings(QUICK, iterations=80)
    without, with_floor = run(free, "mlp", configuration), run(bound, "mlp", configuration)
    with torch.no_grad():
        ignored, kept = (bound.run(entry.policy, Parameters({}, 20_000), 99, 1) for entry in (without, with_floor))
    reading = with_floor.readings[with_floor.kept]
    assert shortfall(reading, bound.requirements) <= 0.02
    assert float(kept.kept.to(torch.float64).mean()) > float(ignored.kept.to(torch.float64).mean()) + 0.02
    assert float(kept.utilities.sum(-1).mean()) < float(ignored.utilities.sum(-1).mean())


@dataclass(frozen=True)
class Overflowing(LinearQuadraticTask):
    """A world whose utility stops being a number in one trajectory of one iteration."""

    def run(self, rule: Rule | str, parameters: Parameters, seed: int, batch: int) -> Outcome:
        outcome = super().run(rule, parameters, seed, batch)
        if not torch.is_grad_enabled():
            return outcome
        spoiled = outcome.utilities.clone()
        spoiled[0, 0, 0, 3] = torch.nan
        return replace(outcome, utilities=spoiled)


def test_a_number_that_is_not_finite_stops_the_training_and_says_where() -> None:
    with pytest.raises(EnvironmentProblem, match="training-not-finite: iteration 0 of the mlp policy"):
        run(Overflowing(), "mlp")


def replace_settings(configuration: Configuration, **settings: int) -> Configuration:
    return Configuration.model_validate(configuration.model_dump() | settings)
