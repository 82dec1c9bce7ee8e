"""Everything that a law may be given: an interval for each thing that it reads, from declared supports and priors.

Variables lie in their declared supports, since a trajectory that leaves one has failed; parameters in the supports of
their priors; the step counts from 1. A region is cut into boxes, many of which are treated at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from worldmodel.components.variable import Support
from worldmodel.language.ir import Law, Node, Parameter, Start, Time, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.interval import Box
from worldmodel.readings.interval_arithmetic import Interval, point
from worldmodel.readings.interval_step import prior_box
from worldmodel.world import Mechanism, World

Kind = Literal["parameter", "variable", "start", "time"]
Numbers = Any  # float64 arrays, one row for each thing that is read and one column for each box or point
_SMALLEST = 2.0**-1022
_SEARCH = {"Poisson": 60, "Binomial": 60, "NegativeBinomial": 4_000, "Truncated": 40}
_OPEN_AT_ZERO = ("LogNormal", "Gamma", "Beta")


@dataclass(frozen=True)
class Key:
    """One thing that a law reads: a variable at a lag, a parameter by its own name, a value before step 1, the step."""

    kind: Kind
    name: str
    lag: int = 0

    def __str__(self) -> str:
        match self.kind:
            case "variable":
                return f"{self.name}[t-{self.lag}]" if self.lag else f"{self.name}[t]"
            case "start":
                return f"{self.name}[0]"
            case "time":
                return "t"
            case _:
                return self.name


@dataclass(frozen=True)
class Region:
    """The things that a law reads, with the ends of their intervals and which of them are whole numbers."""

    keys: tuple[Key, ...]
    lower: Numbers
    upper: Numbers
    whole: tuple[bool, ...]
    constants: Mapping[str, float]


def region_of(world: World, mechanism: Mechanism) -> Region:
    """The region of a mechanism of a grounded world, in the order in which its law reads."""
    keys = tuple(dict.fromkeys(_keys(mechanism.law, mechanism)))
    priors = _priors(world, mechanism)
    found = [_interval(world, priors, key) for key in keys]
    return Region(
        keys,
        np.array([[low] for low, _, _ in found]).reshape(len(keys), 1),
        np.array([[high] for _, high, _ in found]).reshape(len(keys), 1),
        tuple(whole for _, _, whole in found),
        {name: entry.value for name, entry in mechanism.file.constants.items()},
    )


def key_of(node: Node) -> Key | None:
    """What a node reads; None for all but names."""
    match node:
        case Variable(name, lag):
            return Key("variable", name, lag)
        case Start(name):
            return Key("start", name)
        case Time():
            return Key("time", "")
        case Parameter(name):
            return Key("parameter", name)
        case _:
            return None


def _keys(node: Node, mechanism: Mechanism) -> list[Key]:
    keys = [key_of(found) for found in walk(node)]
    return [key for key in keys if key is not None and (key.kind, key.name) not in _constants(mechanism)]


def _constants(mechanism: Mechanism) -> set[tuple[str, str]]:
    return {("parameter", name) for name in mechanism.file.constants}


def _priors(world: World, mechanism: Mechanism) -> dict[str, Interval]:
    """The support of each prior; numbers as small as float64 cannot tell from 0 are left out of one that is above 0."""
    alone = replace(world, mechanisms={mechanism.file.id: mechanism})
    found = {}
    for name, interval in prior_box(alone).items():
        own = name.removeprefix(f"{mechanism.owner}.")
        least = interval.lower
        if mechanism.priors[own].family in _OPEN_AT_ZERO:
            least = np.maximum(least, _SMALLEST)
        found[own] = Interval(least, interval.upper)
    return found


def _interval(world: World, priors: Mapping[str, Interval], key: Key) -> tuple[float, float, bool]:
    match key.kind:
        case "parameter":
            return float(priors[key.name].lower), float(priors[key.name].upper), False
        case "time":
            return 1.0, np.inf, True
        case _:
            return support_ends(world.variables[key.name].file.support)


def support_ends(support: Support) -> tuple[float, float, bool]:
    """The ends of a declared support, and whether it holds whole numbers only; named values count from 0."""
    if support.kind == "finite":
        return 0.0, len(support.values) - 1.0, True
    low = -np.inf if support.lower is None else float(support.lower)
    high = np.inf if support.upper is None else float(support.upper)
    return low, high, support.kind == "integer"


def box_of(region: Region, lower: Numbers, upper: Numbers) -> Box:
    """The boxes with these ends (things read × boxes) as the readings of bounds want them."""
    intervals = {key: Interval(lower[row], upper[row]) for row, key in enumerate(region.keys)}

    def named(kind: Kind) -> dict[str, Interval]:
        return {key.name: interval for key, interval in intervals.items() if key.kind == kind}

    constants = {name: point(value) for name, value in region.constants.items()}
    variables = {(key.name, key.lag): interval for key, interval in intervals.items() if key.kind == "variable"}
    time = next((interval for key, interval in intervals.items() if key.kind == "time"), Box().time)
    return Box({**named("parameter"), **constants}, variables, named("start"), time)


def law_cost(law: Law, quantiles: bool) -> int:
    """What bounds on a law cost, in terms: those that it has, and what its quantiles take.

    Quantiles of counts are searched for, and those of a `NegativeBinomial` piece by piece. Means need their ends alone.
    """
    terms = sum(1 for _ in walk(law))
    searched = sum(_SEARCH.get(node.family, 10) for node in walk(law) if isinstance(node, Law))
    return terms + (searched if quantiles else searched // 20)
