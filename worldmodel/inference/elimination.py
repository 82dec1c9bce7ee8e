"""Exact sums over the joint states of finite variables, by eliminating one variable after the other.

A factor is an array with one axis for each of its variables. The order of elimination is greedy, by the weight of what
comes about or by the weight of what is filled in, whichever costs less [koller2009]. Each product is divided by its
largest entry and the logarithms are added up, so that evidence of any improbability keeps its digits; where even that
could lose some, the sum is taken anew in logarithms. All marginals together cost one pass back [darwiche2003].
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

Name = Hashable
Rule = Literal["weight", "fill"]

BATCH: Name = "batch"
"""The variable that is never eliminated: its axis has parameter draws, which stay apart."""

_CHEAP = 1e6
_STEEP = 1e-150
"""A product all of whose entries are smaller may hide others that have become 0."""


@dataclass(frozen=True)
class Factor:
    """A function of finite variables: one axis of `values` for each, indexed by the code of its value."""

    variables: tuple[Name, ...]
    values: Float[Tensor, "..."]


@dataclass(frozen=True)
class Plan:
    """In which order variables go, the entries of the largest table on the way, and multiplications in all."""

    order: tuple[Name, ...]
    largest: float
    operations: float


@dataclass(frozen=True)
class Sum:
    """What is left: a factor over the kept variables, to be multiplied by the exponential of `log_scale`."""

    factor: Factor
    log_scale: Float[Tensor, "..."]
    steep: bool

    @property
    def log(self) -> Float[Tensor, "..."]:
        """The logarithm of the sum, one axis for each kept variable; `log_scale` has the axis of the batch or none."""
        places = self.factor.variables
        scale = self.log_scale
        if scale.dim():
            scale = scale.reshape([-1 if name == BATCH else 1 for name in places])
        return torch.log(self.factor.values) + scale


@dataclass(frozen=True)
class Marginals:
    """The probabilities of each variable's values, averaged over the batch, and the log of the sum of each element."""

    of: Mapping[Name, Float[Tensor, " values"]]
    log_sum: Float[Tensor, "..."]


def sizes_of(factors: Iterable[Factor]) -> dict[Name, int]:
    """How many values each variable has."""
    return {
        name: size for factor in factors for name, size in zip(factor.variables, factor.values.shape, strict=True)
    }


def observe(factor: Factor, codes: Mapping[Name, int]) -> Factor:
    """The factor where some of its variables have the given codes."""
    place = tuple(codes.get(name, slice(None)) for name in factor.variables)
    return Factor(tuple(name for name in factor.variables if name not in codes), factor.values[place])


def plan_elimination(factors: Sequence[Factor], keep: Iterable[Name] = ()) -> Plan:
    """The better of two greedy orders for everything that is not kept."""
    kept = frozenset(keep) | {BATCH}
    sizes = sizes_of(factors)
    scopes = [factor.variables for factor in factors]
    first = _greedy(scopes, sizes, kept, "weight")
    if first.operations <= _CHEAP:
        return first
    return min(first, _greedy(scopes, sizes, kept, "fill"), key=lambda plan: plan.operations)


def _greedy(scopes: Sequence[tuple[Name, ...]], sizes: Mapping[Name, int], kept: frozenset[Name], rule: Rule) -> Plan:
    near: dict[Name, set[Name]] = {name: set() for name in sizes}
    for scope in scopes:
        for name in scope:
            near[name].update(other for other in scope if other != name)
    place = {name: number for number, name in enumerate(sizes)}
    left = {name: _score(name, near, sizes, rule) for name in sizes if name not in kept}
    order, largest, operations = [], 1.0, 0.0
    while left:
        name = min(left, key=lambda one: (left[one], place[one]))
        around = near.pop(name)
        weight = math.prod(sizes[other] for other in around)
        largest, operations = max(largest, weight), operations + weight * sizes[name]
        for other in around:
            near[other] |= around
            near[other] -= {name, other}
        del left[name]
        order.append(name)
        touched = set(around).union(*(near[other] for other in around)) if rule == "fill" else around
        left.update({other: _score(other, near, sizes, rule) for other in touched if other in left})
    return Plan(tuple(order), float(largest), float(operations))


def _score(name: Name, near: Mapping[Name, set[Name]], sizes: Mapping[Name, int], rule: Rule) -> float:
    around = list(near[name])
    if rule == "weight":
        return math.prod(sizes[other] for other in around)
    return sum(
        sizes[one] * sizes[other]
        for place, one in enumerate(around)
        for other in around[place + 1 :]
        if other not in near[one]
    )


def eliminate(factors: Sequence[Factor], plan: Plan, keep: Sequence[Name] = ()) -> Sum:
    """The sum over every variable of the plan of the product of all factors; the rest's axes are in order of `keep`."""
    log_scale, steep = torch.zeros((), dtype=torch.float64), False
    left = list(factors)
    for name in plan.order:
        bucket = [factor for factor in left if name in factor.variables]
        product, scale = _rescaled(_product(bucket, name))
        log_scale, steep = log_scale + torch.log(scale), steep or bool((scale < _STEEP).any())
        left = [factor for factor in left if name not in factor.variables] + [product]
    whole, scale = _rescaled(_product(left, None))
    steep = steep or bool((scale < _STEEP).any())
    axes = (*((BATCH,) if BATCH in whole.variables else ()), *keep)
    return Sum(Factor(axes, _aligned(whole, axes)), log_scale + torch.log(scale), steep)


