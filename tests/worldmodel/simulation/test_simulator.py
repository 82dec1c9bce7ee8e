"""Laws of the simulator: splits and edits leave noise alone, failure is absorbing, gradients are right and clean."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from worldmodel import templates
from worldmodel.build import load_world
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

MakeWorld = Callable[..., World]


def chain(world_of: MakeWorld, slope: str = "0.5") -> World:
    """x follows itself and the action; y follows x of the same step; z follows nothing."""
    return world_of(
        laws={
            "x": "Normal(a * x[t-1] + push[t], 0.3)",
            "y": f"StudentT(5, {slope} * x[t], scale)",
            "z": "Gamma(2, 1)",
            "push.still": "0",
        },
        parameters={"x.a": "Beta(4, 4)", "y.scale": "HalfNormal(1)"},
        actions=["push"],
    )


def same(first: Trajectories, second: Trajectories, names: str) -> bool:
    return all(torch.equal(first.values[name], second.values[name]) for name in names)


def test_values_follow_the_laws_by_hand(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "x[t-1] + 2 * push[t]", "y": "x[t] + x[t-2]", "push.rule": "1 + x[t-1]"},
        actions=["push"],
        initial={"x": ["Delta(1)", "Delta(10)"]},
    )
    run = simulate(world, "rule", horizon=3, draws=1)
    assert run.values["push"].flatten().tolist() == [2, 6, 18]
    assert run.values["x"].flatten().tolist() == [5, 17, 53]
    assert run.values["y"].flatten().tolist() == [15, 18, 58]
    assert [value.item() for value in run.before["x"]] == [1, 10]


def test_a_policy_sees_the_values_of_the_step_before_in_sorted_order(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "x[t-1] + push[t]", "b": "2 * x[t]"}, actions=["push"], initial={"x": ["Delta(4)"]})
    seen = []

    def policy(observation: torch.Tensor) -> torch.Tensor:
        seen.append(observation.flatten().tolist())
        return torch.ones(*observation.shape[:-1], 1, dtype=torch.float64)

    simulate(world, policy, horizon=2, draws=1)
    assert Simulator(world).observations == ("b", "push", "x")
    assert seen == [[0, 0, 4], [10, 1, 5]]


def test_an_edit_of_one_mechanism_leaves_everything_else_bit_for_bit(world_of: MakeWorld) -> None:
    before = simulate(chain(world_of), None, horizon=8, draws=4, batch=3, seed=11)
    after = simulate(chain(world_of, slope="-2"), None, horizon=8, draws=4, batch=3, seed=11)
    assert same(before, after, "xz")
    assert not same(before, after, "y")
    assert torch.equal(before.parameters["x.a"], after.parameters["x.a"])
    noise = [run.values["y"] - slope * run.values["x"] for run, slope in ((before, 0.5), (after, -2))]
    torch.testing.assert_close(noise[0], noise[1])


def test_a_run_may_be_split_in_any_way(world_of: MakeWorld) -> None:
    world = chain(world_of)
    whole = simulate(world, None, horizon=5, draws=7, batch=3, seed=2)
    parts = [simulate(world, None, horizon=5, draws=n, batch=3, seed=2, first=first) for first, n in ((0, 2), (2, 5))]
    for name in whole.values:
        assert torch.equal(torch.cat([part.values[name] for part in parts]), whole.values[name])


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_a_real_world_gives_the_same_bits_in_blocks_of_any_size(batch: int) -> None:
    """Vector instructions handle the ends of arrays apart from their middle, and must not round otherwise there."""
    simulator = Simulator(load_world(Path(templates.__file__).parent / "us_macro"))
    with torch.no_grad():
        whole = simulate(simulator, "historical_rule", 6, 19, batch, seed=5, source="prior")
        for first, size in ((0, 1), (1, 2), (3, 16), (18, 1)):
            part = simulate(simulator, "historical_rule", 6, size, batch, seed=5, source="prior", first=first)
            for name, values in whole.values.items():
                assert torch.equal(part.values[name], values[first : first + size])


def test_interventions_replace_the_mechanism_at_their_steps_and_nothing_else(world_of: MakeWorld) -> None:
    world = chain(world_of)
    free = simulate(world, None, horizon=6, draws=3, seed=4)
    done = simulate(world, None, 6, 3, seed=4, interventions=[Intervention("x", 7.0, 3, 4)])
    assert (done.values["x"][..., 2:4] == 7).all()
    assert torch.equal(done.values["x"][..., :2], free.values["x"][..., :2])
    assert torch.equal(done.values["z"], free.values["z"])
    noise = done.values["y"] - 0.5 * done.values["x"]
    torch.testing.assert_close(noise, free.values["y"] - 0.5 * free.values["x"])
    pushed = simulate(world, None, 6, 3, seed=4, interventions=[Intervention("push", 1.0)])
    assert (pushed.values["push"] == 1).all()


def test_leaving_the_support_is_absorbing_and_values_stay_at_the_last_good_ones(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "x[t-1] + 1", "y": "x[t] * 2", "w": "log(3 - x[t])"},
        initial={"x": ["Delta(0)"]},
        supports={"x": {"kind": "real", "upper": 10.0}},
    )
    run = simulate(world, None, horizon=6, draws=2, batch=2)
    assert run.alive[0, 0].tolist() == [True, True, False, False, False, False]
    assert run.values["x"][0, 0].tolist() == [1, 2, 2, 2, 2, 2]
    assert run.values["y"][0, 0].tolist() == [2, 4, 4, 4, 4, 4]
    assert torch.isfinite(run.values["w"]).all()


def test_arguments_outside_their_domain_are_a_failure(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "x[t-1] - 1", "y": "Normal(0, x[t])", "n": "Poisson(x[t])"},
        initial={"x": ["Delta(3)"]},
        supports={"n": {"kind": "integer"}},
    )
    assert simulate(world, None, horizon=4, draws=1).alive.flatten().tolist() == [True, True, False, False]


def test_an_initial_value_outside_the_support_fails_at_once(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "1"}, initial={"x": ["Delta(-1)"]}, supports={"x": {"kind": "real", "lower": 0.0}})
    assert not simulate(world, None, horizon=2, draws=1).alive.any()


def test_a_failed_trajectory_does_not_poison_the_gradients_of_the_others(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "Normal(x[t-1] + push[t], 1)", "y": "sqrt(x[t] + 1.5) * exp(800 * max(0, 0 - x[t]))"},
        actions=["push"],
    )
    simulator, noise = Simulator(world), Noise(3)
    state = simulator.init({}, noise, 1, 64)
    push = torch.zeros(1, 64, 1, dtype=torch.float64, requires_grad=True)
    total = torch.zeros((), dtype=torch.float64)
    for _ in range(5):
        state, info = simulator.step(state, push, {}, noise)
        total = total + info.values["y"].clamp(max=1e3).sum()
    assert 0 < state.alive.sum() < 64
    total.backward()
    assert push.grad is not None
    assert torch.isfinite(push.grad).all()
    assert (push.grad[0, state.alive[0]].abs() > 0).any()


def test_gradients_equal_finite_differences(world_of: MakeWorld) -> None:
    world = world_of(
        laws={
            "x": "Normal(0.9 * tanh(x[t-1]) + push[t], exp(0.1 * x[t-1]) * s)",
            "y": "Gamma(2 + abs(x[t]), 1 + y[t-1]^2)",
        },
        parameters={"x.s": "HalfNormal(1)"},
        actions=["push"],
    )
    simulator = Simulator(world)

    def final(push: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        noise, parameters = Noise(1), {"x.s": s}
        state = simulator.init(parameters, noise, 3, 2)
        for step in range(4):
            state, _ = simulator.step(state, push[..., step : step + 1], parameters, noise)
        return state.history["y"][0]

    push = torch.full((3, 2, 4), 0.2, dtype=torch.float64, requires_grad=True)
    s = torch.tensor([[0.5], [1.0], [1.5]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(final, (push, s), atol=1e-5, rtol=1e-4)


def test_actions_outside_their_support_are_moved_inside_and_told(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "push[t]"}, actions=["push"], supports={"push": {"kind": "real", "lower": -1.0, "upper": 1.0}}
    )
    simulator, noise = Simulator(world), Noise(0)
    state = simulator.init({}, noise, 1, 4)
    action = torch.tensor([[[0.5], [3.0], [-2.0], [torch.nan]]], dtype=torch.float64)
    state, info = simulator.step(state, action, {}, noise)
    assert info.values["x"].tolist() == [[0.5, 1, -1, 0]]
    assert info.clamped.tolist() == [[False, True, True, False]]
    assert state.alive.tolist() == [[True, True, True, False]]
    assert torch.isfinite(simulator.observe(state)).all()


def test_rivals_hold_for_a_whole_trajectory_in_their_shares(world_of: MakeWorld) -> None:
    world = world_of(laws={"x.down": "x[t-1] - 1", "x.up": "x[t-1] + 1"}, rivals={"x": {"down": 1.0, "up": 3.0}})
    run = simulate(world, None, horizon=3, draws=100, batch=40, seed=9)
    up = run.rivals["x"] == 1
    assert up.double().mean().item() == pytest.approx(0.75, abs=0.03)
    assert (run.values["x"][up] == torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)).all()
    assert (run.values["x"][~up] == torch.tensor([-1.0, -2.0, -3.0], dtype=torch.float64)).all()


def test_a_rival_that_does_not_hold_cannot_fail_a_trajectory(world_of: MakeWorld) -> None:
    for bad in ("log(0 - 1)", "Normal(0, x[t-1] - 1)"):
        world = world_of(laws={"x.bad": bad, "x.good": "0"}, rivals={"x": {"bad": 1.0, "good": 1.0}})
        run = simulate(world, None, horizon=2, draws=50)
        assert torch.equal(run.alive[..., 0], run.rivals["x"] == 1)
    alone = world_of(laws={"x.bad": "log(0 - 1)", "x.good": "1"}, rivals={"x": {"bad": 0.0, "good": 1.0}})
    assert simulate(alone, None, horizon=2, draws=5).alive.all()


def test_streaming_keeps_only_what_is_asked_for(world_of: MakeWorld) -> None:
    steps = []
    run = simulate(
        chain(world_of),
        None,
        4,
        2,
        keep=["y"],
        on_step=lambda state, info: steps.append((state.time, sorted(info.values))),
    )
    assert set(run.values) == {"y"}
    assert [time for time, _ in steps] == [1, 2, 3, 4]
    assert steps[0][1] == ["push", "x", "y", "z"]


def test_the_noise_of_one_draw_is_the_same_alone_or_among_others(world_of: MakeWorld) -> None:
    world = chain(world_of)
    many, one = draw_parameters(world, 5, 10), draw_parameters(world, 5, 1, first=6)
    assert all(torch.equal(many[name][6:7], one[name]) for name in many)
