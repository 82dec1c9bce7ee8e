"""Parameters that are not certain: exact answers given each draw, averaged with the weights that evidence gives.

First by draws from the posterior or prior, weighed by the exact likelihood of what is known; where few of them carry
the weight, by inference over the parameters' noise with the exact marginal likelihood as density (`inference.fit`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell
from worldmodel.conditioning.diagnosis import Diagnosis, Weights, weigh
from worldmodel.conditioning.given import Answer, Draws, Given
from worldmodel.conditioning.noise import Key, Placed, columns_of, drawn_points, log_normal_density
from worldmodel.inference.density import LogDensity
from worldmodel.inference.fit import Posterior, Settings, fit, generator_for
from worldmodel.simulation.draws import Source, draw_parameters, parameters_from
from worldmodel.world import World

RESAMPLED = 1000
STARTS = 64
NEWTON = Settings(draws=4000, newton_steps=25)


@dataclass(frozen=True)
class Parameters:
    """The parameters that matter to some cells: their draws, and the noise keys of those that are not certain."""

    world: World
    seed: int
    source: Source
    names: tuple[str, ...]
    keys: tuple[Key, ...]
    drawn: Draws

    @property
    def certain(self) -> bool:
        """Whether nothing is uncertain, so that one draw tells all."""
        return not self.keys

    def at(self, points: Float[Tensor, "draws dimension"]) -> Draws:
        """The parameters at points of their noise; differentiable."""
        placed = Placed(columns_of(self.keys), points)
        found = parameters_from(self.world, placed, len(points), self.source)
        return {name: found[name][:, 0] for name in self.names}


def parameters_of(world: World, assignments: Sequence[Assignment], seed: int, draws: int, source: Source) -> Parameters:
    """The parameters that the cells' laws read."""
    names = frozenset().union(*(origin.parameters() for entry in assignments for origin in entry.origins))
    if not names:
        return Parameters(world, seed, source, (), (), {})
    found = {name: values[:, 0] for name, values in draw_parameters(world, seed, draws, source).items()}
    # A parameter of a mechanism may come with others that its prior or posterior reads.
    owners = {name.partition(".")[0] for name in names}
    open_ = [name for name, values in found.items() if name.partition(".")[0] in owners and values.unique().numel() > 1]
    drawn = {name: found[name] if open_ else found[name][:1] for name in sorted(names)}
    return Parameters(world, seed, source, tuple(sorted(names)), tuple((f"parameter:{n}", 0) for n in open_), drawn)


@dataclass(frozen=True)
class Averaged:
    """An exact method's answer over parameters; `flags` is empty where it may be relied on."""

    answer: Answer
    log_evidence: float
    diagnosis: Diagnosis
    how: str
    flags: tuple[str, ...]


def average(
    given: Given, parameters: Parameters, wanted: Sequence[Cell], names: Sequence[str], informed: bool
) -> Averaged | None:
    """The answer over all parameters; None where what is known is impossible whatever they are.

    `informed` says whether anything is known at all; `names` seed the inference.
    """
    with torch.no_grad():
        logs = given.log_evidence(parameters.drawn)
    weights = weigh(logs)
    if weights is None:
        return None
    if parameters.certain:
        answer = given.answer(parameters.drawn, weights.values, wanted)
        return Averaged(answer, float(logs[0]), Diagnosis(), "", ())
    if not weights.flags or not informed:
        return _by_weights(given, parameters, weights, wanted)
    return _by_fit(given, parameters, logs, weights, wanted, names)


def _by_weights(given: Given, parameters: Parameters, weights: Weights, wanted: Sequence[Cell]) -> Averaged:
    draws = len(weights.values)
    answer = given.answer(parameters.drawn, weights.values, wanted)
    diagnosis = Diagnosis(draws, weights.effective, weights.k_hat)
    how = f"averaged over {draws:,} draws of {len(parameters.keys)} parameters, each weighed by its exact likelihood"
    return Averaged(answer, weights.log_mean, diagnosis, how, weights.flags)


def _by_fit(
    given: Given,
    parameters: Parameters,
    logs: Tensor,
    weights: Weights,
    wanted: Sequence[Cell],
    names: Sequence[str],
) -> Averaged:
    def log_density(points: Tensor) -> Tensor:
        return log_normal_density(points) + given.log_evidence(parameters.at(points))

    posterior = fit_from_draws(log_density, parameters.seed, parameters.keys, logs, names, NEWTON)
    points = posterior.resample(RESAMPLED, generator_for(*names, "resample"))
    answer = given.answer(
        parameters.at(points), torch.full((len(points),), 1 / len(points), dtype=torch.float64), wanted
    )
    how = (
        f"averaged over {len(points):,} draws of {len(parameters.keys)} parameters from their posterior by "
        f"{posterior.method} on the exact likelihood, since draws from the {parameters.source} do not reach it "
        f"({'; '.join(weights.flags)})"
    )
    return Averaged(answer, posterior.evidence.value, diagnosis_of(posterior, len(points)), how, posterior.flags)


def fit_from_draws(
    log_density: LogDensity,
    seed: int,
    keys: Sequence[Key],
    logs: Float[Tensor, " draws"],
    names: Sequence[str],
    settings: Settings,
) -> Posterior:
    """Inference over noise, started from the draws that the evidence likes best."""
    return fit(log_density, best_points(seed, keys, logs), generator_for(*names, "condition"), settings)


def best_points(seed: int, keys: Sequence[Key], logs: Float[Tensor, " draws"]) -> Float[Tensor, "starts dimension"]:
    """The noise of the draws that the evidence likes best, the best one first."""
    points = drawn_points(seed, keys, len(logs))
    return points[torch.argsort(logs + log_normal_density(points), descending=True)[:STARTS]]


def diagnosis_of(posterior: Posterior, draws: int) -> Diagnosis:
    """What a posterior says of itself."""
    return Diagnosis(draws, posterior.effective_draws, posterior.k_hat, posterior.r_hat, posterior.divergences)
