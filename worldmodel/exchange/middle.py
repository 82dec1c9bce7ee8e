"""One number for each parameter, where a format has room for no more: the median of what is known of it.

A point is not a belief: what a model checker proves at it holds there and nowhere else.
"""

import torch

from worldmodel.grounding.ground import ground
from worldmodel.readings.posterior_scale import interval, to_natural
from worldmodel.simulation.draws import draw_law
from worldmodel.world import World


def middle_parameters(world: World) -> dict[str, float]:
    """`owner.parameter` to the median of its posterior, or of its prior where nothing was fitted."""
    world = ground(world)
    half = torch.tensor([[0.5]], dtype=torch.float64)
    found: dict[str, float] = {}
    for mechanism in world.mechanisms.values():
        posterior = world.posteriors.get(mechanism.owner)
        for name, prior in mechanism.priors.items():
            if posterior is None:
                value = draw_law(prior, half)
            else:
                entry = posterior.parameters[name]
                mean = torch.tensor(entry.mean, dtype=torch.float64)
                value = to_natural(entry.scale, mean, interval(prior))
            found[f"{mechanism.owner}.{name}"] = float(value)
    return found
