"""Every name means something, once: variables, parameters, constants; and every mechanism has its place."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft, Text, column, laws, names_of, purposes
from worldmodel.errors import Problem
from worldmodel.language.ir import Parameter, Start, Variable
from worldmodel.language.signatures import FUNCTIONS, RESERVED
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism


def check_names(draft: Draft) -> Iterator[Problem]:
    """Names that are unknown, unused, reserved or taken twice."""
    for text in (*laws(draft), *purposes(draft)):
        yield from _references(draft, text)
    for mechanism in draft.mechanisms.values():
        yield from _mechanism(draft, mechanism)
    yield from _reserved(draft)


def _references(draft: Draft, text: Text) -> Iterator[Problem]:
    variables = draft.named("variables")
    for node in walk(text.node):
        match node:
            case Variable(name) | Start(name) if name not in variables:
                yield _unknown(text, node, f"the variable “{name}”", f"a file variables/{name}.toml")
            case Start() if text.part == "law":
                yield _unknown(
                    text, node, f"{node.name}[0] in a law", "lags such as x[t-1]; x[0] is for utilities and properties"
                )
            case Parameter(name) if name not in text.units:
                wanted = f"[parameters.{name}] or [constants.{name}]; a variable is written {name}[t] or {name}[t-1]"
                yield _unknown(text, node, f"the name “{name}”", wanted)
            case _:
                pass


def _unknown(text: Text, node: Variable | Start | Parameter, found: str, wanted: str) -> Problem:
    return Problem(
        code="unknown-name",
        where=text.path,
        part=text.part,
        column=column(node),
        found=found,
        wanted=wanted,
        mend="correct the name or add what it stands for",
    )


def _mechanism(draft: Draft, mechanism: Mechanism) -> Iterator[Problem]:
    path = f"mechanisms/{mechanism.file.id}.toml"
    if mechanism.file.assigns not in draft.named("variables"):
        yield Problem(
            code="unknown-name",
            where=path,
            part="assigns",
            found=f"the variable “{mechanism.file.assigns}”",
            wanted="a variable of this world",
            mend=f"add variables/{mechanism.file.assigns}.toml or correct the name",
        )
    used = {node.name for node in walk(mechanism.law) if isinstance(node, Parameter)}
    for name in sorted(set(names_of(mechanism)) - used):
        yield Problem(
            code="unused-name",
            where=path,
            part=name,
            found=f"“{name}” is declared and the law does not use it",
            wanted="only what the law needs",
            mend="remove it",
        )
    for name in sorted(set(mechanism.file.parameters) & set(mechanism.file.constants)):
        yield Problem(
            code="name-taken",
            where=path,
            part=name,
            found=f"“{name}” is both a parameter and a constant",
            wanted="one of the two",
            mend="rename one",
        )


def _reserved(draft: Draft) -> Iterator[Problem]:
    words = RESERVED | set(FUNCTIONS)
    declared = [(f"variables/{name}.toml", name) for name in draft.named("variables")]
    for mechanism in draft.mechanisms.values():
        declared += [(f"mechanisms/{mechanism.file.id}.toml", name) for name in names_of(mechanism)]
    for path, name in sorted(declared):
        if name in words:
            yield Problem(
                code="name-taken",
                where=path,
                part=name,
                found=f"“{name}” is a word of the language",
                wanted="another name",
                mend="rename it",
            )
