"""A whole, checked world: its components with their texts parsed, as frozen values that every reading starts from.

Built by `worldmodel.build`; nothing here reads files. What is checked there may be relied on here: names resolve, the
lag-0 graph is acyclic, units agree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from worldmodel.components.mechanism import MechanismFile
from worldmodel.components.posterior import PosteriorFile
from worldmodel.components.purpose import ObjectiveFile, PropertyFile, UtilityFile
from worldmodel.components.variable import VariableFile
from worldmodel.components.world import WorldFile
from worldmodel.language.ir import Expression, Formula, Law, Variable
from worldmodel.language.walk import walk


@dataclass(frozen=True)
class VariableComponent:
    """A variable with the laws of its values before step 1, most recent first."""

    file: VariableFile
    initial: tuple[Law, ...]


@dataclass(frozen=True)
class Mechanism:
    """A mechanism with its law, priors, claims and bindings parsed; `file.constants` holds the named numbers."""

    file: MechanismFile
    law: Law
    priors: Mapping[str, Law]
    claims: tuple[Formula, ...]
    bindings: Mapping[str, Expression] = field(default_factory=dict)
    component: str | None = None
    """In a grounded world: the id of the component that this is one element of."""

    @property
    def assigns(self) -> str:
        """The variable that it assigns; in a grounded world with its element."""
        return self.file.target if self.component is None else self.file.assigns

    @property
    def owner(self) -> str:
        """The component whose parameters the law reads; parameters are called `owner.name`."""
        return self.component or self.file.id

    @property
    def texts(self) -> tuple[Law | Expression, ...]:
        """The law and the bindings that it is written with."""
        return (self.law, *self.bindings.values())

    @cached_property
    def inputs(self) -> tuple[Variable, ...]:
        """The variables that the law reads, each (name, lag) once, in order of appearance."""
        found = (node for text in self.texts for node in walk(text) if isinstance(node, Variable))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Utility:
    """A stakeholder's utility with its expression parsed."""

    file: UtilityFile
    expression: Expression


@dataclass(frozen=True)
class Property:
    """A formal property with its formula parsed."""

    file: PropertyFile
    formula: Formula


@dataclass(frozen=True)
class World:
    """A world whose parts agree. `digests` maps each component's path to the digest of its canonical JSON."""

    header: WorldFile
    variables: Mapping[str, VariableComponent]
    mechanisms: Mapping[str, Mechanism]
    posteriors: Mapping[str, PosteriorFile]
    utilities: Mapping[str, Utility]
    objective: ObjectiveFile | None
    properties: Mapping[str, Property]
    digests: Mapping[str, str]
    order: tuple[str, ...]
    """Variables in a topological order of the lag-0 graph."""
    grounded: bool = False
    """Whether `worldmodel.grounding` made it: no text speaks of index sets, named values or bindings any more."""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Of the digests; computed once, because readings of a world are remembered by it.

        A world and its grounded form have the same digests, and comparing the two takes a while.
        """
        return hash((self.grounded, *sorted(self.digests.items())))

    @property
    def static(self) -> bool:
        """Whether there is no time: every variable comes about once, in one step."""
        return self.header.step is None

    def mechanisms_of(self, variable: str) -> tuple[Mechanism, ...]:
        """The mechanisms that assign a variable, by id; several are rivals, and those of an action are rules."""
        return self._by_variable.get(variable, ())

    @cached_property
    def _by_variable(self) -> Mapping[str, tuple[Mechanism, ...]]:
        found: dict[str, list[Mechanism]] = {}
        for _, mechanism in sorted(self.mechanisms.items()):
            found.setdefault(mechanism.assigns, []).append(mechanism)
        return {variable: tuple(own) for variable, own in found.items()}

    def weights_of(self, variable: str) -> Mapping[str, float]:
        """The weight of each mechanism that counts for a variable; they add up to 1."""
        given = self.header.rivals.get(variable)
        if given is None:
            return {mechanism.file.id: 1.0 for mechanism in self.mechanisms_of(variable)}
        total = sum(given.values())
        return {name: weight / total for name, weight in sorted(given.items()) if weight > 0}

    @property
    def actions(self) -> tuple[str, ...]:
        """The action variables, sorted."""
        return tuple(self._with_role("action"))

    @property
    def observations(self) -> tuple[str, ...]:
        """The variables that a policy sees (with a delay of one step), sorted."""
        return tuple(sorted(name for name, variable in self.variables.items() if variable.file.observed))

    def _with_role(self, role: str) -> Iterator[str]:
        return (name for name in sorted(self.variables) if self.variables[name].file.role == role)

    @property
    def longest_lag(self) -> int:
        """How many past steps any mechanism, utility or property looks back; at least 1."""
        laws = (mechanism.law for mechanism in self.mechanisms.values())
        texts = (
            *laws,
            *(utility.expression for utility in self.utilities.values()),
            *(entry.formula for entry in self.properties.values()),
        )
        lags = (node.lag for text in texts for node in walk(text) if isinstance(node, Variable))
        return max([1, *lags])
