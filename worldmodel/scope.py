"""What names mean in one text: declared numbers, index names, the values of finite variables, families of variables.

Built from components by `scope_of`; checks and grounding read the same one. An *axis* is what a place ranges over: an
index set, a finite variable (its values), or `t`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeGuard

from worldmodel.components.numbers import ConstantEntry, Rows, TableEntry
from worldmodel.components.world import WorldFile
from worldmodel.language.ir import Aggregate, Expression, If, Node, Parameter, Start, Variable
from worldmodel.language.walk import bare_name, walk
from worldmodel.world import Mechanism, Utility, VariableComponent

Domain = tuple[str, ...]


@dataclass(frozen=True)
class Declared:
    """A name that stands for a number: where it comes from, its unit (None for a binding), and what it is read at.

    `domain` has the names among which a binding's value is, where it is one of some.
    """

    kind: Literal["parameter", "constant", "binding", "table"]
    unit: str | None = None
    axes: tuple[str, ...] = ()
    value: float | None = None
    binding: Expression | None = None
    domain: Domain | None = None
    rows: Rows | None = None

    @property
    def row_width(self) -> int:
        """How many probabilities each place of a table holds; 0 where it holds plain numbers."""
        leaf = self.rows
        for _ in self.axes:
            leaf = next(iter(leaf.values() if isinstance(leaf, dict) else leaf)) if _nests(leaf) else None
        return len(leaf) if isinstance(leaf, tuple) else 0


def _nests(rows: Rows | None) -> TypeGuard[dict[str, Rows] | tuple[Rows, ...]]:
    return isinstance(rows, dict | tuple) and len(rows) > 0


@dataclass(frozen=True)
class Scope:
    """The names of one text. `bound` maps the index names in force to their index sets."""

    declared: Mapping[str, Declared] = field(default_factory=dict)
    bound: Mapping[str, str] = field(default_factory=dict)
    indices: Mapping[str, Domain] = field(default_factory=dict)
    values: Mapping[str, Domain] = field(default_factory=dict)
    over: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names_along(self, axis: str) -> Domain | None:
        """The names of an axis, in order; None for `t` and for what is no axis."""
        return self.indices.get(axis, self.values.get(axis))

    def domain(self, node: Expression) -> Domain | None:
        """The names among which a node's value is; None for numbers, truth values and bare names of values."""
        match node:
            case Variable(name) | Start(name):
                return self.values.get(name)
            case Parameter(name, ()) if name in self.bound:
                return self.indices.get(self.bound[name])
            case Parameter(name, ()) if name in self.declared:
                return self.declared[name].domain
            case If(_, then, otherwise):
                return self.domain(then) or self.domain(otherwise)
            case _:
                return None

    def is_value(self, node: Expression) -> bool:
        """Whether a node is the bare name of a value or element, and means nothing else here."""
        name = bare_name(node)
        return name is not None and name not in self.bound and name not in self.declared and self.names_value(name)

    def names_value(self, name: str) -> bool:
        """Whether some index set or finite variable has an element or value of this name."""
        return any(name in names for names in (*self.indices.values(), *self.values.values()))

    def within(self, node: Aggregate) -> "Scope":
        """The scope of an aggregate's body; an index whose set cannot be told stays unbound."""
        found = {name: axis for name in node.over if (axis := self.index_set(name, node.body)) is not None}
        return replace(self, bound={**self.bound, **found})

    def index_set(self, name: str, body: Expression) -> str | None:
        """The index set that an index ranges over: its own name, or what it is read at in the body."""
        if name in self.indices:
            return name
        return next((axis for axis in self._axes_of(name, body) if axis in self.indices), None)

    def _axes_of(self, name: str, body: Node) -> Iterator[str]:
        for node in walk(body):
            match node:
                case Variable(owner, _, places) | Start(owner, places):
                    axes = self.over.get(owner, ())
                    yield from (axis for place, axis in zip(places, axes, strict=False) if place == name)
                case Parameter(owner, indices) if owner in self.declared:
                    axes = self.declared[owner].axes
                    yield from (axis for place, axis in zip(indices, axes, strict=False) if bare_name(place) == name)
                case _:
                    pass


def world_scope(header: WorldFile | None, variables: Mapping[str, VariableComponent]) -> Scope:
    """What every text of a world may speak of."""
    constants = header.constants if header else {}
    tables = header.tables if header else {}
    return Scope(
        declared=_fixed(constants, tables),
        indices=header.sets if header else {},
        values={name: entry.file.support.values for name, entry in variables.items() if entry.file.support.values},
        over={name: entry.file.over for name, entry in variables.items() if entry.file.over},
    )


def mechanism_scope(world: Scope, mechanism: Mechanism) -> Scope:
    """A mechanism's own names beside the world's; the indices of what it assigns are bound."""
    file = mechanism.file
    axes = world.over.get(file.target, ())
    parameters = {name: Declared("parameter", entry.unit, tuple(entry.over)) for name, entry in file.parameters.items()}
    own = {**_fixed(file.constants, file.tables), **parameters}
    scope = replace(
        world,
        declared={**world.declared, **own},
        bound=dict(zip(file.binders or axes, axes, strict=False)),
    )
    for name in in_order(mechanism.bindings):
        value = mechanism.bindings[name]
        binding = Declared("binding", binding=value, domain=scope.domain(value))
        scope = replace(scope, declared={**scope.declared, name: binding})
    circular = {name: Declared("binding") for name in mechanism.bindings if name not in scope.declared}
    return replace(scope, declared={**scope.declared, **circular})


def single_axes(over: tuple[str, ...]) -> dict[str, str]:
    """The indices of a prior or initial law, called by their sets; of two over one set neither can be named."""
    return {axis: axis for axis in over if over.count(axis) == 1}


def prior_order(mechanism: Mechanism) -> list[str]:
    """The mechanism's parameters, each after those that its prior reads."""
    return in_order(mechanism.priors)


def in_order(texts: Mapping[str, Node]) -> list[str]:
    """Named texts after those that they read; what stands in a circle, or reads one that does, is left out."""
    waiting = {
        name: {node.name for node in walk(text) if isinstance(node, Parameter) and node.name in texts}
        for name, text in texts.items()
    }
    order: list[str] = []
    while ready := sorted(name for name, read in waiting.items() if read <= set(order)):
        order += ready
        for name in ready:
            del waiting[name]
    return order


def utility_scope(world: Scope, utility: Utility) -> Scope:
    """A utility's constants beside the world's names."""
    return replace(world, declared={**world.declared, **_fixed(utility.file.constants, {})})


def _fixed(constants: Mapping[str, ConstantEntry], tables: Mapping[str, TableEntry]) -> dict[str, Declared]:
    numbers = {name: Declared("constant", entry.unit, value=entry.value) for name, entry in constants.items()}
    return numbers | {
        name: Declared("table", entry.unit, tuple(entry.by), rows=entry.rows) for name, entry in tables.items()
    }
