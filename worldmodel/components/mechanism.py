"""`mechanisms/ID.toml`: how a variable comes about, as a law with parameters, priors, claims and sources."""

from pydantic import Field

from worldmodel.components.base import (
    Component,
    ComponentFile,
    ExpressionText,
    Identifier,
    IndexedName,
    Listed,
    Named,
    Names,
    Text,
)
from worldmodel.components.numbers import ConstantEntry, TableEntry


class ParameterEntry(Component):
    """A number that data may say something about: its prior, its unit, and why the prior is what it is.

    `over` names index sets: there is then one number for each of their elements, and the prior serves for all of them.
    The prior's arguments may be other parameters of the mechanism (a hierarchical prior).
    """

    prior: ExpressionText
    over: Names = ()
    unit: Text = "1"
    why: Text


class LetEntry(Component):
    """A step of a long law: a name for an expression, and what it is."""

    value: ExpressionText
    why: Text


class ClaimEntry(Component):
    """A statement about the law that a machine can decide."""

    claim: ExpressionText


class SourceEntry(Component):
    """Where parts of the mechanism come from."""

    ref: Text
    supports: Listed[Text] = ()


class MechanismFile(ComponentFile):
    """A mechanism: the law that assigns one variable, or every element of a family of variables.

    `assigns = "infected[a]"` says how the law calls the element; without names it calls it by its index set.
    """

    id: Identifier
    assigns: IndexedName
    title: Text
    law: ExpressionText
    parameters: Named[ParameterEntry] = Field(default_factory=dict)
    constants: Named[ConstantEntry] = Field(default_factory=dict)
    let: Named[LetEntry] = Field(default_factory=dict)
    tables: Named[TableEntry] = Field(default_factory=dict)
    claims: Listed[ClaimEntry] = ()
    sources: Listed[SourceEntry] = ()

    @property
    def target(self) -> str:
        """The variable that it assigns, without index names."""
        return self.assigns.partition("[")[0]

    @property
    def binders(self) -> tuple[str, ...]:
        """The names that `assigns` gives to the indices; empty where it gives none."""
        inside = self.assigns.partition("[")[2].rstrip("]")
        return tuple(name.strip() for name in inside.split(",")) if inside else ()
