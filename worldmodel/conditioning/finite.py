"""Finite cells: the numbers that a cell can take, and its law as a table over the numbers of what it depends on."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.conditioning.cells import Assignment, Cell, Origin, environment
from worldmodel.inference.elimination import BATCH, Factor
from worldmodel.language.ir import Law
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import law_part

Grid = Float[Tensor, " values"]
Grids = Mapping[Cell, Grid]

MOST_VALUES = 2000
SAME = 1e-9
"""Numbers this close, as a share of their size, count as one: rounding may part them."""
MOST_ENTRIES = 4_000_000


class NotFiniteError(Exception):
    """Why a cell cannot take finitely many numbers, or too many; caught by whoever chooses the method."""


def grid_of(assignment: Assignment, grids: Grids, parameters: Mapping[str, Tensor]) -> Grid:
    """The numbers that an unknown cell can take, in increasing order; raises NotFiniteError where there is no end."""
    found: set[float] = set()
    for origin in assignment.origins:
        found |= _reach_of(origin, assignment, grids, parameters)
    inside = sorted(value for value in found if assignment.support.holds(value))
    if len(inside) > MOST_VALUES:
        raise NotFiniteError(f"{_shown(assignment.cell)} can take more than {MOST_VALUES:,} values")
    apart = [v for last, v in zip([-math.inf, *inside], inside, strict=False) if v - last > SAME * (1 + abs(v))]
    return torch.tensor(apart, dtype=torch.float64)


def _reach_of(origin: Origin, assignment: Assignment, grids: Grids, parameters: Mapping[str, Tensor]) -> set[float]:
    parents = assignment.parents()
    missing = [cell for cell in parents if cell not in grids]

    def value(cell: Cell) -> Tensor:
        if cell in missing:
            raise NotFiniteError(f"{_shown(assignment.cell)} depends on {_shown(cell)}, which is not finite")
        return spread(grids[cell], parents.index(cell), len(parents))

    size = math.prod(len(grids[cell]) for cell in parents if cell in grids)
    if size > MOST_ENTRIES:
        raise NotFiniteError(f"{_shown(assignment.cell)} depends on {size:,} joint values")
    wide = {name: numbers.reshape(-1, *[1] * len(parents)) for name, numbers in parameters.items()}
    return _reach(origin.law, assignment, environment(origin, assignment.cell[1], wide, value))


def _reach(law: Law, assignment: Assignment, names: Environment) -> set[float]:
    """The numbers that a law can draw, whatever it depends on; those of a bounded support where the law has no end."""
    support = assignment.support
    match law.family:
        case "Bernoulli":
            return {0.0, 1.0}
        case "Categorical":
            return set(map(float, range(len(law.arguments))))
        case "Binomial":
            return _counts(float(evaluate(law.arguments[0], names).max()), assignment.cell)
        case "Delta":
            return set(evaluate(law.arguments[0], names).to(torch.float64).flatten().unique().tolist())
        case "Mixture":
            return set(itertools.chain.from_iterable(_reach(part, assignment, names) for part in law.parts))
        case "ZeroInflated":
            return {0.0} | _reach(law.parts[0], assignment, names)
        case "Truncated" if law.parts[0].family in {"Bernoulli", "Categorical", "Binomial"}:
            return _reach(law.parts[0], assignment, names)
        case "Poisson" | "NegativeBinomial" if support.whole and math.isfinite(support.upper):
            return _counts(support.upper, assignment.cell)
        case _:
            raise NotFiniteError(
                f"{_shown(assignment.cell)} is drawn from {law.family}, which has no finite list of values"
            )


def _counts(most: float, cell: Cell) -> set[float]:
    if not most < MOST_VALUES:
        raise NotFiniteError(f"{_shown(cell)} can take more than {MOST_VALUES:,} values")
    return set(map(float, range(int(most) + 1)))


def table_of(assignment: Assignment, grids: Grids, parameters: Mapping[str, Float[Tensor, " draws"]]) -> Factor:
    """The log probability (or density, of a known number) of each number, given each joint number of the parents.

    Failures, which are arguments outside their domain or values outside the support, have probability 0.
    """
    parents = assignment.parents()
    cells = (*parents, assignment.cell)
    if math.prod(len(grids[cell]) for cell in cells) > MOST_ENTRIES:
        raise NotFiniteError(f"the table of {_shown(assignment.cell)} has more than {MOST_ENTRIES:,} entries")
    read = frozenset().union(*(origin.parameters() for origin in assignment.origins))
    wide = {name: parameters[name].reshape(-1, *[1] * len(cells)) for name in read}

    def value(cell: Cell) -> Tensor:
        return spread(grids[cell], cells.index(cell), len(cells))

    x = value(assignment.cell)
    logs = choose(assignment, value, lambda origin: _log_prob(origin, assignment.cell[1], wide, value, x))
    inside = assignment.support.contains(x)
    logs = torch.where(inside, logs, torch.full_like(logs, -torch.inf))
    shape = [len(grids[cell]) for cell in cells]
    if logs.dim() > len(cells):
        return Factor((BATCH, *cells), logs.expand(-1, *shape))
    return Factor(cells, logs.expand(shape))


def choose(assignment: Assignment, value: Callable[[Cell], Tensor], of: Callable[[Origin], Tensor]) -> Tensor:
    """Something of the law that holds, where rivals are chosen among by their number."""
    each = [of(origin) for origin in assignment.origins]
    answer = each[0]
    for place, other in enumerate(each[1:], start=1):
        assert assignment.chooser is not None, "several laws come with a chooser"
        answer = torch.where(value(assignment.chooser) == place, other, answer)
    return answer


def _log_prob(
    origin: Origin, step: int, parameters: Mapping[str, Tensor], value: Callable[[Cell], Tensor], x: Tensor
) -> Tensor:
    names = environment(origin, step, parameters, value)
    return log_prob_or_impossible(origin.law, names, x)


def log_prob_or_impossible(law: Law, names: Environment, x: Tensor) -> Tensor:
    """The log density, minus infinity where an argument is outside its domain.

    A `Delta` has mass 1 at all numbers that rounding cannot tell from its own.
    """
    if law.family == "Delta":
        value = evaluate(law.arguments[0], names)
        valid = torch.isfinite(value)
        same = (x - value).abs() <= SAME * (1 + value.abs())
        return torch.where(valid & same, 0.0, -torch.inf).to(torch.float64)
    part = law_part(law, names)
    logs = part.log_prob(x)
    valid = part.valid() & ~torch.isnan(logs)
    return torch.where(valid, logs, torch.full_like(logs, -torch.inf))


def spread(numbers: Grid, axis: int, count: int) -> Tensor:
    """The numbers along one of `count` axes."""
    return numbers.reshape([-1 if place == axis else 1 for place in range(count)])


def _shown(cell: Cell) -> str:
    return f"{cell[0]} at step {cell[1]}" if abs(cell[1]) < 10**6 else cell[0]


def observed_grid(value: float) -> Grid:
    """The one number of a known cell."""
    return torch.tensor([value], dtype=torch.float64)


def finite_grids(
    assignments: Sequence[Assignment], known: Mapping[Cell, float], parameters: Mapping[str, Tensor]
) -> dict[Cell, Grid]:
    """The numbers of every cell; raises NotFiniteError where one is unknown and not finite."""
    grids: dict[Cell, Grid] = {}
    for assignment in assignments:
        cell = assignment.cell
        grids[cell] = observed_grid(known[cell]) if cell in known else grid_of(assignment, grids, parameters)
    return grids
