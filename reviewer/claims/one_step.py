"""Claims about one step of one law: how its mean or a quantile moves with an input, and bounds on what it draws.

Proved over the whole region of what the law reads, by bounds with outward rounding and bisection; refuted where bounds
at single points contradict the claim; never decided by sampling.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from reviewer.claims.bisection import Cover, Holds, cover
from reviewer.claims.budget import Budget
from reviewer.claims.outcome import Outcome
from reviewer.claims.points import spread, trial_points
from reviewer.claims.region import Numbers, Region, box_of, key_of, law_cost, region_of
from reviewer.claims.statistics import has_mean, statistic_bounds, surely_moves
from worldmodel.language.ir import Bounded, Law, Monotone
from worldmodel.language.render import render_number
from worldmodel.language.walk import walk
from worldmodel.readings.interval_arithmetic import Interval
from worldmodel.readings.interval_law import DRAWN
from worldmodel.readings.moments import mean_expression
from worldmodel.simulation.noise import Noise
from worldmodel.world import Mechanism, World

INTERVALS = "interval bounds with outward rounding"
_LEVELS = (0.05, 0.95, 1e-3, 1 - 1e-3, 1e-6, 1 - 1e-6, float(DRAWN.lower), float(DRAWN.upper))
_LEFT_OVER = 1024
_FAR = 1e6


@dataclass(frozen=True)
class _Asked:
    """One law, what is claimed of it, and everything that it may be given."""

    law: Law
    formula: Monotone | Bounded
    region: Region

    @property
    def by(self) -> int | None:
        """The row of the input that a claim of direction speaks of."""
        if isinstance(self.formula, Bounded):
            return None
        key = key_of(self.formula.by)
        return self.region.keys.index(key) if key is not None else None


def decide_one_step(world: World, mechanism: Mechanism, formula: Monotone | Bounded, budget: Budget) -> Outcome:
    """Decides a claim about one grounded mechanism of a grounded world."""
    if isinstance(formula, Monotone) and (unfit := _unfit(world, mechanism, formula)):
        return Outcome("undecided", "nothing was tried", unfit)
    asked = _Asked(mechanism.law, formula, region_of(world, mechanism))
    size = _cost(asked)
    if size > budget.work:
        reason = f"bounds on the law cost as much as {size} terms, and the budget is {budget.work}"
        return Outcome("undecided", "nothing was tried", reason)
    first = prove(asked.law, formula, asked.region, Budget(boxes=1, work=size))
    if first.proved:
        return _proved(asked, first)
    count = max(1, min(budget.points, budget.work // (2 * size)))
    points = trial_points(world, mechanism, asked.region, count, budget.seed)
    found = _violation(asked, _pairs(asked, points, budget.seed))
    if found is None:
        whole = prove(asked.law, formula, asked.region, budget)
        if whole.proved:
            return _proved(asked, whole)
        found = _violation(asked, iter(_left_over(asked, whole)))
        if found is None:
            return _undecided(asked, whole, count)
    facts = {"law": mechanism.file.id, **found}
    return Outcome("refuted", f"{INTERVALS} at single points", _told(asked, found), "law", facts)


def prove(law: Law, formula: Monotone | Bounded, region: Region, budget: Budget) -> Cover:
    """Whether a claim about a law surely holds everywhere in a region, and how many boxes it took to see."""
    asked = _Asked(law, formula, region)
    return cover(region, _holds(asked), budget, _cost(asked), _matters(asked), asked.by)


def _cost(asked: _Asked) -> int:
    formula = asked.formula
    means = formula.statistic == "mean" if isinstance(formula, Bounded) else formula.level is None
    return law_cost(asked.law, quantiles=not means)


def _matters(asked: _Asked) -> Any:
    """What is worth cutting: of a claim about a mean, only what the mean's formula reads, where there is one."""
    mean = mean_expression(asked.law) if asked.formula.level is None else None
    if mean is None or (isinstance(asked.formula, Bounded) and asked.formula.statistic == "every"):
        return np.ones(len(asked.region.keys), np.bool_)
    read = {key_of(node) for node in walk(mean)}
    return np.array([key in read for key in asked.region.keys], np.bool_)


