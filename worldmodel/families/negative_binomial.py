"""NegativeBinomial(mean, concentration): a Poisson whose mean is Gamma; variance mean + mean² / concentration.

Draws carry no gradient.
"""

import pyro.distributions as dist
import scipy.special as special
import torch

from worldmodel.families.base import Array, Family, inside, is_count, outside_is_impossible
from worldmodel.families.discrete import corrected, floor_or_nothing, rounded_up
from worldmodel.families.implicit import Numbers, from_numpy, to_numpy
from worldmodel.language.signatures import FAMILIES


def _reached(count: Numbers, mean: Numbers, concentration: Numbers) -> Numbers:
    share = concentration / (concentration + mean)
    value: Numbers = (count >= 0) * special.betainc(concentration, count.clip(min=0) + 1, share)
    return value


def quantile(u: Array, mean: Array, concentration: Array) -> Array:
    """The smallest count whose distribution function reaches `u`."""
    level, m, r = to_numpy(u), to_numpy(mean), to_numpy(concentration)
    guess = rounded_up(special.nbdtrik(level, r, r / (r + m)))
    below = (guess > 0) & (_reached(guess - 1, m, r) >= level)
    return corrected(guess, below, _reached(guess, m, r) >= level)


def log_prob(x: Array, mean: Array, concentration: Array) -> Array:
    """The log mass."""
    counted = is_count(x)
    x = inside(counted, x, 0.0)
    ways = torch.lgamma(x + concentration) - torch.lgamma(concentration) - torch.lgamma(x + 1)
    both = torch.log(concentration + mean)
    mass = ways + concentration * (torch.log(concentration) - both) + x * (torch.log(mean) - both)
    return outside_is_impossible(counted, mass)


def cdf(x: Array, mean: Array, concentration: Array) -> Array:
    """The distribution function, without gradient."""
    return from_numpy(_reached(to_numpy(floor_or_nothing(x)), to_numpy(mean), to_numpy(concentration)))


def mean_(mean: Array, concentration: Array) -> Array:
    """`mean`."""
    value: Array = torch.broadcast_tensors(mean, concentration)[0]
    return value


def to_pyro(mean: Array, concentration: Array) -> dist.NegativeBinomial:
    """Pyro's distribution."""
    return dist.NegativeBinomial(total_count=concentration, logits=torch.log(mean / concentration))


NEGATIVE_BINOMIAL = Family(
    FAMILIES["NegativeBinomial"], quantile, log_prob, cdf, mean_, to_pyro, r"\operatorname{NegativeBinomial}"
)
