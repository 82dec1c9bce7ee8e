"""Exact answers where every unknown cell is finite: each cell is a table, and tables are summed out one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell
from worldmodel.conditioning.finite import Grids, NotFiniteError, finite_grids, table_of
from worldmodel.conditioning.given import Answer, Draws, NotExactError, chunks
from worldmodel.conditioning.marginals import Marginal, table
from worldmodel.inference.elimination import BATCH, Factor, Plan, log_sum, marginals, plan_elimination

MOST_NUMBERS = 2**25
"""Of the largest table on the way, over all draws that are computed at once."""


@dataclass(frozen=True)
class Elimination:
    """A world's unknown cells as tables, given parameters."""

    assignments: tuple[Assignment, ...]
    grids: Grids
    names: Mapping[str, tuple[str, ...]]
    plan: Plan

    method = "elimination"

    @property
    def why(self) -> str:
        """What makes this exact, in words."""
        unknown = sum(len(grid) > 1 for grid in self.grids.values())
        largest = f"the largest table on the way has {self.plan.largest:,.0f} entries"
        return f"all {unknown} unknown values are finite: they are summed out one by one ({largest})"

    def log_evidence(self, parameters: Draws) -> Float[Tensor, " draws"]:
        """The exact log probability (density, of real values) of what is known, for each draw."""
        parts = [log_sum(self._factors(part), self.plan).reshape(-1) for part in self._chunks(parameters)]
        return torch.cat(parts)

    def answer(self, parameters: Draws, weights: Float[Tensor, " draws"], wanted: Sequence[Cell]) -> Answer:
        """The marginals, averaged over weighted draws."""
        open_ = [cell for cell in wanted if len(self.grids[cell]) > 1]
        totals = {cell: torch.zeros(len(self.grids[cell]), dtype=torch.float64) for cell in open_}
        shares = iter(torch.split(weights, self._at_once()))
        for part in self._chunks(parameters):
            factors = self._factors(part)
            share = next(shares)
            batched = any(BATCH in factor.variables for factor in factors)
            found = marginals(factors, open_, share if batched else share.sum())
            totals = {cell: totals[cell] + found[cell] for cell in open_}
        return Answer({cell: self._table(cell, totals) for cell in wanted})

    def _table(self, cell: Cell, totals: Mapping[Cell, Tensor]) -> Marginal:
        values = self.grids[cell].tolist()
        shares = totals[cell].tolist() if cell in totals else [1.0]
        return table(values, shares, self.names.get(cell[0], ()))

    def _factors(self, parameters: Draws) -> list[Factor]:
        found = []
        for assignment in self.assignments:
            factor = table_of(assignment, self.grids, parameters)
            kept = [
                name
                for name, size in zip(factor.variables, factor.logs.shape, strict=True)
                if size > 1 or name == BATCH
            ]
            shape = [size for name, size in zip(factor.variables, factor.logs.shape, strict=True) if name in kept]
            found.append(Factor(tuple(kept), factor.logs.reshape(shape)))
        return found

    def _at_once(self) -> int:
        return max(1, int(MOST_NUMBERS / max(self.plan.largest, 1.0)))

    def _chunks(self, parameters: Draws) -> list[Draws]:
        return chunks(parameters, self._at_once())


def to_elimination(
    assignments: Sequence[Assignment],
    known: Mapping[Cell, float],
    parameters: Draws,
    names: Mapping[str, tuple[str, ...]],
) -> Elimination:
    """Prepares elimination; raises NotExactError with the reason where a cell is not finite, or a table too large."""
    first = {name: draws[:1] for name, draws in parameters.items()}
    try:
        grids = finite_grids(assignments, known, parameters)
        draft = Elimination(tuple(assignments), grids, names, Plan((), 1.0, 1.0))
        plan = plan_elimination(draft._factors(first))
    except NotFiniteError as error:
        raise NotExactError(str(error)) from error
    if plan.largest > MOST_NUMBERS:
        raise NotExactError(f"summing the finite values out would need a table of {plan.largest:.1e} entries")
    return Elimination(tuple(assignments), grids, names, plan)
