"""Exact answers where unknown real sites are affine in each other, with Gaussian noise: by the Kalman filter."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.finite import Grid, NotFiniteError, grid_of, observed_grid
from worldmodel.conditioning.gaussian import System, mass_outside, start, to_system
from worldmodel.conditioning.given import Answer, Draws, NotExactError, chunks
from worldmodel.conditioning.marginals import Marginal, mixture, table
from worldmodel.conditioning.sites import Assignment, Site
from worldmodel.inference.kalman import Gaussian, kalman_filter, kalman_smoother
from worldmodel.readings.affine import NotAffineError

MOST_JOINT_VALUES = 1024
MOST_NUMBERS = 2**23
_ENUMERATED = frozenset({"Bernoulli", "Categorical", "Binomial"})


@dataclass(frozen=True)
class Kalman:
    """A world's unknown real sites as a linear system, given parameters; `grids` has the enumerated sites' numbers."""

    assignments: tuple[Assignment, ...]
    known: Mapping[Site, float]
    grids: Mapping[Site, Grid]
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

    def answer(self, parameters: Draws, weights: Float[Tensor, " draws"], wanted: Sequence[Site]) -> Answer:
        """The marginals, averaged over weighted draws."""
        gathered: dict[Site, list[tuple[Tensor, ...]]] = {site: [] for site in wanted}
        outside = 0.0
        shares = iter(torch.split(weights, self._at_once()))
        with torch.no_grad():
            for part in self._chunks(parameters):
                system = self._system(part)
                found = kalman_filter(start(), system.steps)
                logs = _tamed(found.log_density + system.log_weight).reshape(-1, self._joint())
                joint = (next(shares).unsqueeze(1) * torch.softmax(logs, dim=1)).nan_to_num().reshape(-1)
                smoothed = _by_site(system, kalman_smoother(found, system.steps))
                outside += self._outside(smoothed, joint)
                for site in wanted:
                    gathered[site].append((joint, *_broadcast(site, system, smoothed, len(joint))))
        return Answer({site: self._marginal(site, parts) for site, parts in gathered.items()}, outside)

    def _marginal(self, site: Site, parts: Sequence[tuple[Tensor, ...]]) -> Marginal:
        weights, means, variances = (torch.cat([part[place] for part in parts]) for place in range(3))
        grid = self.grids.get(site)
        if grid is None:
            return mixture(weights, means, variances)
        shares = [float(weights[means == value].sum()) for value in grid]
        return table(grid.tolist(), shares, self.names.get(site[0], ()))

    def _outside(self, smoothed: Mapping[Site, tuple[Tensor, Tensor]], joint: Tensor) -> float:
        """At most how likely any unknown real value lies outside its support."""
        total = 0.0
        for assignment in self.assignments:
            support, site = assignment.support, assignment.site
            if site in smoothed and site not in self.known and not support.lower == -math.inf == -support.upper:
                total += float((joint * mass_outside(support, *smoothed[site])).sum())
        return total

    def _log_densities(self, parameters: Draws) -> Float[Tensor, "draws joint"]:
        system = self._system(parameters)
        density = kalman_filter(start(), system.steps).log_density + system.log_weight
        return _tamed(density).reshape(-1, self._joint())

    def _system(self, parameters: Draws) -> System:
        """The system over draws × joint values of the enumerated sites, in one axis."""
        joint = self._joint()
        draws = max((len(values) for values in parameters.values()), default=1)
        numbers = torch.cartesian_prod(*self.grids.values()).reshape(joint, -1) if self.grids else None
        enumerated = {} if numbers is None else {
            site: numbers[:, place].repeat(draws) for place, site in enumerate(self.grids)
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
    known: Mapping[Site, float],
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
    size = sum(len(sites) ** 2 for sites in system.sites)
    real = len({site for sites in system.sites for site in sites} - set(known))
    return Kalman(tuple(assignments), known, grids, names, size, real)


def _enumerated(assignments: Sequence[Assignment], known: Mapping[Site, float], parameters: Draws) -> dict[Site, Grid]:
    """The numbers of the unknown sites that are drawn from finite lists."""
    grids: dict[Site, Grid] = {}
    given: dict[Site, Grid] = {site: observed_grid(value) for site, value in known.items()}
    joint = 1
    for assignment in assignments:
        families = {origin.law.family for origin in assignment.origins}
        if assignment.site not in known and families <= _ENUMERATED:
            grids[assignment.site] = grid_of(assignment, {**given, **grids}, parameters)
            joint *= len(grids[assignment.site])
        if joint > MOST_JOINT_VALUES:
            raise NotExactError(
                f"the finite values among the unknown have more than {MOST_JOINT_VALUES:,} joint values"
            )
    return grids


def _by_site(system: System, smoothed: Sequence[Gaussian]) -> dict[Site, tuple[Tensor, Tensor]]:
    """The mean and variance of each site of each state; a site that is carried along is taken where it was drawn."""
    found: dict[Site, tuple[Tensor, Tensor]] = {}
    for sites, state in zip(system.sites, smoothed, strict=True):
        variances = state.covariance.diagonal(dim1=-2, dim2=-1)
        for place, site in enumerate(sites):
            found.setdefault(site, (state.mean[..., place], variances[..., place]))
    return found


def _broadcast(
    site: Site, system: System, smoothed: Mapping[Site, tuple[Tensor, Tensor]], batch: int
) -> tuple[Tensor, Tensor]:
    zero = torch.zeros((), dtype=torch.float64)
    mean, variance = (system.values[site], zero) if site in system.values else smoothed[site]
    return mean.expand(batch), variance.expand(batch)


def _tamed(logs: Tensor) -> Tensor:
    return torch.where(torch.isnan(logs), torch.full_like(logs, -torch.inf), logs)
