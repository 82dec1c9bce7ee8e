"""A finite world as an explicit Markov model: every reachable state, and where each choice of actions leads from it.

A state after step t has the values of the last steps that anything still reads. The joint transition is the product of
the mechanisms' probabilities in the order in which they assign. A trajectory that leaves a support has failed: as in
the simulator its last good values stay, and it never comes back.
"""

import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from worldmodel.errors import InputError, Problem
from worldmodel.exchange.finite import Conditional, FiniteWorld, Input, inputs_of, not_exportable
from worldmodel.grounding.names import surface
from worldmodel.language.ir import Law, Node, Start, Time, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.torch_expression import evaluate
from worldmodel.world import Mechanism

MOST_STATES = 200_000
MOST_TRANSITIONS = 2_000_000
MOST_BRANCHES = 20_000
"""Transitions from one state under one choice."""


class State(NamedTuple):
    """A state of the model. `values` follows `Chain.slots`; `clock` counts steps only where something reads them."""

    begun: bool
    failed: bool
    clock: int
    values: tuple[int, ...]
    starts: tuple[int, ...]
    rivals: tuple[int, ...]


Choice = tuple[int, ...]
Distribution = Mapping[State, float]


@dataclass(frozen=True)
class Chain:
    """An explicit Markov model: a chain where `free` is empty, and a decision process otherwise.

    `slots` are the variables and how many steps ago, `starts` the variables whose value before step 1 is kept, `rivals`
    those with several mechanisms that count. The model stands still once the clock is at its end.
    """

    finite: FiniteWorld
    free: tuple[str, ...]
    slots: tuple[Variable, ...]
    starts: tuple[str, ...]
    rivals: tuple[str, ...]
    initial: Distribution
    transitions: Mapping[State, Mapping[Choice, Distribution]]

    @property
    def can_fail(self) -> bool:
        """Whether any trajectory fails."""
        return any(state.failed for state in self.transitions)


def explore(finite: FiniteWorld, rules: Sequence[str] = ()) -> Chain:
    """The chain or decision process of a world; actions that no rule of `rules` assigns are free.

    Raises InputError where a law has no finite form, or the states are too many.
    """
    builder = _Builder.of(finite, rules)
    initial = builder.initial()
    transitions: dict[State, dict[Choice, Distribution]] = {}
    waiting = deque(initial)
    known, arrows = set(initial), 0
    while waiting:
        state = waiting.popleft()
        transitions[state] = {choice: builder.after(state, choice) for choice in builder.choices}
        for distribution in transitions[state].values():
            arrows += len(distribution)
            fresh = [target for target in distribution if target not in known]
            known.update(fresh)
            waiting.extend(fresh)
        if len(known) > MOST_STATES or arrows > MOST_TRANSITIONS:
            raise InputError(_too_many(len(known), arrows))
    return Chain(finite, builder.free, builder.slots, builder.starts, builder.rivals, initial, transitions)


