"""A law's draw, density, distribution function and mean as tensors, and Pyro's distribution, in one environment.

Every reading that needs a distribution goes through here, so that composite laws (`Truncated`, `Mixture`,
`ZeroInflated`) are known in one place. Tensors broadcast; everything is float64.
"""

from collections.abc import Callable

from jaxtyping import Bool, Float
from pyro.distributions.torch_distribution import TorchDistributionMixin
from torch import Tensor

from worldmodel.families.base import Family
from worldmodel.families.composite import Part, mixture, truncated, zero_inflated
from worldmodel.families.quantile_distribution import QuantileDistribution
from worldmodel.families.table import FAMILIES
from worldmodel.language.ir import Law
from worldmodel.readings.torch_expression import Environment, reading

Array = Float[Tensor, "..."]
Mask = Bool[Tensor, "..."]


def law_part(law: Law, environment: Environment) -> Part:
    """A law with its arguments worked out."""
    return law_reading(law)(environment)


def law_reading(law: Law) -> Callable[[Environment], Part]:
    """The same as a function of the environment, for those who ask many times."""
    arguments, parts = tuple(map(reading, law.arguments)), tuple(map(law_reading, law.parts))
    return lambda environment: _part(
        law.family,
        tuple(argument(environment) for argument in arguments),
        tuple(part(environment) for part in parts),
    )


def _part(family: str, arguments: tuple[Array, ...], parts: tuple[Part, ...]) -> Part:
    match family:
        case "Truncated":
            return truncated(parts[0], *arguments)
        case "Mixture":
            return mixture(arguments, parts)
        case "ZeroInflated":
            return zero_inflated(arguments[0], parts[0])
        case _:
            return Part(FAMILIES[family], arguments)


def law_quantile(law: Law, environment: Environment, u: Array) -> Array:
    """The draw for a uniform number."""
    return law_part(law, environment).quantile(u)


def law_log_prob(law: Law, environment: Environment, x: Array) -> Array:
    """The log density, minus infinity outside the support; meaningless where `law_valid` does not hold."""
    return law_part(law, environment).log_prob(x)


def law_cdf(law: Law, environment: Environment, x: Array) -> Array:
    """The distribution function."""
    return law_part(law, environment).cdf(x)


def law_mean(law: Law, environment: Environment) -> Array:
    """The mean."""
    return law_part(law, environment).mean()


def law_valid(law: Law, environment: Environment) -> Mask:
    """Where every argument lies in its domain."""
    return law_part(law, environment).valid()


def law_to_pyro(law: Law, environment: Environment) -> TorchDistributionMixin:
    """Pyro's distribution; of a composite law, one that draws by its quantile function."""
    part = law_part(law, environment)
    if law.parts:
        return QuantileDistribution(part)
    return part.family.to_pyro(*part.arguments)


def is_discrete(law: Law) -> bool:
    """Whether a law draws whole numbers only."""
    return first_leaf(law).signature.discrete


def first_leaf(law: Law) -> Family:
    """The family of a law, or of the first simple law that it is made of."""
    return first_leaf(law.parts[0]) if law.parts else FAMILIES[law.family]
