"""Worlds in which some variables follow other laws: what `do` with a law means at the steps at which it holds.

The edited world differs in those laws alone: mechanisms keep their names, so that parameters and noise stay as they
were.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import networkx as nx

from worldmodel.checks.draft import Draft
from worldmodel.checks.graph import assignment_order, lag_zero_graph
from worldmodel.checks.types import check_types
from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Law, Parameter, Start, Variable
from worldmodel.language.render import render
from worldmodel.language.walk import walk
from worldmodel.simulation.intervention import Replacement
from worldmodel.world import Mechanism, World


def replaced(world: World, replacements: Iterable[Replacement]) -> World:
    """The grounded world with these laws in place of those of their variables; a later one wins.

    Raises InputError where a law reads what is not there, cannot be ordered within a step, or replaces no mechanism.
    """
    laws = {entry.variable: entry.law for entry in replacements}
    problems = [problem for name in sorted(laws) for problem in _names(world, name, laws[name])]
    if problems:
        raise InputError(problems)
    mechanisms = {
        name: _with_law(mechanism, laws.get(mechanism.file.assigns)) for name, mechanism in world.mechanisms.items()
    }
    draft = _draft(world, mechanisms)
    problems = [*_kinds(draft, laws), *_order(draft, laws)]
    if problems:
        raise InputError(problems)
    return replace(world, mechanisms=mechanisms, order=assignment_order(draft))


def _with_law(mechanism: Mechanism, law: Law | None) -> Mechanism:
    return mechanism if law is None else replace(mechanism, law=law)


def _draft(world: World, mechanisms: Mapping[str, Mechanism]) -> Draft:
    return Draft(world.header, world.variables, mechanisms, {}, {}, None, {}, {})


def _names(world: World, variable: str, law: Law) -> Iterator[Problem]:
    mechanisms = world.mechanisms_of(variable)
    if not mechanisms:
        yield _problem("no-mechanism", variable, f"no mechanism assigns {variable}", "a mechanism to replace", "set it")
    known = [{*mechanism.priors, *mechanism.file.constants} for mechanism in mechanisms]
    action = variable in world.actions
    for node in walk(law):
        match node:
            case Variable(name) | Start(name) if name not in world.variables or isinstance(node, Start):
                yield _unknown(variable, render(node), sorted(world.variables))
            case Variable(name, 0) if action:
                yield _problem(
                    "rule-sees-present", variable, f"{name}[t] in a rule", "lags of 1 and more", f"use {name}[t-1]"
                )
            case Parameter(name) if not all(name in names for names in known):
                yield _unknown(variable, name, sorted(set.intersection(*known)) if known else [])
            case _:
                pass


def _kinds(draft: Draft, laws: Mapping[str, Law]) -> Iterator[Problem]:
    for problem in check_types(draft):
        mechanism = draft.mechanisms.get(problem.where.removeprefix("mechanisms/").removesuffix(".toml"))
        if mechanism is not None and mechanism.file.assigns in laws and problem.part == "law":
            yield replace(problem, where="--do", part=mechanism.file.assigns)


def _order(draft: Draft, laws: Mapping[str, Law]) -> Iterator[Problem]:
    graph = lag_zero_graph(draft)
    if not nx.is_directed_acyclic_graph(graph):
        cycle = [edge[0] for edge in nx.find_cycle(graph)]
        found = " → ".join([*cycle, cycle[0]]) + " within one step"
        yield _problem("cyclic-graph", ", ".join(sorted(laws)), found, "an order of assignment", "read x[t-1]")


def _unknown(variable: str, found: str, known: list[str]) -> Problem:
    return _problem(
        "unknown-name", variable, f"“{found}”", f"one of {', '.join(known)}" if known else "numbers", "correct the name"
    )


def _problem(code: str, variable: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code=code, where="--do", part=variable, found=found, wanted=wanted, mend=mend)
