"""A run along the tape has the bits of one that goes step by step, and worlds that are not plain take the steps."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from worldmodel.kernel import uniforms
from worldmodel.simulation import tape_run
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.noise_ahead import NoiseAhead
from worldmodel.simulation.simulate import Prepared, prepare
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

MakeWorld = Callable[..., World]

LAWS = {
    "Normal": "Normal(0.5 * x[t-1], exp(0.1 * x[t-1]))",
    "StudentT": "StudentT(5, 0.5 * x[t-1], 0.3)",
    "StudentT, df varies": "StudentT(2 + x[t-1]^2, 0, 1)",
    "LogNormal": "LogNormal(0.1 * x[t-1], 0.5)",
    "HalfNormal": "HalfNormal(1 + abs(x[t-1]))",
    "Exponential": "Exponential(1 + x[t-1]^2)",
    "Uniform": "Uniform(x[t-1] - 1, x[t-1] + 1)",
    "Gamma": "Gamma(2, 1 + x[t-1]^2)",
    "Beta": "Beta(2, 1 + x[t-1]^2)",
    "a domain that is left": "Normal(0, x[t-1] + 1)",
    "Delta": "0.5 * x[t-1] + 1",
    "functions": "clip(mix(0.3, x[t-1], tanh(x[t-2])), -1, 2) + min(1, x[t-1], 2) - logistic(-x[t-1]) / (2 + t)",
    "choice": "if x[t-1] > 0 and not (x[t-2] < -1) or t >= 3 then sqrt(x[t-1]) else log(2 - x[t-1])",
    "numbers alone": "1 + 2 * 3",
}


def assert_as_step_by_step(run: Prepared, seed: int = 3, first: int = 0) -> torch.Tensor:
    assert run._tape is not None
    along, stepwise = run(seed, first=first), run(seed, first=first, on_step=lambda _state, _info: None)
    assert torch.equal(along.alive, stepwise.alive)
    for name, values in stepwise.values.items():
        assert torch.equal(along.values[name], values), name
        assert all(map(torch.equal, along.before[name], stepwise.before[name]))
    return stepwise.alive[..., -1].double().mean()


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("small", [True, False])
def test_the_bits_are_the_same(law: str, small: bool, world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_run, "_SMALL", 2**16 if small else 0)
    world = world_of(laws={"x": LAWS[law]}, initial={"x": ["Normal(0, 1)"]})
    assert_as_step_by_step(prepare(Simulator(world), None, 5, 31, 3), first=5)


def rich_world(world_of: MakeWorld) -> World:
    """Failures, lags, clamped actions, whole numbers, laws that are another's value, and laws of parameters alone."""
    return world_of(
        laws={
            "x": "Normal(a * x[t-1] + push[t] - 0.2 * y[t-2], 0.3)",
            "y": "StudentT(5, 0.5 * x[t] + c[t-1], scale)",
            "kind": "Categorical(0.2, 0.3, logistic(x[t]))",
            "coin": "Bernoulli(logistic(y[t-1]))",
            "p": "x[t-1]",
            "q": "p[t]",
            "r": "x[t-1]",
            "c": "2 * scale",
            "g": "Poisson(exp(min(x[t], 1)))",
            "push.still": "0.3 * x[t-1] - 0.1 * y[t-1] + log(abs(q[t-1]) + 1)",
            "level.round": "10 * x[t-1]",
        },
        parameters={"x.a": "Beta(4, 4)", "y.scale": "HalfNormal(1)", "c.scale": "HalfNormal(1)"},
        actions=["push", "level"],
        initial={"x": ["Normal(0, 1)", "Normal(0, 2)"]},
        supports={
            "x": {"kind": "real", "upper": 1.5},
            "push": {"kind": "real", "lower": -1, "upper": 1},
            "level": {"kind": "integer", "lower": -3, "upper": 3},
            "kind": {"kind": "integer"},
            "coin": {"kind": "integer", "lower": 0, "upper": 1},
            "g": {"kind": "integer", "lower": 0},
        },
    )


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize(("first", "draws", "batch"), [(0, 40, 2), (3, 1, 1), (6, 16, 4)])
def test_failures_lags_actions_and_shared_values(
    small: bool, first: int, draws: int, batch: int, world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tape_run, "_SMALL", 2**16 if small else 0)
    run = prepare(Simulator(rich_world(world_of)), None, 9, draws, batch)
    share = assert_as_step_by_step(run, 4, first)
    assert draws == 1 or 0 < float(share) < 1


def test_any_split_gives_the_same_bits(world_of: MakeWorld) -> None:
    simulator = Simulator(rich_world(world_of))
    whole = prepare(simulator, None, 6, 11, 3)(2)
    parts = [prepare(simulator, None, 6, count, 3)(2, first=first) for first, count in ((0, 1), (1, 4), (5, 6))]
    for name, values in whole.values.items():
        assert torch.equal(torch.cat([part.values[name] for part in parts]), values)
    assert torch.equal(torch.cat([part.alive for part in parts]), whole.alive)


@pytest.mark.parametrize(
    ("laws", "more"),
    [
        ({"x": "Mixture(0.2, Normal(0, 1), 0.8, Normal(1, 1))"}, {}),
        ({"x.one": "Normal(0, 1)", "x.two": "Normal(1, 1)"}, {"rivals": {"x": {"one": 0.5, "two": 0.5}}}),
    ],
)
def test_what_is_not_plain_goes_step_by_step(laws: dict[str, str], more: dict[str, Any], world_of: MakeWorld) -> None:
    run = prepare(Simulator(world_of(laws=laws, **more)), None, 3, 5)
    assert run._tape is None
    assert run(1).values["x"].shape == (5, 1, 3)


def test_gradients_and_interventions_go_step_by_step(world_of: MakeWorld) -> None:
    world = rich_world(world_of)
    parameters = {name: value.requires_grad_() for name, value in draw_parameters(world, 1, 5).items()}
    assert prepare(Simulator(world), None, 3, 5)(1, parameters=parameters).values["x"].requires_grad
    with torch.no_grad():
        assert not prepare(Simulator(world), None, 3, 5)(1, parameters=parameters).values["x"].requires_grad
    assert prepare(Simulator(world), None, 3, 5, interventions=[Intervention("x", 0.0)])._tape is None


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize(("first", "shape"), [(0, (8, 8)), (5, (3, 7)), (2**40 + 3, (1, 1)), (1, (20000, 1))])
def test_noise_some_steps_ahead_is_the_noise(
    native: bool, first: int, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not native:
        monkeypatch.setattr(uniforms, "_function", lambda: None)
    noise, sites = Noise(7, first), ("mechanism:a", "rival:b", "mechanism:c[north]")
    ahead = NoiseAhead(noise, sites, 1, shape, 7)
    for step in range(1, 8):
        numbers = [noise.uniform(site, step, *shape) for site in sites]
        numbers[0] = torch.special.ndtri(numbers[0])
        assert all(map(torch.equal, ahead.at(step), numbers))


def test_there_is_machine_code_for_the_noise() -> None:
    assert uniforms._function() is not None
