"""A step's bounds contain every step that the simulator takes, and what is missing is told all at once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from worldmodel import templates
from worldmodel.build import load_world
from worldmodel.components.variable import Support
from worldmodel.errors import InputError
from worldmodel.grounding.ground import ground
from worldmodel.readings.interval import Interval
from worldmodel.readings.interval_law import DRAWN
from worldmodel.readings.interval_step import StepBox, nearest, one_step_bounds, prior_box
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import World

MakeWorld = Callable[..., World]


def varied(world_of: MakeWorld) -> World:
    """Every kind of law, lags, the step number, rivals, hierarchical priors, a rule with a rounded action."""
    return world_of(
        laws={
            "x": "Truncated(Normal(a * x[t-1] + push[t], 0.5), -4, 4)",
            "y.calm": "StudentT(5, 0.5 * x[t] - x[t-2], scale)",
            "y.wild": "Mixture(0.3, Normal(x[t], scale), 0.7, LogNormal(0.1 * x[t-1], 0.5))",
            "count": "ZeroInflated(0.2, NegativeBinomial(exp(0.3 * x[t]), 2))",
            "cases": "Poisson(abs(x[t]) + 0.1 * t)",
            "kind": "Categorical(0.2, 0.3 + 0.1 * logistic(x[t]), 0.4)",
            "share": "Beta(1 + abs(x[t]), if kind[t] == flood then 3 else 0.5)",
            "sure": "max(x[t], x[t-1]) / (1 + share[t]) - clip(y[t], -1, 1)^2",
            "push.rule": "0.8 * x[t-1] + 0.4",
        },
        parameters={
            "x.a": "Beta(4, 4)",
            "calm.spread": "HalfNormal(1)",
            "calm.scale": "LogNormal(0, spread)",
            "wild.scale": "Uniform(0.1, 2)",
        },
        actions=["push"],
        supports={
            "push": {"kind": "integer", "lower": -1, "upper": 1},
            "count": {"kind": "integer", "lower": 0},
            "cases": {"kind": "integer", "lower": 0},
            "kind": {"kind": "finite", "values": ["dry", "wet", "flood"]},
        },
        initial={"x": ["Normal(0, 2)", "Delta(1)"], "kind": ["Delta(dry)"]},
        rivals={"y": {"calm": 1.0, "wild": 2.0}},
    )


def numbers(value: torch.Tensor) -> np.ndarray:
    return value.squeeze(1).numpy()


def history(run: Trajectories, name: str, step: int, lag: int) -> np.ndarray:
    at = step - lag
    return numbers(run.values[name][..., at - 1] if at > 0 else run.before[name][-at])


@pytest.mark.parametrize("boxed", [False, True])
def test_bounds_contain_every_step_of_the_simulator(world_of: MakeWorld, boxed: bool) -> None:
    """At each trajectory's own values (arrays of points), and at the box around all of them."""
    world = varied(world_of)
    run = simulate(world, "rule", horizon=4, draws=300, source="prior")

    def interval(values: np.ndarray) -> Interval:
        return Interval(values.min(), values.max()) if boxed else Interval(values, values)

    parameters = {name: interval(value.numpy().reshape(-1)) for name, value in run.parameters.items()}
    starts = {name: interval(numbers(values[0])) for name, values in run.before.items()}
    for step in range(1, 5):
        values = {
            (name, lag): interval(history(run, name, step, lag))
            for name in ("x", "y")
            for lag in (1, 2)
            if name == "x" or lag == 1
        }
        found = one_step_bounds(world, StepBox(parameters, values, starts, Interval(step, step)), DRAWN)
        alive = numbers(run.alive[..., step - 1])
        assert alive.mean() > 0.9
        for name, bounds in found.items():
            assert bounds.contains(history(run, name, step, 0))[alive].all(), name
        assert not found["x"].partial.any()


@pytest.mark.parametrize("name", ["influenza", "machine", "rossi", "shallow_lake", "us_macro"])
def test_bounds_contain_steps_of_the_templates(name: str) -> None:
    """Real worlds with index sets, tables, named values and bindings; one of them is static."""
    world = ground(load_world(Path(templates.__file__).parent / name))
    rules = [world.mechanisms_of(action)[0].file.id for action in world.actions]
    steps = 2 if world.header.step else 1
    run = simulate(world, tuple(rules) or None, horizon=steps, draws=40, source="prior")
    parameters = {key: points(value.numpy().reshape(-1)) for key, value in run.parameters.items()}
    starts = {key: points(numbers(values[0])) for key, values in run.before.items() if values}
    lags = [node for mechanism in world.mechanisms.values() for node in mechanism.inputs if node.lag]
    for step in range(1, steps + 1):
        read = {(node.name, node.lag) for node in lags} | {(action, 0) for action in world.actions}
        values = {(key, lag): points(history(run, key, step, lag)) for key, lag in read}
        found = one_step_bounds(world, StepBox(parameters, values, starts, Interval(step, step)), DRAWN)
        alive = numbers(run.alive[..., step - 1])
        assert alive.any()
        assert set(found) == set(world.variables)
        for key, bounds in found.items():
            assert bounds.contains(history(run, key, step, 0))[alive].all(), key


def points(values: np.ndarray) -> Interval:
    return Interval(values, values)


def test_priors_contain_every_parameter_that_is_drawn(world_of: MakeWorld) -> None:
    world = varied(world_of)
    box = prior_box(world, DRAWN)
    drawn = draw_parameters(world, 0, 2000, "prior", 0)
    assert set(box) == set(drawn)
    for name, values in drawn.items():
        assert box[name].contains(values.numpy()).all()
    support = prior_box(world)
    assert (support["x.a"].lower, support["x.a"].upper) == (0.0, 1.0)
    assert (support["calm.scale"].lower, support["calm.scale"].upper) == (0.0, np.inf)


def test_what_is_missing_is_told_all_at_once(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "Normal(a * x[t-1] + push[t], 1)"}, parameters={"x.a": "Normal(0, 1)"}, actions=["push"]
    )
    with pytest.raises(InputError) as caught:
        one_step_bounds(world, StepBox())
    assert {problem.code for problem in caught.value.problems} == {"box-incomplete"}
    text = str(caught.value)
    assert all(name in text for name in ("push[t]", "x[t-1]", "no interval for a"))


def test_a_variable_that_is_set_is_not_drawn(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(x[t-1], 1)", "y": "2 * x[t]"})
    found = one_step_bounds(world, StepBox(values={("x", 0): Interval(1.0, 2.0)}))
    assert (found["y"].lower, found["y"].upper) == (2.0, 4.0)


@pytest.mark.parametrize(
    ("support", "expected"),
    [
        (Support(kind="real", lower=0.0), (0.0, 2.6)),
        (Support(kind="integer", upper=2.0), (-1.0, 2.0)),
        (Support(kind="finite", values=("a", "b")), (0.0, 1.0)),
    ],
)
def test_actions_move_into_their_supports(support: Support, expected: tuple[float, float]) -> None:
    found = nearest(support, Interval(-1.4, 2.6))
    assert (found.lower, found.upper) == expected
