"""The kernel backend is the torch backend: values, failures, rivals, interventions and gradients, in any split."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from worldmodel import templates
from worldmodel.build import load_world
from worldmodel.kernel.plan import supports
from worldmodel.simulation.backend import simulator_for, without_kernel
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.fused import FusedSimulator
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

MakeWorld = Callable[..., World]
CLOSE = {"rtol": 1e-12, "atol": 1e-13}


def assert_same(one: Trajectories, two: Trajectories, **tolerance: float) -> None:
    assert torch.equal(one.alive, two.alive)
    for name in one.values:
        torch.testing.assert_close(one.values[name], two.values[name], **(tolerance or CLOSE))


def both(world: World, *arguments: Any, **more: Any) -> tuple[Trajectories, Trajectories]:
    return simulate(Simulator(world), *arguments, **more), simulate(FusedSimulator(world), *arguments, **more)


LAWS = {
    "Normal": "Normal(0.5 * x[t-1], exp(0.1 * x[t-1]))",
    "StudentT": "StudentT(5, 0.5 * x[t-1], 0.3)",
    "LogNormal": "LogNormal(0.1 * x[t-1], 0.5)",
    "HalfNormal": "HalfNormal(1 + abs(x[t-1]))",
    "Exponential": "Exponential(1 + x[t-1]^2)",
    "Uniform": "Uniform(x[t-1] - 1, x[t-1] + 1)",
    "Bernoulli": "Bernoulli(logistic(x[t-1]))",
    "Categorical": "Categorical(0.2, logistic(x[t-1]), 0.4)",
    "Delta": "0.5 * x[t-1] + 1",
    "ZeroInflated": "ZeroInflated(0.3, LogNormal(0.1 * x[t-1], 0.5))",
    "Mixture": "Mixture(0.2, Normal(x[t-1], 0.1), 0.8, StudentT(4, 0, 1))",
}
DISCRETE = {"Bernoulli", "Categorical"}


def world_of_law(world_of: MakeWorld, family: str) -> World:
    law = LAWS[family]
    if family not in DISCRETE:
        return world_of(laws={"x": law}, initial={"x": ["Normal(0, 1)"]})
    laws = {"x": "Normal(0.5 * x[t-1], 1)", "y": law}
    return world_of(laws=laws, supports={"y": {"kind": "integer"}})


@pytest.mark.parametrize("family", LAWS)
def test_a_family_is_drawn_alike(family: str, world_of: MakeWorld) -> None:
    assert_same(*both(world_of_law(world_of, family), None, horizon=4, draws=50, batch=9, seed=3))


@pytest.mark.parametrize(
    ("law", "reason"),
    [
        ("Gamma(2, 1)", "Gamma"),
        ("Beta(2, 1)", "Beta"),
        ("StudentT(1.5, 0, 1)", "StudentT"),
        ("StudentT(2 + x[t-1]^2, 0, 1)", "StudentT"),
        ("Mixture(1 + x[t-1]^2, Normal(0, 1), 1, Normal(1, 1))", "Mixture"),
        ("ZeroInflated(0.5, Gamma(1, 1))", "Gamma"),
    ],
)
def test_what_has_no_kernel_says_why_and_is_run_by_torch(law: str, reason: str, world_of: MakeWorld) -> None:
    world = world_of(laws={"x": law})
    found = without_kernel(world)
    assert found is not None
    assert reason in found
    assert isinstance(simulator_for(world), Simulator)
    assert simulate(world, None, horizon=2, draws=3).values["x"].shape == (3, 1, 2)
    with pytest.raises(AssertionError, match=reason):
        simulator_for(world, "kernel")


def test_torch_can_be_asked_for(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(0, 1)"})
    assert isinstance(simulator_for(world), FusedSimulator)
    assert isinstance(simulator_for(world, "torch"), Simulator)


FUNCTIONS = [
    "tanh({})",
    "logistic({})",
    "exp(-abs({}))",
    "log(1 + abs({}))",
    "sqrt(abs({}))",
    "min({}, 0.4)",
    "max({}, -0.2)",
]
TERMS = st.sampled_from(["x", "y", "z"])


@st.composite
def texts(draw: st.DrawFn, names: Sequence[str], depth: int = 2) -> str:
    """An expression that stays tame, of values one or two steps ago, of `names` now, of time and of a parameter."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        now = [f"{name}[t]" for name in names]
        past = [f"{name}[t-{lag}]" for name in "xyz" for lag in (1, 2)]
        return draw(st.sampled_from([*now, *past, "0.5", "-1.25", "a", "2"]))
    left, right = draw(texts(names, depth - 1)), draw(texts(names, depth - 1))
    form = draw(st.sampled_from(["sum", "product", "quotient", "power", "function", "choice", "clip"]))
    match form:
        case "sum":
            return f"0.5 * ({left}) - 0.3 * ({right})"
        case "product":
            return f"tanh({left}) * ({right})"
        case "quotient":
            return f"({left}) / (1 + ({right})^2)"
        case "power":
            return f"(0.1 + abs({left}))^{draw(st.sampled_from(['0.5', '1.7', '(-1)', 'tanh(x[t-1])']))}"
        case "function":
            return draw(st.sampled_from(FUNCTIONS)).format(left)
        case "choice":
            sign = draw(st.sampled_from(["<", "<=", ">", "!="]))
            return f"(if ({left}) {sign} ({right}) and not (x[t-1] > 3) then {right} else log({left}))"
        case _:
            return f"clip({left}, -1, mix(0.3, 2, {right}))"


