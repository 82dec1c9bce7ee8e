"""Exact answers where unknown real cells are affine in each other, with Gaussian noise: by the Kalman filter."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell
from worldmodel.conditioning.finite import Grid, NotFiniteError, grid_of, observed_grid
from worldmodel.conditioning.gaussian import System, mass_outside, start, to_system
from worldmodel.conditioning.given import Answer, Draws, NotExactError, chunks
from worldmodel.conditioning.marginals import Marginal, mixture, table
from worldmodel.inference.kalman import Gaussian, kalman_filter, kalman_smoother
from worldmodel.readings.affine import NotAffineError

MOST_JOINT_VALUES = 1024
MOST_NUMBERS = 2**23
_ENUMERATED = frozenset({"Bernoulli", "Categorical", "Binomial"})


@dataclass(frozen=True)
class Kalman:
    """A world's unknown real cells as a linear system, given parameters; `grids` has the enumerated cells' numbers."""

    assignments: tuple[Assignment, ...]
    known: Mapping[Cell, float]
    grids: Mapping[Cell, Grid]
    names: Mapping[str, tuple[str, ...]]
    size: int
    real: int

    method = "kalman"

    @property
    def why(self) -> str:
        """What makes this exact, in words."""
        joint = self._joint()
        also = f", for each of the {joint} joint values of what is finite" if joint > 1 else ""
        return f"the {self.real} unknown real values are linear in each other with Gaussian noise{also}: Kalman filter"

    def log_evidence(self, parameters: Draws) -> Float[Tensor, " draws"]:
        """The exact log density of what is known, for each draw."""
        found = [torch.logsumexp(self._log_densities(part), dim=1) for part in self._chunks(parameters)]
        return torch.cat(found)

    def answer(self, parameters: Draws, weights: Float[Tensor, " draws"], wanted: Sequence[Cell]) -> Answer:
        """The marginals, averaged over weighted draws."""
        gathered: dict[Cell, list[tuple[Tensor, ...]]] = {cell: [] for cell in wanted}
        outside = 0.0
        shares = iter(torch.split(weights, self._at_once()))
        with torch.no_grad():
            for part in self._chunks(parameters):
                system = self._system(part)
                found = kalman_filter(start(), system.steps)
                logs = _tamed(found.log_density + system.log_weight).reshape(-1, self._joint())
                joint = (next(shares).unsqueeze(1) * torch.softmax(logs, dim=1)).nan_to_num().reshape(-1)
                smoothed = _by_cell(system, kalman_smoother(found, system.steps))
                outside += self._outside(smoothed, joint)
                for cell in wanted:
                    gathered[cell].append((joint, *_broadcast(cell, system, smoothed, len(joint))))
        return Answer({cell: self._marginal(cell, parts) for cell, parts in gathered.items()}, outside)

    def _marginal(self, cell: Cell, parts: Sequence[tuple[Tensor, ...]]) -> Marginal:
        weights, means, variances = (torch.cat([part[place] for part in parts]) for place in range(3))
        grid = self.grids.get(cell)
        if grid is None:
            return mixture(weights, means, variances)
        shares = [float(weights[means == value].sum()) for value in grid]
        return table(grid.tolist(), shares, self.names.get(cell[0], ()))

    def _outside(self, smoothed: Mapping[Cell, tuple[Tensor, Tensor]], joint: Tensor) -> float:
        """At most how likely any unknown real value lies outside its support."""
        total = 0.0
        for assignment in self.assignments:
            support, cell = assignment.support, assignment.cell
            if cell in smoothed and cell not in self.known and not support.lower == -math.inf == -support.upper:
                total += float((joint * mass_outside(support, *smoothed[cell])).sum())
        return total

    def _log_densities(self, parameters: Draws) -> Float[Tensor, "draws joint"]:
        system = self._system(parameters)
        density = kalman_filter(start(), system.steps).log_density + system.log_weight
        return _tamed(density).reshape(-1, self._joint())

    def _system(self, parameters: Draws) -> System:
        """The system over draws × joint values of the enumerated cells, in one axis."""
        joint = self._joint()
        draws = max((len(values) for values in parameters.values()), default=1)
        numbers = torch.cartesian_prod(*self.grids.values()).reshape(joint, -1) if self.grids else None
        enumerated = {} if numbers is None else {
            cell: numbers[:, place].repeat(draws) for place, cell in enumerate(self.grids)
        }  # fmt: skip
        repeated = {name: values.repeat_interleave(joint) for name, values in parameters.items()}
        return to_system(self.assignments, self.known, enumerated, repeated, draws * joint)

    def _joint(self) -> int:
        return math.prod(len(grid) for grid in self.grids.values())

    def _at_once(self) -> int:
        return max(1, MOST_NUMBERS // (self._joint() * max(self.size, 1)))

    def _chunks(self, parameters: Draws) -> list[Draws]:
        return chunks(parameters, self._at_once())


def to_kalman(
    assignments: Sequence[Assignment],
    known: Mapping[Cell, float],
    parameters: Draws,
    names: Mapping[str, tuple[str, ...]],
) -> Kalman:
    """Prepares the filter; raises NotExactError with the reason where what is unknown is not linear and Gaussian."""
    first = {name: draws[:1] for name, draws in parameters.items()}
    try:
        grids = _enumerated(assignments, known, parameters)
        draft = Kalman(tuple(assignments), known, grids, names, 1, 0)
        with torch.no_grad():
            system = draft._system(first)
    except (NotFiniteError, NotAffineError) as error:
        raise NotExactError(str(error)) from error
    size = sum(len(cells) ** 2 for cells in system.cells)
    real = len({cell for cells in system.cells for cell in cells} - set(known))
    return Kalman(tuple(assignments), known, grids, names, size, real)


def _enumerated(assignments: Sequence[Assignment], known: Mapping[Cell, float], parameters: Draws) -> dict[Cell, Grid]:
    """The numbers of the unknown cells that are drawn from finite lists."""
    grids: dict[Cell, Grid] = {}
    given: dict[Cell, Grid] = {cell: observed_grid(value) for cell, value in known.items()}
    joint = 1
    for assignment in assignments:
        families = {origin.law.family for origin in assignment.origins}
        if assignment.cell not in known and families <= _ENUMERATED:
            grids[assignment.cell] = grid_of(assignment, {**given, **grids}, parameters)
            joint *= len(grids[assignment.cell])
        if joint > MOST_JOINT_VALUES:
            raise NotExactError(
                f"the finite values among the unknown have more than {MOST_JOINT_VALUES:,} joint values"
            )
    return grids


def _by_cell(system: System, smoothed: Sequence[Gaussian]) -> dict[Cell, tuple[Tensor, Tensor]]:
    """The mean and variance of each cell of each state; a cell that is carried along is taken where it was drawn."""
    found: dict[Cell, tuple[Tensor, Tensor]] = {}
    for cells, state in zip(system.cells, smoothed, strict=True):
        variances = state.covariance.diagonal(dim1=-2, dim2=-1)
        for place, cell in enumerate(cells):
            found.setdefault(cell, (state.mean[..., place], variances[..., place]))
    return found


def _broadcast(
    cell: Cell, system: System, smoothed: Mapping[Cell, tuple[Tensor, Tensor]], batch: int
) -> tuple[Tensor, Tensor]:
    zero = torch.zeros((), dtype=torch.float64)
    mean, variance = (system.values[cell], zero) if cell in system.values else smoothed[cell]
    return mean.expand(batch), variance.expand(batch)


def _tamed(logs: Tensor) -> Tensor:
    return torch.where(torch.isnan(logs), torch.full_like(logs, -torch.inf), logs)
