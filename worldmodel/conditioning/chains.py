"""The last resort of `condition`: Pyro's NUTS over all that is unknown, judged by ArviZ.

Reads a sampler and the log weights of its simulated trajectories, the best of which chains start from; returns the
answer with R-hat, effective draws and divergences. How long it runs depends on the question alone, never on a clock.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Cell
from worldmodel.conditioning.coordinates import Coordinates, NoCoordinatesError, coordinates_of
from worldmodel.conditioning.diagnosis import Diagnosis
from worldmodel.conditioning.given import Answer
from worldmodel.conditioning.noise import Placed, columns_of
from worldmodel.conditioning.parameters import Averaged, best_points
from worldmodel.conditioning.sampling import Sampler, marginal, noise_keys
from worldmodel.inference.diagnosis import GOOD_EFFECTIVE_DRAWS, GOOD_R_HAT, least_effective_draws, worst_r_hat
from worldmodel.inference.evidence import evidence_of_draws
from worldmodel.inference.fit import generator_for
from worldmodel.inference.nuts import NutsChain, run_nuts

CHAINS = 4
LENGTHS = ((200, 300), (300, 1200))
"""Iterations of warm-up and kept ones; chains that nearly agree are run anew, longer."""
MOST_COORDINATES = 60
HOPELESS = 1.5
"""An R-hat of two chains at which others are not run."""
NEARLY = 1.1
"""An R-hat up to which longer chains may well agree."""
MOST_DIVERGENT = 0.001

Progress = Callable[[int, int], None]
"""Told how many iterations of how many are done."""


def by_chains(
    sampler: Sampler, logs: Float[Tensor, " draws"], wanted: Sequence[Cell], names: Sequence[str], progress: Progress
) -> Averaged | str:
    """The answer of chains; a string says why none can be run. `names` seed them."""
    try:
        space = coordinates_of(sampler)
    except NoCoordinatesError as error:
        return f"chains cannot be run, since {error}"
    if not 0 < space.dimension <= MOST_COORDINATES:
        return f"{space.dimension} unknown numbers are not what chains are run for (1 to {MOST_COORDINATES})"
    starts = _starts(space, logs)
    if starts is None:
        return "chains cannot be run, since no simulated trajectory is a place to start from"
    for place, (warmup, draws) in enumerate(LENGTHS):
        chains = _run(space, starts, warmup, draws, [*names, str(place)], progress)
        found = _answer(space, chains, wanted, names)
        r_hat = found.diagnosis.r_hat
        if not found.flags or r_hat is None or r_hat > NEARLY:
            break
    return found


def _starts(space: Coordinates, logs: Tensor) -> Float[Tensor, "chains dimension"] | None:
    """The points of the best simulated trajectories at which the density is finite."""
    sampler = space.sampler
    own = sampler.parameters
    every = (*own.keys, *noise_keys(sampler, space.enumerated))
    points = best_points(own.seed, every, logs)
    columns = columns_of(every)
    with torch.no_grad():
        parameters = {name: values.unsqueeze(1) for name, values in own.at(points[:, : len(own.keys)]).items()}
        walked = sampler.walk(parameters, Placed(columns, points), space.enumerated, len(points))
        noise = points[:, [columns[key] for key in space.noise]]
        found = space.points_of(noise, walked)
        possible = found[torch.isfinite(space.log_density(found))]
    return possible[torch.arange(CHAINS) % len(possible)] if len(possible) else None


def _run(
    space: Coordinates, starts: Tensor, warmup: int, draws: int, names: Sequence[str], progress: Progress
) -> list[NutsChain]:
    """The chains one after the other; only two where these are so far apart that more would not help."""
    chains: list[NutsChain] = []
    length = warmup + draws
    for number, start in enumerate(starts):
        seed = int(generator_for(*names, "nuts", str(number)).integers(2**31))
        tick = _counting(progress, number * length, len(starts) * length)
        chains.append(run_nuts(space.log_density, start, seed=seed, draws=draws, warmup=warmup, progress=tick))
        if len(chains) == 2 and not worst_r_hat(torch.stack([chain.points for chain in chains])) <= HOPELESS:
            break
    return chains


def _counting(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)


def _answer(space: Coordinates, chains: list[NutsChain], wanted: Sequence[Cell], names: Sequence[str]) -> Averaged:
    stacked = torch.stack([chain.points for chain in chains])
    r_hat, effective = worst_r_hat(stacked), least_effective_draws(stacked)
    divergences = sum(chain.divergences for chain in chains)
    points = stacked.reshape(-1, space.dimension)
    with torch.no_grad():
        walked = space.walk(points)
        shares = torch.softmax(walked.log_weights.expand(len(points), space.joint), dim=1) / len(points)
    answer = Answer({cell: marginal(space.sampler, cell, walked, shares) for cell in wanted})
    evidence = evidence_of_draws(space.log_density, points, effective, generator_for(*names, "evidence"))
    also = f", with {space.joint} joint values of what is finite summed out" if space.joint > 1 else ""
    how = (
        f"{len(chains)} chains of NUTS over {space.dimension} unknown numbers{also}: R-hat {r_hat:.3f}, "
        f"{effective:.0f} effective draws, {divergences} of {len(points)} transitions diverged"
    )
    diagnosis = Diagnosis(len(points), effective, None, r_hat, divergences)
    return Averaged(answer, evidence.value, diagnosis, how, _flags(r_hat, effective, divergences, len(points)))


def _flags(r_hat: float, effective: float, divergences: int, draws: int) -> tuple[str, ...]:
    found = []
    if not r_hat <= GOOD_R_HAT:
        found.append(f"R-hat {r_hat:.3f} is above {GOOD_R_HAT}: the chains do not agree")
    if not effective >= GOOD_EFFECTIVE_DRAWS:
        found.append(f"{effective:.0f} effective draws are fewer than {GOOD_EFFECTIVE_DRAWS}")
    if divergences > MOST_DIVERGENT * draws:
        found.append(f"{divergences} of {draws} transitions diverged")
    return tuple(found)
