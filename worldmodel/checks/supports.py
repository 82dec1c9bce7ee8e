"""Values within their sets: supports that hold something, laws that fit them, sensible arguments and priors."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft, column, initial_laws
from worldmodel.checks.law_kinds import check_initial_kind, check_law_kinds
from worldmodel.components.variable import Support
from worldmodel.errors import Problem
from worldmodel.language.ir import Law, Parameter, Start, Time, Variable
from worldmodel.language.render import render
from worldmodel.language.signatures import JOINT, LAWS, Domain
from worldmodel.language.walk import literal_value, walk

_PRIOR_FAMILIES = ("Normal", "StudentT", "LogNormal", "HalfNormal", "Beta", "Gamma", "Exponential", "Uniform")


def check_supports(draft: Draft) -> Iterator[Problem]:
    """Empty supports, laws of the wrong kind, arguments out of their domain, priors that are none."""
    for name, variable in draft.variables.items():
        yield from _support(f"variables/{name}.toml", variable.file.support)
    for text in initial_laws(draft):
        if isinstance(text.node, Law):
            yield from _initial(text.path, text.node)
            name = text.path.removeprefix("variables/").removesuffix(".toml")
            yield from check_initial_kind(text.path, text.node, draft.variables[name], text.scope)
    for mechanism in draft.mechanisms.values():
        path = f"mechanisms/{mechanism.file.id}.toml"
        yield from _domains(path, "law", mechanism.law)
        yield from check_law_kinds(draft, path, mechanism)
        for name, prior in mechanism.priors.items():
            yield from _prior(path, f"parameters.{name}.prior", prior)


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


def _initial(path: str, law: Law) -> Iterator[Problem]:
    yield from _domains(path, "initial", law)
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


def _prior(path: str, part: str, prior: Law) -> Iterator[Problem]:
    yield from _domains(path, part, prior)
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


def _domains(path: str, part: str, law: Law) -> Iterator[Problem]:
    for inner in law.parts:
        yield from _domains(path, part, inner)
    slots = LAWS[law.family].slots
    for number, argument in enumerate(law.arguments):
        slot = slots[min(number, len(slots) - 1)]
        value = literal_value(argument)
        if value is not None and not _holds(slot.domain, value):
            yield Problem(
                code="out-of-domain",
                where=path,
                part=part,
                column=column(argument),
                found=f"{slot.name} = {render(argument)}",
                wanted=_WORDS[slot.domain],
                mend=f"correct the argument of {law.family}",
            )
    ends = [literal_value(argument) for argument in law.arguments]
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
