"""A search for a state and parameters at which two laws differ: what it finds is a witness, what it misses no proof."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from reviewer.behaviour.verdict import TOLERANCE, Equality, input_name
from worldmodel.language.ir import Parameter, Start, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.log_density import constants
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_quantile
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.support import Within
from worldmodel.world import Mechanism, World

POINTS = 512
LEVELS = (0.02, 0.2, 0.5, 0.8, 0.98)


def by_search(before: World, after: World, pair: tuple[Mechanism, Mechanism]) -> Equality:
    """Quantiles of both laws at many states and parameters, drawn alike for both."""
    points = _Points(before, after)
    values = [points.quantiles(one) for one in pair]
    both = torch.isfinite(values[0]) & torch.isfinite(values[1])
    gap = torch.where(both, (values[0] - values[1]).abs(), 0.0)
    scale = torch.where(both, torch.maximum(values[0].abs(), values[1].abs()), 0.0).clamp(min=1.0)
    relative = torch.where(torch.isfinite(values[0]) == torch.isfinite(values[1]), gap / scale, torch.inf)
    if float(relative.max()) <= TOLERANCE:
        return Equality("undecided", f"no difference at {POINTS} states, which is no proof")
    point, level = divmod(int(relative.argmax()), len(LEVELS))
    told = ", ".join(f"{key} = {value:.6g}" for key, value in points.told(point, *pair))
    quantiles = f"{values[0][point, level]:.6g} before, {values[1][point, level]:.6g} after"
    return Equality(
        "different", "by search", f"at {told or 'any state'}: the {LEVELS[level]:g} quantile is {quantiles}"
    )


class _Points:
    """States and parameters at which laws are compared: the same for both, drawn from priors and declared supports."""

    def __init__(self, before: World, after: World) -> None:
        self._noise = Noise(0)
        self._worlds = (before, after)
        self._shown: dict[str, Tensor] = {}

    def quantiles(self, mechanism: Mechanism) -> Tensor:
        """The law's quantiles: (points, levels)."""
        own = {name: value.unsqueeze(-1) for name, value in constants(mechanism).items()}
        drawn: dict[str, Tensor] = {}

        def parameter(name: str) -> Tensor:
            return own[name] if name in own else drawn[name]

        environment = Environment(parameter, self._variable, lambda name: self._variable(name, -1), self._time)
        for name, prior in mechanism.priors.items():
            u = self._uniform(f"parameter:{name}")
            drawn[name] = law_quantile(prior, environment, u).expand(POINTS, 1)
            self._shown.setdefault(name, drawn[name])
        levels = torch.tensor(LEVELS, dtype=torch.float64)
        return law_quantile(mechanism.law, environment, levels).broadcast_to(POINTS, len(LEVELS))

    def told(self, point: int, *mechanisms: Mechanism) -> Iterator[tuple[str, float]]:
        """What the laws read at one point, by name."""
        read: dict[str, None] = {}
        for mechanism in mechanisms:
            for node in walk(mechanism.law):
                match node:
                    case Variable() | Start():
                        read[input_name(node)] = None
                    case Parameter(name) if name in mechanism.priors:
                        read[name] = None
        for key in read:
            if key in self._shown:
                yield key, float(self._shown[key][point, 0])

    def _uniform(self, site: str) -> Tensor:
        return self._noise.uniform(site, 0, POINTS, 1)

    def _time(self) -> Tensor:
        return torch.ceil(self._uniform("time") * 100)

    def _variable(self, name: str, lag: int) -> Tensor:
        key = f"{name}[0]" if lag < 0 else f"{name}[t-{lag}]" if lag else f"{name}[t]"
        world = next(world for world in self._worlds if name in world.variables)
        value = _spread(Within.of(world.variables[name].file.support), self._uniform(key))
        self._shown[key] = value
        return value


def _spread(allowed: Within, u: Tensor) -> Tensor:
    """Numbers all over a set: evenly where it is bounded, with heavy tails where it is not."""
    low, high = allowed.lower, allowed.upper
    if math.isfinite(low) and math.isfinite(high):
        value = low + (high - low) * u
    elif math.isfinite(low):
        value = low + u / (1 - u)
    elif math.isfinite(high):
        value = high - u / (1 - u)
    else:
        value = torch.tan((u - 0.5) * 3.0)
    return torch.round(value) if allowed.whole else value
