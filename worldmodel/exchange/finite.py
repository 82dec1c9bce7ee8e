"""A world of finitely many values: each law as an array of probabilities, one axis for each thing that it reads.

The reading that exports to networks and Markov models stand on. Values are whole numbers; a finite variable's are the
places of its names, from 0. What falls outside a support is kept apart as the mass that fails.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.components.variable import Support
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import surface
from worldmodel.language.ir import Expression, Law, Start, Time, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.log_density import constants
from worldmodel.readings.torch_expression import Environment, evaluate
from worldmodel.readings.torch_law import is_discrete, law_log_prob, law_valid
from worldmodel.world import Mechanism, World

MOST_VALUES = 10_000
MOST_CELLS = 4_000_000
"""Probabilities of one law, over everything that it reads."""

Input = Variable | Start | Time
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Conditional:
    """A law's probabilities by what it reads.

    `weights` has one axis for each of `inputs` and last one for the variable's values: the arguments of a `Categorical`
    as they are, and probabilities otherwise. `failing` is the mass outside the support, without the last axis.
    """

    inputs: tuple[Input, ...]
    weights: Array
    failing: Array

    @cached_property
    def probabilities(self) -> Array:
        """The weights in proportion, so that they and `failing` add up to 1."""
        total = self.weights.sum(axis=-1, keepdims=True)
        kept = (1 - self.failing)[..., np.newaxis]
        found: Array = np.divide(self.weights * kept, total, out=np.zeros_like(self.weights), where=total > 0)
        return found


@dataclass(frozen=True)
class FiniteWorld:
    """A grounded world whose variables have finitely many values, at one point of its parameters.

    `parameters` are by `owner.name`; `steps` is how far the step number goes in laws that read it.
    """

    world: World
    ranges: Mapping[str, range]
    parameters: Mapping[str, float]
    steps: int = 0

    @staticmethod
    def of(world: World, parameters: Mapping[str, float] | None = None, steps: int = 0) -> "FiniteWorld":
        """Grounds the world; InputError where a variable has infinitely many values or a parameter no number."""
        grounded = ground(world)
        ranges = {name: whole_numbers(entry.file.support) for name, entry in grounded.variables.items()}
        known = dict(parameters or {})
        problems = [
            *(_infinite(name) for name in _surfaces(name for name, found in ranges.items() if found is None)),
            *(_no_number(name) for name in _surfaces(name for name in _parameters(grounded) if name not in known)),
        ]
        if problems:
            raise InputError(problems)
        return FiniteWorld(grounded, {name: found for name, found in ranges.items() if found}, known, steps)

    def labels(self, name: str) -> tuple[str, ...]:
        """The names of a variable's values; `x3` or `m3` for whole numbers."""
        names = self.world.variables[name].file.support.values
        return names or tuple(f"m{-value}" if value < 0 else f"x{value}" for value in self.ranges[name])

    def values_of(self, key: Input) -> range:
        """The numbers that something which a law reads can have."""
        match key:
            case Time():
                return range(1, self.steps + 1)
            case _:
                return self.ranges[key.name]

    def conditional(self, name: str) -> Conditional:
        """The probabilities of a variable with one mechanism."""
        (mechanism,) = (self.world.mechanisms[entry] for entry in self.world.weights_of(name))
        return self.law(mechanism)

    def law(self, mechanism: Mechanism) -> Conditional:
        """A mechanism's probabilities; InputError where the law is not discrete or reads too much."""
        if not discrete(mechanism.law):
            found = f"a {mechanism.law.family} law, whose draws are no whole numbers"
            raise InputError(not_exportable(f"mechanisms/{mechanism.owner}.toml", found, "a discrete law"))
        return self.of_law(mechanism.law, mechanism, self.ranges[mechanism.assigns])

    def of_law(self, law: Law, mechanism: Mechanism | None, values: range) -> Conditional:
        """A law's probabilities on a range of values; without a mechanism it may read no parameters."""
        inputs = inputs_of(law)
        sizes = [len(self.values_of(key)) for key in inputs]
        if float(np.prod([1.0, *sizes])) * len(values) > MOST_CELLS or len(values) > MOST_VALUES:
            where = "initial laws" if mechanism is None else f"mechanisms/{mechanism.owner}.toml"
            raise InputError(
                not_exportable(where, f"a table of {sizes} by {len(values)} probabilities", "a smaller one")
            )
        environment = self.environment(inputs, mechanism)
        weights = _weights(law, environment, values).broadcast_to((*sizes, len(values))).numpy().copy()
        valid = law_valid(law, environment).broadcast_to((*sizes, 1))[..., 0].numpy() & np.isfinite(weights).all(
            axis=-1
        )
        weights[~valid] = 0.0
        failing = np.where(valid, _missing(law, weights), 1.0)
        return Conditional(inputs, weights, failing)

    def environment(self, inputs: tuple[Input, ...], mechanism: Mechanism | None) -> Environment:
        """Each input along an axis of its own, before a last axis for the variable's values."""
        axes = dict(zip(inputs, self._axes(inputs), strict=True))
        named: dict[str, Tensor] = {} if mechanism is None else dict(constants(mechanism))
        owner = "" if mechanism is None else mechanism.owner

        def parameter(name: str) -> Tensor:
            own = named.get(name)
            return torch.tensor(self.parameters[f"{owner}.{name}"], dtype=torch.float64) if own is None else own

        return Environment(
            parameter,
            lambda name, lag: axes[Variable(name, lag)],
            lambda name: axes[Start(name)],
            lambda: axes[Time()],
        )

    def _axes(self, inputs: tuple[Input, ...]) -> Iterator[Tensor]:
        for place, key in enumerate(inputs):
            shape = [1] * (len(inputs) + 1)
            shape[place] = -1
            yield torch.tensor(list(self.values_of(key)), dtype=torch.float64).reshape(shape)

    def at(self, parameters: Mapping[str, float]) -> "FiniteWorld":
        """The same world at another point."""
        return replace(self, parameters=parameters)


