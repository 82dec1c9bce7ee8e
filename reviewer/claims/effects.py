"""Claims about what an intervention does: the difference that it makes to each trajectory, with the same noise.

Where no path of the graph leads from the cause to the target in time, the effect is 0, whatever the numbers are. Else
it is tested by simulation: a quantile of the differences by exact bounds of a share, which assume nothing; their mean
by an empirical Bernstein bound, which assumes that the target's declared support is bounded. A trajectory that failed
keeps its last good values. Intervals are wrong with a probability of at most one minus their level.
"""

from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import torch

from reviewer.claims.budget import Budget
from reviewer.claims.exact import mean_bounds, share_bounds
from reviewer.claims.outcome import Outcome
from reviewer.claims.paths import holds_surely
from reviewer.claims.region import support_ends
from reviewer.claims.running import Run, command, run_of, sources, trajectories
from worldmodel.errors import InputError
from worldmodel.language.ir import Binary, Compare, Effect, Variable
from worldmodel.language.render import render_number
from worldmodel.language.walk import literal_value
from worldmodel.questions.graph import unrolled_graph
from worldmodel.simulation.draws import Source
from worldmodel.simulation.intervention import Intervention
from worldmodel.world import World

_GRAPH = 200_000
Found = tuple[bool | None, str, dict[str, Any]]
"""Whether a claim holds, in words, and the numbers."""


@dataclass(frozen=True)
class Answer:
    """What one run says: whether the claim holds (None where that is open), in words, and its numbers."""

    source: Source
    holds: bool | None
    words: str
    facts: dict[str, Any]


def decide_effect(world: World, mechanism: str, formula: Effect, budget: Budget) -> Outcome:
    """Decides a grounded claim of a mechanism of a world as written."""
    run = run_of(world, mechanism, formula, formula.step, budget)
    if isinstance(run, str):
        return Outcome("undecided", "nothing was simulated", run)
    edit = intervention_of(formula)
    try:
        if not _reaches(run, formula, edit):
            return _nothing(formula, edit)
        answers = [ask(run, formula, edit, source, budget) for source in sources(world)]
    except InputError as error:
        return Outcome("undecided", "nothing was simulated", str(error.problems[0]))
    first, told = answers[0], "; ".join(answer.words for answer in answers)
    method = _method(formula, budget)
    if first.holds is None:
        return Outcome("undecided", method, told)
    if first.holds:
        return Outcome("tested", method, told)
    commands = tuple(command(run, first.source, budget.seed, done) for done in ((), (edit_text(edit),)))
    return Outcome("refuted", method, told, "effect", first.facts, commands)


def intervention_of(formula: Effect) -> Intervention:
    """The change of a grounded claim as an intervention."""
    match formula.change:
        case Compare("==", Variable(name), right):
            value, factor = literal_value(right), 0.0
        case Binary(operator, Variable(name), right):
            amount = literal_value(right)
            assert amount is not None, "the parser lets no other change through"
            value, factor = (0.0, amount) if operator == "*" else (-amount if operator == "-" else amount, 1.0)
        case _:
            raise AssertionError("the parser lets no other change through")
    assert value is not None, "the checker lets no other value through"
    return Intervention(name, value, formula.first, formula.last, factor)


def edit_text(edit: Intervention) -> str:
    """The intervention as `--do` reads it."""
    steps = f"@{edit.first}.." + ("" if edit.last is None else str(edit.last))
    match edit.factor:
        case 0.0:
            return f"{edit.variable}={render_number(edit.value)}{steps}"
        case 1.0:
            return f"{edit.variable}+={render_number(edit.value)}{steps}"
        case _:
            return f"{edit.variable}*={render_number(edit.factor)}{steps}"


def _reaches(run: Run, formula: Effect, edit: Intervention) -> bool:
    """Whether a path of the graph leads from the changed variable at a changed step to the target; True where large."""
    if len(run.world.variables) * run.steps > _GRAPH:
        return True
    graph = unrolled_graph(run.world, run.steps)
    reached = {place for step in _changed(edit, run.steps) for place in _from(graph, (edit.variable, step))}
    return (formula.target.name, formula.step) in reached