def _unfit(world: World, mechanism: Mechanism, formula: Monotone) -> str:
    if formula.by not in mechanism.inputs:
        return f"the law of {mechanism.file.id} does not read {key_of(formula.by)}: its mean cannot follow it"
    if world.variables[formula.by.name].file.support.kind == "finite":
        return f"the values of {formula.by.name} have names and no order"
    return ""


def _holds(asked: _Asked) -> Holds:
    formula, law = asked.formula, asked.law

    def holds(lower: Numbers, upper: Numbers) -> Any:
        box = box_of(asked.region, lower, upper)
        if isinstance(formula, Monotone):
            return surely_moves(law, formula.level, formula.by, formula.direction == "increasing", box)
        inside = _within(formula, statistic_bounds(law, formula.statistic, formula.level, box))
        return inside & has_mean(law, box) if formula.statistic == "mean" else inside

    return holds


def _within(formula: Bounded, found: Interval) -> Any:
    match formula.operator:
        case ">=":
            return found.lower >= formula.bound
        case ">":
            return found.lower > formula.bound
        case "<=":
            return found.upper <= formula.bound
        case _:
            return found.upper < formula.bound


def _beyond(formula: Bounded, found: Interval) -> Any:
    """Where the bound is surely broken."""
    match formula.operator:
        case ">=":
            return found.upper < formula.bound
        case ">":
            return found.upper <= formula.bound
        case "<=":
            return found.lower > formula.bound
        case _:
            return found.lower >= formula.bound


Trial = tuple[Numbers, Numbers, float | None]
"""First points, second points (the same ones for a bound), and the uniform number of a draw."""


def _pairs(asked: _Asked, points: Numbers, seed: int) -> Iterator[Trial]:
    """Points to compare: for a direction, each with another value of the input, once far away and once near."""
    row = asked.by
    if row is None:
        yield from _draws_at(asked, points)
        return
    key, count = asked.region.keys[row], points.shape[1]
    other = points.copy()
    other[row] = spread(key, " other", asked.region, row, Noise(seed), count)
    yield _sorted(row, points, other)
    near = points.copy()
    step = 1.0 if asked.region.whole[row] else 1e-3 * np.maximum(np.abs(points[row]), 1.0)
    near[row] = np.clip(points[row] + step, asked.region.lower[row], asked.region.upper[row])
    yield _sorted(row, points, near)


def _draws_at(asked: _Asked, points: Numbers) -> Iterator[Trial]:
    every = isinstance(asked.formula, Bounded) and asked.formula.statistic == "every"
    for u in _LEVELS if every else (None,):
        yield points, points, u


def _sorted(row: int, points: Numbers, other: Numbers) -> Trial:
    swap = points[row] > other[row]
    return np.where(swap, other, points), np.where(swap, points, other), None


def _left_over(asked: _Asked, found: Cover) -> list[Trial]:
    """Points in the boxes that are still open: their ends in the input that is asked for, or their corners."""
    lower, upper = (ends[:, :_LEFT_OVER] for ends in (found.lower, found.upper))
    low, high = np.maximum(lower, -_FAR), np.minimum(upper, _FAR)
    low, high = np.minimum(low, upper), np.maximum(high, lower)
    middle = low / 2 + high / 2
    whole = np.array(asked.region.whole, np.bool_)[:, None]
    middle = np.where(whole, np.floor(middle), middle)
    if asked.by is None:
        return [trial for points in (middle, low, high) for trial in _draws_at(asked, points)]
    first, second = middle.copy(), middle.copy()
    ends = (np.ceil(low), np.floor(high)) if asked.region.whole[asked.by] else (low, high)
    first[asked.by], second[asked.by] = ends[0][asked.by], ends[1][asked.by]
    return [_sorted(asked.by, first, second)]


def _violation(asked: _Asked, trials: Iterator[Trial]) -> dict[str, Any] | None:
    """The first points at which bounds contradict the claim."""
    for first, second, u in trials:
        finite = np.all(np.isfinite(first) & np.isfinite(second), axis=0)
        first, second = first[:, finite], second[:, finite]
        if not first.shape[1]:
            continue
        found = evaluate(asked.law, asked.formula, asked.region, first, second, u)
        places = np.flatnonzero(np.broadcast_to(contradicts(asked.formula, found), (first.shape[1],)))
        if places.size:
            return _facts(asked, first, second, u, found, int(places[0]))
    return None


