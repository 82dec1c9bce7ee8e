"""A counterexample seen to fail again: everything is computed anew and must come out bit for bit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

import numpy as np

from reviewer.claims.budget import DEFAULT, Budget
from reviewer.claims.claim import ElementClaim, claims_of, elements_of, world_digest
from reviewer.claims.decide import laws_of
from reviewer.claims.decision import Counterexample
from reviewer.claims.effects import ask, intervention_of, reaches
from reviewer.claims.independence import LONGEST, open_in
from reviewer.claims.one_step import contradicts, ends_at, evaluate
from reviewer.claims.paths import count_paths, holds_surely, share_fails
from reviewer.claims.region import Numbers, Region, key_of, region_of
from reviewer.claims.running import Run, run_of
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Bounded, Effect, Independent, Monotone, Probability
from worldmodel.simulation.draws import Source
from worldmodel.world import World

_MOST_BYTES = 1_000_000
_FIELDS = {"kind", "mechanism", "claim", "element", "world", "facts"}


@dataclass(frozen=True)
class Replay:
    """Whether the claim fails again, whether every number came out as recorded, and whether the world is the same."""

    fails: bool
    same: bool
    same_world: bool
    computed: Mapping[str, Any]


def read_counterexample(data: bytes) -> Counterexample:
    """A counterexample from the JSON that `Counterexample.to_json` makes; InputError where it is anything else."""
    try:
        value = json.loads(data) if len(data) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or set(value) != _FIELDS or not _shaped(value):
        raise InputError(
            _malformed("the file", "the JSON of one counterexample, as `glassworld claims --save` writes it")
        )
    return Counterexample(
        value["kind"], value["mechanism"], value["claim"], tuple(value["element"]), value["world"], value["facts"]
    )


def _shaped(value: Mapping[str, Any]) -> bool:
    texts = all(isinstance(value[name], str) for name in ("kind", "mechanism", "claim", "world"))
    element = isinstance(value["element"], list) and all(isinstance(name, str) for name in value["element"])
    return (
        texts and element and isinstance(value["facts"], dict) and value["kind"] in ("law", "paths", "effect", "graph")
    )


def replay(world: World, counterexample: Counterexample, budget: Budget = DEFAULT) -> Replay:
    """Computes a counterexample again in a world as written, which need not be the one that it was found in."""
    one = _element(world, counterexample)
    try:
        fails, computed = _again(world, one, counterexample.facts, budget)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise InputError(
            _malformed("the counterexample's facts", f"facts that fit the claim ({error})"[:300])
        ) from error
    same = all(counterexample.facts.get(name) == value for name, value in computed.items())
    return Replay(fails, same, counterexample.world == world_digest(world), computed)


def _element(world: World, counterexample: Counterexample) -> ElementClaim:
    claims = [claim for claim in claims_of(world, counterexample.mechanism) if claim.text == counterexample.claim]
    found = [one for claim in claims for one in elements_of(world, claim) if one.element == counterexample.element]
    if not found:
        wanted = f"a claim of {counterexample.mechanism}, as it stands in its file"
        raise InputError(_malformed(f"“{counterexample.claim[:200]}”", wanted))
    return found[0]


def _malformed(found: str, wanted: str) -> Problem:
    return Problem(
        code="bad-counterexample",
        where="claims",
        found=found,
        wanted=wanted,
        mend="decide the claims again, and save the counterexample of this world",
    )


def _again(world: World, one: ElementClaim, facts: Mapping[str, Any], budget: Budget) -> tuple[bool, dict[str, Any]]:
    formula = one.formula
    match formula:
        case Monotone() | Bounded():
            return _law(world, one, formula, facts)
        case Probability():
            return _paths(world, one, formula, facts, budget)
        case Effect():
            return _effect(world, one, formula, facts, budget)
        case Independent():
            path = [(str(name), int(step)) for name, step in facts["path"]]
            fails = open_in(world, formula, _bounded(facts["step"], LONGEST), path)
            return fails, {"step": facts["step"], "path": [list(place) for place in path]}
        case _:
            assert_never(formula)


def _law(
    world: World, one: ElementClaim, formula: Monotone | Bounded, facts: Mapping[str, Any]
) -> tuple[bool, dict[str, Any]]:
    """The law at the recorded points; points outside supports and priors' supports show nothing."""
    grounded = ground(world)
    laws = {law.file.id: law for law in laws_of(grounded, one, formula)}
    mechanism = laws[facts["law"]]
    region = region_of(grounded, mechanism)
    points = [np.array([[float(point[str(key)])] for key in region.keys]).reshape(-1, 1) for point in facts["points"]]
    u = None if facts["u"] is None else min(max(float(facts["u"]), 0.0), 1.0)
    found = evaluate(mechanism.law, formula, region, points[0], points[-1], u)
    fails = bool(np.all(contradicts(formula, found))) and all(_inside(region, point) for point in points)
    return fails and _fit(formula, region, points), {"bounds": [ends_at(x, 0) for x in found[: len(points)]]}


def _inside(region: Region, point: Numbers) -> bool:
    whole = np.array(region.whole, np.bool_).reshape(-1, 1)
    fits = (region.lower <= point) & (point <= region.upper) & np.isfinite(point)
    return bool(np.all(fits & (~whole | (point == np.round(point)))))


def _fit(formula: Monotone | Bounded, region: Region, points: Sequence[Numbers]) -> bool:
    """Whether two points differ in the input of a claim of direction alone, and in the right order."""
    if isinstance(formula, Bounded):
        return len(points) == 1
    key = key_of(formula.by)
    first, second = points
    moved = np.array([own == key for own in region.keys]).reshape(-1, 1)
    return bool(np.all(np.where(moved, first < second, first == second)))


def _paths(
    world: World, one: ElementClaim, formula: Probability, facts: Mapping[str, Any], budget: Budget
) -> tuple[bool, dict[str, Any]]:
    """The same run, counted again."""
    run = _run(world, one, formula.path.steps, facts, budget)
    found = count_paths(run, formula, _source(facts), int(facts["seed"]))
    fails = share_fails(formula, found.count, found.total, budget.level)
    return fails, {"count": found.count, "trajectories": found.total, "against": list(found.against)}


def _effect(
    world: World, one: ElementClaim, formula: Effect, facts: Mapping[str, Any], budget: Budget
) -> tuple[bool, dict[str, Any]]:
    if "effect" in facts:
        run = _run(world, one, formula.step, {"trajectories": budget.draws}, budget)
        fails = holds_surely(formula.operator, (0.0, 0.0), formula.bound) is False
        return fails and not reaches(run, formula), {"effect": 0.0}
    run = _run(world, one, formula.step, facts, budget)
    seeded = replace(budget, seed=int(facts["seed"]))
    answer = ask(run, formula, intervention_of(formula), _source(facts), seeded)
    return answer.holds is False, answer.facts


def _run(world: World, one: ElementClaim, steps: int, facts: Mapping[str, Any], budget: Budget) -> Run:
    draws = _bounded(facts["trajectories"], budget.draws)
    run = run_of(world, one.claim.mechanism, one.formula, steps, replace(budget, draws=draws))
    if isinstance(run, str):
        raise InputError(_malformed("a run", run))
    return run


def _bounded(value: object, most: int) -> int:
    """A count from a file, which may be anything."""
    if not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(f"a count from 1 to {most} is wanted")
    return value


def _source(facts: Mapping[str, Any]) -> Source:
    match facts["source"]:
        case "prior":
            return "prior"
        case "posterior":
            return "posterior"
        case _:
            raise ValueError("the source is prior or posterior")
