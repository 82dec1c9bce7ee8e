"""Which inputs an outcome's variance comes from: first-order and total Sobol indices [sobol2001].

Each index is a correlation of two runs: of those that share one input for the first order, and one less that of those
that share all but one for the total [janon2014]. Standard errors are those of the ratio of means (delta method).
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.errors import InputError
from worldmodel.questions.inputs import Chance, Question, constant_outcome, exchanged, inputs_of


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error."""

    value: float
    error: float


@dataclass(frozen=True)
class Indices:
    """What an input accounts for alone (`first`), and with all that it takes part in (`total`)."""

    name: str
    first: Estimate
    total: Estimate


@dataclass(frozen=True)
class Sensitivity:
    """The outcome's mean and variance, and the indices of all inputs."""

    mean: float
    variance: float
    indices: tuple[Indices, ...]


def sobol_indices(asked: Question, chance: Chance = "together") -> Sensitivity:
    """The indices of parameters (correlated ones together) and of chance.

    The first-order index is the share of the variance that knowing the input would take away on average; the total one
    is the share that would be left if all but this input were known. Raises InputError where the outcome is constant.
    """
    inputs = inputs_of(asked, chance, grouped=True)
    every = frozenset(site for entry in inputs for site in entry.sites)
    own, other = asked.run(None), asked.run(exchanged(asked, every))
    if float(own.max()) == float(own.min()):
        raise InputError(constant_outcome(asked.outcome))
    centre = own.mean()
    found = []
    for entry in inputs:
        mixed = asked.run(exchanged(asked, entry.sites)) - centre
        first = shared_variance(other - centre, mixed)
        rest = shared_variance(own - centre, mixed)
        found.append(Indices(entry.name, first, Estimate(1 - rest.value, rest.error)))
    both = torch.cat([own, other])
    return Sensitivity(both.mean().item(), both.var().item(), tuple(found))


def shared_variance(first: Float[Tensor, " draws"], second: Float[Tensor, " draws"]) -> Estimate:
    """The share of the variance that comes from what two runs have in common.

    With p, q and r the means of the product, the half sum and the half sum of squares it is (p − q²) / (r − q²).
    """
    columns = torch.stack([first * second, (first + second) / 2, (first**2 + second**2) / 2])
    p, q, r = columns.mean(dim=1)
    common, whole = p - q**2, r - q**2
    gradient = torch.stack([1 / whole, 2 * q * (common - whole) / whole**2, -common / whole**2])
    influence = gradient @ (columns - columns.mean(dim=1, keepdim=True))
    return Estimate((common / whole).item(), (influence.std() / len(first) ** 0.5).item())
