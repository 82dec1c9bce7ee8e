"""The pane of claims: what the machine says about each claim before and after a change, and where one fails."""

from collections.abc import Iterable, Iterator, Mapping

from reviewer.claims.budget import DEFAULT, Budget
from reviewer.claims.checks import undecided_note
from reviewer.claims.claim import claims_of
from reviewer.claims.decide import decide
from reviewer.claims.decision import Decision, Verdict
from reviewer.claims.text import GLYPHS
from reviewer.panes.pane import Block, Pane, Sentence, Table, Tone
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import missing
from worldmodel.world import World

_TONES: Mapping[Verdict, Tone] = {"proved": "good", "tested": "good", "refuted": "bad", "undecided": "unsure"}
_HEADINGS = ("mechanism", "claim", "before", "after", "how", "what holds, or where it fails")
_GONE = "–"

Key = tuple[str, str]
"""A claim by its mechanism and its text."""


def claims_pane(before: World | None, after: World, budget: Budget = DEFAULT) -> Pane:
    """The claims of the world after a change, and of the one before it where there is one.

    Every claim of either world has a row. A claim of a mechanism that did not change is decided again, since what the
    law is given may have changed.
    """
    was, now = ({} if before is None else _decided(before, budget)), _decided(after, budget)
    rows = [_row(key, was.get(key), now.get(key)) for key in sorted({*was, *now})]
    caption = (
        "Proofs hold for everything that supports and priors allow; tests are by simulation, with an exact interval "
        f"of {budget.level:.1%}; refuted claims have a counterexample that `glassworld claims` replays."
    )
    table = [Table(caption, _HEADINGS, tuple(rows))] if rows else []
    return Pane("claims", "Claims, decided by the machine", (*_sentences(was, now), *table))


def claims_blocks(subject: Subject) -> Iterator[Block]:
    """The same for a subject; of a world that cannot be built, why."""
    new = subject.new.world
    if new is None:
        yield from missing(subject)
    else:
        pane = claims_pane(subject.old.world, new)
        words = [row[3].split()[-1] for block in pane.blocks if isinstance(block, Table) for row in block.rows]
        counts = [
            f"{words.count(word)} {word}" for word in ("proved", "tested", "refuted", "undecided") if word in words
        ]
        yield Sentence(f"Claims after the change: {', '.join(counts) or 'none'}.")
        yield from pane.blocks


def _decided(world: World, budget: Budget) -> dict[Key, Decision]:
    return {(claim.mechanism, claim.text): decide(world, claim, budget) for claim in claims_of(world)}


def _row(key: Key, was: Decision | None, now: Decision | None) -> tuple[str, ...]:
    told = now or was
    assert told is not None, "a row is of a claim of one world or the other"
    return (*key, _word(was), _word(now), told.method, told.bound)


def _word(decision: Decision | None) -> str:
    return _GONE if decision is None else f"{GLYPHS[decision.verdict]} {decision.verdict}"


def _sentences(was: Mapping[Key, Decision], now: Mapping[Key, Decision]) -> Iterable[Block]:
    """What a reviewer should see first: what fails, what fails no longer or is not claimed any more, what is open."""
    if not was and not now:
        yield Sentence("No mechanism claims anything.", "unsure")
    for (mechanism, text), decision in sorted(now.items()):
        if decision.verdict == "refuted":
            yield Sentence(f"{mechanism} claims {text}, which is false: {decision.bound}", "bad")
            yield from (Sentence(f"See it: {command}") for command in decision.commands)
    for key in sorted(set(was) & set(now)):
        if was[key].verdict != now[key].verdict:
            change = f"{key[0]}: {key[1]} was {was[key].verdict} before and is {now[key].verdict} now."
            yield Sentence(change, _TONES[now[key].verdict])
    for mechanism, text in sorted(set(was) - set(now)):
        yield Sentence(f"{mechanism} no longer claims {text}.", "unsure")
    note = undecided_note(now.values())
    if note:
        yield Sentence(f"{note}.", "unsure")
