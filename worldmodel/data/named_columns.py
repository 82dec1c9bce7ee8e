"""A column of names in a CSV file as a finite variable whose value tends to stay: facts in, TOML out.

Only columns whose cells are names as the language has them (`wet`, `not_at_work`) become variables; others would have
to be renamed in the data first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worldmodel.components.base import IDENTIFIER_PATTERN

MOST_VALUES = 12

_VARIABLE = """\
format = 1
id = "{name}"
title = {title}
meaning = {meaning}
unit = "1"
role = "state"
# the names that the column holds, in alphabetical order
support = {{ kind = "finite", values = [{values}] }}
# the last value before the held-out part
initial = ["{last}"]
"""

_MECHANISM = """\
format = 1
id = "{name}_persistence"
assigns = "{name}"
title = {title}
law = "Categorical({cases})"

[parameters.stay]
prior = "Beta(2, 2)"
why = "how likely a step leaves the value as it is; the other values are equally likely; no data were used"
"""


@dataclass(frozen=True)
class NamedColumn:
    """What is taken from a column of names: its values, and the last one before the held-out part."""

    name: str
    title: str
    values: tuple[str, ...]
    last: str


def named_column(name: str, title: str, cells: Sequence[str], fitted: int) -> NamedColumn | None:
    """The column, where its cells are two to twelve names that the language can write; None otherwise."""
    values = tuple(sorted(set(cells)))
    if not 2 <= len(values) <= MOST_VALUES or not all(re.match(IDENTIFIER_PATTERN, value) for value in values):
        return None
    return NamedColumn(name, title, values, cells[fitted - 1])


def named_variable_file(column: NamedColumn, title: str, meaning: str) -> str:
    """The text of its variable; `title` and `meaning` are TOML strings."""
    values = ", ".join(f'"{value}"' for value in column.values)
    return _VARIABLE.format(name=column.name, title=title, meaning=meaning, values=values, last=column.last)


def named_mechanism_file(column: NamedColumn, title: str) -> str:
    """The text of its law: each value stays with one probability, and gives way to any other alike."""
    others = len(column.values) - 1
    away = "1 - stay" if others == 1 else f"(1 - stay) / {others}"
    cases = ", ".join(f"if {column.name}[t-1] == {value} then stay else {away}" for value in column.values)
    return _MECHANISM.format(name=column.name, title=title, cases=cases)
