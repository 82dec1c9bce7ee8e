"""Tempering: a law's density to a power, as a law of the language again.

With the energy E(x) = −log p(x), the law at inverse temperature β has the density exp(−β E(x)) / Z(β) against the base
measure of the family. 1 is the law itself, 0 is uniform on the support, greater ones are sharper, and negative ones
prefer what the law finds unlikely. Most families are closed under this, so that the answer is a text, in the law's own
arguments, which people can read and every other reading takes.
"""

import math
from dataclasses import replace
from functools import reduce

from worldmodel.language.algebra import ONE, ZERO, call, divided, minus, number, plus, power, times
from worldmodel.language.ir import Call, Compare, Expression, If, Law, Number
from worldmodel.language.walk import literal_value
from worldmodel.readings.refusals import does_not_normalise, no_closed_form

MOST_CASES = 100
"""A `Binomial` of more trials is not written as a list of its cases."""

_UNBOUNDED = {
    "Normal": "(−∞, ∞)",
    "StudentT": "(−∞, ∞)",
    "LogNormal": "(0, ∞)",
    "HalfNormal": "[0, ∞)",
    "Exponential": "[0, ∞)",
    "Gamma": "(0, ∞)",
    "Poisson": "0, 1, 2, …",
    "NegativeBinomial": "0, 1, 2, …",
}


def temper(law: Law, beta: float | Expression) -> Law:
    """The law at an inverse temperature, written in the law's own arguments.

    What depends on arguments that are not literal (a `Beta` whose exponents go below 0) is decided by the domains of
    the answer's arguments, as in every law.

    Raises:
        InputError: `does-not-normalise` where the power has no finite integral, `no-closed-form` where it has one but
            no family of the language is its law (`worldmodel.readings.energy` then works it out for given numbers).

    >>> from worldmodel.language.parser import parse_law
    >>> from worldmodel.language.render import render
    >>> render(temper(parse_law("Normal(m, s)"), 4.0))
    'Normal(m, s / 2)'
    >>> render(temper(parse_law("Beta(a, 3)"), -0.25))
    'Beta(1 - 0.25 * (a - 1), 0.5)'
    """
    if isinstance(beta, float | int):
        if not math.isfinite(beta):
            raise does_not_normalise(law, beta, "an inverse temperature is a finite number")
        beta = number(beta)
    value = literal_value(beta)
    if value == 1:
        return law
    if law.family == "Poisson" and literal_value(law.arguments[0]) == 0:
        return Law("Delta", (ZERO,), at=law.at)
    if value is not None and value <= 0 and law.family in _UNBOUNDED:
        raise does_not_normalise(law, beta, _growth(law.family, value))
    return _checked(law, beta, _tempered(law, beta))


def _tempered(law: Law, beta: Expression) -> Law:
    match law.family, law.arguments:
        case "Normal", (loc, scale):
            return replace(law, arguments=(loc, divided(scale, _root(beta))))
        case "HalfNormal", (scale,):
            return replace(law, arguments=(divided(scale, _root(beta)),))
        case "LogNormal", (log_median, log_scale):
            shift = times(divided(minus(ONE, beta), beta), power(log_scale, Number(2.0)))
            return replace(law, arguments=(plus(log_median, shift), divided(log_scale, _root(beta))))
        case "StudentT", (df, loc, scale):
            wider = minus(times(beta, plus(df, ONE)), ONE)
            return replace(law, arguments=(wider, loc, times(scale, _root(divided(df, wider)))))
        case "Exponential", (rate,):
            return replace(law, arguments=(times(beta, rate),))
        case "Gamma", (shape, rate):
            return replace(law, arguments=(_exponent(beta, shape), times(beta, rate)))
        case "Beta", (alpha, other):
            return replace(law, arguments=(_exponent(beta, alpha), _exponent(beta, other)))
        case (("Uniform" | "Delta"), _):
            return law
        case "Truncated", _:
            return _truncated(law, beta)
        case _:
            return _discrete(law, beta)


def _discrete(law: Law, beta: Expression) -> Law:
    match law.family, law.arguments:
        case "Bernoulli", (probability,):
            return replace(law, arguments=(_odds_power(probability, beta),))
        case "Categorical", weights:
            return replace(law, arguments=_scaled_weights(weights, beta))
        case "Binomial", (trials, probability):
            return _binomial(law, trials, probability, beta)
        case _:
            raise no_closed_form(law, beta, f"no family of the language is a {law.family} to a power")


def _root(x: Expression) -> Expression:
    value = literal_value(x)
    return number(math.sqrt(value)) if value is not None and value >= 0 else call("sqrt", x)


