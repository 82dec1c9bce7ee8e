"""The normal quantile by pieces: for most noise, a line of a table and five multiplications.

With v = 1/2 − |u − 1/2|, Φ⁻¹(u) / (u − 1/2) is a smooth function of v. Every power of two from 2^-53 to 1/2 is cut
into 64 equal pieces with a polynomial of degree 5 each, so that a number's exponent and first bits say which line of
the table to read. The error of a quantile stays below 1e-15 of it (a test holds the whole to the truth).
"""

from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from worldmodel.kernel import coefficients as table

LOCAL_BITS = 46
"""How many of the lowest bits of v say where in its piece it lies."""

_DEGREE = 5
_LINE = 8
_LOWEST, _BEYOND = (int(np.float64(value).view(np.int64)) >> LOCAL_BITS for value in (2.0**-53, 0.5))


@lru_cache(maxsize=1)
def normal_pieces() -> NDArray[np.float64]:
    """The table: eight numbers for each piece, coefficients from the highest power down and two of padding."""
    first = (np.arange(_LOWEST, _BEYOND) << LOCAL_BITS).view(np.float64)
    nodes = np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
    width = np.ldexp(np.longdouble(1), np.frexp(first)[1] - 7)
    v = first[:, None] + width[:, None] * ((nodes.astype(np.longdouble) + 1) / 2)
    values = _ratio(v)
    vandermonde = np.vander(nodes, _DEGREE + 1).astype(np.longdouble)
    scales = np.longdouble(2) ** (7 * np.arange(_DEGREE, -1, -1))
    lines = np.zeros((len(first), _LINE))
    lines[:, : _DEGREE + 1] = (_solve(vandermonde, values) * scales).astype(np.float64)
    return _on_lines(lines)


def offset() -> int:
    """How far before the table's beginning, in bytes, the line of the piece that begins at 0 would stand."""
    return _LOWEST * _LINE * 8


def _on_lines(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same numbers at an address that begins a line of the cache."""
    memory = np.empty(lines.size + _LINE)
    skipped = -memory.ctypes.data % (8 * _LINE) // 8
    aligned = memory[skipped : skipped + lines.size].reshape(lines.shape)
    aligned[:] = lines
    return aligned


def _ratio(v: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    """Φ⁻¹(u) / (u − 1/2) by the polynomials of `coefficients`, in the longest arithmetic at hand."""
    w = -np.log(4 * v * (1 - v))
    root = np.sqrt(w)
    centre = np.polyval(np.array(table.NORMAL_CENTRE, np.longdouble), w - np.longdouble(2.5))
    tail = np.polyval(np.array(table.NORMAL_TAIL, np.longdouble), root - np.longdouble(table.NORMAL_TAIL_MIDDLE))
    far = np.polyval(np.array(table.NORMAL_FAR, np.longdouble), root - np.longdouble(table.NORMAL_FAR_MIDDLE))
    return _longest(np.where(w <= 5, centre, np.where(root < 3.75, tail, far)))


def _solve(matrix: NDArray[np.longdouble], values: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    """Each row's coefficients, refined once: numpy's solver knows float64 only."""
    inverse = np.linalg.inv(matrix.astype(np.float64)).astype(np.longdouble)
    found = values @ inverse.T
    return _longest(found + (values - found @ matrix.T) @ inverse.T)


def _longest(values: Any) -> NDArray[np.longdouble]:
    return cast(NDArray[np.longdouble], values)  # numpy's stubs take float64 for the result of some functions
