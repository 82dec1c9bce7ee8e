"""`utilities/ID.toml`, `objective.toml` and `properties/ID.toml`: what is valued, and what must hold."""

from typing import Annotated, Literal

from pydantic import Field

from worldmodel.components.base import Component, ComponentFile, ExpressionText, Identifier, Listed, Named, Text, Weight
from worldmodel.components.numbers import ConstantEntry


class UtilityFile(ComponentFile):
    """What one stakeholder values at each step, as an expression over the variables of that step and before."""

    id: Identifier
    stakeholder: Text
    title: Text
    utility: ExpressionText
    constants: Named[ConstantEntry] = Field(default_factory=dict)
    why: Text


class Aggregation(Component):
    """How stakeholders' utilities become one number; weights are by utility id, and 1 where absent."""

    rule: Literal["utilitarian", "nash", "maximin"]
    weights: dict[Identifier, Weight] = Field(default_factory=dict)


class Risk(Component):
    """How parameter uncertainty counts: the mean, the mean of the worst `level` share of draws, or the worst."""

    measure: Literal["mean", "cvar", "worst"]
    level: Annotated[float, Field(gt=0, le=1)] = 1.0


class ObjectiveFile(ComponentFile):
    """What a policy is trained for: steps, discount, aggregation, risk, and floors that nothing buys off."""

    horizon: Annotated[int, Field(ge=1, le=10_000)]
    discount: Annotated[float, Field(gt=0, le=1)]
    aggregation: Aggregation
    risk: Risk
    floors: Listed[Identifier] = ()
    why: Text


class PropertyFile(ComponentFile):
    """A formal property; a `floor` is one that protects a stakeholder and is never traded for utility."""

    id: Identifier
    title: Text
    kind: Literal["floor", "property"]
    stakeholder: Text | None = None
    property: ExpressionText
    why: Text
