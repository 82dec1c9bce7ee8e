"""Exact sums over the joint states of finite variables, by eliminating one variable after the other.

A factor is an array of logarithms with one axis for each of its variables. The order of elimination is greedy, by the
weight of what comes about or by the weight of what is filled in, whichever costs less [koller2009]. Each product is
divided by its largest entry and the logarithms are added up, so that evidence of any improbability keeps its digits;
where even that could lose some, the sum is taken anew in logarithms. All marginals together cost one pass back
[darwiche2003].
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
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
_IMPOSSIBLE = -1e30
_TINY = 1e-150
"""Where numbers this small come up beside a 1, others may have become 0."""


@dataclass(frozen=True)
class Factor:
    """A function of finite variables: its logarithm has one axis for each, indexed by the code of its value."""

    variables: tuple[Name, ...]
    logs: Float[Tensor, "..."]


@dataclass(frozen=True)
class Plan:
    """In which order variables go, the entries of the largest table on the way, and multiplications in all."""

    order: tuple[Name, ...]
    largest: float
    operations: float


def sizes_of(factors: Iterable[Factor]) -> dict[Name, int]:
    """How many values each variable has."""
    return {name: size for factor in factors for name, size in zip(factor.variables, factor.logs.shape, strict=True)}


def observe(factor: Factor, codes: Mapping[Name, int]) -> Factor:
    """The factor where some of its variables have the given codes."""
    place = tuple(codes.get(name, slice(None)) for name in factor.variables)
    return Factor(tuple(name for name in factor.variables if name not in codes), factor.logs[place])


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


def log_sum(factors: Sequence[Factor], plan: Plan | None = None) -> Float[Tensor, "..."]:
    """The logarithm of the sum over all joint states of the product of all factors, one for each of the batch."""
    plan = plan or plan_elimination(factors)
    found, steep = _by_numbers(factors, plan)
    return _by_logarithms(factors, plan) if bool(steep.any()) else found


def joint(factors: Sequence[Factor], names: Sequence[Name]) -> Float[Tensor, "..."]:
    """The joint probabilities of some variables, one axis for each, under the normalised product; no batch."""
    logs = _by_logarithms(factors, plan_elimination(factors, names), tuple(names))
    return torch.exp(logs - torch.logsumexp(logs.flatten(), dim=0))


def marginals(
    factors: Sequence[Factor], names: Sequence[Name], weights: Float[Tensor, "..."]
) -> dict[Name, Float[Tensor, " values"]]:
    """The probabilities of each named variable's values, averaged over the batch with weights.

    The weight of a batch element in which nothing is possible must be 0. Gradients of the log sum by the entries of a
    table of ones are the marginals, so that one pass back gives all of them.
    """
    sizes = sizes_of(factors)
    with torch.enable_grad():
        ones = {name: torch.zeros(sizes[name], dtype=torch.float64, requires_grad=True) for name in names}
        whole = [*factors, *(Factor((name,), logs) for name, logs in ones.items())]
        plan = plan_elimination(whole)
        found, steep = _by_numbers(whole, plan)
        if bool((steep & (weights > 0)).any()):
            found = _by_logarithms(whole, plan)
        total = torch.where(weights > 0, weights * found, torch.zeros_like(found)).sum()
        tables = torch.autograd.grad(total, list(ones.values())) if ones else ()
    # Rounding of large log sums is taken out.
    return {name: table * (weights.sum() / table.sum()) for name, table in zip(ones, tables, strict=True)}


def _by_numbers(factors: Sequence[Factor], plan: Plan) -> tuple[Tensor, Tensor]:
    """The log sum, by products of plain numbers; and where terms may have been lost between larger ones."""
    scale, steep = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.bool)
    pool = _Pool()
    for factor in factors:
        top = _largest(factor)
        top = torch.where(top > -torch.inf, top, torch.zeros_like(top))
        values = torch.exp(factor.logs - _spread(top, factor.variables))
        hidden = (values.detach() < _TINY) & (factor.logs > -torch.inf)
        steep = steep | (_largest(Factor(factor.variables, hidden.double())) > 0)
        scale = scale + top
        pool.add(Factor(factor.variables, values))
    for name in (*plan.order, None):
        product = _product(pool.take(name), name)
        largest = _largest(product)
        steep = steep | (largest < _TINY)
        safe = torch.where(largest > 0, largest, torch.ones_like(largest))
        pool.add(Factor(product.variables, product.logs / _spread(safe, product.variables)))
        scale = scale + torch.log(safe)
    return scale + torch.log(pool.take(None)[0].logs), steep


def _by_logarithms(factors: Sequence[Factor], plan: Plan, keep: tuple[Name, ...] = ()) -> Tensor:
    """The log sum for each value of the kept variables, slower and without any loss."""
    # A large number in place of infinity, whose differences are numbers too.
    pool = _Pool()
    for factor in factors:
        pool.add(Factor(factor.variables, torch.clamp(factor.logs, min=_IMPOSSIBLE)))
    for name in plan.order:
        bucket = pool.take(name)
        axes = _union(bucket)
        place = axes.index(name)
        total = torch.logsumexp(_added(bucket, axes), dim=place)
        pool.add(Factor(axes[:place] + axes[place + 1 :], total))
    left = pool.take(None)
    batched = any(BATCH in factor.variables for factor in left)
    logs = _added(left, (*((BATCH,) if batched else ()), *keep))
    return torch.where(logs > 0.5 * _IMPOSSIBLE, logs, torch.full_like(logs, -torch.inf))


class _Pool:
    """The factors that are left, found by their variables."""

    def __init__(self) -> None:
        self._factors: dict[int, Factor] = {}
        self._places: dict[Name, set[int]] = {}
        self._count = 0

    def add(self, factor: Factor) -> None:
        """Puts one in."""
        self._factors[self._count] = factor
        for name in factor.variables:
            self._places.setdefault(name, set()).add(self._count)
        self._count += 1

    def take(self, name: Name | None) -> list[Factor]:
        """Takes out those of a variable, in the order in which they came; all of them for None."""
        places = sorted(self._factors if name is None else self._places.get(name, ()))
        taken = [self._factors.pop(place) for place in places]
        for place, factor in zip(places, taken, strict=True):
            for other in factor.variables:
                self._places[other].discard(place)
        return taken


def _union(bucket: Sequence[Factor]) -> tuple[Name, ...]:
    return tuple(dict.fromkeys(name for factor in bucket for name in factor.variables))


def _product(bucket: Sequence[Factor], name: Name | None) -> Factor:
    """The product of factors, smallest first, summed over one variable in the last step."""
    ordered = sorted(bucket, key=lambda factor: factor.logs.numel())
    product = ordered[0] if ordered else Factor((), torch.ones((), dtype=torch.float64))
    for place, factor in enumerate(ordered[1:], start=2):
        axes = _union([product, factor])
        product = _contract(product, factor, axes if place < len(ordered) else _without(axes, name))
    if len(ordered) == 1 and name is not None:
        product = Factor(_without(product.variables, name), product.logs.sum(dim=product.variables.index(name)))
    return product


def _without(axes: tuple[Name, ...], name: Name | None) -> tuple[Name, ...]:
    return tuple(axis for axis in axes if axis != name)


def _contract(left: Factor, right: Factor, axes: tuple[Name, ...]) -> Factor:
    number = {name: place for place, name in enumerate(_union([left, right]))}
    values = torch.einsum(
        left.logs, [number[name] for name in left.variables],
        right.logs, [number[name] for name in right.variables],
        [number[name] for name in axes],
    )  # fmt: skip
    return Factor(axes, values)


def _largest(factor: Factor) -> Tensor:
    """The largest entry in each element of the batch, without gradient."""
    dims = [place for place, name in enumerate(factor.variables) if name != BATCH]
    entries = factor.logs.detach()
    return entries.amax(dim=dims) if dims else entries


def _spread(scale: Tensor, variables: tuple[Name, ...]) -> Tensor:
    return scale.reshape([-1 if name == BATCH else 1 for name in variables]) if scale.dim() else scale


def _aligned(factor: Factor, axes: tuple[Name, ...]) -> Tensor:
    """The factor's values with one axis for each of `axes`, of length 1 where it does not depend on one."""
    present = [name for name in axes if name in factor.variables]
    moved = factor.logs.permute([factor.variables.index(name) for name in present])
    return moved.reshape([factor.logs.shape[factor.variables.index(n)] if n in present else 1 for n in axes])


def _added(bucket: Sequence[Factor], axes: tuple[Name, ...]) -> Tensor:
    total = torch.zeros([1] * len(axes), dtype=torch.float64)
    for factor in bucket:
        total = total + _aligned(factor, axes)
    return total
