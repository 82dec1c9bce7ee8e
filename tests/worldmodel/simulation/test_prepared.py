"""A run that was made ready gives the bits of one that was not, in any split, and says the same of what is wrong."""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

import pytest
import torch

from worldmodel.errors import InputError
from worldmodel.simulation import fused
from worldmodel.simulation.backend import Backend, simulator_for
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, prepare, simulate
from worldmodel.world import World

MakeWorld = Callable[..., World]


def some_world(world_of: MakeWorld, initial: str = "Delta(-1)") -> World:
    """An action under a rule, rivals, a support that is left, and lags."""
    return world_of(
        laws={
            "x": "Normal(a * x[t-1] + push[t] - 0.2 * y[t-2], 0.3)",
            "y.tame": "StudentT(5, 0.5 * x[t], scale)",
            "y.wild": "tanh(y[t-1])^2 + 0.1 * x[t-1]",
            "push.still": "0.3 * x[t-1] - 0.1 * y[t-1]",
        },
        parameters={"x.a": "Beta(4, 4)", "tame.scale": "HalfNormal(1)"},
        actions=["push"],
        rivals={"y": {"tame": 0.3, "wild": 0.7}},
        initial={"x": [initial]},
        supports={"x": {"kind": "real", "upper": 0.2}, "push": {"kind": "real", "lower": -1, "upper": 1}},
    )


def assert_equal(one: Trajectories, two: Trajectories) -> None:
    assert torch.equal(one.alive, two.alive)
    assert list(one.values) == list(two.values)
    for name, values in one.values.items():
        assert torch.equal(values, two.values[name])
        assert all(map(torch.equal, one.before[name], two.before[name]))
    assert all(torch.equal(held, two.rivals[name]) for name, held in one.rivals.items())


@pytest.mark.parametrize("backend", ["kernel", "torch"])
@pytest.mark.parametrize("initial", ["Delta(-1)", "Normal(0, 1)"])
@pytest.mark.parametrize("interventions", [(), (Intervention("y", 0.3, 2, 3), Intervention("push", -0.5, 4))])
def test_a_prepared_run_is_the_run(
    backend: Backend, initial: str, interventions: Sequence[Intervention], world_of: MakeWorld
) -> None:
    world = some_world(world_of, initial)
    ready = prepare(simulator_for(world, backend), "still", 6, 8, 4, interventions)
    for seed in (0, 3, 3):
        fresh = simulate(simulator_for(world, backend), "still", 6, 8, 4, seed, interventions=interventions)
        assert_equal(ready(seed), fresh)
        assert 0 < float(fresh.alive[..., -1].double().mean()) < 1
    keep = ("y", "push")
    fewer = prepare(simulator_for(world, backend), "still", 6, 8, 4, interventions, keep=keep)(3)
    assert list(fewer.values) == list(fewer.before) == sorted(keep)
    assert all(torch.equal(fewer.values[name], fresh.values[name]) for name in keep)


def test_the_bits_of_machine_code_do_not_depend_on_the_start_being_certain(world_of: MakeWorld) -> None:
    """The short way against the longer one, which states that are carried from step to step take as well."""
    world = some_world(world_of)
    simulator, noise = simulator_for(world, "kernel"), Noise(5)
    parameters = draw_parameters(world, 5, 8)
    run = prepare(simulator, "still", 6, 8, 4)(5)
    state = simulator.init(parameters, noise, 8, 4)
    for step in range(6):
        push = (0.3 * state.history["x"][0] - 0.1 * state.history["y"][0]).unsqueeze(-1)
        state, info = simulator.step(state, push, parameters, noise)
        assert torch.equal(run.values["x"][..., step], info.values["x"])
        assert torch.equal(run.alive[..., step], state.alive)


@pytest.mark.parametrize("batch", [1, 3, 32])
def test_a_split_run_has_the_bits_of_the_whole(batch: int, world_of: MakeWorld) -> None:
    world = some_world(world_of)
    simulator = simulator_for(world, "kernel")
    whole = prepare(simulator, "still", 5, 11, batch)(2)
    parts = [prepare(simulator, "still", 5, count, batch)(2, first=first) for first, count in ((0, 1), (1, 4), (5, 6))]
    assert torch.equal(torch.cat([part.alive for part in parts]), whole.alive)
    for name, values in whole.values.items():
        assert torch.equal(torch.cat([part.values[name] for part in parts]), values)
        assert torch.equal(torch.cat([part.before[name][0] for part in parts]), whole.before[name][0])


