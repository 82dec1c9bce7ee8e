"""Values within their sets: supports that hold something, laws that fit them, sensible arguments and priors."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft, column, initial_laws
from worldmodel.checks.law_kinds import check_initial_kind, check_law_kinds
from worldmodel.components.numbers import numbers_of
from worldmodel.components.variable import Support
from worldmodel.errors import Problem
from worldmodel.language.ir import Expression, Law, Negate, Parameter, Start, Time, Variable
from worldmodel.language.render import render
from worldmodel.language.signatures import JOINT, LAWS, Domain
from worldmodel.language.walk import literal_value, walk
from worldmodel.scope import Scope

_PRIOR_FAMILIES = ("Normal", "StudentT", "LogNormal", "HalfNormal", "Beta", "Gamma", "Exponential", "Uniform")


def check_supports(draft: Draft) -> Iterator[Problem]:
    """Empty supports, laws of the wrong kind, arguments out of their domain, priors that are none."""
    for name, variable in draft.variables.items():
        yield from _support(f"variables/{name}.toml", variable.file.support)
    for text in initial_laws(draft):
        if isinstance(text.node, Law):
            yield from _initial(text.path, text.node, text.scope)
            name = text.path.removeprefix("variables/").removesuffix(".toml")
            yield from check_initial_kind(text.path, text.node, draft.variables[name], text.scope)
    for mechanism in draft.mechanisms.values():
        path = f"mechanisms/{mechanism.file.id}.toml"
        scope = draft.scopes[mechanism.file.id]
        yield from _domains(path, "law", mechanism.law, scope)
        yield from check_law_kinds(draft, path, mechanism)
        for name, prior in mechanism.priors.items():
            yield from _prior(path, f"parameters.{name}.prior", prior, scope)


def _support(path: str, support: Support) -> Iterator[Problem]:
    empty = support.lower is not None and support.upper is not None and support.lower >= support.upper
    finite = support.kind == "finite"
    if empty or finite != bool(support.values) or (finite and len(set(support.values)) < max(2, len(support.values))):
        yield Problem(
            code="bad-support",
            where=path,
            part="support",
            found=f"kind {support.kind}, lower {support.lower}, upper {support.upper}, values {list(support.values)}",
            wanted="lower below upper; different `values`, two or more, for the kind finite and for no other",
            mend="correct the support",
        )


def _initial(path: str, law: Law, scope: Scope) -> Iterator[Problem]:
    yield from _domains(path, "initial", law, scope)
    if law.family in JOINT or any(isinstance(node, Variable | Start | Time) for node in walk(law)):
        yield Problem(
            code="not-constant",
            where=path,
            part="initial",
            column=column(law),
            found=render(law),
            wanted="a law of numbers, and of constants and tables of world.toml",
            mend="write the numbers",
        )


def _prior(path: str, part: str, prior: Law, scope: Scope) -> Iterator[Problem]:
    yield from _domains(path, part, prior, scope)
    reads = any(isinstance(node, Variable | Start | Time) for node in walk(prior))
    open_ends = prior.family == "Uniform" and any(isinstance(node, Parameter) for node in walk(prior))
    if prior.family not in _PRIOR_FAMILIES or reads or open_ends:
        yield Problem(
            code="bad-prior",
            where=path,
            part=part,
            column=column(prior),
            found=render(prior),
            wanted=f"one of {', '.join(_PRIOR_FAMILIES)} of numbers and other parameters; a Uniform of numbers alone",
            mend="a fixed number is a constant, not a prior",
        )


def _known(node: Expression, scope: Scope) -> float | None:
    """The value of a literal number or a named constant, with its sign; None for anything else."""
    match node:
        case Negate(Parameter() as operand):
            value = _known(operand, scope)
            return None if value is None else -value
        case Parameter(name, ()) if name in scope.declared:
            return scope.declared[name].value
        case _:
            return literal_value(node)


def _possible(node: Expression, scope: Scope) -> Iterator[float]:
    """Every number that a literal, a named constant or a table can be; nothing for what depends on more."""
    value = _known(node, scope)
    if value is not None:
        yield value
    if isinstance(node, Parameter) and node.name in scope.declared:
        rows = scope.declared[node.name].rows
        yield from () if rows is None else numbers_of(rows)


def _domains(path: str, part: str, law: Law, scope: Scope) -> Iterator[Problem]:
    for inner in law.parts:
        yield from _domains(path, part, inner, scope)
    slots = LAWS[law.family].slots
    for number, argument in enumerate(law.arguments):
        slot = slots[min(number, len(slots) - 1)]
        wrong = next((value for value in _possible(argument, scope) if not _holds(slot.domain, value)), None)
        if wrong is not None:
            among = "" if _known(argument, scope) is not None else f", which can be {wrong:g}"
            yield Problem(
                code="out-of-domain",
                where=path,
                part=part,
                column=column(argument),
                found=f"{slot.name} = {render(argument)}{among}",
                wanted=_WORDS[slot.domain],
                mend=f"correct the argument of {law.family}",
            )
    ends = [_known(argument, scope) for argument in law.arguments]
    if law.family in ("Uniform", "Truncated") and ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
        yield Problem(
            code="out-of-domain",
            where=path,
            part=part,
            column=column(law),
            found=render(law),
            wanted="low below high",
            mend="correct the interval",
        )


_WORDS = {
    "real": "a real number",
    "positive": "a number above 0",
    "nonnegative": "a number from 0",
    "unit": "a number from 0 to 1",
    "count": "a whole number from 0",
}


def _holds(domain: Domain, value: float) -> bool:
    match domain:
        case "real":
            return True
        case "positive":
            return value > 0
        case "nonnegative":
            return value >= 0
        case "unit":
            return 0 <= value <= 1
        case "count":
            return value >= 0 and value == int(value)
