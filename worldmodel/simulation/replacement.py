"""Worlds in which some variables follow other laws: what `do` with a law means at the steps at which it holds.

The edited world differs in those laws alone: mechanisms keep their names, so that parameters and noise stay as they
were.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from worldmodel.checks.cycles import each_cycle
from worldmodel.checks.draft import Draft
from worldmodel.checks.graph import assignment_order, same_step_inputs
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Law, Variable
from worldmodel.language.walk import walk
from worldmodel.simulation.intervention import Replacement
from worldmodel.simulation.texts import law_for
from worldmodel.world import World


def replaced(world: World, replacements: Iterable[Replacement]) -> World:
    """The grounded world with these laws in place of those of their variables; a later one wins.

    Raises InputError where a law reads what is not there, cannot be ordered within a step, or replaces no mechanism.
    """
    laws = {entry.variable: entry.law for entry in replacements}
    problems = [problem for name in sorted(laws) for problem in _place(world, name)]
    mechanisms = dict(world.mechanisms)
    for name, mechanism in world.mechanisms.items():
        if mechanism.assigns in laws:
            try:
                law = law_for(world, mechanism, laws[mechanism.assigns])
                mechanisms[name] = replace(mechanism, law=law)
                problems += _present(world, mechanism.assigns, law)
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))
    draft = Draft(world.header, world.variables, mechanisms, {}, {}, None, {}, {})
    problems = list(_order(draft, laws))
    if problems:
        raise InputError(problems)
    return replace(world, mechanisms=mechanisms, order=assignment_order(draft))


def _place(world: World, variable: str) -> Iterator[Problem]:
    if not world.mechanisms_of(variable):
        yield Problem(
            code="no-mechanism",
            where="--do",
            part=variable,
            found=f"no mechanism assigns {variable}",
            wanted="a mechanism whose law can be replaced",
            mend="set the variable to a number",
        )


def _present(world: World, variable: str, law: Law) -> Iterator[Problem]:
    """What a rule for an action reads of the present step."""
    now = {node.name for node in walk(law) if isinstance(node, Variable) and node.lag == 0}
    for name in sorted(now) if variable in world.actions else ():
        yield Problem(
            code="rule-sees-present",
            where="--do",
            part=variable,
            found=f"{name}[t] in a rule for an action",
            wanted="what is known when the action is chosen: lags of 1 and more",
            mend=f"use {name}[t-1]",
        )


def _order(draft: Draft, laws: Mapping[str, Law]) -> Iterator[Problem]:
    for cycle in each_cycle(same_step_inputs(draft)):
        yield Problem(
            code="cyclic-graph",
            where="--do",
            part=", ".join(sorted(laws)),
            found=" → ".join([*cycle, cycle[0]]) + " within one step",
            wanted="an order in which variables can be assigned",
            mend="give one of these inputs a lag: x[t-1]",
        )