@st.composite
def laws(draw: st.DrawFn) -> dict[str, str]:
    found, names = {}, list[str]()
    for name in ("x", "y", "z"):
        text = draw(texts(names))
        form = draw(st.sampled_from(["{}", "Normal({}, 0.3)", "StudentT(6, {}, 0.1)", "LogNormal(0.2 * ({}), 0.2)"]))
        found[f"{name}.{name}"] = f"0 * a + ({text})" if form == "{}" else form.format(text)
        names.append(name)
    found["y.other"] = draw(texts(["x"]))
    return found


SHAPES = st.tuples(st.integers(1, 6), st.integers(1, 9))


@settings(max_examples=5)  # each is compiled
@given(laws=laws(), first=st.integers(0, 9), shape=SHAPES)
def test_random_worlds_agree(laws: dict[str, str], first: int, shape: tuple[int, int], world_of: MakeWorld) -> None:
    assert_alike(laws, first, shape, world_of)


@pytest.mark.stress
@settings(max_examples=200)
@given(laws=laws(), first=st.integers(0, 9), shape=SHAPES)
def test_many_random_worlds_agree(
    laws: dict[str, str], first: int, shape: tuple[int, int], world_of: MakeWorld
) -> None:
    assert_alike(laws, first, shape, world_of)


def assert_alike(laws: dict[str, str], first: int, shape: tuple[int, int], world_of: MakeWorld) -> None:
    mechanisms = {key.split(".")[1] for key in laws}
    world = world_of(
        laws=laws,
        parameters={
            f"{name}.a": "Normal(0, 1)" for name in mechanisms if "a" in laws_of(laws, name).replace("tanh", "")
        },
        initial={name: ["Normal(0, 1)", "Normal(0, 2)"] for name in "xyz"},
        supports={"x": {"kind": "real", "lower": -2.5, "upper": 4}},
        rivals={"y": {"y": 0.4, "other": 0.6}},
    )
    runs = both(world, None, 4, *shape, seed=first, first=first, interventions=[Intervention("z", 0.4, 2, 2)])
    assert_same(*runs, rtol=1e-9, atol=1e-11)  # errors of 1e-16 grow where laws are steep


def laws_of(laws: dict[str, str], mechanism: str) -> str:
    """A mechanism's law without the function names that contain the parameter's letter."""
    text = next(law for key, law in laws.items() if key.split(".")[1] == mechanism)
    for word in ("abs", "max", "and", "Normal", "StudentT", "LogNormal", "tanh"):
        text = text.replace(word, "")
    return text


def policy_world(world_of: MakeWorld) -> World:
    """Something of everything: two rivals, lags, a support that is left, a clamped action, discrete and continuous."""
    return world_of(
        laws={
            "x": "Normal(a * x[t-1] + push[t] - 0.2 * y[t-2], 0.3)",
            "y.tame": "StudentT(5, 0.5 * x[t], scale)",
            "y.wild": "if x[t] > 0 then sqrt(x[t]) * x[t-1] else tanh(y[t-1])^1.5",
            "z": "HalfNormal(exp(0.3 * y[t-1]))",
            "kind": "Categorical(0.2, 0.3, logistic(x[t]))",
            "e": "Exponential(1 + kind[t])",
            "q": "LogNormal(min(x[t], y[t]), 0.2)",
            "push.still": "0.3 * x[t-1] - 0.1 * y[t-1]",
        },
        parameters={"x.a": "Beta(4, 4)", "tame.scale": "HalfNormal(1)"},
        actions=["push"],
        rivals={"y": {"tame": 0.3, "wild": 0.7}},
        initial={"x": ["Normal(0, 1)"]},
        supports={
            "x": {"kind": "real", "upper": 1.5},
            "push": {"kind": "real", "lower": -1, "upper": 1},
            "kind": {"kind": "integer"},
        },
    )