def _changed(edit: Intervention, steps: int) -> range:
    return range(edit.first, min(steps, edit.last or steps) + 1)


def _from(graph: "nx.DiGraph[tuple[str, int]]", place: tuple[str, int]) -> set[tuple[str, int]]:
    return {place, *nx.descendants(graph, place)}


def _nothing(formula: Effect, edit: Intervention) -> Outcome:
    target = f"{formula.target.name} at step {formula.step}"
    bound = f"no path of the graph leads from {edit.variable} to {target}: the effect is 0"
    if holds_surely(formula.operator, (0.0, 0.0), formula.bound):
        return Outcome("proved", "reachability in the unrolled graph", bound)
    facts = {"effect": 0.0, "from": edit.variable, "to": formula.target.name, "step": formula.step}
    return Outcome("refuted", "reachability in the unrolled graph", bound, "effect", facts)


def reaches(run: Run, formula: Effect) -> bool:
    """Whether the graph lets the change make a difference."""
    return _reaches(run, formula, intervention_of(formula))


def differences(run: Run, formula: Effect, edit: Intervention, source: Source, seed: int) -> np.ndarray:
    """What the intervention makes of the target at the step, trajectory by trajectory."""
    keep = frozenset({formula.target.name})
    with torch.no_grad():
        with_it, without = (trajectories(run, source, seed, keep, edits) for edits in ((edit,), ()))
        found = with_it.values[formula.target.name][:, 0, -1] - without.values[formula.target.name][:, 0, -1]
    values = found.numpy()
    assert isinstance(values, np.ndarray)
    return values


def ask(run: Run, formula: Effect, edit: Intervention, source: Source, budget: Budget) -> Answer:
    """One run with the intervention and one without, and what they say about the claim."""
    found = differences(run, formula, edit, source, budget.seed)
    facts = {
        "steps": run.steps,
        "seed": budget.seed,
        "source": source,
        "trajectories": run.draws,
        "do": edit_text(edit),
    }
    start = f"{source}: {run.draws} pairs of trajectories with seed {budget.seed}"
    if formula.level is not None:
        holds, words, numbers = _quantile(formula, formula.level, found, budget)
    else:
        holds, words, numbers = _mean(run, formula, found, budget)
    return Answer(source, holds, f"{start}, {words}", {**facts, **numbers})


def _quantile(formula: Effect, level: float, found: np.ndarray, budget: Budget) -> Found:
    """A quantile lies below a bound where enough differences do: decided by the share of them [clopper1934]."""
    below = formula.operator in ("<=", "<")
    event = found <= formula.bound if formula.operator in ("<=", ">") else found < formula.bound
    count = int(event.sum())
    low, high = share_bounds(count, len(found), budget.level)
    enough = low > level or (low == level and formula.operator in ("<=", ">"))
    holds = None if not enough and high >= level else enough if below else not enough
    sign = "≤" if formula.operator in ("<=", ">") else "<"
    words = f"{count} with a difference {sign} {formula.bound:g}, so its share lies between {low:.4f} and {high:.4f}"
    return (
        holds,
        f"{words} ({budget.level:.1%}), against the level {level:g}",
        {"count": count, "interval": [low, high]},
    )


def _mean(run: Run, formula: Effect, found: np.ndarray, budget: Budget) -> Found:
    least, most, _ = support_ends(run.world.variables[formula.target.name].file.support)
    mean = float(np.mean(found))
    if np.isinf(most - least):
        words = f"a mean difference of {mean:.6g} in them; the support of {formula.target.name} has no end, so that no "
        return None, words + "sample bounds a mean: claim a quantile of the effect, or declare ends", {"mean": mean}
    ends = mean_bounds(found, least - most, most - least, budget.level)
    words = f"a mean difference of {mean:.6g}, which lies between {ends[0]:.6g} and {ends[1]:.6g} ({budget.level:.1%})"
    return holds_surely(formula.operator, ends, formula.bound), words, {"mean": mean, "interval": list(ends)}


def _method(formula: Effect, budget: Budget) -> str:
    if formula.level is None:
        return f"simulation with common noise, {budget.level:.1%} empirical Bernstein bound, for a bounded support"
    return f"simulation with common noise, exact {budget.level:.1%} interval for a share (Clopper and Pearson)"