@dataclass(frozen=True)
class _Builder:
    """What is worked out once: which values a state keeps, and each mechanism's probabilities."""

    finite: FiniteWorld
    free: tuple[str, ...]
    slots: tuple[Variable, ...]
    starts: tuple[str, ...]
    rivals: tuple[str, ...]
    timed: bool
    laws: Mapping[str, tuple[Conditional, ...]]

    @staticmethod
    def of(finite: FiniteWorld, rules: Sequence[str]) -> "_Builder":
        world = finite.world
        chosen = _chosen(finite, rules)
        free = tuple(action for action in world.actions if action not in chosen)
        mechanisms = {name: [chosen[name]] for name in world.actions if name in chosen}
        mechanisms |= {
            name: [world.mechanisms[entry] for entry in world.weights_of(name)]
            for name in world.order
            if name not in world.actions
        }
        texts = [mechanism.law for listed in mechanisms.values() for mechanism in listed]
        depths = _depths(finite, texts)
        laws = {
            name: tuple(_law(finite, mechanism, name in chosen) for mechanism in listed)
            for name, listed in mechanisms.items()
        }
        everything: list[Node] = [*texts, *_purposes(finite)]
        started = {node.name for text in everything for node in walk(text) if isinstance(node, Start)}
        timed = any(isinstance(node, Time) for text in everything for node in walk(text))
        if timed and finite.steps < 1:
            raise InputError(not_exportable("world", "a law that reads the step number t", "a horizon to count to"))
        slots = tuple(Variable(name, lag) for name in sorted(depths) for lag in range(depths[name]))
        rivals = tuple(name for name, listed in laws.items() if len(listed) > 1)
        return _Builder(finite, free, slots, tuple(sorted(started)), rivals, timed, laws)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """Every combination of the free actions' values; one empty one where none is free."""
        return tuple(itertools.product(*(self.finite.ranges[name] for name in self.free)))

    def initial(self) -> Distribution:
        """The states before step 1 with their probabilities."""
        for name, variable in self.finite.world.variables.items():
            for lag in range(len(variable.initial)):
                self._initial_law(Variable(name, lag))
        weights = [list(self.finite.world.weights_of(name).values()) for name in self.rivals]
        options = [list(self._initial_values(slot)) for slot in self.slots]
        options += [list(enumerate(found)) for found in weights]
        found: Counter[State] = Counter()
        if np.prod([float(len(option)) for option in options]) > MOST_STATES:
            raise InputError(_too_many(MOST_STATES + 1, 0))
        for combination in itertools.product(*options):
            numbers = tuple(value for value, _ in combination)
            values, rivals = numbers[: len(self.slots)], numbers[len(self.slots) :]
            starts = tuple(values[self.slots.index(Variable(name))] for name in self.starts)
            probability = float(np.prod([weight for _, weight in combination]))
            found[State(False, False, 0, values, starts, rivals)] += probability  # type: ignore[assignment]
        return found

    def _initial_values(self, slot: Variable) -> Iterator[tuple[int, float]]:
        probabilities = map(float, self._initial_law(slot).probabilities)
        return ((v, p) for v, p in zip(self.finite.ranges[slot.name], probabilities, strict=True) if p > 0)

    def _initial_law(self, slot: Variable) -> Conditional:
        """The law of a value before step 1, which may not lie outside the support."""
        laws = self.finite.world.variables[slot.name].initial
        values = self.finite.ranges[slot.name]
        conditional = self.finite.of_law(laws[min(slot.lag, len(laws) - 1)], None, values)
        if float(conditional.failing) > 0:
            where = f"variables/{surface(slot.name)}.toml"
            raise InputError(not_exportable(where, "an initial value that may lie outside the support", "one inside"))
        return conditional

    def after(self, state: State, choice: Choice) -> Distribution:
        """Where one step leads from a state under a choice of the free actions."""
        if self.timed and state.clock >= self.finite.steps:
            return {state: 1.0}
        if state.failed:
            return {self._shifted(state, None): 1.0}
        found: Counter[State] = Counter()
        for current, probability in self._joint(state, choice):
            found[self._shifted(state, current)] += probability  # type: ignore[assignment]
        return found

    def _joint(self, state: State, choice: Choice) -> Iterator[tuple[dict[str, int] | None, float]]:
        """The values of a step and their probability, and for None that of failing."""
        past = dict(zip(self.slots, state.values, strict=True))
        starts = dict(zip(self.starts, state.starts, strict=True))
        branches: list[tuple[dict[str, int], float]] = [(dict(zip(self.free, choice, strict=True)), 1.0)]
        failing = 0.0
        for name, laws in self.laws.items():
            law = laws[state.rivals[self.rivals.index(name)]] if name in self.rivals else laws[0]
            grown = []
            for current, probability in branches:
                place = self._place(law, _reader(current, past, starts, state.clock + 1))
                failing += probability * float(law.failing[place])
                row = law.probabilities[place]
                for code in np.flatnonzero(row):
                    value = self.finite.ranges[name][int(code)]
                    grown.append(({**current, name: value}, probability * float(row[code])))
            branches = grown
            if len(branches) > MOST_BRANCHES:
                raise InputError(_too_many(0, len(branches)))
        yield from branches
        if failing > 0:
            yield None, failing

    def _place(self, law: Conditional, read: Callable[[Input], int]) -> tuple[int, ...]:
        return tuple(read(key) - self.finite.values_of(key).start for key in law.inputs)

    def _shifted(self, state: State, current: Mapping[str, int] | None) -> State:
        """The state one step later; None stands for failure, whose values repeat the last good ones."""
        past = dict(zip(self.slots, state.values, strict=True))

        def value(slot: Variable) -> int:
            if slot.lag:
                return past[Variable(slot.name, slot.lag - 1)]
            return past[slot] if current is None else current[slot.name]

        values = tuple(value(slot) for slot in self.slots)
        clock = state.clock + 1 if self.timed else 0
        return state._replace(begun=True, failed=current is None, clock=clock, values=values)


