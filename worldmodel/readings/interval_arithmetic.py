"""Intervals of float64 with outward rounding: what sound bounds on a law are computed with.

An `Interval` is a closed set of extended reals. An operation on intervals contains the real result for every choice of
points, and also what IEEE double arithmetic gives for them, so that it contains what the simulator computes. The four
operations and the square root are rounded in the direction asked for: the error of the rounded result is computed
exactly (the two-sum and two-product transformations [dekker1971]) and the result moved by one place only where the
error points outward; so whole numbers stay whole. Where the transformation is not exact, near the ends of the range of
float64, the result is always moved.

NaN never arises: where some choice of points has no value (log of a negative number, 0/0, ∞ − ∞, division by 0), the
interval covers those that have one, the whole line where none has, and `partial` is true.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

# float64 and bool arrays; numpy's stubs cannot tell them from scalars.
Numbers = Any
Flags = Any

_SPLITTER = 2.0**27 + 1
_SMALLEST_EXACT, _LARGEST_EXACT = 2.0**-480, 2.0**480
_LARGEST_SUM = 2.0**1000


@dataclass(frozen=True)
class Interval:
    """Everything from `lower` to `upper`; arrays broadcast. `partial`: some choice of points may have no value."""

    lower: Numbers
    upper: Numbers
    partial: Flags = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower", np.asarray(self.lower, np.float64))
        object.__setattr__(self, "upper", np.asarray(self.upper, np.float64))
        object.__setattr__(self, "partial", np.asarray(self.partial, np.bool_))
        if not np.all(self.lower <= self.upper):
            raise ValueError(f"an interval's lower end lies above its upper end, or one is NaN: {self}")

    def contains(self, value: Numbers) -> Flags:
        """Where a number lies inside."""
        return (self.lower <= value) & (value <= self.upper)

    def __str__(self) -> str:
        tail = " (partial)" if np.any(self.partial) else ""
        return f"[{self.lower}, {self.upper}]{tail}"


@dataclass(frozen=True)
class Truth:
    """A condition over a set of points: whether it can hold, and whether it can fail; both is a maybe."""

    can_hold: Flags
    can_fail: Flags


def point(value: float) -> Interval:
    """The interval of one number."""
    return Interval(value, value)


def hull(first: Interval, second: Interval) -> Interval:
    """The smallest interval that contains both."""
    lower, upper = np.minimum(first.lower, second.lower), np.maximum(first.upper, second.upper)
    return Interval(lower, upper, first.partial | second.partial)


def intersection(first: Interval, second: Interval) -> Interval:
    """What two enclosures of the same thing have in common; where rounding left nothing, the first."""
    lower, upper = np.maximum(first.lower, second.lower), np.minimum(first.upper, second.upper)
    empty = lower > upper
    return Interval(
        np.where(empty, first.lower, lower), np.where(empty, first.upper, upper), first.partial | second.partial
    )


def negate(x: Interval) -> Interval:
    """−x."""
    return Interval(-x.upper, -x.lower, x.partial)


def add(x: Interval, y: Interval) -> Interval:
    """x + y."""
    undefined = (x.lower == -np.inf) & (y.upper == np.inf) | (x.upper == np.inf) & (y.lower == -np.inf)
    lower, upper = _sum(x.lower, y.lower, -1), _sum(x.upper, y.upper, 1)
    return Interval(lower, upper, x.partial | y.partial | undefined)


def subtract(x: Interval, y: Interval) -> Interval:
    """x − y."""
    return add(x, negate(y))


def multiply(x: Interval, y: Interval) -> Interval:
    """x · y."""
    undefined = has_zero(x) & is_unbounded(y) | has_zero(y) & is_unbounded(x)
    return _corners(_product, x, y, undefined)


def divide(x: Interval, y: Interval) -> Interval:
    """x / y: the whole line where y may be 0 or both may be infinite."""
    # An end that is 0 stands for both zeros of IEEE, so that dividing by it may give either infinity.
    crossing = has_zero(y) | is_unbounded(x) & is_unbounded(y)
    safe = Interval(np.where(crossing, 1.0, y.lower), np.where(crossing, 1.0, y.upper), y.partial)
    return whole_line_where(crossing, _corners(_quotient, x, safe, crossing))


def square_root(x: Interval) -> Interval:
    """√x."""
    least, most = np.maximum(x.lower, 0.0), np.maximum(x.upper, 0.0)
    return whole_line_where(x.upper < 0, Interval(_root(least, -1), _root(most, 1), x.partial | (x.lower < 0)))


def absolute(x: Interval) -> Interval:
    """|x|."""
    low, high = np.abs(x.lower), np.abs(x.upper)
    return Interval(np.where(has_zero(x), 0.0, np.minimum(low, high)), np.maximum(low, high), x.partial)


def minimum(x: Interval, y: Interval) -> Interval:
    """The smaller of two."""
    return Interval(np.minimum(x.lower, y.lower), np.minimum(x.upper, y.upper), x.partial | y.partial)


def maximum(x: Interval, y: Interval) -> Interval:
    """The greater of two."""
    return Interval(np.maximum(x.lower, y.lower), np.maximum(x.upper, y.upper), x.partial | y.partial)


def has_zero(x: Interval) -> Flags:
    """Where 0 lies inside."""
    return (x.lower <= 0) & (x.upper >= 0)


def is_unbounded(x: Interval) -> Flags:
    """Where an end is infinite."""
    return np.isinf(x.lower) | np.isinf(x.upper)


def whole_line_where(mask: Flags, x: Interval) -> Interval:
    """The whole line, with the flag, where the mask holds."""
    return Interval(np.where(mask, -np.inf, x.lower), np.where(mask, np.inf, x.upper), x.partial | mask)


def _corners(operation: Any, x: Interval, y: Interval, undefined: Flags) -> Interval:
    pairs = [(a, b) for a in (x.lower, x.upper) for b in (y.lower, y.upper)]
    lower = np.minimum.reduce(np.broadcast_arrays(*[operation(a, b, -1) for a, b in pairs]))
    upper = np.maximum.reduce(np.broadcast_arrays(*[operation(a, b, 1) for a, b in pairs]))
    return Interval(lower, upper, x.partial | y.partial | undefined)


@np.errstate(over="ignore", invalid="ignore")
def _sum(a: Numbers, b: Numbers, direction: int) -> Numbers:
    total = a + b
    part = total - a
    error = (a - (total - part)) + (b - part)
    exact = np.isinf(a) | np.isinf(b)
    moved = _moved(total, np.where(np.abs(total) < _LARGEST_SUM, error, np.nan), direction, exact)
    return np.where(np.isnan(total), direction * np.inf, moved)


@np.errstate(over="ignore", invalid="ignore", under="ignore")
def _product(a: Numbers, b: Numbers, direction: int) -> Numbers:
    zero = (a == 0) | (b == 0)
    product = np.where(zero, 0.0, a * b)
    safe = _is_ordinary(a) & _is_ordinary(b)
    exact = zero | np.isinf(a) | np.isinf(b)
    error = np.where(safe, _product_error(a, b, product), np.nan)
    return _signed(_moved(product, error, direction, exact), a, b)


@np.errstate(over="ignore", invalid="ignore", under="ignore", divide="ignore")
def _quotient(a: Numbers, b: Numbers, direction: int) -> Numbers:
    quotient = a / b
    back = quotient * b
    rest = (a - back) - _product_error(quotient, b, back)
    safe = _is_ordinary(b) & _is_ordinary(quotient)
    exact = (a == 0) | np.isinf(a) | np.isinf(b)
    return _signed(_moved(quotient, np.where(safe, rest * np.sign(b), np.nan), direction, exact), a, b)


@np.errstate(over="ignore", invalid="ignore", under="ignore")
def _root(a: Numbers, direction: int) -> Numbers:
    root = np.sqrt(a)
    square = root * root
    rest = (a - square) - _product_error(root, root, square)
    return _moved(root, np.where(_is_ordinary(root), rest, np.nan), direction, (a == 0) | np.isinf(a))


def _moved(value: Numbers, error: Numbers, direction: int, exact: Flags) -> Numbers:
    """The value, moved by one place in a direction unless the error (true less rounded) is known not to point there."""
    inward = (error <= 0) if direction > 0 else (error >= 0)
    return np.where(exact | inward, value, np.nextafter(value, direction * np.inf))


def _signed(value: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """A product or quotient that was moved, but not over 0: its sign is known."""
    sign = np.sign(a) * np.sign(b)
    return np.where(sign > 0, np.maximum(value, 0.0), np.where(sign < 0, np.minimum(value, 0.0), value))


def _is_ordinary(x: Numbers) -> Flags:
    size = np.abs(x)
    return (size > _SMALLEST_EXACT) & (size < _LARGEST_EXACT)


def _product_error(a: Numbers, b: Numbers, product: Numbers) -> Numbers:
    """`a·b` less its rounded value, exactly, for numbers of ordinary size (Dekker's product with Veltkamp's split)."""
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _halves(x: Numbers) -> tuple[Numbers, Numbers]:
    scaled = _SPLITTER * x
    high = scaled - (scaled - x)
    return high, x - high
