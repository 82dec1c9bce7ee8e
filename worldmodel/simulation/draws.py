"""Draws of a world's parameters, from what data say about them or from the priors.

Each parameter has its own noise site, so that editing one mechanism leaves the draws of all others as they were.
"""

from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.components.posterior import PosteriorFile
from worldmodel.families.table import FAMILIES
from worldmodel.language.ir import Law
from worldmodel.readings.posterior_scale import correlation_factor, interval, prior_arguments, to_natural
from worldmodel.simulation.noise import Noise
from worldmodel.world import Mechanism, World

Source = Literal["posterior", "prior"]
Parameters = Mapping[str, Float[Tensor, "draws 1"]]


def draw_parameters(
    world: World,
    seed: int,
    draws: int,
    source: Source = "posterior",
    first: int = 0,
    noise: Noise | None = None,
) -> dict[str, Float[Tensor, "draws 1"]]:
    """`mechanism.parameter` → its draws. A mechanism without a posterior is drawn from its priors.

    Draw number i of a run is the same whether it is drawn alone (`first=i`) or among others. `noise` stands in for that
    of `seed` and `first`.
    """
    noise = noise or Noise(seed, first)
    drawn: dict[str, Tensor] = {}
    for name, mechanism in sorted(world.mechanisms.items()):
        posterior = world.posteriors.get(name) if source == "posterior" else None
        if posterior is None:
            own = _from_priors(mechanism, noise, draws)
        else:
            own = _from_posterior(mechanism, posterior, noise, draws)
        drawn.update({f"{name}.{parameter}": value for parameter, value in own.items()})
    return drawn


def _uniform(noise: Noise, mechanism: Mechanism, parameter: str, draws: int) -> Tensor:
    return noise.uniform(f"parameter:{mechanism.file.id}.{parameter}", 0, draws, 1)


def _from_priors(mechanism: Mechanism, noise: Noise, draws: int) -> dict[str, Tensor]:
    return {
        name: draw_law(prior, _uniform(noise, mechanism, name, draws))
        for name, prior in sorted(mechanism.priors.items())
    }


def draw_law(law: Law, u: Tensor) -> Tensor:
    """A draw from a law of numbers alone: a prior, or a law of initial values."""
    return FAMILIES[law.family].quantile(u, *prior_arguments(law))


def _from_posterior(
    mechanism: Mechanism, posterior: PosteriorFile, noise: Noise, draws: int
) -> dict[str, Float[Tensor, "draws 1"]]:
    normals = [torch.special.ndtri(_uniform(noise, mechanism, name, draws)) for name in posterior.order]
    factor = correlation_factor(posterior)
    drawn = {}
    for row, name in enumerate(posterior.order):
        # Sums term by term, and no matrix product, whose rounding depends on the number of draws.
        standard = torch.zeros_like(normals[0])
        for column in range(row + 1):
            standard = standard + factor[row, column].item() * normals[column]
        entry = posterior.parameters[name]
        unconstrained = entry.mean + entry.sd * standard
        drawn[name] = to_natural(entry.scale, unconstrained, interval(mechanism.priors[name]))
    return drawn
