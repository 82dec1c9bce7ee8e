"""Which simulator and which rule serve each step, where interventions replace laws at some steps and not at others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from worldmodel.errors import InputError, Problem
from worldmodel.simulation.backend import AnySimulator
from worldmodel.simulation.intervention import Edit, Replacement
from worldmodel.simulation.replacement import replaced
from worldmodel.simulation.rules import Actor, Rule, actor
from worldmodel.simulation.simulator import Simulator, lags_of


@dataclass(frozen=True)
class Phase:
    """What serves a step."""

    simulator: AnySimulator
    choose: Actor


def phases(
    simulator: AnySimulator, interventions: Sequence[Edit], rule: Rule, fixed: frozenset[str]
) -> Callable[[int], Phase]:
    """The phase of each step. All of them carry the same past, so that a state passes from one to the next.

    `fixed` are actions that are set at every step. Raises InputError where a replaced law has no place in the world.
    """
    replacements = [entry for entry in interventions if isinstance(entry, Replacement)]
    if not replacements:
        same = Phase(simulator, actor(simulator, rule, fixed))
        return lambda _step: same
    _refuse_policies(simulator, replacements, rule)
    worlds = {active: replaced(simulator.world, active) for active in _active_sets(replacements)}
    each = [simulator.lags, *map(lags_of, worlds.values())]
    lags = {name: max(own[name] for own in each) for name in simulator.lags}
    simulators = {active: Simulator(world, lags) for active, world in worlds.items()}
    found = {active: Phase(own, actor(own, rule, fixed)) for active, own in simulators.items()}
    return lambda step: found[_active(replacements, step)]


def _active(replacements: Sequence[Replacement], step: int) -> tuple[Replacement, ...]:
    return tuple(entry for entry in replacements if entry.holds(step))


def _active_sets(replacements: Sequence[Replacement]) -> set[tuple[Replacement, ...]]:
    """Every set of laws that hold together at some step: what holds changes only where one begins or ends."""
    begins = {1, *(entry.first for entry in replacements)}
    ends = {entry.last + 1 for entry in replacements if entry.last is not None}
    return {_active(replacements, step) for step in begins | ends}


def _refuse_policies(simulator: AnySimulator, replacements: Sequence[Replacement], rule: Rule) -> None:
    """A policy has no law to replace."""
    actions = sorted({entry.variable for entry in replacements} & set(simulator.actions))
    if callable(rule) and actions:
        raise InputError(
            Problem(
                code="no-mechanism",
                where="--do",
                part=", ".join(actions),
                found="another law for an action that a policy chooses",
                wanted="an action that a rule mechanism chooses",
                mend="name a rule, or set or shift the action",
            )
        )
