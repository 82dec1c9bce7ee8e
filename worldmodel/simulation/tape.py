"""A plain world's step as a list of torch operations on numbered places: no closure and no look-up between them.

For runs under rules of the world without gradients, interventions, rivals or laws made of laws; all others take
`Simulator.step`. The operations and their order within an expression are those of `worldmodel.readings`, so that the
bits are the same; what is asked for twice is computed once, and what does not change with the steps once for all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from worldmodel.families.base import in_domain
from worldmodel.language.ir import (
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Logical,
    Lookup,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.readings.torch_expression import ARITHMETIC, COMPARISONS, FUNCTIONS, call, tabulated
from worldmodel.simulation.compiled import CompiledMechanism, compile_mechanism
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import Mechanism

_NORMAL = ("Normal", "LogNormal")
SHAPE, TIME = 0, 1
"""The first places: the shape of a block of trajectories, and the number of the step."""


class Operation(NamedTuple):
    """`places[result] = function(*places of inputs)`; up to two inputs are read without a list of them."""

    function: Callable[..., Any]
    first: int
    second: int
    others: tuple[int, ...]
    result: int


@dataclass
class Tape:
    """The operations of a step, and what each place holds before the first one."""

    simulator: Simulator
    constants: dict[int, object] = field(default_factory=dict)
    parameters: dict[str, int] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    history: dict[str, tuple[int, ...]] = field(default_factory=dict)
    current: dict[str, int] = field(default_factory=dict)
    normal_sites: dict[str, int] = field(default_factory=dict)
    uniform_sites: dict[str, int] = field(default_factory=dict)
    valid: list[int] = field(default_factory=list)
    """Places of masks that say where a law's arguments are in their domains."""
    once: list[Operation] = field(default_factory=list)
    each: list[Operation] = field(default_factory=list)
    size: int = 2
    timed: bool = False
    """Whether a law reads the number of the step."""
    _known: dict[object, int] = field(default_factory=dict)
    _steady: set[int] = field(default_factory=lambda: {SHAPE})
    _own: set[int] = field(default_factory=set)
    """Places that an operation writes at every step, and that are no variable's yet."""
    _narrow: set[int] = field(default_factory=lambda: {TIME})

    def place(self, steady: bool = False, narrow: bool = False) -> int:
        """A new place; `steady` where it stays the same for a run, `narrow` where it may have less than all numbers."""
        self.size += 1
        if steady:
            self._steady.add(self.size - 1)
        if narrow:
            self._narrow.add(self.size - 1)
        return self.size - 1

    def constant(self, value: object, key: object) -> int:
        """The place of something that no run changes."""
        if key not in self._known:
            self._known[key] = self.place(steady=True, narrow=True)
            self.constants[self._known[key]] = value
        return self._known[key]

    def do(self, function: Callable[..., Any], *inputs: int, key: object = None) -> int:
        """The place of an operation's result, which is computed once for equal inputs."""
        asked = (function if key is None else key, *inputs)
        if asked not in self._known:
            steady, narrow = self._steady.issuperset(inputs), self._narrow.issuperset(inputs)
            result = self._known[asked] = self.place(steady, narrow)
            first, second, *_ = (*inputs, -1, -1)
            others = inputs if len(inputs) > 2 else ()
            (self.once if steady else self.each).append(Operation(function, first, second, others, result))
            if not steady:
                self._own.add(result)
        return self._known[asked]

    def assign(self, name: str, value: int) -> None:
        """Makes a value a variable's, at a place of its own that is written at every step: a failure overwrites it."""
        value = self.wide(value)
        if value not in self._own:
            own = self.place()
            self.each.append(Operation(_same, value, -1, (), own))
            value = own
        self._own.discard(value)
        self.current[name] = value

    def wide(self, value: int) -> int:
        """A value with a number for every trajectory."""
        return self.do(torch.Tensor.expand, value, SHAPE, key="wide") if value in self._narrow else value


def tape_of(simulator: Simulator, rules: Sequence[CompiledMechanism | str]) -> Tape | None:
    """The tape of a world whose actions are chosen by these rules, or None where it is not plain enough."""
    world, tape = simulator.world, Tape(simulator)
    chosen = [world.mechanisms[rule.identifier] for rule in rules if isinstance(rule, CompiledMechanism)]
    assigned = [name for name in world.order if name not in world.actions]
    rivals = [world.weights_of(name) for name in assigned]
    if len(chosen) < len(rules) or any(len(weights) != 1 for weights in rivals):
        return None
    mechanisms = [*chosen, *(world.mechanisms[next(iter(weights))] for weights in rivals)]
    if any(mechanism.law.parts for mechanism in mechanisms):
        return None
    for name, lags in simulator.lags.items():
        tape.history[name] = tuple(tape.place() for _ in range(lags))
    for name in world.variables:
        tape.starts[name] = tape.place(steady=True)
    for action, mechanism in zip(world.actions, chosen, strict=True):
        value, valid = _draw(tape, mechanism)
        for mask in valid:
            value = tape.do(_or_nan, mask, value)
        if not simulator.supports[action].unbounded:
            value = tape.do(simulator.supports[action].nearest, value, key=("nearest", action))
        tape.assign(action, value)
    for name, mechanism in zip(assigned, mechanisms[len(chosen) :], strict=True):
        value, valid = _draw(tape, mechanism)
        tape.assign(name, value)
        tape.valid += map(tape.wide, valid)
    return tape


