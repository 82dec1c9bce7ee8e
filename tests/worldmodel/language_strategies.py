"""Random grounded texts for every reading: expressions, conditions, laws with arguments in their domains, boxes.

Import with `from tests.worldmodel.language_strategies import …`. `expressions()` makes anything that the grammar
allows, also what has no value (`log` of a negative number); `total_expressions()` only what always has one; `laws()`
puts total expressions into every family, and with `composites=True` also makes `Truncated`, `Mixture`, `ZeroInflated`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hypothesis import strategies as st

from worldmodel.language.ir import (
    Binary,
    Call,
    Compare,
    Expression,
    If,
    Law,
    Logical,
    Lookup,
    Negate,
    Not,
    Number,
    Parameter,
    Start,
    Time,
    Variable,
)
from worldmodel.language.signatures import FAMILIES, TRUNCATABLE

SIMPLE_FAMILIES = tuple(sorted(FAMILIES))
CONTINUOUS_FAMILIES = tuple(name for name in SIMPLE_FAMILIES if name != "Delta" and not FAMILIES[name].discrete)
DISCRETE_FAMILIES = tuple(name for name in SIMPLE_FAMILIES if FAMILIES[name].discrete)
Key = tuple[str, str, int]
"""("parameter", name, 0), ("variable", name, lag), ("start", name, 0) or ("time", "", 0)."""
Box = Mapping[Key, tuple[float, float]]


@dataclass(frozen=True)
class Names:
    """What a random text may read."""

    parameters: tuple[str, ...] = ("p", "q")
    variables: tuple[tuple[str, int], ...] = (("x", 0), ("x", 1), ("y", 0), ("y", 2))
    starts: tuple[str, ...] = ("x",)
    time: bool = True

    def every_key(self) -> tuple[Key, ...]:
        """One key for each value that a text may read."""
        return (
            *(("parameter", name, 0) for name in self.parameters),
            *(("variable", name, lag) for name, lag in self.variables),
            *(("start", name, 0) for name in self.starts),
            *((("time", "", 0),) if self.time else ()),
        )


NAMES = Names()
_COMPARISONS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])


def literal(value: float) -> Expression:
    """A number as the parser makes it."""
    return Number(value) if value >= 0 else Negate(Number(-value))


@cache  # building a strategy costs more than drawing from it
def atoms(names: Names = NAMES) -> st.SearchStrategy[Expression]:
    """A number or one of the names."""
    read: list[Expression] = [Parameter(name) for name in names.parameters]
    read += [Variable(name, lag) for name, lag in names.variables]
    read += [Start(name) for name in names.starts]
    read += [Time()] if names.time else []
    numbers = st.sampled_from([0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 10.0]).map(Number)
    return st.one_of(numbers, st.sampled_from(read)) if read else numbers


def truths(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """A condition on some expressions."""
    compares = st.builds(Compare, _COMPARISONS, inner, inner)
    return st.one_of(
        compares, st.builds(Logical, st.sampled_from(["and", "or"]), compares, compares), compares.map(Not)
    )


def lookups(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """A number of a small table of one or two axes."""
    entries = st.sampled_from([-1.0, 0.0, 0.25, 1.0, 4.0])
    one = st.builds(lambda v, i: Lookup(tuple(v), (3,), (i,)), st.lists(entries, min_size=3, max_size=3), inner)
    two = st.builds(
        lambda v, i, j: Lookup(tuple(v), (2, 3), (i, j)), st.lists(entries, min_size=6, max_size=6), inner, inner
    )
    return st.one_of(one, two)


def _always_total(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*"]), inner, inner),
        inner.map(Negate),
        st.builds(If, truths(inner), inner, inner),
        lookups(inner),
        st.builds(lambda a, b: Call("min", (a, b)), inner, inner),
        st.builds(lambda a, b, c: Call("max", (a, b, c)), inner, inner, inner),
        st.builds(lambda a, b, c: Call("mix", (a, b, c)), inner, inner, inner),
        inner.map(lambda x: Call("clip", (x, literal(-1.0), Number(2.0)))),
        *[inner.map(lambda x, f=f: Call(f, (x,))) for f in ("abs", "tanh", "logistic")],
    )


def _partial(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Binary, st.sampled_from(["/", "^"]), inner, inner),
        st.builds(lambda x, n: Binary("^", x, literal(n)), inner, st.sampled_from([-2.0, -1.0, 0.0, 0.5, 2.0, 3.0])),
        *[inner.map(lambda x, f=f: Call(f, (x,))) for f in ("exp", "log", "sqrt")],
    )


def _guarded(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    positive = inner.map(lambda x: Binary("+", Call("abs", (x,)), Number(0.1)))
    return st.one_of(
        st.builds(lambda a, b: Binary("/", a, b), inner, positive),
        st.builds(lambda a, n: Binary("^", a, literal(n)), positive, st.sampled_from([-1.0, 0.0, 0.5, 1.5])),
        positive.map(lambda x: Call("log", (x,))),
        positive.map(lambda x: Call("sqrt", (x,))),
        inner.map(lambda x: Call("exp", (Call("clip", (x, literal(-3.0), Number(3.0))),))),
    )


@cache
def expressions(names: Names = NAMES, leaves: int = 12) -> st.SearchStrategy[Expression]:
    """Any expression of the grammar that is a number, also one that has no value somewhere."""
    return st.recursive(atoms(names), lambda inner: st.one_of(_always_total(inner), _partial(inner)), max_leaves=leaves)


@cache
def total_expressions(names: Names = NAMES, leaves: int = 8) -> st.SearchStrategy[Expression]:
    """An expression that has a finite value wherever what it reads is finite and of ordinary size."""
    return st.recursive(atoms(names), lambda inner: st.one_of(_always_total(inner), _guarded(inner)), max_leaves=leaves)


@cache
def conditions(names: Names = NAMES, leaves: int = 6) -> st.SearchStrategy[Expression]:
    """A truth value."""
    return truths(total_expressions(names, leaves))


def into_domain(domain: str, expression: Expression) -> Expression:
    """An expression whose value surely lies in a slot's domain, of moderate size."""

    def clipped(low: float, high: float) -> Expression:
        return Call("clip", (expression, literal(low), literal(high)))

    match domain:
        case "real":
            return clipped(-5.0, 5.0)
        case "positive":
            return Binary("+", Number(0.3), Call("abs", (clipped(-4.0, 4.0),)))
        case "nonnegative":
            return Call("abs", (clipped(-8.0, 8.0),))
        case "unit":
            return Call("logistic", (clipped(-4.0, 4.0),))
        case "count":
            return If(Compare(">", expression, Number(1.0)), Number(7.0), Number(3.0))
        case _:
            raise AssertionError(domain)