@pytest.mark.parametrize("interventions", [(), (Intervention("y", 0.3, 2, 3), Intervention("push", -2.0, 4))])
def test_rules_rivals_and_interventions_agree(interventions: Sequence[Intervention], world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    if interventions:
        interventions = (interventions[0], Intervention("push", -0.5, 4))
    one, two = both(world, None, 8, 5, 7, seed=2, interventions=interventions)
    assert_same(one, two)
    assert 0 < float(one.alive[..., -1].double().mean()) < 1
    assert all(torch.equal(one.rivals[name], two.rivals[name]) for name in one.rivals)


def along(
    simulator: Simulator | FusedSimulator, actions: Tensor, parameters: dict[str, Tensor], noise: Noise
) -> tuple[Tensor, list[Any]]:
    """The sum of something tame over six steps, and what each step said."""
    state = simulator.init(parameters, noise, *actions.shape[:2])
    total, said = torch.zeros((), dtype=torch.float64), []
    for step in range(6):
        seen = simulator.observe(state)
        action = actions * (1 + 0.1 * step) + 0.1 * seen[..., :1]
        held = [Intervention("e", 0.7, 3)]
        state, info = simulator.step(state, action, parameters, noise, held)
        total = total + sum((0.3 * value).tanh().sum() for value in info.values.values())
        said.append((state.alive, info.failed, info.clamped))
    return total, said


@pytest.mark.parametrize(("first", "draws", "batch"), [(0, 5, 7), (3, 1, 1), (6, 16, 4)])
def test_steps_and_their_gradients_agree(first: int, draws: int, batch: int, world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    drawn = draw_parameters(world, 1, draws)
    gradients, told = [], []
    for simulator in (Simulator(world), FusedSimulator(world)):
        parameters = {name: value.clone().requires_grad_() for name, value in drawn.items()}
        generator = torch.Generator().manual_seed(4)
        actions = torch.randn(draws, batch, 1, dtype=torch.float64, generator=generator).requires_grad_()
        total, said = along(simulator, actions, parameters, Noise(7, first))
        gradients.append(torch.autograd.grad(total, [actions, *parameters.values()], materialize_grads=True))
        told.append(said)
    for one, two in zip(*told, strict=True):
        assert all(torch.equal(left, right) for left, right in zip(one, two, strict=True))
    for one, two in zip(*gradients, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-9)


def test_a_horizon_at_once_has_the_gradients_of_its_steps(world_of: MakeWorld) -> None:
    world, found = policy_world(world_of), []
    for simulator in (Simulator(world), FusedSimulator(world)):
        parameters = {name: value.requires_grad_() for name, value in draw_parameters(world, 1, 6).items()}
        run = simulate(simulator, None, 7, 6, 5, seed=9, parameters=parameters, keep=["x", "q", "push"])
        total = sum((value.tanh() * torch.arange(1, 8)).sum() for value in run.values.values())
        found.append(torch.autograd.grad(total, list(parameters.values()), materialize_grads=True))
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-9)


def test_gradients_of_a_failure_are_finite_and_zero(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "sqrt(push[t] - 1)", "push.still": "0"}, actions=["push"])
    simulator = FusedSimulator(world)
    state = simulator.init({}, Noise(0), 1, 3)
    action = torch.tensor([[[0.0], [1.0], [5.0]]], dtype=torch.float64, requires_grad=True)
    after, info = simulator.step(state, action, {}, Noise(0))
    gradient = torch.autograd.grad(info.values["x"][0, [0, 2]].sum(), action)[0]
    assert after.alive.tolist() == [[False, True, True]]
    assert gradient.flatten().tolist()[0] == 0.0
    assert gradient.flatten().tolist()[2] == pytest.approx(0.25)


def test_untaken_branches_say_nothing_in_reverse(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "if push[t] > 0 then sqrt(push[t]) * log(push[t]) else 2 * push[t]"}, actions=["push"])
    simulator = FusedSimulator(world)
    action = torch.tensor([[[-1.0], [0.0], [1.0]]], dtype=torch.float64, requires_grad=True)
    _, info = simulator.step(simulator.init({}, Noise(0), 1, 3), action, {}, Noise(0))
    gradient = torch.autograd.grad(info.values["x"].sum(), action)[0]
    assert gradient.flatten().tolist() == [2.0, 2.0, 1.0]


