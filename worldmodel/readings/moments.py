"""A law's mean as an expression of the language, from its arguments: what is said, bounded or differentiated once."""

from functools import reduce

from worldmodel.language.algebra import divided, minus, plus, power, times
from worldmodel.language.ir import Call, Expression, Law, Number


def mean_expression(law: Law) -> Expression | None:
    """The mean of the law, each argument read as seldom as can be; None where the language has no formula for it.

    A Student-t law with a df that may be 1 or less has no mean there, and this is still its centre.

    >>> from worldmodel.language.parser import parse_law
    >>> from worldmodel.language.render import render
    >>> render(mean_expression(parse_law("LogNormal(m, s)")))
    'exp(m + s^2 / 2)'
    >>> render(mean_expression(parse_law("Beta(a, b)")))
    '1 / (1 + b / a)'
    """
    match law.family, law.arguments:
        case "Normal", (loc, _):
            return loc
        case "StudentT", (_, loc, _):
            return loc
        case "LogNormal", (log_median, log_scale):
            return Call("exp", (plus(log_median, divided(power(log_scale, Number(2.0)), Number(2.0))),))
        case "HalfNormal", (scale,):
            return times(scale, Number((2 / 3.141592653589793) ** 0.5))
        case "Beta", (alpha, beta):
            return divided(Number(1.0), plus(Number(1.0), divided(beta, alpha)))
        case "Gamma", (shape, rate):
            return divided(shape, rate)
        case "Exponential", (rate,):
            return divided(Number(1.0), rate)
        case "Uniform", (low, high):
            return divided(plus(low, high), Number(2.0))
        case (("Bernoulli" | "Poisson" | "Delta"), (mean,)):
            return mean
        case "NegativeBinomial", (mean, _):
            return mean
        case "Binomial", (trials, probability):
            return times(trials, probability)
        case "Categorical", weights:
            return _weighted([Number(float(place)) for place in range(len(weights))], weights)
        case "ZeroInflated", (probability,):
            inner = mean_expression(law.parts[0])
            return None if inner is None else times(minus(Number(1.0), probability), inner)
        case "Mixture", weights:
            means = [mean_expression(part) for part in law.parts]
            return None if None in means else _weighted([mean for mean in means if mean is not None], weights)
        case "Truncated", _:
            return None
        case family, arguments:
            raise AssertionError(f"the checker lets no {family} with {len(arguments)} arguments through")


def _weighted(values: list[Expression], weights: tuple[Expression, ...]) -> Expression:
    total = reduce(plus, [times(weight, value) for weight, value in zip(weights, values, strict=True)])
    return divided(total, reduce(plus, weights))
