"""Draws of a world's parameters, from what data say about them or from the priors.

Each parameter has its own noise site, so that editing one mechanism leaves the draws of all others as they were.
"""

from collections.abc import Mapping
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.components.posterior import PosteriorFile
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Law
from worldmodel.readings.log_density import constants, fixed_environment
from worldmodel.readings.posterior_scale import correlation_factor, interval, to_natural
from worldmodel.readings.torch_law import law_quantile
from worldmodel.simulation.noise import Noise, Uniform
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
    return parameters_from(world, noise or Noise(seed, first), draws, source)


def parameters_from(
    world: World, noise: Uniform, draws: int, source: Source = "posterior"
) -> dict[str, Float[Tensor, "draws 1"]]:
    """The same as a function of the noise at `parameter:mechanism.parameter`; differentiable in it."""
    drawn: dict[str, Tensor] = {}
    for name, mechanism in sorted(owners(ground(world)).items()):
        posterior = world.posteriors.get(name) if source == "posterior" else None
        if posterior is None:
            own = _from_priors(mechanism, noise, draws)
        else:
            own = _from_posterior(mechanism, posterior, noise, draws)
        drawn.update({f"{name}.{parameter}": value for parameter, value in own.items()})
    return drawn


def owners(world: World) -> dict[str, Mechanism]:
    """One mechanism of each component of a grounded world; all elements of one share its parameters."""
    return {mechanism.owner: mechanism for mechanism in world.mechanisms.values()}


def _uniform(noise: Uniform, mechanism: Mechanism, parameter: str, draws: int) -> Tensor:
    return noise.uniform(f"parameter:{mechanism.owner}.{parameter}", 0, draws, 1)


def _from_priors(mechanism: Mechanism, noise: Uniform, draws: int) -> dict[str, Tensor]:
    """Draws from the priors, those that a prior reads before the ones that read them."""
    named = constants(mechanism)
    drawn: dict[str, Tensor] = {}
    environment = fixed_environment(lambda name: named[name] if name in named else drawn[name])
    for name, prior in mechanism.priors.items():
        drawn[name] = law_quantile(prior, environment, _uniform(noise, mechanism, name, draws)).expand(draws, 1)
    return {name: drawn[name] for name in sorted(drawn)}


def draw_law(law: Law, u: Tensor) -> Tensor:
    """A draw from a law of numbers alone: a law of initial values."""
    return law_quantile(law, fixed_environment(), u)


def _from_posterior(
    mechanism: Mechanism, posterior: PosteriorFile, noise: Uniform, draws: int
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
