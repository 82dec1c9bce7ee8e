"""One step of both worlds from the same states: what the change does at once, before anything feeds back.

Both steps share state, parameters, rivals and noise. Distances are of the predictive distributions, in the variable's
unit and as a share of its spread before.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from reviewer.panes.distances import number, percent, shares, told, total_variation, wasserstein
from reviewer.panes.divergence import divergence_text
from reviewer.panes.interval_picture import Bars, interval_picture
from reviewer.panes.pane import Block, Drawing, Sentence, Table
from reviewer.panes.reference import Reference, references, resting
from reviewer.panes.runs import Behaviour, behaviour
from reviewer.panes.subject import Subject
from reviewer.panes.worlds import missing
from worldmodel.showing.ratios import spelled
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.rules import actor
from worldmodel.simulation.simulator import Simulator

MOST_VARIABLES = 6
_FEWER = 0.01
_STATES = 4

Draws = Float[Tensor, " draws"]


@dataclass(frozen=True)
class Step:
    """A variable's draws one step after a state, in both worlds; those that failed are left out, and counted."""

    state: str
    before: Draws
    after: Draws
    failed: tuple[int, int]


def one_step_blocks(subject: Subject) -> Iterator[Block]:
    """For each touched variable, how far its next value moves from each reference state; the largest first."""
    found = behaviour(subject)
    if found is None:
        yield from missing(subject)
        return
    both = [name for name in found.touched if name in found.old.variables and name in found.new.variables]
    shown = both[: min(MOST_VARIABLES, max(1, found.budget.states // _STATES))]
    compared = {name: steps(found, name) for name in shown}
    if both:
        yield _finding(found, compared)
    yield from _unpaired(found)
    for name, own in compared.items():
        yield from _variable(found, name, own)
    if len(both) > len(shown):
        rest = ", ".join(both[len(shown) :][:50])
        yield Sentence(
            f"{len(both) - len(shown)} more touched variables, from which no step was taken: {rest}.", "unsure"
        )
    if both:
        yield Sentence(_how(found))


def _finding(found: Behaviour, compared: Mapping[str, Sequence[Step]]) -> Sentence:
    """Where the next step moves most, against the variable's spread."""
    known = [
        (*_far(found, name, step), name, step.state)
        for name, own in compared.items()
        for step in own
        if len(step.before)
    ]
    if not known:
        return Sentence("No draw of the next step succeeds in both worlds, from any state.", "bad")
    _, said, name, state = max(known, key=lambda one: one[0])
    if all(share == 0 for share, *_ in known):
        return Sentence("From every reference state the next step is exactly as it was, in every draw.", "good")
    return Sentence(f"The next step moves most in {name}, from {state}: {said}.")


def _far(found: Behaviour, name: str, step: Step) -> tuple[float, str]:
    """How far a step moves on a scale that compares variables, and in words; 0 only where no draw differs."""
    values = found.new.variables[name].file.support.values
    if values:
        share = total_variation(step.before, step.after, len(values))
        return share, f"{percent(share)} of its probability goes to another value"
    own, distance = told(step.before, step.after), wasserstein(step.before, step.after)
    spread = float(step.before.std(correction=0))
    unit = spelled(found.new.variables[name].file.unit)
    against = f", {own.share} of its spread" if spread else ""
    return (
        distance / spread if spread else math.inf * distance if distance else 0.0
    ), f"by {own.distance}{unit}{against}"


def _unpaired(found: Behaviour) -> Iterator[Block]:
    if not found.touched:
        yield Sentence("No variable comes about otherwise than before: there is no step to compare.", "good")
    for world, other, when in ((found.new, found.old, "after"), (found.old, found.new, "before")):
        alone = [name for name in found.touched if name in world.variables and name not in other.variables]
        if alone:
            rest = f" and {len(alone) - 20} more" if len(alone) > 20 else ""
            said = (
                f"Only in the world {when} the change, so there is no step to compare: {', '.join(alone[:20])}{rest}."
            )
            yield Sentence(said, "unsure")


def _how(found: Behaviour) -> str:
    """What is compared with what."""
    start = "One draw of each world" if found.old.static else "One step from the same state"
    held = "".join(f", {name} kept at {number(value)}" for name, value in sorted(found.held.items()))
    return (
        f"{start}, with the same noise and the same draws of parameters ({found.draws:,} draws{held}). W1 is the "
        "Wasserstein distance between the two distributions: how far draws in the same rank are apart, on average; "
        "of named values it is the total variation, the share of probability that goes elsewhere. "
        "KL is the Kullback–Leibler divergence in nats of both after they were convolved with a normal of the stated "
        "width: without that it is infinite between deterministic laws."
    )


def steps(found: Behaviour, name: str) -> tuple[Step, ...]:
    """A variable's next value from every reference state."""
    if found.old.static:
        pair = found.posterior
        ends = [pair.series(side, name)[:, 0] for side in ("before", "after")]
        alive = [run.alive[:, 0, 0] for run in (pair.before, pair.after)]
        return (_compared("the world as it is", ends, alive),)
    states = (resting(found), *references(found, name))
    return tuple(_from(found, reference, name) for reference in states[: found.budget.states])


def _from(found: Behaviour, reference: Reference, name: str) -> Step:
    ends, alive = [], []
    for simulator in found.simulators:
        values, lived = _next(found, simulator, reference, name)
        ends.append(values)
        alive.append(lived)
    return _compared(reference.label, ends, alive)


def _next(found: Behaviour, simulator: Simulator, reference: Reference, name: str) -> tuple[Tensor, Tensor]:
    """One step of one world: a variable's draws, and which of them are alive."""
    noise = Noise(found.seed)
    with torch.no_grad():
        parameters = draw_parameters(simulator.world, found.seed, found.draws)
        state = reference.state(simulator, noise, found.draws)
        held = found.holding(simulator.world)
        action = actor(simulator, None, frozenset(found.held))(state, parameters, noise)
        after, info = simulator.step(state, action, parameters, noise, held)
    return info.values[name][:, 0], after.alive[:, 0]


def _compared(label: str, ends: Sequence[Tensor], alive: Sequence[Tensor]) -> Step:
    both = alive[0] & alive[1]
    failed = [int((~lived).sum()) for lived in alive]
    return Step(label, ends[0][both], ends[1][both], (failed[0], failed[1]))


def _variable(found: Behaviour, name: str, compared: Sequence[Step]) -> Iterator[Block]:
    before, after = found.old.variables[name].file, found.new.variables[name].file
    if before.unit != after.unit:
        said = f"The unit of {name} changes from {before.unit} to {after.unit}: its numbers are not of the same kind."
        yield Sentence(said, "bad")
    yield from _failures(name, compared, found.draws)
    if all(len(step.before) and torch.equal(step.before, step.after) for step in compared):
        yield Sentence(f"{name}: exactly no change at any of {len(compared)} states, draw by draw.", "good")
        return
    if before.support.values and before.support.values == after.support.values:
        yield _named(name, before.support.values, compared)
    elif before.support.values or after.support.values:
        yield Sentence(f"{name} takes other named values than before; they are not compared as numbers.", "unsure")
    else:
        yield from _numbers(name, before.unit, [step for step in compared if len(step.before)])


def _failures(name: str, compared: Sequence[Step], draws: int) -> Iterator[Block]:
    """Where the step leaves a support more often than before, or in many draws less."""
    for step in compared:
        before, after = (count / draws for count in step.failed)
        if after > before or before - after > _FEWER:
            said = f"{name}, from {step.state}: the step leaves a support in {percent(after)} of draws after the change"
            yield Sentence(f"{said}, {percent(before)} before.", "bad" if after > before else "good")


def _numbers(name: str, unit: str, compared: Sequence[Step]) -> Iterator[Drawing]:
    """Both distributions from each state from which any draw succeeds in both worlds."""
    if not compared:
        return
    known = [(step, told(step.before, step.after)) for step in compared]
    rows = tuple(
        (step.state, own.before, own.after, own.distance, own.share, divergence_text(step.before, step.after))
        for step, own in known
    )
    behind = "" if unit == "1" else f" [{unit}]"
    caption = f"{name}{behind} one step later: median (5 to 95 %) of draws, and their distance"
    table = Table(caption, ("from", "before", "after", "W1", "W1 / spread before", "KL, thickened"), rows)
    bars = [Bars(step.state, step.before, step.after) for step in compared]
    label = f"{name}{behind} one step later, before and after the change, from {len(rows)} states"
    yield Drawing(interval_picture(label, bars).text, label, table)


def _named(name: str, values: tuple[str, ...], compared: Sequence[Step]) -> Table:
    """Shares of named values, with the total variation in place of W1."""
    rows = []
    for step in (one for one in compared if len(one.before)):
        own = [shares(side, len(values)) for side in (step.before, step.after)]
        cells = (f"{percent(float(a))} → {percent(float(b))}" for a, b in zip(own[0], own[1], strict=True))
        rows.append((step.state, *cells, percent(total_variation(step.before, step.after, len(values)))))
    caption = f"{name} one step later: the share of each value, before → after, and the total variation"
    return Table(caption, ("from", *values, "distance"), tuple(rows))
