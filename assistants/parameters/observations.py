"""The data as this assistant sees them: whole series with gaps, of which only the first rows may be fitted to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.canonical import digest, digest_bytes
from worldmodel.errors import Problem
from worldmodel.grounding.ground import ground
from worldmodel.world import Mechanism, World


@dataclass(frozen=True)
class Observations:
    """Series of equal length, NaN where a value is missing; rows from `fitted` on are held out.

    `digest` is that of the whole data file, whichever rows of it these are.
    """

    values: Mapping[str, Float[Tensor, " time"]]
    fitted: int
    digest: str

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.values.values())))

    @cached_property
    def contents(self) -> str:
        """A digest of these values and no others: what randomness may depend on where some rows must have no say."""
        return digest({name: digest_bytes(series.numpy().tobytes()) for name, series in self.values.items()})

    def first(self, rows: int) -> "Observations":
        """The first rows alone."""
        values = {name: series[:rows] for name, series in self.values.items()}
        return replace(self, values=values, fitted=min(self.fitted, rows))


def usable_rows(mechanism: Mechanism, observations: Observations) -> Bool[Tensor, " time"]:
    """The steps at which the assigned variable and everything that the law reads are known."""
    known = torch.isfinite(observations.values[mechanism.assigns])
    for variable in mechanism.inputs:
        before = torch.zeros(variable.lag, dtype=torch.bool)
        series = torch.isfinite(observations.values[variable.name])
        known = known & torch.cat((before, series[: len(series) - variable.lag]))
    return known


def fitted_rows(mechanism: Mechanism, observations: Observations) -> Bool[Tensor, " time"]:
    """The usable steps of the fit part."""
    return usable_rows(mechanism, observations) & (torch.arange(observations.length) < observations.fitted)


def held_rows(mechanism: Mechanism, observations: Observations) -> Bool[Tensor, " time"]:
    """The usable steps that are held out."""
    return usable_rows(mechanism, observations) & (torch.arange(observations.length) >= observations.fitted)


def problems_with(world: World, mechanisms: Iterable[Mechanism], observations: Observations) -> list[Problem]:
    """Why mechanisms cannot be fitted to these data: what they read but nobody measures, and too few rows."""
    problems = []
    for mechanism in mechanisms:
        missing = _unmeasured(world, mechanism, observations)
        problems += [_not_measured(mechanism, name) for name in missing]
        if not missing:
            problems += _too_short(mechanism, observations)
    return problems


def _unmeasured(world: World, mechanism: Mechanism, observations: Observations) -> list[str]:
    read = {mechanism.assigns, *(variable.name for variable in mechanism.inputs)}
    known = ground(world).variables
    return sorted(name for name in read if not known[name].file.observed or name not in observations.values)


def _not_measured(mechanism: Mechanism, name: str) -> Problem:
    return Problem(
        code="not-measured",
        where=f"mechanisms/{mechanism.owner}.toml",
        part="law",
        found=f"the law needs {name}, for which the data have no column or which is declared not observed",
        wanted="a law all of whose variables are observed",
        mend=f"measure {name}, or leave this mechanism to its priors by naming others with --mechanism",
    )


def _too_short(mechanism: Mechanism, observations: Observations) -> list[Problem]:
    rows = int(fitted_rows(mechanism, observations).sum())
    wanted = len(mechanism.file.parameters) + 2
    if rows >= wanted:
        return []
    return [
        Problem(
            code="too-few-observations",
            where=f"mechanisms/{mechanism.owner}.toml",
            found=f"{rows} steps of the fit part have every value that the law reads",
            wanted=f"at least {wanted} for {len(mechanism.file.parameters)} parameters",
            mend="add data, fill gaps at their source, or hold out fewer rows",
        )
    ]
