"""What a plan has to know of a text, found by going over it once, and what a kernel's name is made of.

Worlds of many variables have tens of thousands of nodes: so a world's texts are gone over once for all of its plans.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
    If,
    Independent,
    Law,
    Logical,
    Lookup,
    Monotone,
    Negate,
    Node,
    Not,
    Number,
    Parameter,
    Probability,
    Start,
    Throughout,
    Time,
    Until,
    Variable,
    Within,
)
from worldmodel.language.walk import children, walk
from worldmodel.world import World


@dataclass(frozen=True)
class Text:
    """A mechanism's law: one line of words that no other law has, how many nodes, and those of some kinds, in order."""

    line: str
    size: int
    variables: tuple[Variable, ...]
    parameters: tuple[Parameter, ...]
    starts: tuple[Start, ...]
    tables: tuple[Lookup, ...]
    laws: tuple[Law, ...]


def text(law: Node) -> Text:
    """A law gone over, parents first; with the number of children each, the words say the whole tree.

    The four commonest kinds are told here, and the others by table.
    """
    words: list[str] = []
    variables: list[Variable] = []
    parameters: list[Parameter] = []
    others: dict[type, list[Any]] = {Start: [], Lookup: [], Law: []}
    waiting: list[Node] = [law]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Binary):
            words.append(node.operator)
            waiting += (node.right, node.left)
        elif isinstance(node, Number):
            words.append(repr(node.value))
        elif isinstance(node, Variable):
            words.append(f"v:{node.name}:{node.lag}")
            variables.append(node)
        else:
            kind = type(node)
            words.append(_WORDS[kind](node))
            waiting += children(node)[::-1]
            if isinstance(node, Parameter):
                parameters.append(node)
            elif kind in others:
                others[kind].append(node)
    return Text(" ".join(words), len(words), tuple(variables), tuple(parameters), *map(tuple, others.values()))


@lru_cache(maxsize=32)
def texts(world: World) -> Mapping[str, Text]:
    """Each mechanism's law by the mechanism's id."""
    return {name: text(mechanism.law) for name, mechanism in world.mechanisms.items()}


@lru_cache(maxsize=32)
def lags(world: World) -> Mapping[str, int]:
    """How many past values of each variable anything in the world looks at; at least the last one."""
    found = dict.fromkeys(world.variables, 1)
    for own in texts(world).values():
        for node in own.variables:
            found[node.name] = max(found[node.name], node.lag)
    formulas: tuple[Node, ...] = (
        *(utility.expression for utility in world.utilities.values()),
        *(entry.formula for entry in world.properties.values()),
    )
    for entry in (entry for formula in formulas for entry in walk(formula) if isinstance(entry, Variable)):
        found[entry.name] = max(found[entry.name], entry.lag)
    return found


def _kind(node: Node) -> str:
    """Of a node whose number of children is the kind's own."""
    return type(node).__name__


def _operator(node: Binary | Compare | Logical) -> str:
    return node.operator


_WORDS: Mapping[type, Callable[[Any], str]] = {
    Number: lambda node: repr(node.value),
    Variable: lambda node: f"v:{node.name}:{node.lag}",
    Parameter: lambda node: f"p:{node.name}:{len(node.indices)}",
    Binary: _operator,
    Compare: _operator,
    Logical: _operator,
    Call: lambda node: f"c:{node.function}:{len(node.arguments)}",
    Law: lambda node: f"l:{node.family}:{len(node.arguments)}:{len(node.parts)}",
    Lookup: lambda node: f"t:{node.values!r}:{node.sizes!r}",
    Start: lambda node: f"s:{node.name}",
    **dict.fromkeys((Time, Negate, Not, If, Aggregate, Within, Throughout, Until, Probability, Monotone), _kind),
    **dict.fromkeys((Bounded, Independent, Effect), repr),
}
