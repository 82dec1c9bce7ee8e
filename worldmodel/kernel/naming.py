"""A text as one line of words that no other text has: what a kernel's name is made of, quickly."""

from collections.abc import Iterable

from worldmodel.language.ir import (
    Binary,
    Call,
    Compare,
    Law,
    Logical,
    Lookup,
    Node,
    Number,
    Parameter,
    Start,
    Variable,
)


def line(nodes: Iterable[Node]) -> str:
    """Nodes as `walk` gives them, parents first; with the number of children each, they say the whole tree."""
    return " ".join(map(_word, nodes))


def _word(node: Node) -> str:
    match node:
        case Number(value):
            return repr(value)
        case Variable(name, lag):
            return f"v:{name}:{lag}"
        case Parameter(name, indices):
            return f"p:{name}:{len(indices)}"
        case Binary(operator) | Compare(operator) | Logical(operator):
            return operator
        case Call(function, arguments):
            return f"c:{function}:{len(arguments)}"
        case Law(family, arguments, parts):
            return f"l:{family}:{len(arguments)}:{len(parts)}"
        case Lookup(values, sizes):
            return f"t:{values!r}:{sizes!r}"
        case Start(name):
            return f"s:{name}"
        case _:
            return type(node).__name__  # the number of children is the kind's own
