"""Answers by simulation where none is exact: trajectories weighed by what is known, or inference over their noise.

Each cell is drawn from its law, a known one is set to its value and weighs the trajectory by its density there
(likelihood weighting). Where few trajectories carry the weight, the noise of all unknown cells and parameters becomes
one standard normal space, in which `inference.fit` looks for the posterior; unknown values of small finite sets are
summed out. A trajectory with a value outside its support, or an argument outside its domain, has weight 0.
"""

import math
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell, Origin, environment
from worldmodel.conditioning.diagnosis import Diagnosis, weigh
from worldmodel.conditioning.finite import Grid, NotFiniteError, choose, grid_of, log_prob_or_impossible, observed_grid
from worldmodel.conditioning.given import Answer
from worldmodel.conditioning.marginals import Marginal, counted, weighted
from worldmodel.conditioning.noise import Key, Placed, columns_of, log_normal_density, normal
from worldmodel.conditioning.parameters import Averaged, Parameters, best_points, diagnosis_of
from worldmodel.inference.fit import Settings, fit_by_newton, generator_for
from worldmodel.readings.torch_law import is_discrete, law_part
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.noise import Noise, Uniform

MOST_DIMENSIONS = 30
MOST_JOINT_VALUES = 256
MOST_NUMBERS = 20_000_000
MORE = 10
RESAMPLED = 4000
LOOK = Settings(starts=4, newton_steps=25)
"""A short climb from few places: a walk costs a loop over all cells."""

CERTAIN = frozenset({"Delta"})
"""Laws whose draw has no noise."""


@dataclass(frozen=True)
class Walk:
    """Values of every cell, and the log weight of each trajectory; `batch` is the axis of enumerated values."""

    values: Mapping[Cell, Float[Tensor, "draws batch"]]
    log_weights: Float[Tensor, "draws batch"]


@dataclass(frozen=True)
class Sampler:
    """A world's cells, to be walked through from the first to the last."""

    assignments: tuple[Assignment, ...]
    known: Mapping[Cell, float]
    names: Mapping[str, tuple[str, ...]]
    parameters: Parameters

    def walk(
        self,
        parameters: Mapping[str, Float[Tensor, "draws 1"]],
        noise: Uniform,
        enumerated: Mapping[Cell, Float[Tensor, "draws batch"]],
        draws: int,
    ) -> Walk:
        """Draws every unknown cell, and weighs by the density of the known ones and of those whose values are given."""
        values: dict[Cell, Tensor] = {}
        weight = torch.zeros(draws, 1, dtype=torch.float64)
        for entry in self.assignments:
            cell = entry.cell
            if cell in self.known or cell in enumerated:
                values[cell] = enumerated[cell] if cell in enumerated else observed_grid(self.known[cell]).unsqueeze(0)
                weight = weight + choose(entry, values.__getitem__, _density(entry, parameters, values))
            else:
                drawn = choose(entry, values.__getitem__, _quantile(entry, parameters, noise, values, draws))
                inside = entry.support.contains(drawn.detach())
                values[cell] = torch.where(inside, drawn, torch.full_like(drawn, _nearest(entry)))
                weight = torch.where(inside, weight, torch.full_like(weight, -torch.inf))
        return Walk(values, weight)


def _density(
    entry: Assignment, parameters: Mapping[str, Tensor], values: Mapping[Cell, Tensor]
) -> Callable[[Origin], Tensor]:
    def of(origin: Origin) -> Tensor:
        names = environment(origin, entry.cell[1], parameters, values.__getitem__)
        return log_prob_or_impossible(origin.law, names, values[entry.cell])

    return of


def _quantile(
    entry: Assignment, parameters: Mapping[str, Tensor], noise: Uniform, values: Mapping[Cell, Tensor], draws: int
) -> Callable[[Origin], Tensor]:
    """The draw of a law, NaN where an argument is outside its domain."""

    def of(origin: Origin) -> Tensor:
        names = environment(origin, entry.cell[1], parameters, values.__getitem__)
        part, step = law_part(origin.law, names), max(entry.cell[1], 0)
        if origin.law.family == "Normal":
            value = part.arguments[0] + part.arguments[1] * normal(noise, origin.noise, step, draws)
        else:
            value = part.quantile(noise.uniform(origin.noise, step, draws, 1))
        drawn, valid = torch.broadcast_tensors(value, part.valid())
        return torch.where(valid, drawn, torch.full_like(drawn, torch.nan))

    return of


def _nearest(entry: Assignment) -> float:
    """Some number of the support, for a trajectory that no longer counts."""
    return min(max(0.0, entry.support.lower), entry.support.upper)


