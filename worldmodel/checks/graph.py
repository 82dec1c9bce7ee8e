"""The order of assignment within a step: the lag-0 graph must have one, and each variable must come about.

Edges go from what is read to what is assigned. Actions are chosen before anything else is assigned, so what a rule
reads is not an edge.
"""

import heapq
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter

from worldmodel.checks.cycles import each_cycle
from worldmodel.checks.draft import Draft, column
from worldmodel.errors import Problem
from worldmodel.language.ir import Variable
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism


def same_step_inputs(draft: Draft) -> Mapping[str, tuple[str, ...]]:
    """For each variable those that it is computed from within the same step."""
    inputs: dict[str, set[str]] = {name: set() for name in sorted(draft.variables)}
    for mechanism in draft.mechanisms.values():
        target = mechanism.assigns
        if target in draft.variables and not _is_rule(draft, mechanism):
            now = (node.name for node in mechanism.inputs if node.lag == 0 and node.name in draft.variables)
            inputs[target].update(now)
    return {name: tuple(sorted(before)) for name, before in inputs.items()}


def assignment_order(draft: Draft) -> tuple[str, ...]:
    """Actions first, then the others in a topological order that depends on names alone."""
    sorter = TopologicalSorter(same_step_inputs(draft))
    sorter.prepare()
    order: list[str] = []
    waiting = sorted(sorter.get_ready())
    while waiting:
        order.append(heapq.heappop(waiting))
        sorter.done(order[-1])
        for name in sorter.get_ready():
            heapq.heappush(waiting, name)
    return tuple(sorted(order, key=lambda name: draft.variables[name].file.role != "action"))


def check_graph(draft: Draft) -> Iterator[Problem]:
    """Cycles within a step, rules that see too much, variables that nothing assigns, rivals without weights."""
    yield from _cycles(draft)
    for mechanism in draft.mechanisms.values():
        yield from _rule_inputs(draft, mechanism)
    for name in sorted(draft.variables):
        yield from _assignment(draft, name)
    yield from _rivals(draft)
    yield from _unmeasured(draft)


def _is_rule(draft: Draft, mechanism: Mechanism) -> bool:
    variable = draft.variables.get(mechanism.assigns)
    return variable is not None and variable.file.role == "action"


def _cycles(draft: Draft) -> Iterator[Problem]:
    for cycle in each_cycle(same_step_inputs(draft)):
        members = (mechanism for name in cycle for mechanism in draft.assigning.get(name, ()))
        first = min(members, key=lambda mechanism: mechanism.file.id)
        yield Problem(
            code="cyclic-graph",
            where=f"mechanisms/{first.file.id}.toml",
            part="law",
            found=" → ".join([*cycle, cycle[0]]) + " within one step",
            wanted="an order in which variables can be assigned",
            mend="give one of these inputs a lag: x[t-1]",
        )


def _rule_inputs(draft: Draft, mechanism: Mechanism) -> Iterator[Problem]:
    if not _is_rule(draft, mechanism):
        return
    for node in (node for text in mechanism.texts for node in walk(text)):
        if isinstance(node, Variable) and node.lag == 0:
            yield Problem(
                code="rule-sees-present",
                where=f"mechanisms/{mechanism.file.id}.toml",
                part="law",
                column=column(node),
                found=f"{node.name}{'' if draft.static else '[t]'} in a rule for an action",
                wanted="numbers alone: nothing comes before the only step"
                if draft.static
                else "what is known when the action is chosen: lags of 1 and more",
                mend="let the mechanisms that read the action read it too" if draft.static else f"use {node.name}[t-1]",
            )


def _assignment(draft: Draft, name: str) -> Iterator[Problem]:
    variable = draft.variables[name]
    if variable.file.role == "action":
        return
    assigning = {mechanism.file.id for mechanism in draft.assigning.get(name, ())}
    broken = draft.named("mechanisms") - set(draft.mechanisms)
    if not assigning and not broken:
        yield Problem(
            code="no-mechanism",
            where=f"variables/{name}.toml",
            found="no mechanism assigns this variable",
            wanted="one mechanism, or several that world.toml weighs",
            mend=f'add mechanisms/{name}.toml with assigns = "{name}"',
        )
    if len(assigning) > 1 and draft.header is not None and name not in draft.header.rivals:
        yield Problem(
            code="rivals-not-weighed",
            where="world.toml",
            part=f"rivals.{name}",
            found=f"{', '.join(sorted(assigning))} all assign “{name}”",
            wanted="a weight for each of them",
            mend=f"add [rivals.{name}] with a weight by mechanism",
        )


def _rivals(draft: Draft) -> Iterator[Problem]:
    for variable, weights in (draft.header.rivals if draft.header else {}).items():
        broken = draft.named("mechanisms") - set(draft.mechanisms)
        known = {mechanism.file.id for mechanism in draft.assigning.get(variable, ())} | broken
        unknown = sorted(set(weights) - known)
        missing = sorted(known - broken - set(weights)) if variable in draft.variables else []
        action = variable in draft.variables and draft.variables[variable].file.role == "action"
        if unknown or (missing and not action) or sum(weights.values()) <= 0:
            yield Problem(
                code="bad-rivals",
                where="world.toml",
                part=f"rivals.{variable}",
                found=f"weights for {', '.join(sorted(weights)) or 'nothing'}",
                wanted=f"weights, not all 0, for {', '.join(sorted(known)) or 'mechanisms that assign it'}",
                mend="name each mechanism that assigns this variable",
            )


def _unmeasured(draft: Draft) -> Iterator[Problem]:
    """States with a chance of their own that nobody observes, and that nothing observed depends on.

    No data could ever say anything of them. What is worked out from other variables needs no measurement.
    """
    read_by: dict[str, set[str]] = {}
    for mechanism in draft.mechanisms.values():
        for node in mechanism.inputs:
            read_by.setdefault(mechanism.assigns, set()).add(node.name)
    waiting = [name for name, variable in draft.variables.items() if variable.file.observed]
    seen = set(waiting)
    while waiting:
        fresh = read_by.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting += fresh
    broken = draft.named("mechanisms") - set(draft.mechanisms)
    for name in sorted(set(draft.variables) - seen if not broken else ()):
        chance = any(mechanism.law.family != "Delta" for mechanism in draft.assigning.get(name, ()))
        if chance and draft.variables[name].file.role == "state":
            yield Problem(
                code="latent-not-measured",
                where=f"variables/{name}.toml",
                part="observed",
                found=f"“{name}” is not observed, and no observed variable depends on it",
                wanted="a measurement: a mechanism of an observed variable that reads it",
                mend="add the measurement, or give the variable the role outcome if it is only valued",
            )