@cache
@st.composite
def simple_laws(
    draw: st.DrawFn, names: Names = NAMES, families: tuple[str, ...] = SIMPLE_FAMILIES, leaves: int = 4
) -> Law:
    """A law of one family, with arguments in their domains wherever its names have ordinary values."""
    inner = total_expressions(names, leaves)
    family = draw(st.sampled_from(families))
    slots = FAMILIES[family].slots
    if FAMILIES[family].repeated:
        slots = slots * draw(st.integers(2, 4))
    arguments = [into_domain(slot.domain, draw(inner)) for slot in slots]
    if family == "Uniform":
        arguments[1] = Binary("+", arguments[0], into_domain("positive", draw(inner)))
    return Law(family, tuple(arguments))


@st.composite
def _truncated(draw: st.DrawFn, names: Names) -> Law:
    # What lies between the ends must have a probability that is not 0, which a Uniform elsewhere would not have.
    part = draw(simple_laws(names, tuple(name for name in TRUNCATABLE if name != "Uniform"), 2))
    low = draw(st.sampled_from([0.0, 0.5, 1.0]))
    width = into_domain("positive", draw(total_expressions(names, 2)))
    return Law("Truncated", (Number(low), Binary("+", Number(low), width)), (part,))


@st.composite
def _mixture(draw: st.DrawFn, names: Names) -> Law:
    families = draw(st.sampled_from([CONTINUOUS_FAMILIES, DISCRETE_FAMILIES]))
    parts = draw(st.lists(simple_laws(names, families, 2), min_size=2, max_size=3))
    weights = [into_domain("unit", draw(total_expressions(names, 2))) for _ in parts]
    return Law("Mixture", tuple(weights), tuple(parts))


@st.composite
def _zero_inflated(draw: st.DrawFn, names: Names) -> Law:
    part = draw(simple_laws(names, CONTINUOUS_FAMILIES + DISCRETE_FAMILIES, 2))
    return Law("ZeroInflated", (into_domain("unit", draw(total_expressions(names, 2))),), (part,))


@cache
def laws(names: Names = NAMES, composites: bool = False) -> st.SearchStrategy[Law]:
    """Any law with arguments in their domains; the composite families only where asked for."""
    if not composites:
        return simple_laws(names)
    return st.one_of(simple_laws(names), _truncated(names), _mixture(names), _zero_inflated(names))


_ENDS = st.one_of(st.floats(-4, 4), st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0]))


@st.composite
def boxes(draw: st.DrawFn, names: Names = NAMES) -> dict[Key, tuple[float, float]]:
    """An interval for each value that a text may read; some are single points. The step number is from 1 on."""
    found: dict[Key, tuple[float, float]] = {}
    for key in names.every_key():
        first, second = draw(_ENDS), draw(_ENDS)
        if key[0] == "time":
            first, second = 1.0 + round(abs(first)), 1.0 + round(abs(second))
        found[key] = (first, first) if draw(st.integers(0, 3)) == 0 else (min(first, second), max(first, second))
    return found


@st.composite
def points_in(draw: st.DrawFn, box: Box) -> dict[Key, float]:
    """A value inside each interval of a box, often one of its ends."""
    found: dict[Key, float] = {}
    for key, (low, high) in box.items():
        inner = st.floats(low, high)
        value = draw(st.one_of(st.sampled_from([low, high]), inner))
        found[key] = float(round(value)) if key[0] == "time" else value
    return found