def evaluate(
    law: Law, formula: Monotone | Bounded, region: Region, first: Numbers, second: Numbers, u: float | None
) -> tuple[Interval, Interval]:
    """Bounds on what the law says at single points."""
    at = Interval(0.0, 1.0) if u is None else Interval(u, u)
    statistic = formula.statistic if isinstance(formula, Bounded) else "mean" if formula.level is None else "quantile"
    boxes = box_of(region, first, first), box_of(region, second, second)
    one, other = (statistic_bounds(law, statistic, formula.level, box, at) for box in boxes)
    return one, other


def contradicts(formula: Monotone | Bounded, found: tuple[Interval, Interval]) -> Any:
    """Where the bounds at two points, or at one, show the claim to be false; points at which the law fails do not."""
    one, other = found
    valid = ~(one.partial | other.partial)
    if isinstance(formula, Bounded):
        return valid & _beyond(formula, one)
    if formula.direction == "increasing":
        return valid & (one.lower > other.upper)
    return valid & (one.upper < other.lower)


def _facts(
    asked: _Asked, first: Numbers, second: Numbers, u: float | None, found: tuple[Interval, Interval], place: int
) -> dict[str, Any]:
    """A counterexample as plain values: points, and the bounds there."""
    points = [first[:, place]] if asked.by is None else [first[:, place], second[:, place]]
    return {
        "points": [
            {str(key): float(value) for key, value in zip(asked.region.keys, one, strict=True)} for one in points
        ],
        "bounds": [ends_at(one, place) for one in found[: len(points)]],
        "u": u,
    }


def ends_at(x: Interval, place: int) -> list[float | str]:
    """Both ends of one of many intervals, as JSON can hold them."""
    ends = [float(np.ravel(end)[place if np.size(end) > 1 else 0]) for end in (x.lower, x.upper)]
    return [end if np.isfinite(end) else str(end) for end in ends]


def _told(asked: _Asked, found: Mapping[str, Any]) -> str:
    formula = asked.formula
    what = _words(formula)
    said = [f"between {low} and {high}" for low, high in found["bounds"]]
    values = ", ".join(f"{name} = {value:.6g}" for name, value in found["points"][0].items())
    if isinstance(formula, Bounded):
        draw = "" if found["u"] is None else f" for the uniform number {found['u']:.6g}"
        return f"at {values or 'every point'}{draw} {what} lies {said[0]}"
    name = str(key_of(formula.by))
    values = ", ".join(f"{one} = {value:.6g}" for one, value in found["points"][0].items() if one != name)
    first, second = (point[name] for point in found["points"])
    ends = f"from {name} = {first!r} to {second!r}"
    return f"{ends} {what} goes from {said[0]} to {said[1]}" + (f", with {values}" if values else "")


def _words(formula: Monotone | Bounded) -> str:
    if isinstance(formula, Bounded) and formula.statistic == "every":
        return "the draw"
    return "the mean" if formula.level is None else f"the quantile at {render_number(formula.level)}"


def _proved(asked: _Asked, found: Cover) -> Outcome:
    boxes = "1 box" if found.boxes == 1 else f"{found.boxes} boxes"
    return Outcome("proved", f"{INTERVALS} on {boxes}", f"for {_extent(asked.region)}")


def _extent(region: Region) -> str:
    """The region in words."""
    told = [f"{key} in {_interval(region, row)}" for row, key in enumerate(region.keys)]
    return "every " + ", ".join(told) if told else "the one law that there is"


def _interval(region: Region, row: int) -> str:
    low, high = float(region.lower[row, 0]), float(region.upper[row, 0])
    left = "(−∞" if np.isinf(low) else f"[{low:.6g}"
    return f"{left}, {'∞)' if np.isinf(high) else f'{high:.6g}]'}"


def _undecided(asked: _Asked, found: Cover, points: int) -> Outcome:
    width = (asked.region.upper - asked.region.lower)[:, 0]
    endless = [str(key) for key, own in zip(asked.region.keys, width, strict=True) if np.isinf(own)]
    reason = f"bounds leave it open on some of {found.boxes} boxes, and {points} points show no counterexample"
    hint = f"; without an end: {', '.join(endless)}" if endless else ""
    return Outcome("undecided", f"{INTERVALS} and bisection", reason + hint)
