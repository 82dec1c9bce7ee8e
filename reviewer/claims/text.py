"""Decisions as lines for a terminal; whoever prints them shows what could deceive a reader as escapes."""

from collections.abc import Iterable

from reviewer.claims.checks import undecided_note
from reviewer.claims.decision import Decision, Verdict
from reviewer.claims.replay import Replay

GLYPHS: dict[Verdict, str] = {"proved": "✓", "tested": "≈", "refuted": "✗", "undecided": "?"}


def decision_lines(decision: Decision, saved: str | None) -> list[str]:
    """One decision: verdict, claim, how, what, and for a refuted one how to see it fail."""
    head = f"{GLYPHS[decision.verdict]} {decision.verdict}  {decision.claim.mechanism}: {decision.claim.text}"
    lines = [head, f"    {decision.method}", f"    {decision.bound}"]
    commands = [text.replace("FILE", saved) if saved else text for text in decision.commands]
    return [*lines, *(f"    see it: {text}" for text in commands)]


def summary(decisions: Iterable[Decision]) -> str:
    """How many claims have which verdict, and which are left to people."""
    every = list(decisions)
    if not every:
        return "no claims"
    counts = ", ".join(f"{sum(one.verdict == word for one in every)} {word}" for word in GLYPHS)
    note = undecided_note(every)
    return f"{len(every)} claims: {counts}" + (f"\n{note}" if note else "")


def replay_lines(found: Replay) -> list[str]:
    """What replaying a counterexample showed."""
    fails = "the claim fails again" if found.fails else "the claim does not fail here"
    same = "every number as recorded, bit for bit" if found.same else "with other numbers than those recorded"
    world = "the world is the one that it was found in" if found.same_world else "the world is another one"
    return [f"{fails}, {same}; {world}", *(f"    {name}: {value}" for name, value in found.computed.items())]
