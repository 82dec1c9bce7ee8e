"""What the energy view says of one law of a world: a mechanism's at given inputs, or a parameter's prior."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Law, Node, Parameter, Start, Time, Variable
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.readings.base_measure import BaseMeasure, base_measure
from worldmodel.readings.energy import Tempered, energy, tempered, with_numbers
from worldmodel.readings.energy_given import given_numbers
from worldmodel.readings.log_density import constant, fixed_environment
from worldmodel.readings.tempering import temper
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import law_quantile
from worldmodel.world import Mechanism, World


@dataclass(frozen=True)
class EnergyFacts:
    """One law, the numbers that it was read with, and what it is at an inverse temperature."""

    law: Law
    read_with: Mapping[str, float]
    assumed: tuple[str, ...]
    """Parameters among them that were not given and stand at the median of their priors."""
    numbers: Law
    base: BaseMeasure
    at: Mapping[float, float]
    """Energies in nats by value."""
    answer: Tempered
    formula: Law | None
    """The tempered law in the law's own arguments, where the language has it."""


def energy_facts(
    world: World, identifier: str, given: Mapping[str, float | str], beta: float, at: tuple[float, ...]
) -> EnergyFacts:
    """The facts about `mechanism` or `mechanism.parameter`; `given` maps texts such as `level[t-1]` to numbers.

    Raises:
        InputError: `unknown-name`, `malformed-given`, `input-missing` (once for each), `out-of-domain`,
            `does-not-normalise`, `no-closed-form`.
    """
    world = ground(world)
    mechanism, law = _find(world, identifier)
    values, assumed = _values(mechanism, law, given_numbers(world, law, given))
    numbers = with_numbers(law, _environment(values))
    points = torch.tensor(at, dtype=torch.float64)
    energies = energy(numbers, fixed_environment(), points).expand(points.shape).tolist()
    answer = tempered(numbers, beta)
    return EnergyFacts(
        law,
        values,
        assumed,
        numbers,
        base_measure(law),
        dict(zip(at, energies, strict=True)),
        answer,
        _formula(law, beta),
    )


def _formula(law: Law, beta: float) -> Law | None:
    try:
        return temper(law, beta)
    except InputError:
        return None


def _find(world: World, identifier: str) -> tuple[Mechanism, Law]:
    for name, mechanism in world.mechanisms.items():
        if identifier == name:
            return mechanism, mechanism.law
        for parameter, prior in mechanism.priors.items():
            if identifier == f"{mechanism.owner}.{parameter}":
                return mechanism, prior
    raise InputError(_unknown(identifier, world))


def _values(mechanism: Mechanism, law: Law, given: Mapping[str, float]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Every number that the law reads; parameters that are not given stand at the medians of their priors."""
    values: dict[str, float] = {}
    assumed: list[str] = []
    missing = [name for name in _reads(law) if not _known(name, mechanism, given, values, assumed)]
    problems = [_missing(mechanism, name) for name in missing]
    problems += [_unread(mechanism, name, law) for name in given if name not in values]
    if problems:
        raise InputError(problems)
    return values, tuple(assumed)


def _known(
    name: str, mechanism: Mechanism, given: Mapping[str, float], values: dict[str, float], assumed: list[str]
) -> bool:
    """Whether there is a number for a name; it is then among the values."""
    if name in values:
        return True
    if name in given:
        values[name] = given[name]
    elif name in mechanism.file.constants:
        values[name] = float(mechanism.file.constants[name].value)
    elif name in mechanism.priors:
        prior = mechanism.priors[name]
        if not all(_known(read, mechanism, given, values, assumed) for read in _reads(prior)):
            return False
        values[name] = law_quantile(prior, _environment(values), constant(0.5)).item()
        assumed.append(name)
    return name in values


def _reads(node: Node) -> list[str]:
    """What a text reads, each once, as it is written."""
    found = (inner for inner in walk(node) if isinstance(inner, Parameter | Variable | Start | Time))
    return list(dict.fromkeys(map(render, found)))


def _environment(values: Mapping[str, float]) -> Environment:
    return Environment(
        lambda name: constant(values[name]),
        lambda name, lag: constant(values[render(Variable(name, lag))]),
        lambda name: constant(values[render(Start(name))]),
        lambda: constant(values[render(Time())]),
    )


def _unknown(identifier: str, world: World) -> Problem:
    names = sorted(world.mechanisms)
    return Problem(
        code="unknown-name",
        where="energy",
        found=f"“{identifier}”",
        wanted=f"a mechanism ({', '.join(names[:20])}{', …' if len(names) > 20 else ''}) or MECHANISM.PARAMETER",
        mend="name one of them",
    )


def _missing(mechanism: Mechanism, name: str) -> Problem:
    return Problem(
        code="input-missing",
        where=f"mechanism {mechanism.file.id}",
        found=f"no number for {name}, which its law reads",
        wanted="a number for everything that the law reads",
        mend=f"add --given '{name}=NUMBER'",
    )


def _unread(mechanism: Mechanism, name: str, law: Law) -> Problem:
    return Problem(
        code="unknown-name",
        where=f"mechanism {mechanism.file.id}",
        found=f"--given {name}, which its law does not read",
        wanted=f"one of {', '.join(_reads(law)) or 'nothing: it reads nothing'}",
        mend="leave it out",
    )
