"""Shapley effects: the variance of an outcome shared out among inputs that may be correlated [owen2014, song2016].

An input's effect is what it adds to the variance that is explained, on average over all orders in which inputs become
known. Each draw has an order of its own, so that one run for every place in the order is enough; effects are never
negative but for sampling, and add up to one exactly.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.components.posterior import PosteriorFile
from worldmodel.errors import InputError
from worldmodel.families.normal import standard_cdf
from worldmodel.questions.inputs import (
    Chance,
    Input,
    NoiseEdit,
    Question,
    constant_outcome,
    correlated,
    exchanged,
    inputs_of,
    parameter_noise,
)
from worldmodel.questions.sensitivity import Estimate
from worldmodel.readings.posterior_scale import correlation_factor

_LEAST = 2.0**-53


@dataclass(frozen=True)
class Effects:
    """The outcome's variance, and the share of each input by name."""

    variance: float
    effects: tuple[tuple[str, Estimate], ...]


def shapley_effects(asked: Question, chance: Chance = "together") -> Effects:
    """The effects of every parameter and of chance; raises InputError where the outcome is constant.

    What is explained by known inputs is taken as the variance less half the mean square difference of two runs that
    share them, the rest being drawn anew given them.
    """
    inputs = inputs_of(asked, chance, grouped=False)
    places = _orders(asked, inputs)
    own = asked.run(None)
    if float(own.max()) == float(own.min()):
        raise InputError(constant_outcome(asked.outcome))
    left = []
    for known in range(len(inputs)):
        run = asked.run(_redrawn(asked, inputs, places < known))
        left.append((own - run) ** 2 / 2)
    left.append(torch.zeros_like(own))
    steps = torch.stack([before - after for before, after in itertools.pairwise(left)], dim=1)
    added = torch.gather(steps, 1, places)
    return Effects(own.var().item(), tuple(_share(entry, added[:, at], left[0]) for at, entry in enumerate(inputs)))


def _share(entry: Input, added: Float[Tensor, " draws"], whole: Float[Tensor, " draws"]) -> tuple[str, Estimate]:
    share = added.mean() / whole.mean()
    error = (added - share * whole).std() / whole.mean() / len(added) ** 0.5
    return entry.name, Estimate(share.item(), error.item())


def _orders(asked: Question, inputs: Sequence[Input]) -> Int[Tensor, "draws input"]:
    """The place of each input in the order of each draw."""
    noise = asked.second()
    keys = [noise.uniform(f"order:{entry.name}", 0, asked.draws, 1) for entry in inputs]
    return torch.argsort(torch.argsort(torch.cat(keys, dim=1), dim=1), dim=1)


def _redrawn(asked: Question, inputs: Sequence[Input], known: Bool[Tensor, "draws input"]) -> NoiseEdit:
    """The run's own numbers at known inputs, and at the others numbers that are drawn anew given the known ones."""
    column = {site: known[:, at : at + 1] for at, entry in enumerate(inputs) for site in entry.sites}
    other = exchanged(asked, frozenset(column))
    given = _given(asked, column)

    def edit(site: str, step: int, numbers: Tensor) -> Tensor:
        if site in given:
            return given[site]
        return torch.where(column[site], numbers, other(site, step, numbers))

    return edit


def _given(asked: Question, known: dict[str, Bool[Tensor, "draws 1"]]) -> dict[str, Float[Tensor, "draws 1"]]:
    """The numbers of correlated parameters, of which some are known in each draw."""
    world = asked.simulator.world
    names = correlated(world, asked.source)
    if not names:
        return {}
    own, other = parameter_noise(asked, None), parameter_noise(asked, exchanged(asked, frozenset(known)))
    found: dict[str, Tensor] = {}
    for name in names:
        sites = [f"parameter:{name}.{parameter}" for parameter in world.posteriors[name].order]
        numbers = [torch.cat([noise[site] for site in sites], dim=1) for noise in (own, other)]
        mask = torch.cat([known[site] for site in sites], dim=1)
        redrawn = conditional(world.posteriors[name], numbers[0], numbers[1], mask)
        found |= {site: redrawn[:, place : place + 1] for place, site in enumerate(sites)}
    return found


def conditional(
    posterior: PosteriorFile,
    own: Float[Tensor, "draws parameter"],
    other: Float[Tensor, "draws parameter"],
    known: Bool[Tensor, "draws parameter"],
) -> Float[Tensor, "draws parameter"]:
    """The numbers that make the known parameters those of `own`, and draw the others given them with those of `other`.

    The parameters are normal with correlation R = L Lᵀ on their own scale: a draw f, where those of s are to be z,
    moves to f + R[·,s] R[s,s]⁻¹ (z[s] − f[s]), which has the conditional law.
    """
    factor = correlation_factor(posterior)
    correlation = factor @ factor.T
    z, fresh = (torch.special.ndtri(numbers) @ factor.T for numbers in (own, other))
    moved = fresh.clone()
    for pattern in torch.unique(known, dim=0):
        rows = (known == pattern).all(dim=1)
        if bool(pattern.any()):
            gap = (z - fresh)[rows][:, pattern]
            solved = torch.linalg.solve(correlation[pattern][:, pattern], gap.T)
            moved[rows] = fresh[rows] + (correlation[:, pattern] @ solved).T
    back: Tensor = torch.linalg.solve_triangular(factor, moved.T, upper=False).T
    return torch.clamp(standard_cdf(back), _LEAST, 1 - _LEAST)
