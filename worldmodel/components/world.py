"""`world.toml`: name, time step, index sets, shared numbers, where the data are, and how much rivals count."""

from typing import Annotated, Literal

from pydantic import Field

from worldmodel.components.base import Component, ComponentFile, Identifier, Named, Names, Text, Weight
from worldmodel.components.numbers import ConstantEntry, TableEntry


class DataSource(Component):
    """The data that assistants read: relative path, time column, and how many last rows are held out.

    The rows of a static world are cases, and have no time.
    """

    file: Text
    time: Text | None = None
    holdout: Annotated[int, Field(ge=0)] = 0


class IndexSet(Component):
    """The elements of an index set, and what they are."""

    elements: Annotated[Names, Field(min_length=1)]
    why: Text


class WorldFile(ComponentFile):
    """The head of a world; one without `step` is static: no time, no lags, every variable comes about once.

    `indices` maps an index set to its elements, with or without a word on what they are; `rivals` maps a variable to
    the weights of the mechanisms that assign it.
    """

    language: Literal[1]
    name: Identifier
    summary: Text
    step: Text | None = None
    indices: Named[Annotated[Names, Field(min_length=1)] | IndexSet] = Field(default_factory=dict)
    constants: Named[ConstantEntry] = Field(default_factory=dict)
    tables: Named[TableEntry] = Field(default_factory=dict)
    data: DataSource | None = None
    rivals: dict[Identifier, dict[Identifier, Weight]] = Field(default_factory=dict)

    @property
    def sets(self) -> dict[str, tuple[str, ...]]:
        """The elements of each index set."""
        return {name: own.elements if isinstance(own, IndexSet) else own for name, own in self.indices.items()}
