"""The policy as one torch module.

Normalisation of observations, network, and squashing to the actions' support, all inside.

What is exported, certified and run is therefore the same function from observations in the world's own units to actions
in the world's own units. Everything is float64. The statistics of `Scaling` come from simulations of the approved
world, never from data.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, assert_never

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Kind = Literal["mlp", "affine"]
_LARGEST_OFFSET = 0.95
_SMALL_OUTPUT = 0.1


@dataclass(frozen=True)
class Scaling:
    """Typical observations and actions of the world under its reference rule, and the actions' support."""

    observation_mean: Float[Tensor, " observation"]
    observation_sd: Float[Tensor, " observation"]
    action_mean: Float[Tensor, " action"]
    action_sd: Float[Tensor, " action"]
    lower: Float[Tensor, " action"]
    upper: Float[Tensor, " action"]


class Policy(nn.Module):
    """A deterministic acting rule: observations of step t − 1 to the actions of step t."""

    observation_mean: Tensor
    observation_sd: Tensor
    action_mean: Tensor
    action_sd: Tensor
    lower: Tensor
    upper: Tensor

    def __init__(self, kind: Kind, body: nn.Module, scaling: Scaling) -> None:
        super().__init__()
        self.kind: Kind = kind
        self.body = body
        for name, value in vars(scaling).items():
            self.register_buffer(name, value.detach().clone().to(torch.float64))

    def forward(self, observation: Float[Tensor, "*batch observation"]) -> Float[Tensor, "*batch action"]:
        """The actions for observations, both in the world's units."""
        output = self.body((observation - self.observation_mean) / self.observation_sd)
        return to_support(self.kind, output, self)


def to_support(kind: Kind, output: Tensor, scaling: "Scaling | Policy") -> Tensor:
    """Network outputs to actions.

    An output of 0 is the reference rule's typical action, and 1 is about one sd above it.

    The affine rule is clipped, so that it stays a rule that people can read; the network is squashed smoothly where
    both bounds are finite, since a gradient of zero beyond a bound would stop it from learning.
    """
    free = scaling.action_mean + scaling.action_sd * output
    clipped = torch.minimum(torch.maximum(free, scaling.lower), scaling.upper)
    match kind:
        case "affine":
            return clipped
        case "mlp":
            squash = squash_of(scaling)
            squashed = squash.middle + squash.half * torch.tanh(squash.offset + squash.gain * output)
            return torch.where(squash.bounded, squashed, clipped)
        case _:
            assert_never(kind)


@dataclass(frozen=True)
class Squash:
    """middle + half · tanh(offset + gain · output).

    Onto [lower, upper], equal to the free action to first order at output 0.
    """

    bounded: Bool[Tensor, " action"]
    middle: Float[Tensor, " action"]
    half: Float[Tensor, " action"]
    offset: Float[Tensor, " action"]
    gain: Float[Tensor, " action"]


def squash_of(scaling: "Scaling | Policy") -> Squash:
    """The numbers of the squashing; those of an action without two finite bounds are placeholders."""
    bounded = torch.isfinite(scaling.lower) & torch.isfinite(scaling.upper)
    lower = torch.where(bounded, scaling.lower, -torch.ones_like(scaling.lower))
    upper = torch.where(bounded, scaling.upper, torch.ones_like(scaling.upper))
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    place = ((scaling.action_mean - middle) / half).clamp(-_LARGEST_OFFSET, _LARGEST_OFFSET)
    return Squash(bounded, middle, half, torch.atanh(place), scaling.action_sd / (half * (1 - place**2)))


def fresh_policy(kind: Kind, hidden: tuple[int, ...], scaling: Scaling, seed: int) -> Policy:
    """A newly initialised policy: a function of its arguments alone, drawn from a generator of its own."""
    generator = torch.Generator().manual_seed(seed)
    observations, actions = len(scaling.observation_mean), len(scaling.action_mean)
    sizes = (observations, *(hidden if kind == "mlp" else ()), actions)
    layers = [_linear(a, b, generator) for a, b in pairwise(sizes)]
    with torch.no_grad():
        layers[-1].weight.mul_(_SMALL_OUTPUT)
    return Policy(kind, nn.Sequential(*_with_tanh(layers)), scaling)


def _linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, inputs, outputs, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(outputs, inputs, generator=generator, dtype=torch.float64) / inputs**0.5)
        layer.bias.zero_()
    return layer


def _with_tanh(layers: list[nn.Linear]) -> Iterator[nn.Module]:
    for layer in layers[:-1]:
        yield layer
        yield nn.Tanh()
    yield layers[-1]


def policy_from_state(kind: Kind, hidden: tuple[int, ...], state: Mapping[str, Tensor]) -> Policy:
    """A policy with the weights and the scaling that a file holds."""
    scaling = Scaling(**{name: state[name] for name in Scaling.__dataclass_fields__})
    policy = fresh_policy(kind, hidden, scaling, seed=0)
    policy.load_state_dict(dict(state), strict=True)
    return policy