def whole_and_parts(world: World, threads: int) -> tuple[Trajectories, list[Trajectories]]:
    simulator = FusedSimulator(world, threads)
    whole = simulate(simulator, None, 5, 11, 7, seed=2)
    cuts = [(0, 1), (1, 4), (5, 6)]
    return whole, [simulate(simulator, None, 5, count, 7, seed=2, first=first) for first, count in cuts]


@pytest.mark.parametrize("threads", [1, 3])
def test_any_split_and_any_number_of_threads_give_the_same_bits(threads: int, world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    whole, parts = whole_and_parts(world, threads)
    reference, _ = whole_and_parts(world, 1)
    for name, values in whole.values.items():
        assert torch.equal(torch.cat([part.values[name] for part in parts]), values)
        assert torch.equal(reference.values[name], values)
    assert torch.equal(torch.cat([part.alive for part in parts]), whole.alive)


def test_gradients_are_the_same_bits_on_several_threads(world_of: MakeWorld) -> None:
    world, found = policy_world(world_of), []
    for threads in (1, 2):
        parameters = {name: value.requires_grad_() for name, value in draw_parameters(world, 1, 40).items()}
        run = simulate(FusedSimulator(world, threads), None, 5, 40, 3, parameters=parameters)
        total = sum(value.tanh().sum() for value in run.values.values())
        found.append(torch.autograd.grad(total, list(parameters.values()), materialize_grads=True))
    assert all(torch.equal(one, two) for one, two in zip(*found, strict=True))


@pytest.mark.parametrize("first", range(5))
def test_a_batch_of_one_is_safe(first: int, world_of: MakeWorld) -> None:
    assert_same(*both(policy_world(world_of), None, 6, 1, 1, seed=1, first=first))


def test_the_template_agrees() -> None:
    world = load_world(Path(templates.__file__).parent / "us_macro")
    assert supports(world) is None
    assert_same(*both(world, "taylor_rule", 40, 30, 2, seed=5), rtol=1e-9, atol=1e-9)


def test_many_mechanisms_are_cut_into_chunks(world_of: MakeWorld) -> None:
    names = [f"v{number:03}" for number in range(150)]
    laws = {name: f"Normal(0.5 * {name}[t-1], 0.1)" for name in names[:1]}
    for before, name in pairwise(names):
        laws[name] = f"Normal(0.5 * tanh({before}[t]) + 0.3 * {name}[t-2], 0.1 * s)"
    world = world_of(laws=laws, parameters={f"{name}.s": "Uniform(1, 2)" for name in names[1:]})
    simulator = FusedSimulator(world)
    assert len(simulator.program.plan.chunks) == 3
    found = []
    for backend in (Simulator(world), simulator):
        parameters = {name: value.requires_grad_() for name, value in draw_parameters(world, 1, 3).items()}
        run = simulate(backend, None, 4, 3, 2, parameters=parameters)
        found.append((run, torch.autograd.grad(sum(v.sum() for v in run.values.values()), list(parameters.values()))))
    assert_same(found[0][0], found[1][0])
    for one, two in zip(found[0][1], found[1][1], strict=True):
        torch.testing.assert_close(one, two, rtol=1e-9, atol=1e-10)


def test_sums_need_no_trajectories(world_of: MakeWorld) -> None:
    world = policy_world(world_of)
    simulator, noise = FusedSimulator(world), Noise(3)
    parameters = draw_parameters(world, 1, 6)
    whole = simulate(simulator, "still", 9, 6, 5, seed=3, parameters=parameters)
    weights = {name: 0.9 ** torch.arange(9, dtype=torch.float64) for name in ("x", "q")}
    start = simulator.init(parameters, noise, 6, 5)
    after, sums = simulator.totals(start, ("still",), parameters, noise, weights)
    for name, total in sums.items():
        torch.testing.assert_close(total, (whole.values[name] * weights[name]).sum(-1), rtol=1e-12, atol=1e-12)
    assert torch.equal(after.history["x"][0], whole.values["x"][..., -1])
    assert torch.equal(after.alive, whole.alive[..., -1])


def test_steps_without_gradients_do_not_cut_off_later_ones(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(a * x[t-1] + 1, 0.1)"}, parameters={"x.a": "Beta(4, 4)"})
    simulator, noise = FusedSimulator(world), Noise(1)
    parameters = {name: value.requires_grad_() for name, value in draw_parameters(world, 1, 3).items()}
    nothing = torch.zeros(3, 2, 0, dtype=torch.float64)
    with torch.no_grad():
        state, _ = simulator.step(simulator.init(parameters, noise, 3, 2), nothing, parameters, noise)
    state, info = simulator.step(state, nothing, parameters, noise)
    before = torch.autograd.grad(info.values["x"].sum(), parameters["x.a"])[0]
    assert (before != 0).all()
