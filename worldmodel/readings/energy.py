"""The energy view of a law: E(x) = −log density, the law at an inverse temperature, and its thermodynamics.

`tempering` says in the law's own arguments what the law at β is; here arguments are numbers, so that log Z, the mean
energy and their like are numbers too, and laws without a formula are summed or integrated where that is sure.
"""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from worldmodel.errors import InputError, Problem
from worldmodel.language.algebra import number
from worldmodel.language.ir import Law, Parameter
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.readings.base_measure import GibbsMeasure
from worldmodel.readings.levels import arguments, energy_levels
from worldmodel.readings.log_density import constant, fixed_environment
from worldmodel.readings.tempering import temper
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import is_discrete, law_log_prob, law_quantile, law_valid

_BETA = "β"
_NUMBERS = fixed_environment()


@dataclass(frozen=True)
class Tempered:
    """A law of numbers at an inverse temperature.

    `law` is the tempered law in the language, or None where no family is it; `levels` holds the points that log Z was
    worked out on where it has no formula. Energies are in nats against the law's base measure; `error` is the relative
    error of Z.
    """

    beta: float
    log_partition: float
    mean_energy: float
    entropy: float
    heat_capacity: float
    law: Law | None
    levels: GibbsMeasure | None
    error: float = 0.0


def energy(law: Law, environment: Environment, x: Tensor) -> Tensor:
    """−log density at `x`, infinite outside the support; meaningless where the arguments leave their domains."""
    return -law_log_prob(law, environment, x)


def with_numbers(law: Law, environment: Environment) -> Law:
    """The law with every argument worked out, each of which must be one number.

    Raises:
        InputError: `out-of-domain` where the arguments lie outside their domains.
    """
    if not bool(law_valid(law, environment).all()):
        raise InputError(_invalid(law, environment))
    values = tuple(map(number, _values(law, environment)))
    return replace(law, arguments=values, parts=tuple(with_numbers(part, environment) for part in law.parts))


def _values(law: Law, environment: Environment) -> list[float]:
    return [float(evaluate(argument, environment)) for argument in law.arguments]


def temper_numbers(law: Law, beta: float) -> Law:
    """`tempering.temper`, which also knows a continuous law with a mass at 0, given that all arguments are literal.

    Raises:
        InputError: `does-not-normalise` or `no-closed-form`.
    """
    if law.family != "ZeroInflated" or is_discrete(law) or beta == 1:
        return temper(law, beta)
    (probability,) = arguments(law)
    part = law.parts[0]
    zero, rest = _log_masses(probability, constant(beta), constant(0.0))
    if probability < 1:
        inner = temper_numbers(part, beta)
        zero, rest = _log_masses(probability, constant(beta), log_partition(part, constant(beta)))
    else:
        inner = part
    share = float(torch.softmax(torch.stack([zero, rest]), dim=0)[0])
    return replace(law, arguments=(number(share),), parts=(inner,))


def log_partition(law: Law, beta: Tensor) -> Tensor:
    """log Z(β) of a law of literal numbers whose tempered law the language knows; differentiable twice in β.

    Since the law at β is p^β / Z, log Z is β log p(x) less the log density of the law at β, at any one x.
    """
    if law.family == "ZeroInflated" and not is_discrete(law):
        (probability,) = arguments(law)
        inner = log_partition(law.parts[0], beta) if probability < 1 else constant(0.0)
        return torch.logsumexp(torch.stack(_log_masses(probability, beta, inner)), dim=0)
    if law.family == "Truncated" and beta.item() <= 0:
        return energy_levels(law, beta.item()).log_partition_of(beta)
    x = law_quantile(law, _NUMBERS, constant(0.5)).detach()
    tempered = temper(law, Parameter(_BETA))
    return beta * law_log_prob(law, _NUMBERS, x) - law_log_prob(
        tempered, fixed_environment({_BETA: beta}.__getitem__), x
    )


def _log_masses(probability: float, beta: Tensor, inner: Tensor) -> tuple[Tensor, Tensor]:
    """The logarithms of what 0 and the rest weigh at β; what has probability 0 is no part of the support."""
    nothing = constant(-math.inf)
    zero = beta * math.log(probability) if probability > 0 else nothing
    rest = beta * math.log1p(-probability) + inner if probability < 1 else nothing
    return zero, rest


def tempered(law: Law, beta: float) -> Tempered:
    """A law of literal numbers at an inverse temperature, in closed form or summed or integrated.

    Raises:
        InputError: `does-not-normalise`, or `no-closed-form` where it can be neither said nor worked out surely.
    """
    closed = None
    try:
        closed = temper_numbers(law, beta)
        return _closed(law, beta, closed)
    except InputError as error:
        if any(problem.code != "no-closed-form" for problem in error.problems):
            raise
        # At β = 1 a law is itself, though there is no formula for its log Z around it.
        return replace(_numeric(law, beta), law=closed)


def _numeric(law: Law, beta: float) -> Tempered:
    levels = energy_levels(law, beta)
    return Tempered(
        beta,
        levels.log_partition(beta),
        levels.mean_energy(beta),
        levels.entropy(beta),
        levels.heat_capacity(beta),
        None,
        levels,
        levels.error,
    )


def _closed(law: Law, beta: float, closed: Law) -> Tempered:
    """log Z by its formula, the mean energy and the heat capacity from its first two derivatives."""
    at = constant(beta).requires_grad_()
    value = log_partition(law, at)
    slope = _derivative(value, at)
    curvature = _derivative(slope, at)
    mean = -slope.item()
    return Tempered(beta, value.item(), mean, beta * mean + value.item(), beta**2 * curvature.item(), closed, None)


def _derivative(value: Tensor, at: Tensor) -> Tensor:
    if not value.requires_grad:
        return torch.zeros_like(at)
    return torch.autograd.grad(value, at, create_graph=True, materialize_grads=True)[0]


def _invalid(law: Law, environment: Environment) -> Problem:
    leaves = [node for node in walk(law) if isinstance(node, Law)]
    values = [f"{node.family}({', '.join(f'{value:g}' for value in _values(node, environment))})" for node in leaves]
    return Problem(
        code="out-of-domain",
        where=render(law),
        found=f"its arguments are {', '.join(values)}",
        wanted="arguments in the domains of their slots",
        mend="give other values for what the law reads",
    )
