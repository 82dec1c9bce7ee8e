"""Every name means something, once: variables, parameters, constants, tables, bindings, indices and values."""

from collections.abc import Iterator

from worldmodel.checks.draft import Draft, Text, column
from worldmodel.errors import Problem
from worldmodel.language.ir import Aggregate, Expression, Node, Parameter, Start, Time, Variable
from worldmodel.language.render import render
from worldmodel.language.walk import bare_name, children
from worldmodel.scope import Scope


def check_names(draft: Draft) -> Iterator[Problem]:
    """Names that are unknown, or read at places that do not fit them."""
    for text in draft.texts:
        yield from _references(draft, text, text.node, text.scope)


def _references(draft: Draft, text: Text, node: Node, scope: Scope) -> Iterator[Problem]:
    match node:
        case Variable() | Start():
            yield from _variable(draft, text, node, scope)
        case Parameter():
            yield from _name(draft, text, node, scope)
        case Time() if draft.static:
            yield _no_time(text, node, "t")
        case Aggregate(over=over):
            inner = scope.within(node)
            for name in over:
                if name in scope.bound or name in scope.declared or scope.names_value(name):
                    wanted = f"another name, as in sum(x[{name[0]}, t] over {name[0]})"
                    yield _misplaced(text, node, f"the index “{name}”, which stands for something else already", wanted)
                elif name not in inner.bound:
                    yield _unbound(text, node, name)
            scope = inner
        case _:
            pass
    for child in children(node):
        yield from _references(draft, text, child, scope)


def _variable(draft: Draft, text: Text, node: Variable | Start, scope: Scope) -> Iterator[Problem]:
    law = text.part == "law" or text.part.startswith("let.")
    if node.name not in draft.named("variables"):
        yield _unknown(text, node, f"the variable “{node.name}”", f"a file variables/{node.name}.toml")
    elif isinstance(node, Start) and law:
        wanted = "lags such as x[t-1]; x[0] is for utilities and properties"
        yield _unknown(text, node, f"{node.name}[0] in a law", wanted)
    elif draft.static and (isinstance(node, Start) or node.lag):
        yield _no_time(text, node, f"{node.name} at another time")
    else:
        yield from _places(text, node, scope)


def _places(text: Text, node: Variable | Start, scope: Scope) -> Iterator[Problem]:
    axes = scope.over.get(node.name, ())
    if len(node.indices) != len(axes):
        yield _misplaced(text, node, f"{len(node.indices)} indices of {node.name}", f"[{', '.join(axes)}]")
        return
    for place, axis in zip(node.indices, axes, strict=True):
        if scope.bound.get(place) != axis and (place in scope.bound or place not in scope.indices.get(axis, ())):
            yield _misplaced(text, node, f"{node.name} at “{place}”", f"an index over {axis}, or one of its elements")


def _name(draft: Draft, text: Text, node: Parameter, scope: Scope) -> Iterator[Problem]:
    declared = scope.declared.get(node.name)
    if declared is None:
        if not node.indices and (node.name in scope.bound or scope.names_value(node.name)):
            return
        name = node.name
        written = name if draft.static else f"{name}[t] or {name}[t-1]"
        wanted = f"[parameters.{name}], [constants.{name}], [tables.{name}] or [let.{name}]; a variable is {written}"
        yield _unknown(text, node, f"the name “{name}”", wanted)
    elif len(node.indices) != len(declared.axes):
        places = f"[{', '.join(declared.axes)}]" if declared.axes else "no place behind it"
        yield _misplaced(text, node, f"{len(node.indices)} places of {node.name}", places)
    else:
        for place, axis in zip(node.indices, declared.axes, strict=True):
            yield from _place(text, node, place, axis, scope, declared.kind == "parameter")


def _place(text: Text, node: Parameter, place: Expression, axis: str, scope: Scope, plain: bool) -> Iterator[Problem]:
    """An index over another set, or a name that is no element; other places of tables are for the check of kinds.

    A parameter's are `plain`: which number of several is meant must be told without working anything out.
    """
    name = bare_name(place)
    known = None if name is None or name in scope.declared else name
    if axis == "t" or (known is None and not plain):
        return
    names = scope.names_along(axis) or ()
    fits = known is not None and (scope.bound[known] == axis if known in scope.bound else known in names)
    if not fits and names:
        yield _misplaced(
            text, node, f"{node.name} at “{render(place)}”", f"an index over {axis}, or one of {', '.join(names)}"
        )


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


def _misplaced(text: Text, node: Node, found: str, wanted: str) -> Problem:
    return Problem(
        code="wrong-index",
        where=text.path,
        part=text.part,
        column=column(node),
        found=found,
        wanted=wanted,
        mend="read it at what it is declared over",
    )


def _unbound(text: Text, node: Aggregate, name: str) -> Problem:
    return Problem(
        code="wrong-index",
        where=text.path,
        part=text.part,
        column=column(node),
        found=f"the index “{name}”, of which nothing tells the index set",
        wanted="the name of an index set, or a name at which something in the body is read",
        mend="name an index set of world.toml",
    )


def _no_time(text: Text, node: Node, found: str) -> Problem:
    return Problem(
        code="no-time",
        where=text.path,
        part=text.part,
        column=column(node),
        found=f"{found} in a static world",
        wanted="variables as they are, without time",
        mend="remove it, or give world.toml a `step`",
    )
