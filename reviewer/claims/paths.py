"""Claims about the probability of a path property, tested by simulation with exact bounds for a share."""

from dataclasses import dataclass
from typing import Any

import torch

from reviewer.claims.budget import Budget
from reviewer.claims.exact import Ends, share_bounds
from reviewer.claims.outcome import Outcome
from reviewer.claims.running import Run, command, run_of, sources, trajectories
from worldmodel.errors import InputError
from worldmodel.language.ir import CompareOperator, Parameter, Probability
from worldmodel.language.walk import walk
from worldmodel.simulation.draws import Source
from worldmodel.simulation.paths import probability_holds, variables_of
from worldmodel.world import World

_SHOWN = 5


@dataclass(frozen=True)
class Count:
    """How many trajectories of a run are the path's, and the numbers of the first ones that count against the claim."""

    source: Source
    count: int
    total: int
    against: tuple[int, ...]


def decide_paths(world: World, mechanism: str, formula: Probability, budget: Budget) -> Outcome:
    """Decides a grounded claim of a mechanism of a world as written."""
    method = f"simulation, exact {budget.level:.1%} interval for a share (Clopper and Pearson)"
    read = sorted(node.name for node in walk(formula) if isinstance(node, Parameter))
    if read:
        return Outcome("undecided", "nothing was simulated", f"the path reads the parameter {read[0]}")
    run = run_of(world, mechanism, formula, formula.path.steps, budget)
    if isinstance(run, str):
        return Outcome("undecided", "nothing was simulated", run)
    try:
        counts = [count_paths(run, formula, source, budget.seed) for source in sources(world)]
    except InputError as error:
        return Outcome("undecided", "nothing was simulated", str(error.problems[0]))
    # What is known after data is what the world says; what the priors say is told beside it.
    first = counts[0]
    ends = share_bounds(first.count, first.total, budget.level)
    told = "; ".join(_told(one, budget) for one in counts)
    if _holds(formula.operator, ends, formula.bound):
        return Outcome("tested", method, told)
    if not _fails(formula.operator, ends, formula.bound):
        return Outcome("undecided", method, f"{told}: the bound {formula.bound:g} lies inside")
    facts = {**_plain(run, first, budget.seed), "interval": list(ends)}
    return Outcome("refuted", method, told, "paths", facts, (command(run, first.source, budget.seed),))


def count_paths(run: Run, formula: Probability, source: Source, seed: int) -> Count:
    """Counts the trajectories that belong to the path, a failed one against the claim."""
    with torch.no_grad():
        found = trajectories(run, source, seed, variables_of(formula))
        holds = probability_holds(formula, found)[:, 0]
    against = holds if formula.operator in ("<", "<=") else ~holds
    numbers = torch.nonzero(against)[:_SHOWN, 0].tolist()
    return Count(source, int(holds.sum().item()), run.draws, tuple(map(int, numbers)))


def share_fails(formula: Probability, count: int, total: int, level: float) -> bool:
    """Whether a count rules the claim out."""
    return _fails(formula.operator, share_bounds(count, total, level), formula.bound)


def _plain(run: Run, found: Count, seed: int) -> dict[str, Any]:
    return {
        "steps": run.steps,
        "seed": seed,
        "source": found.source,
        "trajectories": found.total,
        "count": found.count,
        "against": list(found.against),
    }


def _told(found: Count, budget: Budget) -> str:
    low, high = share_bounds(found.count, found.total, budget.level)
    return (
        f"{found.source}: {found.count} of {found.total} trajectories with seed {budget.seed}, "
        f"so the probability lies between {low:.4f} and {high:.4f} ({budget.level:.1%})"
    )


def _holds(operator: CompareOperator, ends: Ends, bound: float) -> bool:
    low, high = ends
    match operator:
        case "<=":
            return high <= bound
        case "<":
            return high < bound
        case ">=":
            return low >= bound
        case _:
            return low > bound


def _fails(operator: CompareOperator, ends: Ends, bound: float) -> bool:
    low, high = ends
    match operator:
        case "<=":
            return low > bound
        case "<":
            return low >= bound
        case ">=":
            return high < bound
        case _:
            return high <= bound


def holds_surely(operator: CompareOperator, ends: Ends, bound: float) -> bool | None:
    """Whether a number in an interval surely keeps to a bound, surely does not, or neither."""
    if _holds(operator, ends, bound):
        return True
    return False if _fails(operator, ends, bound) else None