def whole_numbers(support: Support) -> range | None:
    """The values of a finite support or of bounded whole numbers; None for any other."""
    match support.kind:
        case "finite":
            return range(len(support.values))
        case "integer" if support.lower is not None and support.upper is not None:
            return range(int(np.ceil(support.lower)), int(np.floor(support.upper)) + 1)
        case _:
            return None


def inputs_of(node: Law | Expression) -> tuple[Input, ...]:
    """What a text reads beside parameters, each once, in order of appearance."""
    return tuple(dict.fromkeys(entry for entry in walk(node) if isinstance(entry, Variable | Start | Time)))


def discrete(law: Law) -> bool:
    """Whether all draws of a law are whole numbers, or one value that is certain."""
    if law.parts:
        return all(discrete(part) for part in law.parts)
    return is_discrete(law) or law.family == "Delta"


def not_exportable(where: str, found: str, wanted: str) -> Problem:
    """What the format that is written to cannot say."""
    return Problem(
        code="not-exportable",
        where=where,
        found=found,
        wanted=wanted,
        mend="write to a format that has it, or make the world simpler",
    )


def _weights(law: Law, environment: Environment, values: range) -> Tensor:
    """The last axis has the values of the range."""
    if law.family == "Categorical" and list(values) == list(range(len(law.arguments))):
        arguments = [evaluate(argument, environment) for argument in law.arguments]
        columns = [argument if argument.dim() else argument.reshape(1) for argument in arguments]
        return torch.cat(torch.broadcast_tensors(*columns), dim=-1)
    x = torch.tensor(list(values), dtype=torch.float64)
    return torch.exp(law_log_prob(law, environment, x))


def _missing(law: Law, weights: Array) -> Array:
    """The mass outside the range; below rounding it is none, and the arguments of a `Categorical` are proportions."""
    total = weights.sum(axis=-1)
    if law.family == "Categorical" and weights.shape[-1] == len(law.arguments):
        return np.where(total > 0, 0.0, 1.0)
    missing = 1 - total
    return np.where(missing > 1e-12, missing, 0.0)


def _parameters(world: World) -> Iterator[str]:
    used: set[str] = set()
    for mechanism in world.mechanisms.values():
        used.update(f"{mechanism.owner}.{name}" for name in mechanism.priors)
    yield from sorted(used)


def _surfaces(names: Iterable[str]) -> tuple[str, ...]:
    """The components of grounded names, each once."""
    return tuple(dict.fromkeys(map(surface, names)))


def _infinite(name: str) -> Problem:
    return not_exportable(
        f"variables/{name}.toml", "infinitely many values", "a finite support, or bounded whole numbers"
    )


def _no_number(name: str) -> Problem:
    owner, _, parameter = name.partition(".")
    return not_exportable(
        f"mechanisms/{owner}.toml", f"the parameter “{parameter}”, which is uncertain", "a number for it"
    )
