"""What claims say to the checks before a merge: a refuted claim is a problem, an undecided one is said aloud."""

from collections.abc import Iterable

from reviewer.claims.budget import DEFAULT, Budget
from reviewer.claims.claim import claims_of
from reviewer.claims.decide import decide, decide_all
from reviewer.claims.decision import Decision
from worldmodel.errors import Problem
from worldmodel.world import World


def claim_problems(world: World, before: World | None = None, budget: Budget = DEFAULT) -> list[Problem]:
    """A problem for each claim that the machine refutes, in the order of `claims_of`.

    With the world `before` a change, claims that were made and false already are left out: a request answers for what
    it breaks, and the pane of claims shows the others.
    """
    found = [decision for decision in decide_all(world, None, budget) if decision.verdict == "refuted"]
    if before is None or not found:
        return refuted(found)
    wanted = {(decision.claim.mechanism, decision.claim.text) for decision in found}
    asked = [claim for claim in claims_of(before) if (claim.mechanism, claim.text) in wanted]
    known = {(claim.mechanism, claim.text) for claim in asked if decide(before, claim, budget).verdict == "refuted"}
    return refuted(one for one in found if (one.claim.mechanism, one.claim.text) not in known)


def refuted(decisions: Iterable[Decision]) -> list[Problem]:
    """The problems of decisions already made."""
    return [
        Problem(
            code="claim-refuted",
            where=f"mechanisms/{decision.claim.mechanism}.toml",
            part=f"claims.{decision.claim.number}.claim",
            found=f"{decision.claim.text} is false: {decision.bound}",
            wanted="claims that hold for everything that supports and priors allow",
            mend="change the law, its priors or the claim; `glassworld claims` shows the counterexample",
        )
        for decision in decisions
        if decision.verdict == "refuted"
    ]


def undecided_note(decisions: Iterable[Decision]) -> str:
    """The sentence about claims that nothing could be said about; empty where there is none."""
    open_ones = [decision for decision in decisions if decision.verdict == "undecided"]
    if not open_ones:
        return ""
    named = "; ".join(f"{decision.claim.mechanism}: {decision.claim.text}" for decision in open_ones)
    count = "1 claim is" if len(open_ones) == 1 else f"{len(open_ones)} claims are"
    return f"{count} undecided, and for people to judge: {named}"
