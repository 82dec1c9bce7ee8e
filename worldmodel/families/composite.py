"""Laws that are made of laws: cut off at two ends, a weighted choice, or with a mass at 0.

A draw is one uniform number's, as for every law. In a `Mixture` it first picks the part, in the order of the weights,
and what is left of it, stretched to (0, 1), is the part's own number; the same with `ZeroInflated`. The gradient of a
mixture's draw in its weights is the implicit one, −(∂F/∂w)/f [figurnov2018]; that of a mass at 0 has none.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.families.base import Family, in_domain
from worldmodel.families.truncated import Truncated

Array = Float[Tensor, "..."]
Mask = Bool[Tensor, "..."]

_EDGE = 2.0**-53


@dataclass(frozen=True)
class Part:
    """A law with its arguments: a family's, unless a composite one gives its own functions."""

    family: Family
    arguments: tuple[Array, ...]
    own: "Functions | None" = field(default=None)

    def quantile(self, u: Array) -> Array:
        """The draw for a uniform number."""
        return self.family.quantile(u, *self.arguments) if self.own is None else self.own.quantile(u)

    def log_prob(self, x: Array) -> Array:
        """The log density; for a `ZeroInflated` continuous law, of a mass at 0 beside a density elsewhere."""
        return self.family.log_prob(x, *self.arguments) if self.own is None else self.own.log_prob(x)

    def cdf(self, x: Array) -> Array:
        """The distribution function."""
        return self.family.cdf(x, *self.arguments) if self.own is None else self.own.cdf(x)

    def mean(self) -> Array:
        """The mean."""
        return self.family.mean(*self.arguments) if self.own is None else self.own.mean()

    def valid(self) -> Mask:
        """Where every argument lies in its domain."""
        return self.family.valid(*self.arguments) if self.own is None else self.own.valid()


@dataclass(frozen=True)
class Functions:
    """What a composite law does."""

    quantile: Callable[[Array], Array]
    log_prob: Callable[[Array], Array]
    cdf: Callable[[Array], Array]
    mean: Callable[[], Array]
    valid: Callable[[], Mask]


def truncated(part: Part, low: Array, high: Array) -> Part:
    """A law given that its value lies from `low` to `high`."""
    law = Truncated(part.family.signature.name, part.arguments, low, high)
    return Part(part.family, part.arguments, Functions(law.quantile, law.log_prob, law.cdf, law.mean, law.valid))


def mixture(weights: tuple[Array, ...], parts: tuple[Part, ...]) -> Part:
    """One of the parts, each as likely as its weight among all."""
    stacked = torch.stack(torch.broadcast_tensors(*weights), dim=-1)
    shares = stacked / stacked.sum(dim=-1, keepdim=True)

    def log_prob(x: Array) -> Array:
        each = [part.log_prob(x) + torch.log(share) for part, share in zip(parts, shares.unbind(-1), strict=True)]
        return torch.logsumexp(torch.stack(torch.broadcast_tensors(*each), dim=-1), dim=-1)

    def cdf(x: Array) -> Array:
        return _total([share * part.cdf(x) for part, share in zip(parts, shares.unbind(-1), strict=True)])

    def quantile(u: Array) -> Array:
        x = _pick(u, shares.detach(), parts)
        if not shares.requires_grad or parts[0].family.signature.discrete:
            return x
        fixed = x.detach()
        with torch.no_grad():
            each = [part.cdf(fixed) for part in parts]
            density = torch.exp(log_prob(fixed))
        level = _total([share * value for share, value in zip(shares.unbind(-1), each, strict=True)])
        return x - (level - level.detach()) / density

    def valid() -> Mask:
        known = in_domain("positive", stacked.sum(dim=-1))
        for weight in weights:
            known = known & in_domain("nonnegative", weight)
        for part in parts:
            known = known & part.valid()
        return known

    def mean() -> Array:
        return _total([share * part.mean() for part, share in zip(parts, shares.unbind(-1), strict=True)])

    return Part(parts[0].family, parts[0].arguments, Functions(quantile, log_prob, cdf, mean, valid))


def zero_inflated(probability: Array, part: Part) -> Part:
    """0 with a probability, and the law's value otherwise."""
    discrete = part.family.signature.discrete

    def quantile(u: Array) -> Array:
        inner = ((u - probability) / (1 - probability)).clamp(_EDGE, 1 - _EDGE)
        value = part.quantile(inner.detach())
        return torch.where(u <= probability, torch.zeros_like(value), value)

    def log_prob(x: Array) -> Array:
        inner, chance = part.log_prob(x), probability
        zero, inner, chance = torch.broadcast_tensors(x == 0, inner, chance)
        # What is impossible has no gradient, and neither has a branch that is not taken: theirs would be NaN.
        rest = inner + _log_or_nothing(1 - torch.where(zero, 0.0, chance))
        if discrete:
            return torch.where(zero, _mass_at_zero(chance, torch.where(zero, inner, 0.0)), rest)
        return torch.where(zero, _log_or_nothing(torch.where(zero, chance, 1.0)), rest)

    def cdf(x: Array) -> Array:
        return torch.where(x >= 0, probability, torch.zeros_like(probability)) + (1 - probability) * part.cdf(x)

    def valid() -> Mask:
        return in_domain("unit", probability) & part.valid()

    functions = Functions(quantile, log_prob, cdf, lambda: (1 - probability) * part.mean(), valid)
    return Part(part.family, part.arguments, functions)


def _log_or_nothing(share: Array) -> Array:
    """The logarithm; minus infinity without gradient where there is none."""
    positive = share > 0
    return torch.where(positive, torch.log(torch.where(positive, share, 1.0)), -torch.inf)


def _mass_at_zero(chance: Array, inner: Array) -> Array:
    """log(p + (1 − p) exp(inner)), with its derivative in p at p = 0 and p = 1 too."""
    positive = chance > 0
    some = torch.log(torch.where(positive, chance, 1.0) + (1 - chance) * torch.exp(inner))
    none = inner + torch.log1p(chance * torch.expm1((-inner).clamp(max=700.0)))
    return torch.where(positive, some, none)


def _pick(u: Array, shares: Array, parts: tuple[Part, ...]) -> Array:
    """The draw of the part whose stretch of (0, 1) holds the number."""
    ends = torch.cumsum(shares, dim=-1)
    starts = torch.cat((torch.zeros_like(ends[..., :1]), ends[..., :-1]), dim=-1)
    answer: Array | None = None
    for place, part in enumerate(parts):
        start, share = starts[..., place], shares[..., place]
        # Each part takes what lies above its start, until the next one does; a part without weight takes nothing,
        # also where rounding leaves a gap at the end.
        takes = (u > start) & (share > 0)
        inner = ((u - start) / torch.where(share > 0, share, 1.0)).clamp(_EDGE, 1 - _EDGE)
        value = part.quantile(torch.where(takes, inner, 0.5))
        answer = value if answer is None else torch.where(takes, value, answer)
    return cast(Array, answer)


def _total(terms: list[Array]) -> Array:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
