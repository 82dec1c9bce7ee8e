"""One step of a whole world over a box: for every variable an interval that contains each value it can take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from worldmodel.components.variable import Support
from worldmodel.errors import InputError, Problem
from worldmodel.grounding.ground import ground
from worldmodel.language.ir import Law, Node, Parameter, Start, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.interval import Box
from worldmodel.readings.interval_arithmetic import Interval, hull, point
from worldmodel.readings.interval_law import law_bounds
from worldmodel.readings.interval_quantile import EVERY
from worldmodel.world import Mechanism, World


@dataclass(frozen=True)
class StepBox:
    """What one step starts from, each as an interval.

    `parameters` are called `owner.name`; `values` holds variables by name and lag, with lag 0 for actions (and for
    whatever else is set in this step); `starts` the values before step 1; `time` the number of the step.
    """

    parameters: Mapping[str, Interval] = field(default_factory=dict)
    values: Mapping[tuple[str, int], Interval] = field(default_factory=dict)
    starts: Mapping[str, Interval] = field(default_factory=dict)
    time: Interval = Box().time


def one_step_bounds(world: World, start: StepBox, u: Interval = EVERY) -> dict[str, Interval]:
    """The bounds of every variable after one step, in the order in which they are assigned.

    Rivals that have weight count together, since any of them may hold. Values outside a variable's support are among
    the bounds: they end a trajectory. An action without an interval is bounded by its rules, and like any action moved
    to the nearest value of its support.

    Raises:
        InputError: `box-incomplete`, once for everything that a law reads and the start does not give.
    """
    world = ground(world)
    _check(world, start)
    current = {name: interval for (name, lag), interval in start.values.items() if lag == 0}
    for name in world.order:
        if name not in current:
            found = [_drawn(mechanism, start, current, u) for mechanism in _weighed(world, name)]
            drawn = reduce(hull, found)
            current[name] = nearest(world.variables[name].file.support, drawn) if name in world.actions else drawn
    return {name: current[name] for name in world.order}


def nearest(support: Support, x: Interval) -> Interval:
    """The values of a support that are nearest to those of an interval."""
    least = -np.inf if support.lower is None else support.lower
    most = np.inf if support.upper is None else support.upper
    if support.kind == "finite":
        least, most = 0.0, len(support.values) - 1.0
    whole = support.kind != "real"
    lower, upper = (np.rint(x.lower), np.rint(x.upper)) if whole else (x.lower, x.upper)
    return Interval(np.clip(lower, least, most), np.clip(upper, least, most), x.partial)


def prior_box(world: World, u: Interval = EVERY) -> dict[str, Interval]:
    """An interval for every parameter, from its prior at uniform numbers in `u`; a prior may read other parameters."""
    world = ground(world)
    found: dict[str, Interval] = {}
    for mechanism in world.mechanisms.values():
        for name in mechanism.priors:
            _add_prior(mechanism, name, found, u)
    return found


def _add_prior(mechanism: Mechanism, name: str, found: dict[str, Interval], u: Interval) -> None:
    """The bounds of a parameter, after those of what its prior reads."""
    full = f"{mechanism.owner}.{name}"
    if full in found:
        return
    law = mechanism.priors[name]
    for read in _parameters(law):
        if read in mechanism.priors:
            _add_prior(mechanism, read, found, u)
    found[full] = law_bounds(law, Box(parameters=_named(mechanism, found)), u)


def _drawn(mechanism: Mechanism, start: StepBox, current: Mapping[str, Interval], u: Interval) -> Interval:
    values = {**start.values, **{(name, 0): interval for name, interval in current.items()}}
    box = Box(_named(mechanism, start.parameters), values, start.starts, start.time)
    return law_bounds(mechanism.law, box, u)


def _named(mechanism: Mechanism, parameters: Mapping[str, Interval]) -> dict[str, Interval]:
    """Parameters and constants by the names that the mechanism's texts use."""
    prefix = f"{mechanism.owner}."
    own = {name.removeprefix(prefix): interval for name, interval in parameters.items() if name.startswith(prefix)}
    return {**parameters, **own, **{name: point(entry.value) for name, entry in mechanism.file.constants.items()}}


def _weighed(world: World, name: str) -> list[Mechanism]:
    return [world.mechanisms[mechanism] for mechanism in world.weights_of(name)]


def _parameters(node: Node) -> list[str]:
    return [found.name for found in walk(node) if isinstance(found, Parameter)]


def _check(world: World, start: StepBox) -> None:
    """Everything that a law of this step reads must have an interval."""
    problems = []
    given = {name for name, lag in start.values if lag == 0}
    for name in world.order:
        mechanisms = [] if name in given else _weighed(world, name)
        if not mechanisms and name not in given:
            problems.append(_missing(name, f"{name}[t]", "no mechanism assigns it"))
        for mechanism in mechanisms:
            problems += _unknown(mechanism.law, mechanism, start)
    if problems:
        raise InputError(dict.fromkeys(problems))


def _unknown(law: Law, mechanism: Mechanism, start: StepBox) -> list[Problem]:
    where = f"mechanism {mechanism.file.id}"
    named = _named(mechanism, start.parameters)
    problems = []
    for node in walk(law):
        match node:
            case Variable(name, lag) if lag > 0 and (name, lag) not in start.values:
                problems.append(_missing(where, f"{name}[t-{lag}]", "its law reads it"))
            case Parameter(name) if name not in named:
                problems.append(_missing(where, name, "its law reads it"))
            case Start(name) if name not in start.starts:
                problems.append(_missing(where, f"{name}[0]", "its law reads it"))
            case _:
                pass
    return problems


def _missing(where: str, name: str, why: str) -> Problem:
    return Problem(
        code="box-incomplete",
        where=where,
        found=f"no interval for {name}: {why}",
        wanted="an interval for everything that the step reads",
        mend="give one; [-inf, inf] where nothing is known",
    )