def _reader(
    current: Mapping[str, int], past: Mapping[Variable, int], starts: Mapping[str, int], clock: int
) -> Callable[[Input], int]:
    def read(key: Input) -> int:
        match key:
            case Variable(name, 0):
                return current[name]
            case Variable(name, lag):
                return past[Variable(name, lag - 1)]
            case Start(name):
                return starts[name]
            case Time():
                return clock

    return read


def _law(finite: FiniteWorld, mechanism: Mechanism, rule: bool) -> Conditional:
    if not rule:
        return finite.law(mechanism)
    if mechanism.law.family == "Delta":
        return _moved_inside(finite, mechanism)
    found = finite.law(mechanism)
    if float(found.failing.max()) > 0:
        where = f"mechanisms/{mechanism.owner}.toml"
        raise InputError(not_exportable(where, "a rule that can leave the action's support", "one that cannot"))
    return found


def _moved_inside(finite: FiniteWorld, mechanism: Mechanism) -> Conditional:
    """A certain rule: its value is moved to the nearest one of the support, as in the simulator; NaN fails."""
    identity = replace(mechanism, law=Law("Delta", mechanism.law.arguments))
    inputs, values = inputs_of(identity.law), finite.ranges[mechanism.assigns]
    sizes = tuple(len(finite.values_of(key)) for key in inputs)
    raw = evaluate(mechanism.law.arguments[0], finite.environment(inputs, mechanism)).broadcast_to((*sizes, 1))[..., 0]
    known = ~np.isnan(raw.numpy())
    nearest = np.clip(np.round(np.where(known, raw.numpy(), values.start)), values.start, values.stop - 1)
    weights = (nearest[..., np.newaxis] == np.array(values)).astype(np.float64) * known[..., np.newaxis]
    return Conditional(inputs, weights, np.where(known, 0.0, 1.0))


def _depths(finite: FiniteWorld, laws: Sequence[Law]) -> dict[str, int]:
    """How many last values of each variable the next step's laws, or the utilities and properties of this one, read."""
    depths: Counter[str] = Counter()
    for texts, more in ((laws, 0), (_purposes(finite), 1)):
        for node in (node for text in texts for node in walk(text)):
            if isinstance(node, Variable):
                depths[node.name] = max(depths[node.name], node.lag + more)
            elif isinstance(node, Start):
                depths[node.name] = max(depths[node.name], 1)
    return {name: depth for name, depth in depths.items() if depth}


def _purposes(finite: FiniteWorld) -> list[Node]:
    utilities: list[Node] = [entry.expression for entry in finite.world.utilities.values()]
    return [*utilities, *(entry.formula for entry in finite.world.properties.values())]


def _chosen(finite: FiniteWorld, rules: Sequence[str]) -> dict[str, Mechanism]:
    """The rule of each action that has one; a family's rule serves for all its elements."""
    world = finite.world
    chosen: dict[str, Mechanism] = {}
    for name in rules:
        own = [one for one in world.mechanisms.values() if name in (one.owner, one.file.id)]
        own = [one for one in own if one.assigns in world.actions]
        if not own:
            raise InputError(
                Problem(
                    code="unknown-rule",
                    where="rule",
                    found=f"“{name}”",
                    wanted="a mechanism that assigns an action",
                    mend="name one; `glassworld show` lists them",
                )
            )
        chosen |= {one.assigns: one for one in own}
    return chosen


def _too_many(states: int, transitions: int) -> Problem:
    return Problem(
        code="too-large",
        where="world",
        found=f"more than {MOST_STATES} states" if states > MOST_STATES else f"{transitions} transitions and more",
        wanted=f"at most {MOST_STATES} states, {MOST_TRANSITIONS} transitions, and {MOST_BRANCHES} from one state",
        mend="use fewer values, or leave out variables that nothing reads",
    )
