"""The energy levels of laws without a formula for their powers: sums over counts, integrals over bounded ranges.

Counts are cut off where a bound on all that follows is negligible. From a count on, the ratio of neighbouring
probabilities stays below some ρ < 1, so that what follows is at most the next term over 1 − ρ; of a mixture the powers
of the parts bound the power of the sum.
"""

import math
from functools import reduce
from itertools import pairwise

import torch

from worldmodel.language.ir import Law
from worldmodel.readings.base_measure import GibbsMeasure, Points, double_exponential, with_error
from worldmodel.readings.log_density import fixed_environment
from worldmodel.readings.refusals import does_not_normalise, no_closed_form
from worldmodel.readings.torch_expression import evaluate
from worldmodel.readings.torch_law import is_discrete, law_log_prob

LARGEST_ERROR = 1e-8
"""The relative error in Z beyond which an integral is refused."""
_NEGLIGIBLE = 1e-15
_MOST_COUNTS = 2**20
_ENVIRONMENT = fixed_environment()


def energy_levels(law: Law, beta: float) -> GibbsMeasure:
    """The points that matter for a law of literal numbers at β, with their energies.

    Raises:
        InputError: `does-not-normalise`, or `no-closed-form` where neither a sum nor an integral is sure enough.
    """
    if is_discrete(law):
        return _counts(law, beta)
    if law.family == "ZeroInflated":
        return _with_atom(law, beta)
    ends = support_ends(law)
    if ends is None:
        reason = "it has neither a formula nor a bounded range to integrate over"
        raise no_closed_form(law, beta, reason)
    return _integral(law, beta, ends)


def arguments(law: Law) -> list[float]:
    """The law's literal arguments as numbers."""
    return [float(evaluate(argument, _ENVIRONMENT)) for argument in law.arguments]


def support_ends(law: Law) -> list[float] | None:
    """Where the density of a continuous law starts, ends or jumps; None where its range is unbounded."""
    match law.family:
        case "Uniform":
            return arguments(law)
        case "Beta":
            return [0.0, 1.0]
        case "Truncated":
            low, high = arguments(law)
            part = law.parts[0].family
            inner = support_ends(law.parts[0]) or [-math.inf if part == "Normal" else 0.0, math.inf]
            return [max(low, inner[0]), min(high, inner[-1])]
        case "Mixture":
            found = [support_ends(part) for part in law.parts]
            known = [ends for ends in found if ends is not None]
            return sorted({end for ends in known for end in ends}) if len(known) == len(found) else None
        case _:
            return None


def _integral(law: Law, beta: float, ends: list[float]) -> GibbsMeasure:
    """The double-exponential rule on each stretch between the density's jumps."""
    pieces = [double_exponential(low, high) for low, high in pairwise(ends)]
    found = [with_error(points, weights, -_log_prob(law, points), beta) for points, weights in pieces]
    measure = reduce(_joined, found)
    if not measure.error < LARGEST_ERROR:
        reason = f"its integral does not settle: two quadratures differ by a share of {measure.error:.1e}"
        raise no_closed_form(law, beta, reason)
    return measure


def _joined(first: GibbsMeasure, second: GibbsMeasure) -> GibbsMeasure:
    return GibbsMeasure(
        torch.cat([first.points, second.points]),
        torch.cat([first.log_weights, second.log_weights]),
        torch.cat([first.energies, second.energies]),
        max(first.error, second.error),
    )


def _with_atom(law: Law, beta: float) -> GibbsMeasure:
    """A continuous law's levels, each with the energy of not being 0, and the point 0."""
    (probability,) = arguments(law)
    inner = energy_levels(law.parts[0], beta)
    zero = torch.zeros(1, dtype=torch.float64)
    atom = torch.full((1,), -math.log(probability) if probability else math.inf, dtype=torch.float64)
    rest = inner.energies - (math.log1p(-probability) if probability < 1 else -math.inf)
    return GibbsMeasure(
        torch.cat([zero, inner.points]), torch.cat([zero, inner.log_weights]), torch.cat([atom, rest]), inner.error
    )


