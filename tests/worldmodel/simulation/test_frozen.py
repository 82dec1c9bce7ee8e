"""The torch backend's numbers, bit for bit as they were before anything was made faster."""

import hashlib
from collections.abc import Callable, Sequence

import pytest
import torch

from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

MakeWorld = Callable[..., World]
EDITS = (Intervention("y", 0.3, 2, 3), Intervention("push", -0.5, 4), Intervention("x", 0.1, 5, 6, factor=0.5))
FROZEN = {
    "plain": "c22cbcd744b615c8",
    "edited": "ab91f11383c52c8c",
    "gradients": "864a510bc7f60969",
}


def everything(world_of: MakeWorld) -> World:
    """Only what is exactly rounded, so that a digest means the same on every computer."""
    return world_of(
        laws={
            "x": "Uniform(a * x[t-1] + push[t] - 0.2 * y[t-2], 0.3 + max(1, a * x[t-1] + push[t] - 0.2 * y[t-2]))",
            "y.tame": "Uniform(min(0.5 * x[t], scale) - 1, 1 + scale + abs(x[t]))",
            "y.wild": "if x[t] > 0 and not (y[t-1] == 2 or x[t-1] < -2)"
            " then sqrt(x[t]) * x[t-1] else -y[t-1] / (2 + t)",
            "kind": "Categorical(0.2, 0.3, clip(x[t], 0, 1))",
            "coin": "Bernoulli(mix(0.3, clip(x[t], 0, 0.9), 0.1))",
            "m": "Mixture(0.4, Uniform(0, 1), 0.6, Uniform(kind[t], 3))",
            "zero": "ZeroInflated(0.3, Uniform(-coin[t], 2))",
            "push.still": "0.3 * x[t-1] - 0.1 * y[t-1]",
        },
        parameters={"x.a": "Uniform(0, 1)", "tame.scale": "Uniform(0.5, 1)"},
        actions=["push"],
        rivals={"y": {"tame": 0.3, "wild": 0.7}},
        initial={"x": ["Uniform(-1, 1)"]},
        supports={
            "x": {"kind": "real", "upper": 1.25},
            "push": {"kind": "real", "lower": -1, "upper": 0.25},
            "kind": {"kind": "integer"},
            "coin": {"kind": "integer", "lower": 0, "upper": 1},
        },
    )


def digest(tensors: Sequence[torch.Tensor]) -> str:
    found = hashlib.sha256()
    for tensor in tensors:
        found.update(tensor.detach().contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


@pytest.mark.parametrize(("name", "edits"), [("plain", ()), ("edited", EDITS)])
def test_values_are_what_they_were(name: str, edits: Sequence[Intervention], world_of: MakeWorld) -> None:
    clamped: list[torch.Tensor] = []
    run = simulate(
        Simulator(everything(world_of)), None, 8, 23, 3, seed=5, first=2, interventions=edits,
        on_step=lambda _, info: clamped.extend([info.clamped, info.failed]),
    )  # fmt: skip
    assert 0 < float(run.alive[..., -1].double().mean()) < 1
    kept = [run.values[variable] for variable in sorted(run.values)]
    assert digest([*kept, run.alive, *run.rivals.values(), *clamped]) == FROZEN[name]


def test_gradients_are_what_they_were(world_of: MakeWorld) -> None:
    world = everything(world_of)
    parameters = {name: value.clone().requires_grad_() for name, value in draw_parameters(world, 3, 23).items()}
    run = simulate(Simulator(world), None, 6, 23, 1, seed=5, parameters=parameters)
    total = sum((value * torch.arange(1, 7)).sum() for value in run.values.values())
    found = torch.autograd.grad(total, list(parameters.values()))
    assert all(bool(torch.isfinite(gradient).all()) for gradient in found)
    assert digest(found) == FROZEN["gradients"]
