"""The log density of a mechanism's law on a series, over all steps and many parameter draws at once.

This is the reading that inference stands on: no loop over time, differentiable twice in the parameters. A step whose
arguments leave their domain has density minus infinity and no gradient, so that a search turns back from it.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.language.ir import Law
from worldmodel.readings.torch_expression import Environment, shielded
from worldmodel.readings.torch_law import law_cdf, law_part
from worldmodel.world import Mechanism

Draws = Float[Tensor, "draws"]
Series = Float[Tensor, "time"]

NONE: Mapping[str, Tensor] = MappingProxyType({})


def longest_lag(mechanism: Mechanism) -> int:
    """How many past steps the mechanism reads; 0 where it reads none."""
    return max((variable.lag for variable in mechanism.inputs), default=0)


def constant(value: float) -> Float[Tensor, ""]:
    """A number as a tensor of no dimension."""
    return torch.tensor(value, dtype=torch.float64)


def constants(mechanism: Mechanism) -> dict[str, Float[Tensor, ""]]:
    """The mechanism's named constants."""
    return {name: constant(entry.value) for name, entry in mechanism.file.constants.items()}


def log_density(
    mechanism: Mechanism,
    parameters: Mapping[str, Draws],
    values: Mapping[str, Series],
    skip: int | None = None,
) -> Float[Tensor, "draws scored"]:
    """The log density of each step from `skip` on, given the steps before; `parameters` have unprefixed names.

    `skip` is the mechanism's longest lag unless given (to compare rivals on the same steps). A variable's value "before
    step 1" is the one before the first step that is scored; where `skip` is 0 there is none, and it is NaN. The
    density of a step is NaN where a value that it reads is. In data, steps are counted from the first row.
    """
    first = longest_lag(mechanism) if skip is None else skip
    x, environment = _along(mechanism, parameters, values, first)
    return _shaped(mechanism, parameters, values, first, _law_density(mechanism.law, environment, x))


def cumulative(
    mechanism: Mechanism, parameters: Mapping[str, Draws], values: Mapping[str, Series]
) -> Float[Tensor, "draws scored"]:
    """The distribution function of each step's law at what was observed, for the same steps as `log_density`."""
    first = longest_lag(mechanism)
    x, environment = _along(mechanism, parameters, values, first)
    return _shaped(mechanism, parameters, values, first, law_cdf(mechanism.law, environment, x))


def _along(
    mechanism: Mechanism, parameters: Mapping[str, Draws], values: Mapping[str, Series], first: int
) -> tuple[Series, Environment]:
    """What was observed from step `first` on, and what names mean there."""
    end = len(values[mechanism.assigns])
    named = constants(mechanism)

    def parameter(name: str) -> Tensor:
        return named[name] if name in named else parameters[name].unsqueeze(-1)

    def variable(name: str, lag: int) -> Tensor:
        return values[name][first - lag : end - lag]

    def start(name: str) -> Tensor:
        return values[name][first - 1] if first else constant(torch.nan)

    def time() -> Tensor:
        return torch.arange(first + 1, end + 1, dtype=torch.float64)

    return variable(mechanism.assigns, 0), Environment(parameter, variable, start, time)


def _shaped(
    mechanism: Mechanism,
    parameters: Mapping[str, Draws],
    values: Mapping[str, Series],
    first: int,
    answer: Tensor,
) -> Float[Tensor, "draws scored"]:
    """The answer for every draw, NaN where a value that is read is missing."""
    end = len(values[mechanism.assigns])
    for name, lag in {(entry.name, entry.lag) for entry in mechanism.inputs} | {(mechanism.assigns, 0)}:
        answer = answer.masked_fill(torch.isnan(values[name][first - lag : end - lag]), torch.nan)
    draws = max((len(draw) for draw in parameters.values()), default=1)
    return answer.expand(draws, end - first)


def log_prior(mechanism: Mechanism, parameters: Mapping[str, Draws]) -> Draws:
    """The log prior density of the mechanism's parameters, added up; 0 where it has none."""
    total = torch.zeros(max((len(draw) for draw in parameters.values()), default=1), dtype=torch.float64)
    for name, prior in mechanism.priors.items():
        total = total + prior_density(mechanism, prior, parameters[name], parameters)
    return total


def prior_density(mechanism: Mechanism, prior: Law, x: Tensor, parameters: Mapping[str, Tensor] = NONE) -> Tensor:
    """The log density of one prior at `x`, of any shape, given the parameters that it reads."""
    named = constants(mechanism) | dict(parameters)
    return _law_density(prior, fixed_environment(lambda name: named[name]), x)


def fixed_environment(parameter: Callable[[str], Tensor] | None = None) -> Environment:
    """An environment without variables: what priors and initial laws may read."""

    def unknown(name: str, lag: int = 0) -> Tensor:
        raise AssertionError(f"the checker lets no variable into this law: {name}, lag {lag}")

    return Environment(unknown if parameter is None else parameter, unknown, unknown)


def _law_density(law: Law, environment: Environment, x: Tensor) -> Tensor:
    part = law_part(law, environment)
    valid = part.valid()
    if not valid.all():
        part = law_part(law, shielded(environment, valid))
    density = part.log_prob(x)
    return torch.where(valid, density, torch.full_like(density, -torch.inf))
