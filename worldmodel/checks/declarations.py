"""What components declare: names that are used, once, and free; index sets that exist; bindings without a circle."""

from collections.abc import Iterator, Mapping

from worldmodel.checks.cycles import each_cycle
from worldmodel.checks.draft import Draft
from worldmodel.errors import Problem
from worldmodel.language.ir import Node, Parameter
from worldmodel.language.signatures import FUNCTIONS, RESERVED
from worldmodel.language.walk import walk
from worldmodel.world import Mechanism


def check_declarations(draft: Draft) -> Iterator[Problem]:
    """Names that are unused, taken twice or reserved; index sets that are not there; names that lead in a circle."""
    for mechanism in draft.mechanisms.values():
        path = f"mechanisms/{mechanism.file.id}.toml"
        yield from _target(draft, path, mechanism)
        yield from _unused(path, mechanism)
        yield from _twice(draft, path, mechanism)
        yield from _circles(path, "let", mechanism.bindings)
        yield from _circles(path, "parameters", mechanism.priors)
        for name, entry in mechanism.file.parameters.items():
            yield from _sets(draft, path, f"parameters.{name}.over", entry.over)
    for name, variable in draft.variables.items():
        yield from _sets(draft, f"variables/{name}.toml", "over", variable.file.over)
        yield from _initial(draft, name)
    yield from _reserved(draft)
    yield from _index_sets(draft)


def _target(draft: Draft, path: str, mechanism: Mechanism) -> Iterator[Problem]:
    target, binders = mechanism.file.target, mechanism.file.binders
    if target not in draft.named("variables"):
        yield Problem(
            code="unknown-name",
            where=path,
            part="assigns",
            found=f"the variable “{target}”",
            wanted="a variable of this world",
            mend=f"add variables/{target}.toml or correct the name",
        )
        return
    axes = draft.scope.over.get(target, ())
    names = binders or axes
    yield from _binders(draft, path, binders, axes)
    if target in draft.variables and (len(names) != len(axes) or len(set(names)) != len(names)):
        yield Problem(
            code="wrong-index",
            where=path,
            part="assigns",
            found=mechanism.file.assigns,
            wanted=f"{target}, with {len(axes)} different index names, one each for {', '.join(axes) or 'nothing'}",
            mend="name the indices, as in infected[a]; two places over one set need two names",
        )


def _binders(draft: Draft, path: str, binders: tuple[str, ...], axes: tuple[str, ...]) -> Iterator[Problem]:
    """Index names that mean something else: `x[north]` reads like one element, and would be all of them."""
    scope = draft.scope
    for name, axis in zip(binders, axes, strict=False):
        if name != axis and (name in scope.indices or name in scope.declared or scope.names_value(name)):
            yield Problem(
                code="wrong-index",
                where=path,
                part="assigns",
                found=f"the index “{name}”, which stands for something else already",
                wanted="names for the indices; the law holds for every element",
                mend=f"use another name, as in infected[a], and for one element “if a == {name} then … else …”",
            )


def _unused(path: str, mechanism: Mechanism) -> Iterator[Problem]:
    texts: list[Node] = [mechanism.law, *mechanism.bindings.values(), *mechanism.priors.values()]
    used = {node.name for text in texts for node in walk(text) if isinstance(node, Parameter)}
    for name in sorted(set(_declared(mechanism)) - used):
        yield Problem(
            code="unused-name",
            where=path,
            part=name,
            found=f"“{name}” is declared and the law does not use it",
            wanted="only what the law needs",
            mend="remove it",
        )


def _declared(mechanism: Mechanism) -> list[str]:
    file = mechanism.file
    return [*file.parameters, *file.constants, *file.let, *file.tables]


def _twice(draft: Draft, path: str, mechanism: Mechanism) -> Iterator[Problem]:
    names = _declared(mechanism)
    shared = {*draft.scope.declared, *draft.scope.indices, *mechanism.file.binders}
    if draft.static:
        shared |= draft.named("variables")
    for name in sorted(name for name in set(names) if names.count(name) > 1 or name in shared):
        yield Problem(
            code="name-taken",
            where=path,
            part=name,
            found=f"“{name}” is declared more than once",
            wanted="a name that stands for one thing in this file, and for nothing in world.toml",
            mend="rename one",
        )


def _circles(path: str, part: str, texts: Mapping[str, Node]) -> Iterator[Problem]:
    names = {
        name: tuple(
            dict.fromkeys(node.name for node in walk(text) if isinstance(node, Parameter) and node.name in texts)
        )
        for name, text in texts.items()
    }
    for cycle in each_cycle(names):
        yield Problem(
            code="circular-names",
            where=path,
            part=f"{part}.{min(cycle)}",
            found=f"{', '.join(sorted(cycle))} stand for each other in a circle",
            wanted="names that come down to numbers and variables",
            mend="write one of them out",
        )


def _sets(draft: Draft, path: str, part: str, over: tuple[str, ...]) -> Iterator[Problem]:
    for name in over:
        if draft.header is not None and name not in draft.scope.indices:
            yield Problem(
                code="unknown-name",
                where=path,
                part=part,
                found=f"the index set “{name}”",
                wanted=f"one of {', '.join(draft.scope.indices) or 'those that world.toml lists under [indices]'}",
                mend="add it to [indices] in world.toml or correct the name",
            )


def _initial(draft: Draft, name: str) -> Iterator[Problem]:
    path, count = f"variables/{name}.toml", len(draft.variables[name].initial)
    if draft.header is not None and draft.static and count:
        yield Problem(
            code="no-time",
            where=path,
            part="initial",
            found="a law of values before step 1 in a static world",
            wanted="no initial laws",
            mend="remove `initial`, or give world.toml a `step`",
        )
    if draft.header is not None and not draft.static and not count:
        yield Problem(
            code="missing-field",
            where=path,
            part="initial",
            found="nothing",
            wanted="the law of the value before step 1",
            mend="add `initial`, or take `step` out of world.toml to make the world static",
        )


def _reserved(draft: Draft) -> Iterator[Problem]:
    words = RESERVED | set(FUNCTIONS)
    header = draft.header
    declared = [(f"variables/{name}.toml", name) for name in draft.named("variables")]
    for mechanism in draft.mechanisms.values():
        names = [*_declared(mechanism), *mechanism.file.binders]
        declared += [(f"mechanisms/{mechanism.file.id}.toml", name) for name in names]
    if header is not None:
        declared += [("world.toml", name) for name in (*header.indices, *header.constants, *header.tables)]
    for path, name in sorted(declared):
        if name in words:
            yield _taken(path, name, f"“{name}” is a word of the language")


def _index_sets(draft: Draft) -> Iterator[Problem]:
    indices = draft.scope.indices
    others = {*indices, *draft.scope.declared}
    for name, elements in indices.items():
        if len(set(elements)) != len(elements):
            yield _taken("world.toml", f"indices.{name}", "an element that stands there twice")
        if name in draft.named("variables"):
            yield _taken("world.toml", f"indices.{name}", f"“{name}” is a variable too")
        for element in sorted(set(elements) & others):
            yield _taken("world.toml", f"indices.{name}", f"the element “{element}” is another thing's name too")


def _taken(path: str, part: str, found: str) -> Problem:
    return Problem(code="name-taken", where=path, part=part, found=found, wanted="another name", mend="rename it")
