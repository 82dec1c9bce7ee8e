"""A table's nested rows as flat columns of numbers, in the order of its axes' names."""

from collections.abc import Sequence

from worldmodel.components.numbers import Rows
from worldmodel.scope import Domain


def flatten(rows: Rows, domains: Sequence[Domain | None]) -> tuple[tuple[int, ...], tuple[tuple[float, ...], ...]]:
    """The size of each axis, and one row-major column of numbers for each entry of the leaves.

    `domains` has the names of each axis; None is an axis of steps, as long as its list.
    """
    sizes, leaves = _leaves(rows, domains)
    width = len(leaves[0])
    return sizes, tuple(tuple(leaf[column] for leaf in leaves) for column in range(width))


def _leaves(rows: Rows, domains: Sequence[Domain | None]) -> tuple[tuple[int, ...], list[tuple[float, ...]]]:
    if not domains:
        return (), [_leaf(rows)]
    names = domains[0]
    if isinstance(rows, dict):
        inner = [rows[name] for name in names or ()]
    else:
        assert isinstance(rows, tuple), "the checker lets no table through that does not nest like its axes"
        inner = list(rows)
    parts = [_leaves(entry, domains[1:]) for entry in inner]
    return (len(inner), *parts[0][0]), [leaf for _, leaves in parts for leaf in leaves]


def _leaf(rows: Rows) -> tuple[float, ...]:
    if isinstance(rows, tuple):
        return tuple(float(value) for value in rows if isinstance(value, float | int))
    assert isinstance(rows, float | int), "the checker lets no leaf through that is not a number"
    return (float(rows),)
