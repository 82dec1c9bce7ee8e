"""The fixed vocabulary: which functions and distribution families exist, and what their arguments mean.

Only names and shapes stand here, so that checking a file needs neither torch nor Pyro; densities and draws are in
`worldmodel.families`. A slot's unit says how an argument's unit follows from the assigned variable's: `same`,
`inverse`, or `none` (dimensionless).

Composite laws have other laws among their arguments: `order` spells the text's arguments, L for a law and a for an
expression, as a regular expression.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Domain = Literal["real", "positive", "nonnegative", "unit", "count"]
SlotUnit = Literal["same", "inverse", "none"]


@dataclass(frozen=True)
class Function:
    """A function of the language: its name and how many arguments it takes (`most` is None where there is no end)."""

    name: str
    fewest: int
    most: int | None


@dataclass(frozen=True)
class Slot:
    """One argument of a distribution family: its name, the set it must lie in, and its unit."""

    name: str
    domain: Domain
    unit: SlotUnit


@dataclass(frozen=True)
class FamilySignature:
    """A distribution family's arguments and the set its draws lie in.

    `repeated` families (Categorical) take their last slot two times or more. `dimensionless` families can only be
    laws of variables with unit 1. `discrete` families draw integers.
    """

    name: str
    slots: tuple[Slot, ...]
    support: Domain | Literal["interval", "binary", "point"]
    discrete: bool = False
    dimensionless: bool = False
    repeated: bool = False
    order: str | None = None


AGGREGATES = ("sum", "product", "mean", "min", "max", "any", "all")
"""What can be taken `over` index sets; `any` and `all` of truth values, the others of numbers."""

RESERVED = frozenset(
    {"t", "and", "or", "not", "if", "then", "else", "over", "within", "throughout", "until", *AGGREGATES}
)
"""Words that no component may be called by."""

FUNCTIONS: Mapping[str, Function] = {
    function.name: function
    for function in (
        Function("min", 2, None),
        Function("max", 2, None),
        Function("abs", 1, 1),
        Function("exp", 1, 1),
        Function("log", 1, 1),
        Function("sqrt", 1, 1),
        Function("tanh", 1, 1),
        Function("logistic", 1, 1),
        Function("clip", 3, 3),
        Function("mix", 3, 3),
    )
}

_LOC = Slot("loc", "real", "same")
_SCALE = Slot("scale", "positive", "same")
_RATE = Slot("rate", "positive", "inverse")
_PROBABILITY = Slot("probability", "unit", "none")

FAMILIES: Mapping[str, FamilySignature] = {
    family.name: family
    for family in (
        FamilySignature("Normal", (_LOC, _SCALE), "real"),
        FamilySignature("StudentT", (Slot("df", "positive", "none"), _LOC, _SCALE), "real"),
        FamilySignature(
            "LogNormal", (Slot("log_median", "real", "none"), Slot("log_scale", "positive", "none")), "positive"
        ),
        FamilySignature("HalfNormal", (_SCALE,), "nonnegative"),
        FamilySignature(
            "Beta", (Slot("alpha", "positive", "none"), Slot("beta", "positive", "none")), "unit", dimensionless=True
        ),
        FamilySignature("Gamma", (Slot("shape", "positive", "none"), _RATE), "positive"),
        FamilySignature("Exponential", (_RATE,), "nonnegative"),
        FamilySignature("Uniform", (Slot("low", "real", "same"), Slot("high", "real", "same")), "interval"),
        FamilySignature("Bernoulli", (_PROBABILITY,), "binary", discrete=True, dimensionless=True),
        FamilySignature("Categorical", (_PROBABILITY,), "count", discrete=True, dimensionless=True, repeated=True),
        FamilySignature("Poisson", (Slot("mean", "nonnegative", "none"),), "count", discrete=True, dimensionless=True),
        FamilySignature(
            "Binomial", (Slot("trials", "count", "none"), _PROBABILITY), "count", discrete=True, dimensionless=True
        ),
        FamilySignature(
            "NegativeBinomial",
            (Slot("mean", "positive", "none"), Slot("concentration", "positive", "none")),
            "count",
            discrete=True,
            dimensionless=True,
        ),
        FamilySignature("Delta", (Slot("value", "real", "same"),), "point"),
    )
}

COMPOSITES: Mapping[str, FamilySignature] = {
    family.name: family
    for family in (
        FamilySignature(
            "Truncated", (Slot("low", "real", "same"), Slot("high", "real", "same")), "interval", order="Laa"
        ),
        FamilySignature("Mixture", (Slot("weight", "nonnegative", "none"),), "real", repeated=True, order="(aL){2,}"),
        FamilySignature("ZeroInflated", (_PROBABILITY,), "real", order="aL"),
    )
}
"""Laws that are made of laws; what they draw is what their parts draw."""

JOINT: Mapping[str, FamilySignature] = {
    "Dirichlet": FamilySignature("Dirichlet", (Slot("concentration", "positive", "none"),), "unit", dimensionless=True)
}
"""Laws of all the elements of a variable's last index set together; grounding writes them as scalar laws."""

LAWS: Mapping[str, FamilySignature] = {**FAMILIES, **COMPOSITES, **JOINT}

TRUNCATABLE = ("Normal", "LogNormal", "HalfNormal", "Exponential", "Uniform")
"""Families whose distribution function has an exact inverse far out in both tails."""


def accepts(family: FamilySignature, order: str) -> bool:
    """Whether a family can be given these arguments, spelled L for a law and a for an expression."""
    if family.order is not None:
        return re.fullmatch(family.order, order) is not None
    return len(order) >= 2 if family.repeated else len(order) == len(family.slots)


def usage(family: FamilySignature) -> str:
    """How a family is written."""
    slots = [slot.name for slot in family.slots]
    match family.name:
        case "Truncated":
            words = ["law", *slots]
        case "ZeroInflated" | "Mixture":
            words = [*slots, "law"]
        case _:
            words = slots
    return f"{family.name}({', '.join(words)}{', …' if family.repeated else ''})"
