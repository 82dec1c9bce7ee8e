"""Description length in bits: of a law, as a prefix code over its nodes, and of what was learned from data.

A node costs −log₂ of the probability of its kind and then what tells it from others of that kind; its children follow.
Summed over all expressions, 2^−bits is at most 1, so a law's bits are the length of a message that a decoder who knows
the names in scope can read. Whole numbers n ≥ 1 cost 2⌊log₂ n⌋ + 1 bits (Elias gamma); a number is its decimal digits
as a whole number and a power of ten, so that precision is what it costs.

A learned mean costs −log₂ of the prior mass of its grid cell: exactly what it says beyond the prior.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, assert_never

import numpy as np
import torch

from worldmodel.components.numbers import numbers_of
from worldmodel.components.posterior import ParameterPosterior, PosteriorFile
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Lookup,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.language.signatures import AGGREGATES, FUNCTIONS, LAWS
from worldmodel.readings.log_density import constant
from worldmodel.readings.posterior_scale import interval, prior_log_density, to_natural
from worldmodel.scope import mechanism_scope, world_scope
from worldmodel.world import Mechanism, World

NOTHING: Mapping[str, float] = MappingProxyType({})

_KINDS: Mapping[type, float] = {
    Parameter: 1 / 4,
    Variable: 1 / 4,
    Binary: 1 / 4,
    Number: 1 / 8,
    Call: 1 / 16,
    **dict.fromkeys((Negate, Compare, Logical, Not, If, Start, Time, Aggregate), 1 / 128),
}
_ARITHMETIC = math.log2(5)
_COMPARISONS = math.log2(6)
_AGGREGATES = math.log2(len(AGGREGATES))


@dataclass(frozen=True)
class Scope:
    """How many names a reader chooses from: numbers and values by name, variables, index names, and index sets."""

    parameters: int
    variables: int
    places: int = 0
    sets: int = 0


def whole_number_bits(number: int) -> float:
    """The length of the Elias gamma code of a number from 1 on."""
    return 2 * math.floor(math.log2(number)) + 1


def number_bits(value: float) -> float:
    """A nonnegative literal: its shortest decimal digits without trailing zeros, and its power of ten with a sign."""
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    power = int(exponent)
    mantissa = int("".join(map(str, digits)))
    zigzag = 2 * power if power >= 0 else -2 * power - 1
    return whole_number_bits(mantissa + 1) + whole_number_bits(zigzag + 1)


def expression_bits(node: Expression, scope: Scope) -> float:
    """The length of an expression's code."""
    kind = -math.log2(_KINDS[type(node)])
    match node:
        case Number(value):
            return kind + number_bits(value) if value >= 0 else expression_bits(Negate(Number(-value)), scope)
        case Parameter(_, places):
            return kind + math.log2(scope.parameters + scope.places) + _sum(places, scope)
        case Variable(_, lag, places):
            return kind + math.log2(scope.variables) + whole_number_bits(lag + 1) + _places(places, scope)
        case Start(_, places):
            return kind + math.log2(scope.variables) + _places(places, scope)
        case Time():
            return kind
        case Negate(operand) | Not(operand):
            return kind + expression_bits(operand, scope)
        case Binary(_, left, right):
            return kind + _ARITHMETIC + _sum((left, right), scope)
        case Compare(_, left, right):
            return kind + _COMPARISONS + _sum((left, right), scope)
        case Logical(_, left, right):
            return kind + 1 + _sum((left, right), scope)
        case If(condition, then, otherwise):
            return kind + _sum((condition, then, otherwise), scope)
        case Call(function, arguments):
            more = FUNCTIONS[function].most is None
            count = whole_number_bits(len(arguments) - FUNCTIONS[function].fewest + 1) if more else 0.0
            return kind + math.log2(len(FUNCTIONS)) + count + _sum(arguments, scope)
        case Aggregate(_, body, over):
            named = replace(scope, places=scope.places + len(over))
            sets = whole_number_bits(len(over)) + len(over) * math.log2(max(scope.sets, 1))
            return kind + _AGGREGATES + sets + expression_bits(body, named)
        case Lookup():
            raise AssertionError("a text's length is that of what people read, before it is grounded")
        case _:
            assert_never(node)


