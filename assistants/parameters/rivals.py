"""Weights of rival mechanisms, by how well each foretold every step from the steps before it.

Forecasts are made on the same steps for all rivals: within the fit part from posteriors refitted block by block on
what came before, and of the held-out steps from the posterior of the fit part. Scores are added up under Bayesian
bootstraps of the steps, and the weights averaged over these (pseudo-BMA+ [yao2018]): chance differences between few
steps then do not pass for knowledge. The evidence (marginal likelihood) of the fit part is reported beside them; it
is the coherent answer if one of the rivals is true, and overconfident if none is. Weights stand on a grid of .05, and
none is 0 or 1: data do not remove a mechanism, people do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool
from numpy.typing import NDArray
from torch import Tensor

from assistants.parameters.learn import fit_target, on_all_rows, target_for
from assistants.parameters.observations import Observations, fitted_rows, held_rows
from assistants.parameters.scores import standard_error, step_scores
from assistants.parameters.target import Target
from assistants.parameters.unseen import measured
from worldmodel.inference.evidence import Evidence
from worldmodel.inference.fit import Settings, generator_for
from worldmodel.world import Mechanism, World

Vector = NDArray[np.float64]
Indices = NDArray[np.int64]

BLOCKS = 8
FIRST_SHARE = 0.3
BOOTSTRAPS = 4000
WEIGHT_STEP = 0.05
DRAWS = 1000
QUICK = Settings(draws=4000)


@dataclass(frozen=True)
class Forecasts:
    """One rival's log scores by step, within the fit part and held out, and the evidence of the fit part."""

    within: Vector
    held: Vector
    evidence: Evidence

    @property
    def all(self) -> Vector:
        """Every scored step."""
        return np.concatenate((self.within, self.held))


@dataclass(frozen=True)
class Rivalry:
    """The rivals for one variable; every mapping is by mechanism."""

    variable: str
    forecasts: Mapping[str, Forecasts]
    unrounded: Mapping[str, float]
    weights: Mapping[str, float]
    by_evidence: Mapping[str, float]

    def lead(self, name: str) -> tuple[float, float]:
        """By how many nats a mechanism's forecasts lead those of the best other one, and the standard error of that."""
        others = (other.all for key, other in self.forecasts.items() if key != name)
        difference = self.forecasts[name].all - max(others, key=lambda scores: float(scores.sum()))
        return float(difference.sum()), standard_error(difference) * len(difference)


def rival_variables(world: World) -> tuple[str, ...]:
    """Variables, not actions, for which people let two mechanisms or more count."""
    names = sorted(world.header.rivals)
    return tuple(
        name
        for name in names
        if world.variables[name].file.role != "action"
        and len(world.weights_of(name)) > 1
        # The elements of a family share one choice, which steps of one series cannot tell: people weigh those.
        and not world.variables[name].file.over
    )


def weigh(world: World, variable: str, observations: Observations) -> Rivalry:
    """Weighs the rivals for one variable; raises RefusedError where one of them cannot be learned from these data."""
    mechanisms = [measured(world, world.mechanisms[name]) for name in world.weights_of(variable)]
    fitted = torch.stack([fitted_rows(mechanism, observations) for mechanism in mechanisms]).all(dim=0)
    held = torch.stack([held_rows(mechanism, observations) for mechanism in mechanisms]).all(dim=0).numpy()
    forecasts = {mechanism.owner: _forecast(mechanism, observations, fitted, held) for mechanism in mechanisms}
    scores = np.stack([entry.all for entry in forecasts.values()])
    weights = bootstrap_weights(scores, generator_for(observations.contents, variable, "weights"))
    evidence = _softmax(np.array([entry.evidence.value for entry in forecasts.values()]))
    return Rivalry(
        variable=variable,
        forecasts=forecasts,
        unrounded=dict(zip(forecasts, weights.tolist(), strict=True)),
        weights=dict(zip(forecasts, rounded_weights(weights), strict=True)),
        by_evidence=dict(zip(forecasts, evidence.tolist(), strict=True)),
    )


def forecasts_within(target: Target) -> Vector:
    """Log scores of the steps after the first share, each from a posterior that saw only the blocks before."""
    steps = torch.nonzero(target.rows).flatten().numpy()
    begin = max(int(FIRST_SHARE * len(steps)), len(target.names) + 2)
    scores = [
        _block_scores(target, steps, block)
        for block in np.array_split(np.arange(begin, len(steps), dtype=np.int64), BLOCKS)
    ]
    return np.concatenate(scores)


def bootstrap_weights(forecasts: Vector, generator: np.random.Generator) -> Vector:
    """Softmax of the total scores, averaged over Dirichlet weights of the steps."""
    count = forecasts.shape[1]
    shares = generator.dirichlet(np.ones(count), size=BOOTSTRAPS)
    return np.asarray(_softmax(count * shares @ forecasts.T).mean(axis=0))


def rounded_weights(weights: Vector) -> list[float]:
    """Weights on the grid that add up to one, each at least one step: largest remainders first."""
    cells = round(1 / WEIGHT_STEP)
    wanted = np.maximum(np.asarray(weights) * cells, 1.0)
    wanted = 1 + (wanted - 1) * (cells - len(wanted)) / max(float((wanted - 1).sum()), 1e-12)
    whole = np.floor(wanted + 1e-9)
    for index in np.argsort(whole - wanted, kind="stable")[: round(cells - float(whole.sum()))]:
        whole[index] += 1
    return [round(float(cell) * WEIGHT_STEP, 2) for cell in whole]


def _block_scores(target: Target, steps: Indices, block: Indices) -> Vector:
    before = torch.zeros_like(target.rows)
    before[torch.from_numpy(steps[: block[0]])] = True
    posterior = fit_target(replace(target, rows=before), "block", settings=QUICK)
    generator = generator_for(target.observations.contents, target.mechanism.owner, str(block[0]))
    draws = posterior.resample(DRAWS, generator)
    return np.asarray(step_scores(target, draws)[steps[block]])


def _forecast(
    mechanism: Mechanism, observations: Observations, fitted: Bool[Tensor, " time"], held: NDArray[np.bool_]
) -> Forecasts:
    target = target_for(mechanism, observations, fitted)
    posterior = fit_target(target, "evidence")
    draws = posterior.resample(DRAWS, generator_for(target.observations.contents, mechanism.owner, "held"))
    later = step_scores(on_all_rows(target, observations), draws)[held]
    return Forecasts(forecasts_within(target), np.asarray(later), posterior.evidence)


def _softmax(values: Vector) -> Vector:
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
