"""Held-out log scores: how well each step is foretold one step ahead, and by how much more than by simple rivals.

Every score is the mean over held-out steps of log p(y[t] | everything before t), in nats; a model's parameters are
those learned from the fit part, integrated over their posterior (or prior) draws. The error of a difference of means
takes the correlation between neighbouring steps into account [newey1987].
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistants.parameters.baselines import autoregression, random_walk
from assistants.parameters.observations import held_rows
from assistants.parameters.target import Target
from worldmodel.readings.torch_law import is_discrete

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class HeldOut:
    """Log scores by step for each forecaster, over the same held-out steps; `lags` is what the autoregression chose.

    `places` are the model's distribution function at what was observed: even over (0, 1) where it forecasts well. Of a
    family the steps of all elements, one element after the other.
    """

    scores: Mapping[str, Vector]
    lags: int
    places: Vector

    @property
    def steps(self) -> int:
        """How many held-out steps are scored."""
        return len(self.scores["model"])

    def mean(self, name: str) -> float:
        """The mean log score of a forecaster."""
        return float(np.mean(self.scores[name]))

    def coverage(self, share: float) -> tuple[int, int]:
        """How many of the steps fell inside the model's central interval of this share, and how many there are."""
        inside = np.abs(self.places - 0.5) <= share / 2
        return int(inside.sum()), len(self.places)

    def gain(self, name: str) -> tuple[float, float]:
        """How much better the model is than a forecaster, and the standard error of that."""
        difference = self.scores["model"] - self.scores[name]
        return float(np.mean(difference)), standard_error(difference)


def held_out(target: Target, forecasters: Mapping[str, Tensor]) -> HeldOut | None:
    """Scores sets of draws (one is `model`) and the baselines; None where nothing is held out or values are counts."""
    if is_discrete(target.mechanism.law):
        return None
    each = [found for one in target.each if (found := _held_out(one, forecasters)) is not None]
    if not each:
        return None
    scores = {name: np.concatenate([found.scores[name] for found in each]) for name in each[0].scores}
    places = np.concatenate([found.places for found in each])
    return HeldOut(scores, max(found.lags for found in each), places)


def _held_out(target: Target, forecasters: Mapping[str, Tensor]) -> HeldOut | None:
    """The scores of one element."""
    series = target.observations.values[target.mechanism.assigns].numpy()
    fitted = target.observations.fitted
    walk, linear = random_walk(series, fitted), autoregression(series, fitted)
    scored = held_rows(target.mechanism, target.observations).numpy()
    scored &= np.isfinite(walk.log_density) & np.isfinite(linear.log_density)
    if not scored.any():
        return None
    scores = {name: step_scores(target, draws)[scored] for name, draws in forecasters.items()}
    scores |= {"random_walk": walk.log_density[scored], "autoregression": linear.log_density[scored]}
    return HeldOut(scores, linear.lags, step_places(target, forecasters["model"])[scored])


def step_scores(target: Target, points: Tensor) -> Vector:
    """The log of the predictive density of every step, with the draws of the parameters integrated out."""
    with torch.no_grad():
        density = torch.logsumexp(target.full_density(points), dim=0) - np.log(len(points))
    return np.asarray(density)


def step_places(target: Target, points: Tensor) -> Vector:
    """The predictive distribution function of every step at what was observed."""
    with torch.no_grad():
        places = target.full_places(points).mean(dim=0)
    return np.asarray(places)


def standard_error(differences: Vector) -> float:
    """The standard error of a mean of correlated steps, by Bartlett's weights up to lag n^(1/3)."""
    count = len(differences)
    centred = differences - np.mean(differences)
    longest = int(count ** (1 / 3))
    variance = float(centred @ centred) / count
    for lag in range(1, longest + 1):
        variance += 2 * (1 - lag / (longest + 1)) * float(centred[lag:] @ centred[:-lag]) / count
    return float(np.sqrt(max(variance, 0.0) / count))
