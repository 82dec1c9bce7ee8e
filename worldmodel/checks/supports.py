"""Values within their sets: supports that hold something, laws that fit them, sensible arguments and priors."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft, column
from worldmodel.components.variable import Support
from worldmodel.errors import Problem
from worldmodel.language.ir import Law, Parameter, Start, Variable
from worldmodel.language.render import render
from worldmodel.language.signatures import FAMILIES, Domain
from worldmodel.language.walk import literal_value, walk
from worldmodel.world import Mechanism

_PRIOR_FAMILIES = ("Normal", "StudentT", "LogNormal", "HalfNormal", "Beta", "Gamma", "Exponential", "Uniform")


def check_supports(draft: Draft) -> Iterator[Problem]:
    """Empty supports, laws of the wrong kind, arguments out of their domain, priors that are none."""
    for name, variable in draft.variables.items():
        yield from _support(f"variables/{name}.toml", variable.file.support)
        for law in variable.initial:
            yield from _initial(f"variables/{name}.toml", law)
    for mechanism in draft.mechanisms.values():
        path = f"mechanisms/{mechanism.file.id}.toml"
        yield from _domains(path, "law", mechanism.law)
        yield from _kind(draft, path, mechanism)
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
    if any(isinstance(node, Variable | Parameter | Start) for node in walk(law)):
        yield Problem(
            code="not-constant",
            where=path,
            part="initial",
            column=column(law),
            found=render(law),
            wanted="a law of numbers alone",
            mend="write the numbers",
        )


def _kind(draft: Draft, path: str, mechanism: Mechanism) -> Iterator[Problem]:
    variable = draft.variables.get(mechanism.file.assigns)
    family = FAMILIES[mechanism.law.family]
    if variable is None or family.name == "Delta":
        return
    if family.discrete != (variable.file.support.kind != "real"):
        yield Problem(
            code="wrong-kind",
            where=path,
            part="law",
            column=column(mechanism.law),
            found=f"{family.name}, whose draws are {'whole numbers' if family.discrete else 'real numbers'}",
            wanted=f"a law for the support kind “{variable.file.support.kind}” of {variable.file.id}",
            mend="use another family or correct the support",
        )


def _prior(path: str, part: str, prior: Law) -> Iterator[Problem]:
    yield from _domains(path, part, prior)
    if prior.family not in _PRIOR_FAMILIES or any(isinstance(n, Variable | Parameter | Start) for n in walk(prior)):
        yield Problem(
            code="bad-prior",
            where=path,
            part=part,
            column=column(prior),
            found=render(prior),
            wanted=f"one of {', '.join(_PRIOR_FAMILIES)} with numbers as arguments",
            mend="a fixed number is a constant, not a prior",
        )


def _domains(path: str, part: str, law: Law) -> Iterator[Problem]:
    slots = FAMILIES[law.family].slots
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
    if law.family == "Uniform" and ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
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
