"""Pyro's NUTS as an independent check of our own samplers: another implementation and algorithm, the same density."""

import warnings

import pyro
import torch
from jaxtyping import Float
from pyro.infer import MCMC, NUTS
from torch import Tensor

from worldmodel.inference.density import LogDensity


def run_nuts(
    log_density: LogDensity,
    start: Float[Tensor, " dimension"],
    *,
    seed: int,
    draws: int = 500,
    warmup: int = 300,
    compiled: bool = True,
) -> Float[Tensor, "1 draws dimension"]:
    """Draws of one chain with a full mass matrix; `compiled` traces the density once, which soon pays off."""

    def potential(point: dict[str, Tensor]) -> Tensor:
        return -log_density(point["point"].unsqueeze(0))[0]

    # Pyro draws from torch's global generator; what was there before is put back.
    state = torch.get_rng_state()
    try:
        pyro.set_rng_seed(seed)
        kernel = NUTS(potential_fn=potential, jit_compile=compiled, ignore_jit_warnings=True, full_mass=True)
        sampler = MCMC(
            kernel, num_samples=draws, warmup_steps=warmup, initial_params={"point": start}, disable_progbar=True
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's tracer warns about constants that are meant as such
            sampler.run()
    finally:
        torch.set_rng_state(state)
    samples: Tensor = sampler.get_samples(group_by_chain=True)["point"]
    return samples.detach()
