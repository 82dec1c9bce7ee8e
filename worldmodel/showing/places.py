"""Which stands beside which within the layers of a drawing, and how far apart: few crossings and straight ways.

Everything here is numbers: each place has a layer, links lead to the next layer. Orders come from sweeps by the mean of
the neighbours [sugiyama1981], distances from least squares under the order found.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.optimize import isotonic_regression
from scipy.sparse import csr_array

Order = list[Int[np.ndarray, " row"]]

_SWEEPS = 12
_PASSES = 24
_GAP = 26.0
_STRAIGHT = 8.0
"""How much more a way through a layer insists on its place than a node does."""


def place(
    layers: Int[np.ndarray, " place"],
    lanes: Bool[np.ndarray, " place"],
    widths: Float[np.ndarray, " place"],
    links: Sequence[tuple[int, int]],
) -> tuple[list[float], float]:
    """The horizontal centre of each place, rounded and counted from the left end, and the width of the whole.

    Places come by layer; `lanes` marks those that only let edges through. Links lead from a layer to the next.
    """
    if not len(layers):
        return [], 0.0
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    order = _order(layers, ends)
    x = _coordinates(order, lanes, widths, ends)
    left = float(np.min(x - widths / 2))
    return [round(float(value) - left, 1) for value in x], round(float(np.max(x + widths / 2)) - left, 1)


def _order(layers: Int[np.ndarray, " place"], ends: Int[np.ndarray, "link 2"]) -> Order:
    """The places of each layer from left to right: the best of several sweeps down and up."""
    order = [np.flatnonzero(layers == layer) for layer in range(int(layers.max()) + 1)]
    below = [ends[layers[ends[:, 0]] == layer] for layer in range(len(order))]
    from_above = _means(len(layers), ends[:, ::-1])
    from_below = _means(len(layers), ends)
    best, fewest = order, _crossings(order, below)
    for sweep in range(_SWEEPS):
        order = _sweep(order, from_above) if sweep % 2 == 0 else _sweep(order[::-1], from_below)[::-1]
        count = _crossings(order, below)
        if count < fewest:
            best, fewest = order, count
    return best


def _means(
    count: int, pairs: Int[np.ndarray, "link 2"], weights: Float[np.ndarray, " link"] | None = None
) -> csr_array:
    """The matrix that takes values to the mean over each place's neighbours; a place without any keeps its own."""
    weights = np.ones(len(pairs)) if weights is None else weights
    total = np.bincount(pairs[:, 0], weights, count)
    alone = np.flatnonzero(total == 0)
    values = np.concatenate([weights / total[pairs[:, 0]], np.ones(len(alone))])
    rows = np.concatenate([pairs[:, 0], alone])
    columns = np.concatenate([pairs[:, 1], alone])
    return csr_array((values, (rows, columns)), shape=(count, count))


def _sweep(order: Order, means: csr_array) -> Order:
    """Each row sorted by the mean place of its neighbours in the row before."""
    share = np.zeros(means.shape[0])
    for row in order:
        share[row] = np.arange(len(row)) / max(1, len(row) - 1)
    swept = []
    for row in order:
        wanted = means[row] @ share
        sorted_row = row[np.lexsort((row, np.round(wanted, 9)))]
        share[sorted_row] = np.arange(len(row)) / max(1, len(row) - 1)
        swept.append(sorted_row)
    return swept


def _crossings(order: Order, below: Sequence[Int[np.ndarray, "link 2"]]) -> int:
    """How many pairs of links cross."""
    position = np.empty(sum(map(len, order)), dtype=np.int64)
    for row in order:
        position[row] = np.arange(len(row))
    total = 0
    for links in below:
        upper, lower = position[links[:, 0]], position[links[:, 1]]
        seen: list[int] = []
        for end in lower[np.lexsort((lower, upper))].tolist():
            total += len(seen) - bisect_right(seen, end)
            insort(seen, end)
    return total


def _coordinates(
    order: Order,
    lanes: Bool[np.ndarray, " place"],
    widths: Float[np.ndarray, " place"],
    ends: Int[np.ndarray, "link 2"],
) -> Float[np.ndarray, " place"]:
    """As near to the mean of the neighbours as the distances allow, row by row in passes down and up."""
    both = np.concatenate([ends, ends[:, ::-1]])
    # Between two ways the link counts most, so that they stay straight.
    means = _means(len(lanes), both, _STRAIGHT ** lanes[both].sum(axis=1))
    degree = np.bincount(both[:, 0], minlength=len(lanes))
    weights = 1.0 + degree + _STRAIGHT * lanes
    offsets = [_offsets(row, lanes, widths) for row in order]
    x = np.zeros(len(lanes))
    for row, offset in zip(order, offsets, strict=True):
        x[row] = offset - offset[-1] / 2
    rows = [(row, offset, means[row]) for row, offset in zip(order, offsets, strict=True)]
    for turn in range(_PASSES):
        for row, offset, own in rows if turn % 2 == 0 else rows[::-1]:
            x[row] = isotonic_regression(own @ x - offset, weights=weights[row]).x + offset
    return x


def _offsets(
    row: Int[np.ndarray, " row"], lanes: Bool[np.ndarray, " place"], widths: Float[np.ndarray, " place"]
) -> Float[np.ndarray, " row"]:
    """How far each place is from the first one when all stand as close as they may."""
    halves = widths[row] / 2
    gaps = np.where(lanes[row], 0.0, _GAP / 2)
    return np.concatenate([[0.0], np.cumsum((halves + gaps)[:-1] + (halves + gaps)[1:])])
