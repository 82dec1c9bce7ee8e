"""What a `do` on a parent of a touched variable does to it, in the world before and in the world after.

A response is the difference of two runs of one world that share their noise, so it is what the push did; both worlds'
responses share it too, so where they differ the change did it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from reviewer.panes.distances import ROUNDING, number, percent
from reviewer.panes.fan_picture import Row, fan, fan_picture
from reviewer.panes.pane import Block, Drawing, Sentence, Table
from reviewer.panes.runs import Behaviour, Pair, Side
from worldmodel.questions.graph import causal_edges
from worldmodel.showing.ratios import spelled
from worldmodel.simulation.intervention import Intervention

MOST_TARGETS = 3


@dataclass(frozen=True)
class Response:
    """What a push did to one variable in both worlds, in the trajectories where all four runs are alive.

    Of a variable with named values it is 1 where the push turns it to another one, and 0 elsewhere.
    """

    target: str
    before: Float[Tensor, "draws time"]
    after: Float[Tensor, "draws time"]
    change: Float[Tensor, "draws time"]
    alive: Bool[Tensor, "draws time"]


def impulse_blocks(found: Behaviour) -> Iterator[Block]:
    """For each parent of the touched variables, the responses to a push at step 1."""
    targets = [name for name in found.touched if name in found.posterior.common][:MOST_TARGETS]
    pushed = parents(found, targets)
    if not targets or not pushed:
        return
    most = found.budget.pushes
    for push in (push_of(found, name) for name in pushed[:most]):
        yield from _push(found, push, [name for name in targets if name != push.variable] or targets)
    if len(pushed) > most:
        rest = ", ".join(pushed[most:][:50])
        yield Sentence(f"Not pushed here, and read by what is touched as well: {rest}. `glassworld ask impulse` does.")


def parents(found: Behaviour, targets: Sequence[str]) -> list[str]:
    """What the targets read in either world: first what only one of them reads, then actions, then the rest."""
    sides = [
        {(edge.source, edge.lag) for edge in causal_edges(world) if edge.target in targets}
        for world in (found.old, found.new)
    ]
    common = set(found.posterior.common)
    one_sided = {name for name, _ in sides[0] ^ sides[1]}
    every = {name for name, _ in sides[0] | sides[1]} & common
    actions = {*found.old.actions, *found.new.actions}
    return sorted(every, key=lambda name: (name in targets, name not in one_sided, name not in actions, name))


def push_of(found: Behaviour, name: str) -> Intervention:
    """A push at step 1: by one standard deviation before the change, as a round number; of named values, to another."""
    support = found.new.variables[name].file.support
    values = found.posterior.series("before", name)
    if support.values:
        usual = int(torch.mode(values[:, 0]).values)
        return Intervention(name, float(next(code for code in (1, 0) if code != usual)), 1, 1)
    spread = float(values[:, min(found.budget.push_steps, values.shape[1]) - 1].std(correction=0))
    size = spread or 0.1 * float(values[:, 0].abs().mean()) or 1.0
    rounded = float(f"{size:.1g}")
    return Intervention(name, max(1.0, round(rounded)) if support.kind == "integer" else rounded, 1, 1, 1.0)


def responses(found: Behaviour, push: Intervention, targets: Sequence[str]) -> list[Response]:
    """Pushed less not pushed, in both worlds."""
    horizon = min(found.budget.push_steps, found.horizon)
    pushed = found.run("posterior", (push,), horizon)
    alive = pushed.both & found.posterior.both[:, :horizon]
    return [_response(found, pushed, name, alive) for name in targets]


def _response(found: Behaviour, pushed: Pair, name: str, alive: Bool[Tensor, "draws time"]) -> Response:
    base = found.posterior
    if found.new.variables[name].file.support.values:
        sides: list[Side] = ["before", "after"]
        turned = [(_pushed_less_base(base, pushed, side, name) != 0).double() for side in sides]
        return Response(name, turned[0], turned[1], turned[1] - turned[0], alive)
    before = _pushed_less_base(base, pushed, "before", name)
    after = _pushed_less_base(base, pushed, "after", name)
    largest = float(pushed.series("after", name)[alive].abs().max()) if bool(alive.any()) else 0.0
    change = after - before
    # Two responses are differences of numbers that were rounded at other levels.
    change = torch.where(change.abs() <= ROUNDING * largest, torch.zeros_like(change), change)
    return Response(name, before, after, change, alive)


def _pushed_less_base(base: Pair, pushed: Pair, side: Side, name: str) -> Float[Tensor, "draws time"]:
    own = pushed.series(side, name)
    return own - base.series(side, name)[:, : own.shape[1]]


def _push(found: Behaviour, push: Intervention, targets: Sequence[str]) -> Iterator[Block]:
    said = do_text(found, push)
    answers = responses(found, push, targets)
    lost = 1 - float(answers[0].alive[:, -1].double().mean())
    without = f" (without the {percent(lost)} of trajectories that leave a support in some run)" if lost else ""
    same = [own.target for own in answers if not own.change[own.alive].any()]
    if same:
        who = ", ".join(same)
        yield Sentence(f"{said}: the same response of {who} in every trajectory, before and after{without}.", "good")
    differing = [own for own in answers if own.target not in same]
    plain = [own for own in differing if not found.new.variables[own.target].file.support.values]
    if plain:
        yield _drawing(found, said, without, plain)
    named = [own for own in differing if found.new.variables[own.target].file.support.values]
    if named:
        headings = ("variable", found.new.header.step or "step", "before", "after", "after − before")
        yield Table(f"{said}: share of trajectories that it turns{without}", headings, tuple(_cells(named)))


def do_text(found: Behaviour, push: Intervention) -> str:
    """The push in words that `glassworld simulate --do` nearly reads."""
    file = found.new.variables[push.variable].file
    when = f"at {found.new.header.step or 'step'} 1"
    if push.factor:
        return f"do({push.variable} += {push.value:g}{spelled(file.unit)} {when})"
    return f"do({push.variable} = {file.support.values[int(push.value)]} {when})"


def _drawing(found: Behaviour, said: str, without: str, answers: Sequence[Response]) -> Drawing:
    rows = [
        Row(
            f"response of {own.target}",
            found.new.variables[own.target].file.unit,
            (fan("before", own.before, own.alive), fan("after", own.after, own.alive)),
            fan("change", own.change, own.alive),
        )
        for own in answers
    ]
    label = f"{said}: what it does to {', '.join(own.target for own in answers)}, before and after the change{without}"
    headings = ("response of", found.new.header.step or "step", "before", "after", "after − before")
    table = Table(f"{said}: mean response over the trajectories that count", headings, tuple(_cells(answers)))
    return Drawing(fan_picture(label, rows, found.new.header.step or "").text, label, table)


def _cells(answers: Sequence[Response]) -> Iterator[tuple[str, ...]]:
    """Means at some steps."""
    for own in answers:
        horizon = own.before.shape[1]
        for step in sorted({1, 2, 4, 8, horizon} & set(range(1, horizon + 1))):
            alive = own.alive[:, step - 1]
            sides = [float(side[alive, step - 1].mean()) for side in (own.before, own.after, own.change)]
            yield own.target, str(step), *map(number, sides)
