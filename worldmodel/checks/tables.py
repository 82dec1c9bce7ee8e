"""Tables hold a number for every place: rows that nest once for each axis, keyed by all its names or in their order."""

from collections.abc import Iterator
from typing import TypeGuard

from worldmodel.checks.draft import Draft
from worldmodel.components.numbers import Rows, TableEntry
from worldmodel.errors import Problem
from worldmodel.scope import Scope

_MOST_PROBLEMS = 20
"""Of one table; who mends that many sees the rest."""


def check_tables(draft: Draft) -> Iterator[Problem]:
    """Axes that are none, rows that are missing or too many, rows of probabilities that do not add up to 1."""
    for name, table in (draft.header.tables if draft.header else {}).items():
        yield from _table("world.toml", name, table, draft.scope, None)
    for mechanism in draft.mechanisms.values():
        values = draft.scope.values.get(mechanism.file.target)
        for name, table in mechanism.file.tables.items():
            path = f"mechanisms/{mechanism.file.id}.toml"
            yield from _table(path, name, table, draft.scopes[mechanism.file.id], len(values) if values else None)


def _table(path: str, name: str, table: TableEntry, scope: Scope, width: int | None) -> Iterator[Problem]:
    unknown = [axis for axis in table.by if axis != "t" and scope.names_along(axis) is None]
    if unknown or "t" in table.by[:-1]:
        yield _problem(
            path,
            f"tables.{name}.by",
            ", ".join(table.by),
            "index sets, finite variables, and at most t as the last",
            "correct the names",
        )
        return
    problems: list[Problem] = []
    widths = set(_widths(table.rows, table.by, scope, path, f"tables.{name}.rows", problems))
    yield from problems
    if not problems and (len(widths) > 1 or not widths <= {0, width}):
        yield _problem(
            path,
            f"tables.{name}.rows",
            f"leaves of {', '.join(str(found) for found in sorted(widths))} numbers",
            "one number everywhere" if width is None else f"one number everywhere, or {width} everywhere",
            "give each place the same kind of leaf",
        )


def _widths(
    rows: Rows, by: tuple[str, ...], scope: Scope, path: str, part: str, problems: list[Problem]
) -> Iterator[int]:
    """How many numbers each leaf has (0 for a plain number); what does not fit goes to `problems`."""
    if not by:
        yield from _leaf(rows, path, part, problems)
        return
    names = scope.names_along(by[0])
    match rows:
        case dict() if names is not None and set(rows) == set(names):
            inner = rows.items()
        case tuple() if names is None or len(rows) == len(names):
            inner = enumerate(rows)  # type: ignore[assignment]
        case _:
            wanted = "a list, one entry a step" if names is None else f"an entry for each of {', '.join(names)}"
            problems.append(_problem(path, part, _shown(rows), wanted, f"nest the rows by {', '.join(by)}"))
            return
    for key, value in inner:
        if len(problems) >= _MOST_PROBLEMS:
            return
        if len(by) == 1 and _is_row(value):
            yield len(value)
        else:
            yield from _widths(value, by[1:], scope, path, f"{part}.{key}", problems)


def _is_row(rows: Rows) -> TypeGuard[tuple[float, ...]]:
    """Whether these are probabilities that add up to 1."""
    if not isinstance(rows, tuple):
        return False
    numbers = [value for value in rows if not isinstance(value, dict | tuple)]
    return 0 < len(rows) == len(numbers) and min(numbers) >= 0 and abs(sum(numbers) - 1) <= 1e-6


def _leaf(rows: Rows, path: str, part: str, problems: list[Problem]) -> Iterator[int]:
    match rows:
        case dict():
            problems.append(_problem(path, part, _shown(rows), "a number or a row of numbers", "nest as deep as `by`"))
        case tuple():
            if not _is_row(rows):
                numbers = [value for value in rows if not isinstance(value, dict | tuple)]
                found = f"{len(rows)} entries with the sum {sum(numbers):g}"
                problems.append(_problem(path, part, found, "probabilities that add up to 1", "correct the row"))
            yield len(rows)
        case _:
            yield 0


def _shown(rows: Rows) -> str:
    match rows:
        case dict():
            return f"entries for {', '.join(list(rows)[:8])}{' …' if len(rows) > 8 else ''}"
        case tuple():
            return f"a list of {len(rows)}"
        case _:
            return f"the number {rows:g}"


def _problem(path: str, part: str, found: str, wanted: str, mend: str) -> Problem:
    return Problem(code="bad-table", where=path, part=part, found=found, wanted=wanted, mend=mend)
