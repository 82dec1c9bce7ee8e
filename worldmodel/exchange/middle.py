"""One number for each parameter, where a format has room for no more: the median of what is known of it.

A point is not a belief: what a model checker proves at it holds there and nowhere else.
"""

import torch
from torch import Tensor

from worldmodel.components.posterior import PosteriorFile
from worldmodel.grounding.ground import ground
from worldmodel.readings.log_density import constants, fixed_environment
from worldmodel.readings.posterior_scale import interval, to_natural
from worldmodel.readings.torch_law import law_quantile
from worldmodel.simulation.draws import owners
from worldmodel.world import Mechanism, World


def middle_parameters(world: World) -> dict[str, float]:
    """`owner.parameter` to the median of its posterior, or of its prior where nothing was fitted.

    A prior that reads other parameters is taken at their medians.
    """
    found: dict[str, float] = {}
    for owner, mechanism in sorted(owners(ground(world)).items()):
        posterior = world.posteriors.get(owner)
        own = _of_priors(mechanism) if posterior is None else _of_posterior(mechanism, posterior)
        found |= {f"{owner}.{name}": float(value) for name, value in own.items()}
    return found


def _of_priors(mechanism: Mechanism) -> dict[str, Tensor]:
    half = torch.tensor(0.5, dtype=torch.float64)
    named = constants(mechanism)
    found: dict[str, Tensor] = {}
    environment = fixed_environment(lambda name: named[name] if name in named else found[name])
    for name, prior in mechanism.priors.items():
        found[name] = law_quantile(prior, environment, half)
    return found


def _of_posterior(mechanism: Mechanism, posterior: PosteriorFile) -> dict[str, Tensor]:
    def natural(name: str) -> Tensor:
        entry = posterior.parameters[name]
        return to_natural(entry.scale, torch.tensor(entry.mean, dtype=torch.float64), interval(mechanism.priors[name]))

    return {name: natural(name) for name in posterior.order}
