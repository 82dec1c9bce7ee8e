"""`mechanisms/ID.toml`: how a variable comes about, as a law with parameters, priors, claims and sources."""

from typing import Annotated

from pydantic import Field

from worldmodel.components.base import Component, ComponentFile, ExpressionText, Finite, Identifier, Text


class ParameterEntry(Component):
    """A number that data may say something about: its prior, its unit, and why the prior is what it is."""

    prior: ExpressionText
    unit: Text = "1"
    why: Text


class ConstantEntry(Component):
    """A number that is fixed by definition or by a decision that people approved."""

    value: Finite
    unit: Text = "1"
    why: Text


class ClaimEntry(Component):
    """A statement about the law that a machine can decide."""

    claim: ExpressionText


class SourceEntry(Component):
    """Where parts of the mechanism come from."""

    ref: Text
    supports: tuple[Text, ...] = Field(default=(), strict=False)


class MechanismFile(ComponentFile):
    """A mechanism: the law that assigns one variable."""

    id: Identifier
    assigns: Identifier
    title: Text
    law: ExpressionText
    parameters: dict[Identifier, ParameterEntry] = Field(default_factory=dict)
    constants: dict[Identifier, ConstantEntry] = Field(default_factory=dict)
    claims: Annotated[tuple[ClaimEntry, ...], Field(strict=False)] = ()
    sources: Annotated[tuple[SourceEntry, ...], Field(strict=False)] = ()