def eliminate_in_logarithms(factors: Sequence[Factor], plan: Plan, keep: Sequence[Name] = ()) -> Sum:
    """The same, slower, and without any loss: for sums whose terms lie further apart than floating numbers reach."""
    left = [Factor(factor.variables, torch.log(factor.values)) for factor in factors]
    for name in plan.order:
        bucket = [factor for factor in left if name in factor.variables]
        axes = _union(bucket)
        place = axes.index(name)
        total = torch.logsumexp(_added(bucket, axes), dim=place)
        left = [factor for factor in left if name not in factor.variables]
        left.append(Factor(axes[:place] + axes[place + 1 :], total))
    axes = (*((BATCH,) if any(BATCH in factor.variables for factor in left) else ()), *keep)
    total = _added(left, axes)
    dims = [place for place, name in enumerate(axes) if name != BATCH]
    top = total.amax(dim=dims) if dims else total
    top = torch.where(torch.isfinite(top), top, torch.zeros_like(top))
    shape = [-1 if name == BATCH else 1 for name in axes]
    return Sum(Factor(axes, torch.exp(total - top.reshape(shape))), top, False)


def marginals(factors: Sequence[Factor], names: Sequence[Name], weigh: Callable[[Tensor], Tensor]) -> Marginals:
    """The marginal of each named variable under the product of all factors, averaged over the batch.

    `weigh` turns the log of each batch element's sum into the element's weight; weights add up to 1, or are all 0 where
    nothing is possible. Gradients of the
    log sum by the entries of a table of ones are the marginals, so that one pass back gives all of them.
    """
    sizes = sizes_of(factors)
    with torch.enable_grad():
        ones = {name: torch.ones(sizes[name], dtype=torch.float64, requires_grad=True) for name in names}
        whole = [*factors, *(Factor((name,), table) for name, table in ones.items())]
        plan = plan_elimination(whole)
        found = eliminate(whole, plan)
        log_sum = found.log
        if found.steep:
            return _marginals_in_logarithms(factors, names, weigh)
        weights = weigh(log_sum.detach())
        total = torch.where(weights > 0, weights * log_sum, torch.zeros_like(log_sum)).sum()
        tables = torch.autograd.grad(total, list(ones.values())) if ones else ()
    return Marginals(dict(zip(ones, tables, strict=True)), log_sum.detach())


def _marginals_in_logarithms(
    factors: Sequence[Factor], names: Sequence[Name], weigh: Callable[[Tensor], Tensor]
) -> Marginals:
    with torch.no_grad():
        log_sum = eliminate_in_logarithms(factors, plan_elimination(factors)).log
        weights = weigh(log_sum).unsqueeze(-1)
        found: dict[Name, Tensor] = {}
        for name in names if bool((weights > 0).any()) else ():
            table = eliminate_in_logarithms(factors, plan_elimination(factors, [name]), [name]).factor.values
            counted = torch.where(weights > 0, weights * table / table.sum(dim=-1, keepdim=True), 0.0)
            found[name] = counted.reshape(-1, table.shape[-1]).sum(dim=0)
    return Marginals(found, log_sum)


def _union(bucket: Sequence[Factor]) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(name for factor in bucket for name in factor.variables))


def _product(bucket: Sequence[Factor], name: Name | None) -> Factor:
    """The product of factors, smallest first, summed over one variable in the last step."""
    ordered = sorted(bucket, key=lambda factor: factor.values.numel())
    product = ordered[0] if ordered else Factor((), torch.ones((), dtype=torch.float64))
    for place, factor in enumerate(ordered[1:], start=2):
        axes = _union([product, factor])
        product = _contract(product, factor, axes if place < len(ordered) else _without(axes, name))
    if len(ordered) == 1 and name is not None:
        product = Factor(_without(product.variables, name), product.values.sum(dim=product.variables.index(name)))
    return product


def _without(axes: tuple[Name, ...], name: Name | None) -> tuple[Name, ...]:
    return tuple(axis for axis in axes if axis != name)


def _contract(left: Factor, right: Factor, axes: tuple[Name, ...]) -> Factor:
    number = {name: place for place, name in enumerate(_union([left, right]))}
    values = torch.einsum(
        left.values, [number[name] for name in left.variables],
        right.values, [number[name] for name in right.variables],
        [number[name] for name in axes],
    )  # fmt: skip
    return Factor(axes, values)


def _rescaled(factor: Factor) -> tuple[Factor, Tensor]:
    """The factor over its largest entry, in each element of the batch, and that entry (which carries no gradient)."""
    dims = [place for place, name in enumerate(factor.variables) if name != BATCH]
    values = factor.values.detach()
    scale = values.amax(dim=dims) if dims else values
    shape = [-1 if name == BATCH else 1 for name in factor.variables]
    divisor = torch.where(scale > 0, scale, torch.ones_like(scale)).reshape(shape)
    return Factor(factor.variables, factor.values / divisor), scale


def _aligned(factor: Factor, axes: tuple[Name, ...]) -> Tensor:
    """The factor's values with one axis for each of `axes`, of length 1 where it does not depend on one."""
    present = [name for name in axes if name in factor.variables]
    moved = factor.values.permute([factor.variables.index(name) for name in present])
    return moved.reshape([factor.values.shape[factor.variables.index(n)] if n in present else 1 for n in axes])


def _added(bucket: Sequence[Factor], axes: tuple[Name, ...]) -> Tensor:
    total = torch.zeros([1] * len(axes), dtype=torch.float64)
    for factor in bucket:
        total = total + _aligned(factor, axes)
    return total
