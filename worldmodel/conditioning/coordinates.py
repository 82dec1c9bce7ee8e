"""What is unknown as points of a real space in which its density is cheap and smooth, for chains to move about in.

A cell whose law has a density on an interval that is known beforehand is its own coordinate, mapped from the real line
onto the interval; its law's density needs no inverse distribution function, which is what makes walks in noise slow.
Parameters, and cells whose interval depends on something, stay coordinates of their noise. What is finite is summed
out. A cell that is discrete and has too many values is no coordinate: there is no slope to follow.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell
from worldmodel.conditioning.noise import Key, Placed, columns_of, log_normal_density
from worldmodel.conditioning.sampling import CERTAIN, Sampler, Walk, enumerated_grids, joint_values
from worldmodel.language.ir import Law
from worldmodel.language.signatures import FAMILIES
from worldmodel.language.walk import literal_value
from worldmodel.readings.torch_law import is_discrete

Ends = tuple[float, float]
LINE: Ends = (-math.inf, math.inf)


class NoCoordinatesError(Exception):
    """Why chains cannot move about in what is unknown; caught by whoever chooses the method."""


@dataclass(frozen=True)
class Coordinates:
    """The columns of a space: first the noise of some sites, then the values of some cells, each from its interval."""

    sampler: Sampler
    noise: tuple[Key, ...]
    cells: Mapping[Cell, Ends]
    joint: int
    enumerated: Mapping[Cell, Float[Tensor, "1 batch"]]

    @property
    def dimension(self) -> int:
        """How many numbers are unknown."""
        return len(self.noise) + len(self.cells)

    def walk(self, points: Float[Tensor, "draws dimension"]) -> Walk:
        """All cells at points of the space, weighed by every density but that of the noise."""
        own = self.sampler.parameters
        placed = Placed(columns_of(self.noise), points)
        parameters = {name: values.unsqueeze(1) for name, values in own.at(points[:, : len(own.keys)]).items()}
        return self.sampler.walk(parameters, placed, {**self.enumerated, **self._values(points)}, len(points))

    def log_density(self, points: Float[Tensor, "draws dimension"]) -> Float[Tensor, " draws"]:
        """The joint log density of what is known and of the points; it integrates to the evidence."""
        weights = self.walk(points).log_weights.expand(len(points), self.joint)
        total = log_normal_density(points[:, : len(self.noise)]) + torch.logsumexp(weights, dim=1)
        for column, ends in enumerate(self.cells.values(), start=len(self.noise)):
            total = total + log_slope(points[:, column], ends)
        return total

    def points_of(self, noise: Float[Tensor, "draws noise"], walk: Walk) -> Float[Tensor, "draws dimension"]:
        """The points where the noise and the values of some walked trajectories stand."""
        columns = [inward(walk.values[cell].expand(len(noise), -1)[:, 0], ends) for cell, ends in self.cells.items()]
        return torch.cat((noise, *(column.unsqueeze(1) for column in columns)), dim=1)

    def _values(self, points: Tensor) -> dict[Cell, Tensor]:
        return {
            cell: outward(points[:, column], ends).unsqueeze(1)
            for column, (cell, ends) in enumerate(self.cells.items(), start=len(self.noise))
        }


def coordinates_of(sampler: Sampler) -> Coordinates:
    """The space of all that is unknown; raises NoCoordinatesError where something has no density to follow."""
    grids = enumerated_grids(sampler)
    noise: list[Key] = list(sampler.parameters.keys)
    cells: dict[Cell, Ends] = {}
    for entry in sampler.assignments:
        families = {origin.law.family for origin in entry.origins}
        if entry.cell in sampler.known or entry.cell in grids or families <= CERTAIN:
            continue
        if any(_jumps(origin.law) for origin in entry.origins):
            raise NoCoordinatesError(f"{entry.cell[0]} at step {entry.cell[1]} jumps between too many values")
        ends = _interval(entry)
        if ends is None:
            random = (origin for origin in entry.origins if origin.law.family not in CERTAIN)
            noise += [(origin.noise, max(entry.cell[1], 0)) for origin in random]
        else:
            cells[entry.cell] = ends
    joint, enumerated = joint_values(grids)
    return Coordinates(sampler, tuple(dict.fromkeys(noise)), cells, joint, enumerated)


def _jumps(law: Law) -> bool:
    return law.family == "ZeroInflated" or is_discrete(law) or any(_jumps(part) for part in law.parts)


def _interval(entry: Assignment) -> Ends | None:
    """Where a cell's values lie, where that is known beforehand and the same for all laws that may assign it."""
    found = {ends_of(origin.law) for origin in entry.origins}
    (ends,) = found if len(found) == 1 else (None,)
    if ends is None:
        return None
    low, high = max(ends[0], entry.support.lower), min(ends[1], entry.support.upper)
    return (low, high) if low < high else None


def ends_of(law: Law) -> Ends | None:
    """The interval of a law's draws; None where it depends on something.

    >>> from worldmodel.language.parser import parse_law
    >>> ends_of(parse_law("Truncated(Normal(x[t], 1), 0, 3)")), ends_of(parse_law("Uniform(0, x[t])"))
    ((0.0, 3.0), None)
    """
    match law.family:
        case "Delta" | "ZeroInflated":
            return None
        case "Mixture":
            found = {ends_of(part) for part in law.parts}
            return found.pop() if len(found) == 1 else None
        case "Uniform" | "Truncated":
            low, high = (literal_value(argument) for argument in law.arguments)
            inner = LINE if law.family == "Uniform" else ends_of(law.parts[0])
            if low is None or high is None or inner is None:
                return None
            return max(low, inner[0]), min(high, inner[1])
        case family:
            return _ENDS.get(FAMILIES[family].support)


_ENDS: Mapping[str, Ends] = {
    "real": LINE,
    "positive": (0.0, math.inf),
    "nonnegative": (0.0, math.inf),
    "unit": (0.0, 1.0),
}


def outward(z: Float[Tensor, " draws"], ends: Ends) -> Float[Tensor, " draws"]:
    """The value in the interval that a real number stands for."""
    low, high = ends
    if low == -math.inf and high == math.inf:
        return z
    if high == math.inf:
        return low + torch.exp(z)
    if low == -math.inf:
        return high - torch.exp(z)
    return low + (high - low) * torch.sigmoid(z)


def inward(value: Float[Tensor, " draws"], ends: Ends) -> Float[Tensor, " draws"]:
    """The real number that stands for a value; one at an end is taken a little inside."""
    low, high = ends
    if low == -math.inf and high == math.inf:
        return value
    if high == math.inf:
        return torch.log((value - low).clamp(min=1e-12))
    if low == -math.inf:
        return torch.log((high - value).clamp(min=1e-12))
    return torch.logit((value - low) / (high - low), eps=1e-9)


def log_slope(z: Float[Tensor, " draws"], ends: Ends) -> Float[Tensor, " draws"]:
    """The logarithm of how fast the value changes with the real number."""
    low, high = ends
    if low == -math.inf and high == math.inf:
        return torch.zeros_like(z)
    if low == -math.inf or high == math.inf:
        return z
    return math.log(high - low) - torch.nn.functional.softplus(z) - torch.nn.functional.softplus(-z)