def test_what_a_run_left_is_its_own(world_of: MakeWorld) -> None:
    ready = prepare(some_world(world_of), "still", 4, 8, 4)
    one = ready(1)
    held = {name: values.clone() for name, values in one.values.items()}
    one.before["x"][0].fill_(99)
    ready(2).values["x"].fill_(7)
    assert all(torch.equal(one.values[name], values) for name, values in held.items())
    assert torch.equal(ready(1).values["x"], held["x"])
    assert float(ready(1).before["x"][0].max()) == -1.0
    assert "z" not in one.before


def test_bound_parameters_are_read_once_and_others_may_be_given(world_of: MakeWorld) -> None:
    world = some_world(world_of)
    first, second = draw_parameters(world, 1, 8), draw_parameters(world, 2, 8)
    ready = prepare(world, "still", 4, 8, parameters=first)
    assert_equal(ready(3), simulate(world, "still", 4, 8, seed=3, parameters=first))
    assert_equal(ready(3, parameters=second), simulate(world, "still", 4, 8, seed=3, parameters=second))


def test_gradients_flow_through_bound_parameters_again_and_again(world_of: MakeWorld) -> None:
    world = some_world(world_of)
    parameters = {name: value.requires_grad_() for name, value in draw_parameters(world, 1, 8).items()}
    ready = prepare(world, "still", 4, 8, parameters=parameters)
    found = []
    for run in (ready(3), ready(3), simulate(world, "still", 4, 8, seed=3, parameters=parameters)):
        total = torch.stack([values.tanh().sum() for values in run.values.values()]).sum()
        found.append(torch.autograd.grad(total, list(parameters.values())))
    assert all(torch.equal(one, two) for other in found[1:] for one, two in zip(found[0], other, strict=True))
    with torch.no_grad():
        assert not ready(3).values["x"].requires_grad


def test_threads_may_share_a_prepared_run(world_of: MakeWorld) -> None:
    ready = prepare(some_world(world_of), "still", 40, 300)
    expected = [ready(seed).values["y"] for seed in range(6)]
    found: dict[int, torch.Tensor] = {}
    threads = [
        threading.Thread(target=lambda seed=seed: found.setdefault(seed, ready(seed).values["y"])) for seed in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(found[seed], values) for seed, values in enumerate(expected))


def test_what_is_wrong_is_said_when_it_is_prepared(world_of: MakeWorld) -> None:
    with pytest.raises(InputError, match="unknown-rule"):
        prepare(some_world(world_of), "nobody", 4, 8)
    with pytest.raises(InputError, match="unknown-name"):
        prepare(some_world(world_of), "still", 4, 8, interventions=[Intervention("nothing", 1.0)])


MEMORY = """
import resource, sys, torch
from worldmodel.build import build_world
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.noise import Noise

file = {"format": 1, "id": "x", "title": "x"}
world = build_world({
    "world.toml": {"format": 1, "language": 1, "name": "w", "summary": "w", "step": "day"},
    "variables/x.toml": {
        **file, "meaning": "x", "unit": "1", "role": "state", "support": {"kind": "real"}, "initial": ["Delta(0)"]
    },
    "mechanisms/x.toml": {**file, "assigns": "x", "law": "Normal(0.5 * x[t-1], 1)", "parameters": {}},
})
simulator = FusedSimulator(world)
state = simulator.init({}, Noise(1), 1, 8192)
for horizon in (400, int(sys.argv[1])):
    simulator.totals(state, (), {}, Noise(1), {"x": torch.ones(horizon, dtype=torch.float64)})
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_sums_are_taken_in_blocks_of_steps(world_of: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world, noise = some_world(world_of), Noise(3)
    simulator, held = FusedSimulator(world), [Intervention("y", 0.3, 3, 6)]
    parameters = draw_parameters(world, 1, 6)
    whole = simulate(simulator, "still", 9, 6, 5, 3, interventions=held, parameters=parameters)
    weights = {name: 0.9 ** torch.arange(9, dtype=torch.float64) for name in ("x", "y")}
    monkeypatch.setattr(fused, "BLOCK", 4)
    after, sums = simulator.totals(
        simulator.init(parameters, noise, 6, 5), ("still",), parameters, noise, weights, held
    )
    for name, total in sums.items():
        torch.testing.assert_close(total, (whole.values[name] * weights[name]).sum(-1), rtol=1e-12, atol=1e-12)
    assert after.time == 9
    assert torch.equal(after.history["x"][0], whole.values["x"][..., -1])
    assert torch.equal(after.alive, whole.alive[..., -1])


def test_memory_of_sums_does_not_grow_with_the_horizon() -> None:
    """8,192 trajectories: ten times the steps, whose flags alone would take 33 megabytes."""
    pytest.importorskip("resource")
    told = subprocess.run([sys.executable, "-c", MEMORY, "4400"], capture_output=True, text=True, check=True)
    short, long = map(int, told.stdout.split())
    assert long - short < 4096, "kilobytes"
