"""The noise that a value came from: a law read backwards.

A continuous law is invertible, u = F(x). A discrete one leaves an interval, F(x − 1) < u ≤ F(x), and the noise is then
drawn evenly from it: draws are quantiles, so that two laws share their noise in the order of their values (the monotone
coupling). That is an assumption about what would have happened, which no data can test.
"""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.language.ir import Law
from worldmodel.language.signatures import FAMILIES
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import is_discrete, law_cdf, law_log_prob, law_quantile

Array = Float[Tensor, "..."]
Invertibility = Literal["invertible", "coupled", "deterministic"]

_LEAST = 2.0**-53
_MOST = 1.0 - 2.0**-53


def invertibility(law: Law) -> Invertibility:
    """Whether a value tells the noise exactly, only up to the coupling, or needs none."""
    match law.family:
        case "Delta":
            return "deterministic"
        case "Truncated":
            return invertibility(law.parts[0])
        case "Mixture" | "ZeroInflated":
            return "coupled"
        case family:
            return "coupled" if FAMILIES[family].discrete else "invertible"


def abduct(law: Law, environment: Environment, x: Array, spare: Array) -> Array:
    """A uniform number whose draw is `x`; where several are, the one that `spare`, uniform in (0, 1), picks."""
    return torch.clamp(_backwards(law, environment, x, spare), _LEAST, _MOST)


def _backwards(law: Law, environment: Environment, x: Array, spare: Array) -> Array:
    match law.family:
        case "Mixture":
            return _mixture(law, environment, x, spare)
        case "ZeroInflated":
            return _zero_inflated(law, environment, x, spare)
        case "Delta":
            return spare
        case family if family in FAMILIES and FAMILIES[family].discrete:
            low, high = law_cdf(law, environment, x - 1), law_cdf(law, environment, x)
            u = low + spare * (high - low)
            # Rounding at an end of the interval may give the neighbour's draw; its middle does not.
            return torch.where(law_quantile(law, environment, u) == x, u, (low + high) / 2)
        case _:
            return law_cdf(law, environment, x) + torch.zeros_like(spare)


def _mixture(law: Law, environment: Environment, x: Array, spare: Array) -> Array:
    """The part is drawn by how likely it made `x`; what is left of the spare number serves within it."""
    weights = [evaluate(argument, environment) for argument in law.arguments]
    total = sum(weights[1:], start=weights[0])
    shares = [weight / total for weight in weights]
    densities = [law_log_prob(part, environment, x) for part in law.parts]
    logs = torch.stack(
        torch.broadcast_tensors(
            *(torch.log(share) + density for share, density in zip(shares, densities, strict=True)), spare
        )[:-1]
    )
    chances = torch.softmax(logs, dim=0)
    answer, passed, below = torch.zeros_like(spare), torch.zeros_like(spare), torch.zeros_like(spare)
    for part, share, chance in zip(law.parts, shares, chances, strict=True):
        here = (spare > passed) & (spare <= passed + chance)
        within = torch.clamp((spare - passed) / chance.clamp(min=_LEAST), _LEAST, _MOST)
        answer = torch.where(here, below + share * _backwards(part, environment, x, within), answer)
        passed, below = passed + chance, below + share
    return answer


def _zero_inflated(law: Law, environment: Environment, x: Array, spare: Array) -> Array:
    """A zero is the extra one, or one of the part's own, by how likely each made it; a continuous part has none."""
    (part,) = law.parts
    chance = evaluate(law.arguments[0], environment) + torch.zeros_like(x)
    own = torch.exp(law_log_prob(part, environment, torch.zeros_like(x))) if _has_atoms(part) else torch.zeros_like(x)
    extra = torch.where(x == 0, chance / (chance + (1 - chance) * own), torch.zeros_like(x))
    within = torch.clamp((spare - extra) / (1 - extra).clamp(min=_LEAST), _LEAST, _MOST)
    rest = chance + (1 - chance) * _backwards(part, environment, x, within)
    return torch.where(spare <= extra, chance * spare / extra.clamp(min=_LEAST), rest)


def _has_atoms(law: Law) -> bool:
    return law.family == "ZeroInflated" or is_discrete(law)
