"""Pyro's NUTS: another implementation and algorithm than our own samplers, on the same density.

It is the last resort of `condition`, and an independent check of the others. A density is traced once where tracing
changes nothing, which spares it the walk through Python at every step.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import pyro
import torch
from jaxtyping import Float
from pyro.infer import MCMC, NUTS
from torch import Tensor

from worldmodel.inference.density import LogDensity

DEEPEST_TREE = 8
"""An orbit has at most 2^8 steps, so that there is an end to what an iteration can cost."""
SAME = 1e-9

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class NutsChain:
    """Kept draws of one chain, and how many kept transitions diverged."""

    points: Float[Tensor, "draws dimension"]
    divergences: int


def run_nuts(
    log_density: LogDensity,
    start: Float[Tensor, " dimension"],
    *,
    seed: int,
    draws: int = 500,
    warmup: int = 300,
    compiled: bool = True,
    progress: Progress = lambda _done, _total: None,
) -> NutsChain:
    """One chain with a full mass matrix; `compiled` says whether to trace the density, which soon pays off.

    `progress` is told how many iterations of how many are done.
    """
    density = traced(log_density, start) if compiled else log_density

    def potential(point: dict[str, Tensor]) -> Tensor:
        return -density(point["point"].unsqueeze(0))[0]

    done = 0

    def tick(*_: object) -> None:
        nonlocal done
        done += 1
        progress(done, warmup + draws)

    # Pyro draws from torch's global generator; what was there before is put back.
    state = torch.get_rng_state()
    try:
        pyro.set_rng_seed(seed)
        kernel = NUTS(potential_fn=potential, full_mass=True, max_tree_depth=DEEPEST_TREE)
        sampler = MCMC(
            kernel, num_samples=draws, warmup_steps=warmup, initial_params={"point": start}, hook_fn=tick,
            disable_progbar=True,
        )  # fmt: skip
        sampler.run()
    finally:
        torch.set_rng_state(state)
    samples: Tensor = sampler.get_samples()["point"]
    return NutsChain(samples.detach(), len(sampler.diagnostics()["divergences"]["chain 0"]))


def traced(log_density: LogDensity, start: Float[Tensor, " dimension"]) -> LogDensity:
    """The density as one traced program; the density itself where what was traced gives other values elsewhere."""
    generator = torch.Generator().manual_seed(1)
    others = start + torch.randn(4, len(start), generator=generator, dtype=start.dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns about constants that are meant as such; others differ below
        try:
            program: LogDensity = torch.jit.trace(log_density, start.unsqueeze(0), check_trace=False)
            same = all(_agree(log_density, program, point.unsqueeze(0)) for point in (start, *others))
        except RuntimeError:
            return log_density
    return program if same else log_density


def _agree(first: LogDensity, second: LogDensity, point: Float[Tensor, "1 dimension"]) -> bool:
    """Whether two densities have the same value and gradient at a point."""
    found = []
    for density in (first, second):
        leaf = point.detach().clone().requires_grad_(True)
        value = density(leaf)
        (gradient,) = torch.autograd.grad(value.sum(), leaf)
        found.append(torch.cat((value.detach(), gradient[0])))
    one, other = found
    return bool(torch.allclose(one, other, rtol=SAME, atol=SAME, equal_nan=True))
