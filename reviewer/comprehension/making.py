"""Questions made from the change itself, others for each reviewer and each round.

A push is put on what the touched variables read (the change is about how they answer to it), and the touched variables
and what lies behind them are asked about. Who asks, about which proposal, for the how-many-eth time: that is the seed.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from reviewer.comprehension.key import behaviour_of, horizon_of
from reviewer.comprehension.question import Kind, Push, Question
from reviewer.panes.distances import number
from reviewer.panes.impulses import parents, push_of
from reviewer.panes.runs import Behaviour, behaviour
from reviewer.panes.subject import Subject
from worldmodel.questions.graph import causal_edges, descendants

REQUIRED = 2
UP, DOWN, STILL = "it goes up", "it goes down", "it does not move noticeably"
MORE, LESS, SAME = "further up", "further down", "as before"
CLEAR = 0.02
"""The share of an outcome's usual spread below which a movement is not noticeable."""
TOLERANCE = 0.5
"""How far a number may be off, as a share of the truth."""

_KINDS: tuple[Kind, ...] = ("direction", "change", "size", "curve", "unmoved")


def required_questions(subject: Subject) -> int:
    """How many right answers each reviewer owes: told by the two graphs alone, and 0 where nothing can be asked.

    A world that cannot be built owes no answers; the checks refuse it.
    """
    found = behaviour(subject)
    if found is None:
        return 0
    common = set(found.old.variables) & set(found.new.variables)
    touched = set(found.touched) & common
    edges = {(edge.source, edge.target) for world in (found.old, found.new) for edge in causal_edges(world)}
    read = {source for source, target in edges if target in touched} & common
    moved = touched | ({target for source, target in edges if source in touched} & common)
    return min(REQUIRED, sum(1 for source in read for target in moved if source != target))


def questions(subject: Subject, person: str, proposal: str, round_: int = 0) -> tuple[Question, ...]:
    """Three questions for a person about a proposal; another round has others. Fewer where little can be asked."""
    found = behaviour_of(subject)
    random = np.random.default_rng(_seed(person, proposal, round_))
    pairs = [(push, target) for push in _pushes(found) for target in _targets(found) if push != target]
    asked: dict[str, Question] = {}
    for place in range(12):
        if not pairs or len(asked) == 3:
            break
        variable, target = pairs[int(random.integers(len(pairs)))]
        kind = _KINDS[place] if place < 2 else _KINDS[int(random.integers(len(_KINDS)))]
        question = _question(found, kind, variable, target, random)
        if question is not None:
            asked.setdefault(question.digest, question)
    return tuple(asked.values())


def _seed(person: str, proposal: str, round_: int) -> int:
    text = f"{person}\n{proposal}\n{round_}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _targets(found: Behaviour) -> list[str]:
    """What is asked about: the touched variables, and what they move."""
    common, touched = set(found.posterior.common), [name for name in found.touched if name in found.posterior.common]
    behind = {edge.target for edge in causal_edges(found.new) if edge.source in touched}
    return [*touched, *sorted(behind & common - set(touched))][:6]


def _pushes(found: Behaviour) -> list[str]:
    touched = [name for name in found.touched if name in found.posterior.common]
    return parents(found, touched)[:6]


def _question(found: Behaviour, kind: Kind, variable: str, target: str, random: np.random.Generator) -> Question | None:
    push, said = _push(found, variable, random)
    horizon = horizon_of(found)
    step = int(random.integers(1, horizon + 1)) if horizon > 1 else 1
    when = "" if found.new.static else f" at step {step}"
    unit = found.new.variables[target].file.unit
    noticed = f"Less than {CLEAR:.0%} of the usual spread of {target} does not count."
    match kind:
        case "direction":
            text = f"In the world after the change you {said}. What happens to {target}{when}? {noticed}"
            return Question(kind=kind, text=text, push=push, outcomes=[target], steps=[step], options=[UP, DOWN, STILL])
        case "change":
            text = f"You {said}. Compared with the world before the change, {target}{when} goes … {noticed}"
            options = [MORE, LESS, SAME]
            return Question(kind=kind, text=text, push=push, outcomes=[target], steps=[step], options=options)
        case "size":
            right = f"Within {TOLERANCE:.0%} is right."
            text = f"You {said}. By how much does {target}{when} move on average, in {unit}? {right}"
            return Question(kind=kind, text=text, push=push, outcomes=[target], steps=[step], unit=unit)
        case "curve" if horizon > 2:
            steps = sorted({1, 2, 4, 8, 12, 16, horizon} & set(range(1, horizon + 1)))
            text = f"You {said}. Draw by how much {target} moves on average at these steps, in {unit}."
            return Question(kind=kind, text=text, push=push, outcomes=[target], steps=steps, unit=unit)
        case "unmoved":
            return _unmoved(found, push, said, random)
        case _:
            return None


def _unmoved(found: Behaviour, push: Push, said: str, random: np.random.Generator) -> Question | None:
    """Which one the push cannot reach: by the graph of the world after the change, with three that it can."""
    reached = _reached(found, push.variable)
    common = [name for name in found.posterior.common if name != push.variable]
    free = [name for name in common if name not in reached]
    moved = [name for name in common if name in reached]
    if not free or not moved:
        return None
    options = [_one(free, random), *_some(moved, 3, random)]
    random.shuffle(options)
    text = f"In the world after the change you {said}. Which of these does that never move, however long you wait?"
    return Question(kind="unmoved", text=text, push=push, outcomes=options, steps=[1], options=options)


def reached_by(subject: Subject, variable: str) -> frozenset[str]:
    """Everything that a push on a variable can reach after the change, by the graph, at any lag."""
    return _reached(behaviour_of(subject), variable)


def _reached(found: Behaviour, variable: str) -> frozenset[str]:
    return frozenset({variable, *descendants(found.new, variable)})


def _one(names: Sequence[str], random: np.random.Generator) -> str:
    return names[int(random.integers(len(names)))]


def _some(names: Sequence[str], count: int, random: np.random.Generator) -> list[str]:
    return [names[int(place)] for place in random.permutation(len(names))[:count]]


def _push(found: Behaviour, variable: str, random: np.random.Generator) -> tuple[Push, str]:
    """A push of one or two usual spreads up or down, once or for some steps, and how it is told."""
    usual = push_of(found, variable)
    last = 1 if found.new.static else int(random.choice([1, 1, 4]))
    steps = "" if found.new.static else f" at step{'s 1 to 4' if last == 4 else ' 1'}"
    if usual.factor == 0:
        name = found.new.variables[variable].file.support.values[int(usual.value)]
        return Push(
            variable=variable, value=usual.value, first=1, last=last, factor=0.0
        ), f"set {variable} to {name}{steps}"
    value = usual.value * float(random.choice([1.0, 2.0])) * float(random.choice([-1.0, 1.0]))
    verb = "raise" if value > 0 else "lower"
    push = Push(variable=variable, value=value, first=1, last=last, factor=1.0)
    return push, f"{verb} {variable} by {number(abs(value))} {found.new.variables[variable].file.unit}{steps}"
