"""Claims to decisions: each kind by its own method, each element of a family in turn, the worst verdict first."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import assert_never

from reviewer.claims.budget import DEFAULT, Budget
from reviewer.claims.claim import Claim, ElementClaim, claims_of, elements_of, world_digest
from reviewer.claims.decision import Counterexample, Decision, Verdict
from reviewer.claims.effects import decide_effect
from reviewer.claims.independence import decide_independence
from reviewer.claims.one_step import decide_one_step
from reviewer.claims.outcome import Outcome
from reviewer.claims.paths import decide_paths
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Bounded, Effect, Independent, Monotone, Probability
from worldmodel.world import Mechanism, World

_WORST_FIRST: Sequence[Verdict] = ("refuted", "undecided", "tested", "proved")


def decide_all(world: World, component: str | None = None, budget: Budget = DEFAULT) -> tuple[Decision, ...]:
    """The decisions on all claims of a world, or on those of one mechanism, in the order of `claims_of`."""
    return tuple(decide(world, claim, budget) for claim in claims_of(world, component))


def decide(world: World, claim: Claim, budget: Budget = DEFAULT) -> Decision:
    """Decides one claim of a world as written; the same answer, byte for byte, for the same world, claim and budget.

    A claim about a family is decided for every element: it is as good as its worst one.
    """
    worst: tuple[ElementClaim, Outcome] | None = None
    elements = list(islice(elements_of(world, claim), budget.elements + 1))
    own = budget.shared(len(world.mechanisms[claim.mechanism].claims), len(elements))
    for count, one in enumerate(elements):
        if count == budget.elements:
            reason = f"the family has more than {budget.elements} elements"
            more = Outcome("undecided", "nothing more was tried", reason)
            worst = _worse(worst, (one, more))
            break
        worst = _worse(worst, (one, decide_element(world, one, own)))
        if worst[1].verdict == "refuted":
            break
    assert worst is not None, "index sets have elements"
    return _decision(world, claim, *worst)


def _worse(
    first: tuple[ElementClaim, Outcome] | None, second: tuple[ElementClaim, Outcome]
) -> tuple[ElementClaim, Outcome]:
    if first is None or _WORST_FIRST.index(second[1].verdict) < _WORST_FIRST.index(first[1].verdict):
        return second
    return first


def _decision(world: World, claim: Claim, one: ElementClaim, found: Outcome) -> Decision:
    bound = f"{', '.join(one.element)}: {found.bound}" if one.element else found.bound
    if found.verdict != "refuted" or found.kind is None:
        return Decision(claim, found.verdict, found.method, bound)
    counterexample = Counterexample(
        found.kind, claim.mechanism, claim.text, one.element, world_digest(world), dict(found.facts)
    )
    replayed = f"glassworld claims {claim.mechanism} --replay FILE"
    return Decision(claim, "refuted", found.method, bound, counterexample, (*found.commands, replayed))


def decide_element(world: World, one: ElementClaim, budget: Budget) -> Outcome:
    """The outcome for one element of a family, or for a single variable."""
    try:
        match one.formula:
            case Monotone() | Bounded():
                return _one_step(world, one, one.formula, budget)
            case Probability():
                return decide_paths(world, one.claim.mechanism, one.formula, budget)
            case Independent():
                return decide_independence(world, one.formula)
            case Effect():
                return decide_effect(world, one.claim.mechanism, one.formula, budget)
            case _:
                assert_never(one.formula)
    except ValueError as error:
        # Bounds refuse what has none; a claim that cannot be bounded is not decided by that.
        return Outcome("undecided", "nothing was shown", f"bounds failed: {error}"[:400])


def _one_step(world: World, one: ElementClaim, formula: Monotone | Bounded, budget: Budget) -> Outcome:
    """A claim about its own mechanism's law; one about another variable must hold for each law that may assign it."""
    grounded = ground(world)
    laws = laws_of(grounded, one, formula)
    if not laws:
        return Outcome("undecided", "nothing was tried", f"no mechanism assigns {formula.target.name}")
    if formula.target.lag:
        return Outcome("undecided", "nothing was tried", "a claim about one step speaks of y[t], and not of a lag")
    found = [decide_one_step(grounded, law, formula, budget) for law in laws]
    worst = min(found, key=lambda outcome: _WORST_FIRST.index(outcome.verdict))
    if len(laws) == 1:
        return worst
    return replace(worst, bound=f"{laws[found.index(worst)].file.id} of {len(laws)} laws: {worst.bound}")


def laws_of(grounded: World, one: ElementClaim, formula: Monotone | Bounded) -> list[Mechanism]:
    """The mechanism that the claim stands in where that assigns the target, else all that have weight."""
    own = [law for law in grounded.mechanisms.values() if law.owner == one.claim.mechanism]
    own = [law for law in own if law.assigns == formula.target.name]
    return own or [grounded.mechanisms[name] for name in grounded.weights_of(formula.target.name)]
