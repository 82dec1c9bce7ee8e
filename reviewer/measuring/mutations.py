"""Ways to spoil a mechanism that its text does not give away: each a different mistake that a reviewer should see.

A mutation is a mechanism file with one place changed. Texts stay as they were but for that place; what it makes wrong
is said for the debrief.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from worldmodel.language.ir import Binary, Expression, Law, Number, Parameter, Variable
from worldmodel.language.render import render
from worldmodel.language.rewrite import change_children
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism

Mistake = Literal[
    "sign flipped", "confounder dropped", "prior tightened", "unit swapped", "outcome leaked from the future"
]
MISTAKES: tuple[Mistake, ...] = (
    "sign flipped",
    "confounder dropped",
    "prior tightened",
    "unit swapped",
    "outcome leaked from the future",
)
TIGHTER = 0.1
UNIT_FACTORS = (0.01, 0.25, 4.0, 100.0)
_TEXT = r"(\"\"\".*?\"\"\"|'''.*?'''|\"[^\"\n]*\"|'[^'\n]*')"
_LAW = re.compile(rf"^law\s*=\s*{_TEXT}", re.DOTALL | re.MULTILINE)
_SCALE_PLACE = {"Normal": 1, "HalfNormal": 0, "LogNormal": 1, "StudentT": 2}
_PLACED = {"Normal": (0, 1), "HalfNormal": (0,), "StudentT": (1, 2), "Uniform": (0, 1)}


@dataclass(frozen=True)
class Mutation:
    """A spoiled mechanism file, and what is wrong with it."""

    mistake: Mistake
    text: str
    said: str


def mutations(mechanism: Mechanism, text: str, mistake: Mistake) -> Iterator[Mutation]:
    """Every way to make this mistake in a mechanism; many of them may not pass the checks."""
    match mistake:
        case "sign flipped":
            yield from _flipped(mechanism, text)
        case "confounder dropped":
            yield from _dropped(mechanism, text)
        case "prior tightened":
            yield from _tightened(mechanism, text)
        case "unit swapped":
            yield from _swapped(mechanism, text)
        case "outcome leaked from the future":
            yield from _leaked(mechanism, text)


def _flipped(mechanism: Mechanism, text: str) -> Iterator[Mutation]:
    for node in _sums(mechanism.law):
        other = Binary("-" if node.operator == "+" else "+", node.left, node.right)
        said = f"the sign of `{render(node.right)}` was flipped"
        yield from _with_law(text, _replaced(mechanism.law, node, other), "sign flipped", said)


def _dropped(mechanism: Mechanism, text: str) -> Iterator[Mutation]:
    for node in _sums(mechanism.law):
        gone = {entry.name for entry in walk(node.right) if isinstance(entry, Variable)} - {mechanism.assigns}
        if gone:
            law = _replaced(mechanism.law, node, node.left)
            said = f"`{render(node.right)}` was dropped: {', '.join(sorted(gone))} no longer counts"
            for one in _with_law(text, law, "confounder dropped", said):
                yield Mutation(one.mistake, _without_unread(one.text, mechanism, law), one.said)


def _tightened(mechanism: Mechanism, text: str) -> Iterator[Mutation]:
    for name, prior in mechanism.priors.items():
        place = _SCALE_PLACE.get(prior.family)
        if place is not None and isinstance(prior.arguments[place], Number):
            said = f"the prior of {name} was made ten times tighter, with no data behind it"
            yield from _with_prior(text, name, _scaled(prior, (place,), TIGHTER), "prior tightened", said)


def _swapped(mechanism: Mechanism, text: str) -> Iterator[Mutation]:
    for name, prior in mechanism.priors.items():
        places = _PLACED.get(prior.family, ())
        unit = mechanism.file.parameters[name].unit
        if places and all(isinstance(prior.arguments[place], Number) for place in places):
            for factor in UNIT_FACTORS:
                said = f"the prior of {name} is not in {unit or 1}: its numbers are {factor:g} times the right ones"
                yield from _with_prior(text, name, _scaled(prior, places, factor), "unit swapped", said)


def _leaked(mechanism: Mechanism, text: str) -> Iterator[Mutation]:
    for node in dict.fromkeys(entry for entry in walk(mechanism.law) if isinstance(entry, Variable) and entry.lag):
        law = _replaced(mechanism.law, node, Variable(node.name, node.lag - 1, node.indices))
        said = (
            f"`{render(node)}` became `{render(Variable(node.name, node.lag - 1, node.indices))}`: it is not known yet"
        )
        yield from _with_law(text, law, "outcome leaked from the future", said)


def _sums(law: Law) -> Iterator[Binary]:
    return (node for node in walk(law) if isinstance(node, Binary) and node.operator in ("+", "-"))


def _replaced(law: Law, old: Expression, new: Expression) -> Law:
    """The law with every occurrence of a node replaced."""

    def change(node: Expression) -> Expression:
        return new if node == old else change_children(node, change)

    parts = tuple(_replaced(part, old, new) for part in law.parts)
    return Law(law.family, tuple(change(argument) for argument in law.arguments), parts)


def _scaled(prior: Law, places: tuple[int, ...], factor: float) -> Law:
    arguments = tuple(
        Number(float(f"{argument.value * factor:.6g}"))
        if place in places and isinstance(argument, Number)
        else argument
        for place, argument in enumerate(prior.arguments)
    )
    return Law(prior.family, arguments, prior.parts)


def _with_law(text: str, law: Law, mistake: Mistake, said: str) -> Iterator[Mutation]:
    if _LAW.search(text):
        yield Mutation(mistake, _LAW.sub(_keeping(f'law = "{render(law)}"'), text, count=1), said)


def _with_prior(text: str, name: str, prior: Law, mistake: Mistake, said: str) -> Iterator[Mutation]:
    section = re.compile(rf"(^\[parameters\.{re.escape(name)}\][^\[]*?^prior\s*=\s*){_TEXT}", re.DOTALL | re.MULTILINE)
    if section.search(text):
        changed = section.sub(lambda found: f'{found[1]}"{render(prior)}"', text, count=1)
        yield Mutation(mistake, changed, said)


def _without_unread(text: str, mechanism: Mechanism, law: Law) -> str:
    """The text without the parameters that nothing reads any more; the checks refuse such."""
    read = {node.name for node in walk(law) if isinstance(node, Parameter)}
    read |= {node.name for other in mechanism.bindings.values() for node in walk(other) if isinstance(node, Parameter)}
    for name in mechanism.priors:
        if name not in read:
            section = re.compile(rf"^\[parameters\.{re.escape(name)}\].*?(?=^\[|\Z)", re.DOTALL | re.MULTILINE)
            text = section.sub("", text)
    return text


def _keeping(text: str) -> Callable[[re.Match[str]], str]:
    """A replacement in which backslashes mean nothing."""
    return lambda _found: text