def _same(value: Tensor) -> Tensor:
    return value


def _or_nan(mask: Tensor, value: Tensor) -> Tensor:
    return torch.where(mask, value, torch.full_like(value, torch.nan))


def _draw(tape: Tape, mechanism: Mechanism) -> tuple[int, list[int]]:
    """The place of a mechanism's draw, and those of where its arguments are in their domains."""
    compiled = compile_mechanism(mechanism)
    arguments = [_expression(tape, compiled, argument) for argument in mechanism.law.arguments]
    if compiled.family.deterministic:
        return arguments[0], []
    valid = [
        tape.do(partial(in_domain, domain), arguments[place], key=("domain", domain))
        for place, domain in compiled.watched
    ]
    name = mechanism.law.family
    if name in _NORMAL:
        standard = tape.normal_sites[compiled.site] = tape.place()
        scaled = tape.do(ARITHMETIC["*"], arguments[1], standard)
        value = tape.do(ARITHMETIC["+"], arguments[0], scaled)
        return (tape.do(torch.exp, value) if name == "LogNormal" else value), valid
    u = tape.uniform_sites[compiled.site] = tape.place()
    return tape.do(compiled.family.quantile, u, *arguments), valid


def _expression(tape: Tape, mechanism: CompiledMechanism, text: Expression) -> int:
    """The place of an expression's value, operation by operation as `torch_expression.reading` has them."""
    inside = partial(_expression, tape, mechanism)
    match text:
        case Variable(name, lag):
            return tape.history[name][lag - 1] if lag else tape.current[name]
        case Parameter(name) if name in mechanism.constants:
            return tape.constant(mechanism.constants[name], ("constant", mechanism.identifier, name))
        case Parameter(name):
            drawn = mechanism.drawn[name]
            if drawn not in tape.parameters:
                tape.parameters[drawn] = tape.place(steady=True, narrow=True)
            return tape.parameters[drawn]
        case Number(value):
            return tape.constant(torch.tensor(value, dtype=torch.float64), ("number", repr(value)))
        case Binary(sign, left, Number(value)):
            return tape.do(ARITHMETIC[sign], inside(left), tape.constant(value, ("plain number", repr(value))))
        case Binary("+" | "*" as sign, Number(value), right):  # the same bits either way round
            return tape.do(ARITHMETIC[sign], inside(right), tape.constant(value, ("plain number", repr(value))))
        case Binary(sign, left, right):
            return tape.do(ARITHMETIC[sign], inside(left), inside(right))
        case Call(function, (argument,)) if function in FUNCTIONS:
            return tape.do(FUNCTIONS[function], inside(argument))
        case Call("min" | "max" as function, (left, right)):
            return tape.do(torch.minimum if function == "min" else torch.maximum, inside(left), inside(right))
        case Call(function, arguments):
            return tape.do(_Spread(partial(call, function)), *map(inside, arguments), key=("call", function))
        case Negate(operand):
            return tape.do(torch.neg, inside(operand))
        case Start(name):
            return tape.starts[name]
        case If(condition, then, otherwise):
            return tape.do(torch.where, inside(condition), inside(then), inside(otherwise))
        case Compare(sign, left, right):
            return tape.do(COMPARISONS[sign], inside(left), inside(right))
        case Logical(word, left, right):
            return tape.do(torch.logical_and if word == "and" else torch.logical_or, inside(left), inside(right))
        case Not(operand):
            return tape.do(torch.logical_not, inside(operand))
        case Time():
            tape.timed = True
            return TIME
        case Lookup(values, sizes, indices):
            table = _Spread(partial(tabulated, torch.tensor(values, dtype=torch.float64), sizes))
            return tape.do(table, *map(inside, indices), key=("table", values, sizes))
        case _:
            raise AssertionError("grounding takes aggregates away before anything is evaluated")


class _Spread:
    """A function of a list, called with its elements."""

    def __init__(self, function: Callable[[list[Tensor]], Tensor]) -> None:
        self.function = function

    def __call__(self, *elements: Tensor) -> Tensor:
        return self.function(list(elements))
