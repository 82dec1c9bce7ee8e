"""A law's draw, density, distribution function and mean as tensors, and Pyro's distribution, in one environment.

Every reading that needs a distribution goes through here, so that composite laws (`Truncated`, `Mixture`,
`ZeroInflated`) are known in one place. Tensors broadcast; everything is float64.
"""

from jaxtyping import Bool, Float
from pyro.distributions.torch_distribution import TorchDistributionMixin
from torch import Tensor

from worldmodel.families.table import FAMILIES
from worldmodel.language.ir import Law
from worldmodel.readings.torch_expression import Environment, evaluate

Array = Float[Tensor, "..."]
Mask = Bool[Tensor, "..."]


def _arguments(law: Law, environment: Environment) -> list[Array]:
    return [evaluate(argument, environment) for argument in law.arguments]


def law_quantile(law: Law, environment: Environment, u: Array) -> Array:
    """The draw for a uniform number."""
    return FAMILIES[law.family].quantile(u, *_arguments(law, environment))


def law_log_prob(law: Law, environment: Environment, x: Array) -> Array:
    """The log density, minus infinity outside the support; meaningless where `law_valid` does not hold."""
    return FAMILIES[law.family].log_prob(x, *_arguments(law, environment))


def law_cdf(law: Law, environment: Environment, x: Array) -> Array:
    """The distribution function."""
    return FAMILIES[law.family].cdf(x, *_arguments(law, environment))


def law_mean(law: Law, environment: Environment) -> Array:
    """The mean."""
    return FAMILIES[law.family].mean(*_arguments(law, environment))


def law_valid(law: Law, environment: Environment) -> Mask:
    """Where every argument lies in its domain."""
    return FAMILIES[law.family].valid(*_arguments(law, environment))


def law_to_pyro(law: Law, environment: Environment) -> TorchDistributionMixin:
    """Pyro's distribution."""
    return FAMILIES[law.family].to_pyro(*_arguments(law, environment))
