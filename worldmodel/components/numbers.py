"""Numbers that are fixed by definition or by a decision that people approved: named constants and tables.

They stand in a mechanism, where only its texts see them, or in `world.toml`, where all texts do.
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType

from worldmodel.components.base import Component, Finite, Identifier, Names, Text

Rows = TypeAliasType(
    "Rows",
    "Finite | Annotated[tuple[Rows, ...], Field(strict=False, min_length=1)] | dict[Identifier, Rows]",
)


class ConstantEntry(Component):
    """A number that is fixed."""

    value: Finite
    unit: Text = "1"
    why: Text


class TableEntry(Component):
    """Numbers by index sets, by the values of finite variables, or by the step (`t`, only as the last).

    `rows` nests once for each of `by`: a table keyed by all the names, or a list in their order. Where a leaf is itself
    a list, the table holds rows of probabilities, one for each value of the variable that its mechanism assigns.
    """

    by: Annotated[Names, Field(min_length=1, max_length=8)]
    rows: Rows
    unit: Text = "1"
    why: Text


def numbers_of(rows: Rows) -> Iterator[float]:
    """Every number of a table, in the order of its rows."""
    match rows:
        case dict():
            for inner in rows.values():
                yield from numbers_of(inner)
        case tuple():
            for inner in rows:
                yield from numbers_of(inner)
        case _:
            yield rows
