"""Each property of the world, before and after: how often it holds along paths, with an exact binomial bound.

The bounds are of Clopper and Pearson [clopper1934], at 99 percent; paired trajectories tell how many the change turns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jaxtyping import Bool
from torch import Tensor

from reviewer.claims.exact import share_bounds
from reviewer.panes.pane import Block, Sentence, Table, Tone
from reviewer.panes.runs import Behaviour, behaviour
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import both_worlds, missing
from worldmodel.language.ir import Probability
from worldmodel.language.render import render
from worldmodel.simulation.paths import probability_holds
from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import World

CONFIDENCE = 0.99

_WORDS = {"holds": "holds", "fails": "does not hold", "open": "cannot be told from so many"}
_TONES: Mapping[str, Tone] = {"holds": "good", "fails": "bad", "open": "unsure"}


@dataclass(frozen=True)
class Estimate:
    """How often a property's paths come about, out of how many, and what follows for its bound."""

    formula: Probability
    holding: Bool[Tensor, " draws"]

    @property
    def count(self) -> int:
        """In how many trajectories."""
        return int(self.holding.sum())

    @property
    def bounds(self) -> tuple[float, float]:
        """The exact interval of the probability."""
        return share_bounds(self.count, len(self.holding), CONFIDENCE)

    @property
    def verdict(self) -> str:
        """`holds` or `fails` where the whole interval is on one side of the bound, else `open`."""
        low, high = self.bounds
        above = self.formula.operator in (">", ">=")
        if low > self.formula.bound:
            return "holds" if above else "fails"
        if high < self.formula.bound:
            return "fails" if above else "holds"
        return "open"


def property_blocks(subject: Subject) -> Iterator[Block]:
    """A line for each property; first what the change makes of those that held."""
    found = behaviour(subject)
    if found is None:
        yield from missing(subject)
        return
    names = sorted({*found.old.properties, *found.new.properties})
    if not names:
        yield Sentence("The world has no properties: nothing is written down that must hold.", "unsure")
        return
    known = {name: (_estimate(found, "before", name), _estimate(found, "after", name)) for name in names}
    yield _finding(known)
    yield from (sentence for name in names for sentence in _verdicts(name, *known[name]))
    yield from (sentence for name in names for sentence in _unmeasured(found, name))
    yield _table(both_worlds(subject) or (), known)
    yield Sentence(
        f"{found.draws:,} trajectories under each world's own rules, with parameters from what data say where they "
        f"were fitted; the intervals are exact at {CONFIDENCE:.0%}. They tell of these rules, and certify no policy."
    )


def _estimate(found: Behaviour, side: str, name: str) -> Estimate | None:
    """A property on the paths of one side; None where it is not there, or looks further than the paths go."""
    world, run = _side(found, side)
    formula = world.properties[name].formula if name in world.properties else None
    if not isinstance(formula, Probability) or formula.path.steps > run.horizon:
        return None
    return Estimate(formula, probability_holds(formula, run)[:, 0])


def _side(found: Behaviour, side: str) -> tuple[World, Trajectories]:
    pair = found.posterior
    return (found.old, pair.before) if side == "before" else (found.new, pair.after)


def _finding(known: Mapping[str, tuple[Estimate | None, Estimate | None]]) -> Sentence:
    """How many properties hold, before and after."""
    counts = []
    for side in (0, 1):
        verdicts = [pair[side].verdict for pair in known.values() if pair[side] is not None]  # type: ignore[union-attr]
        undecided = verdicts.count("open")
        more = f" ({undecided} cannot be told)" if undecided else ""
        counts.append(f"{verdicts.count('holds')} of {len(verdicts)} properties hold{more}")
    return Sentence(f"After the change {counts[1]} under the world's own rules; before, {counts[0]}.")


def _verdicts(name: str, before: Estimate | None, after: Estimate | None) -> Iterator[Sentence]:
    """What a reader must not miss: a property that is lost, that no longer holds, or whose bound moves."""
    if before is not None and after is None:
        yield Sentence(f"{name} is no longer asked for.", "bad")
    if after is None:
        return
    if before is not None and before.formula.bound != after.formula.bound:
        yield Sentence(f"{name}: the bound moves from {before.formula.bound:g} to {after.formula.bound:g}.", "unsure")
    was = None if before is None else before.verdict
    if after.verdict != was and (was is not None or after.verdict != "holds"):
        earlier = "" if was is None else f"; before, it {_WORDS[was]}"
        tone = _TONES[after.verdict]
        yield Sentence(f"{name} {_WORDS[after.verdict]} after the change{earlier}.", tone)


def _unmeasured(found: Behaviour, name: str) -> Iterator[Sentence]:
    for world, when in ((found.old, "before"), (found.new, "after")):
        formula = world.properties[name].formula if name in world.properties else None
        if formula is not None and not isinstance(formula, Probability):
            yield Sentence(f"{name}, {when}, is no statement about paths: {render(formula)}.", "unsure")
        elif formula is not None and formula.path.steps > found.horizon:
            said = f"{name}, {when}, looks {formula.path.steps} steps ahead"
            yield Sentence(f"{said}; worlds of this size are run for {found.horizon}: not computed.", "unsure")


def _table(worlds: Sequence[World], known: Mapping[str, tuple[Estimate | None, Estimate | None]]) -> Table:
    rows = tuple(
        (name, _formula(worlds, name), *map(_cell, pair), _turned(*pair)) for name, pair in sorted(known.items())
    )
    headings = ("property", "formula", "before", "after", "trajectories that turn")
    return Table("How often each property's paths come about, and the exact interval", headings, rows)


def _formula(worlds: Sequence[World], name: str) -> str:
    """The formula as people wrote it, before and after where it changes."""
    texts = [render(world.properties[name].formula) for world in worlds if name in world.properties]
    return " → ".join(dict.fromkeys(texts))


def _cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "none"
    low, high = estimate.bounds
    share = estimate.count / len(estimate.holding)
    return f"{share:.4f} ({low:.4f} to {high:.4f}): {_WORDS[estimate.verdict]}"


def _turned(before: Estimate | None, after: Estimate | None) -> str:
    """How many trajectories hold in one world only; the same noise makes them the same cases."""
    if before is None or after is None:
        return ""
    gained = int((after.holding & ~before.holding).sum())
    lost = int((before.holding & ~after.holding).sum())
    if gained == lost == 0:
        return "none"
    low, high = share_bounds(gained, gained + lost, CONFIDENCE)
    chance = "more than chance" if low > 0.5 or high < 0.5 else "chance could do it"
    return f"{gained} to yes, {lost} to no ({chance})"