def _places(places: tuple[str, ...], scope: Scope) -> float:
    return len(places) * math.log2(max(scope.places, 1))


def law_bits(law: Law, scope: Scope) -> float:
    """The length of a law's code: its family, how many arguments where that is open, the arguments and the parts."""
    signature = LAWS[law.family]
    count = whole_number_bits(len(law.arguments)) if signature.repeated else 0.0
    parts = sum(law_bits(part, scope) for part in law.parts)
    return math.log2(len(LAWS)) + count + _sum(law.arguments, scope) + parts


def mechanism_bits(mechanism: Mechanism, world: World) -> float:
    """The bits of a mechanism's law, bindings, priors, constants and tables together."""
    file = mechanism.file
    names = world_scope(world.header, world.variables)
    own = mechanism_scope(names, mechanism)
    values = {name for domain in (*names.indices.values(), *names.values.values()) for name in domain}
    scope = Scope(len(own.declared), len(world.variables), len(own.bound) + len(values), len(names.indices))
    laws = law_bits(mechanism.law, scope) + _sum(tuple(mechanism.bindings.values()), scope)
    priors = sum(law_bits(prior, scope) for _, prior in sorted(mechanism.priors.items()))
    fixed = sum(1 + number_bits(entry.value) for _, entry in sorted(file.constants.items()))
    tables = sum(1 + number_bits(value) for _, entry in sorted(file.tables.items()) for value in numbers_of(entry.rows))
    return laws + priors + fixed + tables


def mean_bits(prior: Law, entry: ParameterPosterior, given: Mapping[str, float] = NOTHING) -> float:
    """−log₂ of the prior mass of the grid cell around a posterior mean, to a hundredth of a bit.

    A hierarchical prior is taken at the posterior means of the parameters that it reads, which are sent before.

    By Gauss–Legendre quadrature of the prior density on the unconstrained scale, which is right far out in a tail too.
    """
    points, weights = np.polynomial.legendre.leggauss(32)
    z = torch.from_numpy(entry.mean + entry.grid / 2 * points)
    log_mass = torch.logsumexp(
        prior_log_density(prior, entry.scale, z, _tensors(given)) + torch.from_numpy(np.log(weights * entry.grid / 2)),
        dim=0,
    )
    return round(max(0.0, -log_mass.item() / math.log(2)), 2)


def _tensors(given: Mapping[str, float]) -> dict[str, torch.Tensor]:
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in given.items()}


def learned_bits(posterior: PosteriorFile, mechanism: Mechanism) -> dict[str, float]:
    """What each learned mean of a posterior says beyond its prior; the mechanism is a grounded one."""
    fixed = {name: entry.value for name, entry in mechanism.file.constants.items()}
    means = fixed | {
        name: to_natural(entry.scale, constant(entry.mean), interval(mechanism.priors[name])).item()
        for name, entry in posterior.parameters.items()
    }
    return {name: mean_bits(mechanism.priors[name], posterior.parameters[name], means) for name in posterior.order}


def learned_numbers(world: World) -> list[dict[str, Any]]:
    """Every learned number of a world, in order of component and parameter, with the bits that it carries."""
    owners = {mechanism.owner: mechanism for mechanism in ground(world).mechanisms.values()}
    return [
        {
            "component": f"posteriors/{name}.toml",
            "parameter": parameter,
            "value": posterior.parameters[parameter].mean,
            "sd": posterior.parameters[parameter].sd,
            "scale": posterior.parameters[parameter].scale,
            "grid": posterior.parameters[parameter].grid,
            "bits": bits,
            "method": posterior.method,
        }
        for name, posterior in sorted(world.posteriors.items())
        for parameter, bits in sorted(learned_bits(posterior, owners[name]).items())
    ]


def _sum(nodes: tuple[Expression, ...], scope: Scope) -> float:
    return sum(expression_bits(node, scope) for node in nodes)
