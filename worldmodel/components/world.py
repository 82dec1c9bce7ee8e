"""`world.toml`: name, time step, where the data are, and which of several rival mechanisms count how much."""

from typing import Annotated, Literal

from pydantic import Field

from worldmodel.components.base import Component, ComponentFile, Identifier, Text, Weight


class DataSource(Component):
    """The data that assistants read: relative path, time column, and how many last rows are held out."""

    file: Text
    time: Text
    holdout: Annotated[int, Field(ge=0)] = 0


class WorldFile(ComponentFile):
    """The head of a world. `rivals` maps a variable to the weights of the mechanisms that assign it."""

    language: Literal[1]
    name: Identifier
    summary: Text
    step: Text
    data: DataSource | None = None
    rivals: dict[Identifier, dict[Identifier, Weight]] = Field(default_factory=dict)
