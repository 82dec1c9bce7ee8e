"""`variables/ID.toml`: what is measured, in which unit, within which set, and what role it plays."""

from typing import Annotated, Literal

from pydantic import Field

from worldmodel.components.base import Component, ComponentFile, ExpressionText, Finite, Identifier, Names, Text, short

Role = Literal["state", "action", "exogenous", "outcome"]


class Support(Component):
    """The set that a variable's values lie in; bounds are included, an absent bound is infinite."""

    kind: Literal["real", "integer", "finite"]
    lower: Finite | None = None
    upper: Finite | None = None
    values: Annotated[Names, Field(max_length=1_000), short(1_000)] = ()


class VariableFile(ComponentFile):
    """A variable, or with `over` a family of them: one for each element of these index sets.

    `initial` has the laws of its values before step 1, latest first; one serves for every lag. A static world has none.
    """

    id: Identifier
    title: Text
    meaning: Text
    unit: Text
    role: Role
    over: Names = ()
    observed: bool = True
    support: Support
    initial: Annotated[tuple[ExpressionText, ...], Field(strict=False, max_length=64), short(64)] = ()