def _counts(law: Law, beta: float) -> GibbsMeasure:
    last = greatest_count(law)
    if math.isfinite(last):
        return _first_counts(law, int(last) + 1, 0.0)
    if beta <= 0:
        what = "a negative power grows without bound" if beta else "the uniform law has no finite mass"
        raise does_not_normalise(law, beta, f"{what} on 0, 1, 2, …")
    count = 16
    while count <= _MOST_COUNTS:
        levels = _first_counts(law, count, 0.0)
        share = math.exp(min(0.0, log_tail(law, beta, count) - levels.log_partition(beta)))
        if share < _NEGLIGIBLE:
            return GibbsMeasure(levels.points, levels.log_weights, levels.energies, share)
        count *= 2
    raise no_closed_form(law, beta, f"more than {_MOST_COUNTS:,} counts would matter")


def _first_counts(law: Law, count: int, error: float) -> GibbsMeasure:
    if count > _MOST_COUNTS:
        raise no_closed_form(law, 0.0, f"more than {_MOST_COUNTS:,} counts")
    points = torch.arange(count, dtype=torch.float64)
    return GibbsMeasure(points, torch.zeros_like(points), -_log_prob(law, points), error)


def greatest_count(law: Law) -> float:
    """The greatest whole number that a discrete law can draw."""
    match law.family:
        case "Bernoulli":
            return 1.0
        case "Categorical":
            return float(len(law.arguments) - 1)
        case "Binomial":
            return arguments(law)[0]
        case "Poisson":
            return math.inf if arguments(law)[0] > 0 else 0.0
        case "Mixture" | "ZeroInflated":
            return max(greatest_count(part) for part in law.parts)
        case _:
            return math.inf


def log_tail(law: Law, beta: float, count: int) -> float:
    """An upper bound on the logarithm of the sum of p(k)^β over k ≥ count, for β > 0 and count ≥ 1."""
    match law.family:
        case "Poisson":
            (mean,) = arguments(law)
            return _geometric(law, beta, count, mean / (count + 1))
        case "NegativeBinomial":
            mean, concentration = arguments(law)
            # The ratio q (k + r) / (k + 1) falls towards q if r > 1 and rises towards it otherwise.
            growth = max((count + concentration) / (count + 1), 1.0)
            return _geometric(law, beta, count, mean / (mean + concentration) * growth)
        case "ZeroInflated":
            (probability,) = arguments(law)
            return beta * _log(1 - probability) + log_tail(law.parts[0], beta, count)
        case "Mixture":
            return _mixture_tail(law, beta, count)
        case _:
            return -math.inf if count > greatest_count(law) else math.inf


def _mixture_tail(law: Law, beta: float, count: int) -> float:
    """(Σ aᵢ)^β is at most Σ aᵢ^β for β ≤ 1, and at most n^(β−1) Σ aᵢ^β above."""
    weights = arguments(law)
    parts = [
        beta * _log(weight / sum(weights)) + log_tail(part, beta, count)
        for weight, part in zip(weights, law.parts, strict=True)
        if weight > 0
    ]
    most = max(parts)
    total = most + math.log(sum(math.exp(part - most) for part in parts)) if math.isfinite(most) else most
    return total + max(beta - 1, 0.0) * math.log(len(weights))


def _geometric(law: Law, beta: float, count: int, ratio: float) -> float:
    if ratio >= 1:
        return math.inf
    first = beta * float(_log_prob(law, torch.tensor([float(count)], dtype=torch.float64)))
    return first - math.log1p(-(ratio**beta))


def _log(x: float) -> float:
    return math.log(x) if x > 0 else -math.inf


def _log_prob(law: Law, points: Points) -> Points:
    found = law_log_prob(law, _ENVIRONMENT, points)
    return torch.where(torch.isnan(found), torch.full_like(found, -torch.inf), found).expand(points.shape)