def by_importance(sampler: Sampler, draws: int, wanted: Sequence[Cell]) -> tuple[Averaged, Tensor] | None:
    """Trajectories weighed by what is known, ten times as many where they do not suffice; None where none is possible.

    The second answer is the log weight of each trajectory, which says where inference may start.
    """
    most = max(draws, min(draws * MORE, MOST_NUMBERS // max(len(sampler.assignments), 1)))
    found = None
    for count in dict.fromkeys((draws, most)):
        found = _weighed(sampler, count, wanted)
        if found is not None and not found[0].flags:
            break
    return found


def _weighed(sampler: Sampler, draws: int, wanted: Sequence[Cell]) -> tuple[Averaged, Tensor] | None:
    own = sampler.parameters
    with torch.no_grad():
        drawn = draw_parameters(own.world, own.seed, draws, own.source)
        walk = sampler.walk(drawn, Noise(own.seed), {}, draws)
    logs = walk.log_weights[:, 0]
    weights = weigh(logs)
    if weights is None:
        return None
    answer = Answer({cell: marginal(sampler, cell, walk, weights.values.unsqueeze(1)) for cell in wanted})
    how = f"{draws:,} simulated trajectories, each weighed by the density of what is known"
    diagnosis = Diagnosis(draws, weights.effective, weights.k_hat)
    return Averaged(answer, weights.log_mean, diagnosis, how, weights.flags), logs


def by_fit(sampler: Sampler, logs: Tensor, wanted: Sequence[Cell], names: Sequence[str]) -> Averaged | str:
    """Newton and importance sampling over the noise of all that is unknown; a string says why that does not do."""
    own = sampler.parameters
    grids = enumerated_grids(sampler)
    keys = (*own.keys, *noise_keys(sampler, grids))
    if len(keys) > MOST_DIMENSIONS:
        return f"{len(keys)} unknown numbers are more than the {MOST_DIMENSIONS} that inference over noise is tried for"
    joint, enumerated = joint_values(grids)

    def walk(points: Tensor) -> Walk:
        placed = Placed(columns_of(keys), points)
        parameters = {name: values.unsqueeze(1) for name, values in own.at(points[:, : len(own.keys)]).items()}
        return sampler.walk(parameters, placed, enumerated, len(points))

    def log_density(points: Tensor) -> Tensor:
        weights = walk(points).log_weights.expand(len(points), joint)
        return log_normal_density(points) + torch.logsumexp(weights, dim=1)

    posterior = fit_by_newton(log_density, best_points(own.seed, keys, logs), generator_for(*names, "condition"), LOOK)
    if isinstance(posterior, str):
        return posterior
    points = posterior.resample(RESAMPLED, generator_for(*names, "resample"))
    with torch.no_grad():
        found = walk(points)
        shares = torch.softmax(found.log_weights.expand(len(points), joint), dim=1).nan_to_num() / len(points)
    answer = Answer({cell: marginal(sampler, cell, found, shares) for cell in wanted})
    also = f", with {joint} joint values of what is finite summed out" if joint > 1 else ""
    how = f"{posterior.method} over {len(keys)} unknown numbers{also}: {posterior.why}"
    return Averaged(answer, posterior.evidence.value, diagnosis_of(posterior, len(points)), how, posterior.flags)


def joint_values(grids: Mapping[Cell, Grid]) -> tuple[int, dict[Cell, Float[Tensor, "1 batch"]]]:
    """How many joint numbers there are, and each cell's number in each of them."""
    joint = math.prod(len(grid) for grid in grids.values())
    if not grids:
        return joint, {}
    numbers = torch.cartesian_prod(*grids.values()).reshape(joint, -1)
    return joint, {cell: numbers[:, place].unsqueeze(0) for place, cell in enumerate(grids)}


def enumerated_grids(sampler: Sampler) -> dict[Cell, Grid]:
    """The numbers of unknown discrete cells, as many as their joint values remain few."""
    grids: dict[Cell, Grid] = {}
    joint = 1
    for entry in sampler.assignments:
        if entry.cell in sampler.known or not all(is_discrete(origin.law) for origin in entry.origins):
            continue
        try:
            grid = grid_of(entry, grids, {})
        except (NotFiniteError, KeyError):
            continue
        if joint * len(grid) <= MOST_JOINT_VALUES:
            grids[entry.cell] = grid
            joint *= len(grid)
    return grids


def noise_keys(sampler: Sampler, apart: Container[Cell]) -> list[Key]:
    """The noise of the unknown cells, but of those that are looked at apart."""
    return [
        (origin.noise, max(entry.cell[1], 0))
        for entry in sampler.assignments
        if entry.cell not in sampler.known and entry.cell not in apart
        for origin in entry.origins
        if origin.law.family not in CERTAIN
    ]


def marginal(sampler: Sampler, cell: Cell, walk: Walk, weights: Float[Tensor, "draws batch"]) -> Marginal:
    """The marginal of weighted trajectories: a table where the cell's law is discrete."""
    values, weights = torch.broadcast_tensors(walk.values[cell], weights)
    flat, shares = values.reshape(-1), weights.reshape(-1)
    kept = shares > 0
    entry = next(entry for entry in sampler.assignments if entry.cell == cell)
    names = sampler.names.get(cell[0], ())
    if names or entry.support.whole or all(is_discrete(origin.law) for origin in entry.origins):
        return counted(flat[kept], shares[kept], names)
    return weighted(flat[kept], shares[kept])