def _exponent(beta: Expression, shape: Expression) -> Expression:
    """β (shape − 1) + 1."""
    value = literal_value(beta)
    if value is not None and value < 0 and literal_value(shape) is None:
        return minus(ONE, times(number(-value), minus(shape, ONE)))
    return plus(times(beta, minus(shape, ONE)), ONE)


def _odds_power(probability: Expression, beta: Expression) -> Expression:
    """p^β / (p^β + (1 − p)^β), where what has probability 0 is no part of the support and stays out of it."""
    rest = minus(ONE, probability)
    known, value = literal_value(probability), literal_value(beta)
    if known in (0, 1):
        return probability
    if known is not None and value is not None:
        return number(_shares([value * math.log(known), value * math.log1p(-known)])[0])
    tilted = call("logistic", times(beta, minus(call("log", probability), call("log", rest))))
    certain = Compare("==", times(probability, rest), ZERO)
    return tilted if known is not None else If(certain, probability, tilted)


def _scaled_weights(weights: tuple[Expression, ...], beta: Expression) -> tuple[Expression, ...]:
    """The weights to the power, each at most 1; one that is 0 is no part of the support."""
    literals = [literal_value(weight) for weight in weights]
    value = literal_value(beta)
    if value is not None and None not in literals:
        return tuple(map(number, _shares([math.log(weight) * value if weight else -math.inf for weight in literals])))
    if value is not None and value > 0:
        return tuple(power(weight, beta) for weight in weights)
    powers: list[Expression] = [If(Compare(">", weight, ZERO), power(weight, beta), ZERO) for weight in weights]
    total = reduce(plus, powers)
    return tuple(divided(one, total) for one in powers)


def _shares(logs: list[float]) -> list[float]:
    """What numbers are of their sum, from their logarithms."""
    sizes = [math.exp(log - max(logs)) for log in logs]
    return [size / sum(sizes) for size in sizes]


def _binomial(law: Law, trials: Expression, probability: Expression, beta: Expression) -> Law:
    """The cases 0 … n as a `Categorical`, each with the odds to its count and the number of ways, all to the power."""
    count = literal_value(trials)
    known = literal_value(probability)
    if count is None or count > MOST_CASES:
        reason = f"the number of trials must be a literal, at most {MOST_CASES}"
        raise no_closed_form(law, beta, reason)
    if known in (0, 1) or count == 0:
        return Law("Delta", (times(trials, probability),), at=law.at)
    ways = [math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1) for k in range(int(count) + 1)]
    if known is not None:
        odds = math.log(known) - math.log1p(-known)
        logs = [way + k * odds for k, way in enumerate(ways)]
        return Law(
            "Categorical", _scaled_weights(tuple(number(math.exp(x - max(logs))) for x in logs), beta), at=law.at
        )
    rest = minus(ONE, probability)
    masses = [
        times(number(math.exp(way)), times(power(probability, number(k)), power(rest, number(count - k))))
        for k, way in enumerate(ways)
    ]
    return Law("Categorical", _scaled_weights(tuple(masses), beta), at=law.at)


def _truncated(law: Law, beta: Expression) -> Law:
    """The part at β between the same ends; at 0 uniform between them, as far as the part's support goes."""
    part, value = law.parts[0], literal_value(beta)
    if value is not None and value <= 0 and part.family in _UNBOUNDED:
        if value < 0:
            reason = (
                f"between its ends the {part.family} has a finite integral, but no family of the language is its law"
            )
            raise no_closed_form(law, beta, reason)
        low, high = law.arguments
        return Law("Uniform", (low if part.family == "Normal" else _from_zero(low), high), at=law.at)
    return replace(law, parts=(temper(part, beta),))


def _from_zero(low: Expression) -> Expression:
    value = literal_value(low)
    return number(max(value, 0.0)) if value is not None else Call("max", (low, ZERO))


def _checked(law: Law, beta: Expression, tempered: Law) -> Law:
    """The tempered law, refused where a literal shape of it is not positive."""
    shapes = {"StudentT": 1, "Gamma": 1, "Beta": 2}.get(tempered.family, 0)
    for argument in tempered.arguments[:shapes]:
        value = literal_value(argument)
        if value is not None and not value > 0:
            raise does_not_normalise(law, beta, _EXPLODES[law.family])
    return tempered


_EXPLODES = {
    "StudentT": "β (df + 1) must be above 1: the tails fall too slowly to have a finite integral on (−∞, ∞)",
    "Gamma": "β (shape − 1) must be above −1: the power grows too fast towards 0",
    "Beta": "β (alpha − 1) and β (beta − 1) must be above −1: the power grows too fast towards 0 or 1",
}


def _growth(family: str, beta: float) -> str:
    where = _UNBOUNDED[family]
    if beta == 0:
        return f"the uniform law on {where} has no finite mass"
    return f"the density to a negative power grows without bound on {where}"
