"""What a distribution family is, for every reading of a law.

A draw is always the quantile function of one uniform number in (0, 1), so that a site's noise means the same in every
reading, and an edit of the arguments moves a draw without drawing anew. Continuous families are differentiable in their
arguments through it (pathwise); the draws of discrete families carry no gradient.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from pyro.distributions.torch_distribution import TorchDistributionMixin
from torch import Tensor

from worldmodel.language.signatures import Domain, FamilySignature, Slot

Array = Float[Tensor, "..."]
Mask = Bool[Tensor, "..."]

MINUS_INFINITY = -torch.inf


@dataclass(frozen=True)
class Family:
    """A distribution family. Arguments follow the slots of its signature and broadcast against the first one.

    `quantile(u, *arguments)` is the draw for a uniform number, `log_prob(x, *arguments)` is minus infinity outside the
    support, `cdf(x, *arguments)` and `mean(*arguments)` are what they say, `to_pyro(*arguments)` is Pyro's law.
    """

    signature: FamilySignature
    quantile: Callable[..., Array]
    log_prob: Callable[..., Array]
    cdf: Callable[..., Array]
    mean: Callable[..., Array]
    to_pyro: Callable[..., TorchDistributionMixin]
    latex: str

    @property
    def deterministic(self) -> bool:
        """Whether a draw ignores the uniform number."""
        return self.signature.support == "point"

    def slots(self, count: int) -> tuple[Slot, ...]:
        """The slot of each of `count` arguments; a repeated family's last slot serves for the rest."""
        own = self.signature.slots
        return own + (own[-1],) * (count - len(own))

    def valid(self, *arguments: Array) -> Mask:
        """Where every argument lies in its slot's domain; elsewhere the other methods mean nothing."""
        slots = self.slots(len(arguments))
        answer = in_domain(slots[0].domain, arguments[0])
        for slot, argument in zip(slots[1:], arguments[1:], strict=True):
            answer = answer & in_domain(slot.domain, argument)
        return answer


def in_domain(domain: Domain, value: Array) -> Mask:
    """Where a value is finite and in the domain."""
    match domain:
        case "real":
            return torch.isfinite(value)
        case "positive":
            return (value > 0) & (value < torch.inf)
        case "nonnegative":
            return (value >= 0) & (value < torch.inf)
        case "unit":
            return (value >= 0) & (value <= 1)
        case "count":
            return (value >= 0) & (value < torch.inf) & (value == torch.floor(value))


def inside(mask: Mask, x: Array, harmless: float) -> Array:
    """`x` where the mask holds and a harmless number elsewhere, so that no gradient of an unused branch is NaN."""
    return torch.where(mask, x, torch.full_like(x, harmless))


def outside_is_impossible(mask: Mask, log_prob: Array) -> Array:
    """The log density where the mask holds and minus infinity elsewhere."""
    return torch.where(mask, log_prob, torch.full_like(log_prob, MINUS_INFINITY))


def is_count(x: Array) -> Mask:
    """Where `x` is 0, 1, 2, …"""
    return in_domain("count", x)
