"""The whole surface language: what the grammar can make reads back as itself, and formatting means nothing."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.language.ir import (
    Aggregate,
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
    Expression,
    Formula,
    If,
    Independent,
    Law,
    Logical,
    Monotone,
    Negate,
    Not,
    Number,
    Parameter,
    Probability,
    Start,
    Throughout,
    Time,
    Until,
    Variable,
    Within,
)
from worldmodel.language.parser import parse_expression, parse_formula, parse_law
from worldmodel.language.render import render
from worldmodel.language.rewrite import change_formula
from worldmodel.language.signatures import AGGREGATES, FUNCTIONS, LAWS, RESERVED

Parsed = TypeVar("Parsed")

names = st.sampled_from(["a", "b", "x", "infected", "t1", "then_", "e", "north", "beta", "if_"])
assert not {"t1", "then_", "if_"} & RESERVED
numbers = st.sampled_from([0.0, 1.0, 0.5, 1e-7, 1e22, 3.0, 123456789.0, 5e-324]).map(Number)
FORMULA_WORDS = ("P", "increasing", "decreasing", "quantile", "independent", "given", "effect", "do")
elements = st.lists(names, max_size=2).map(tuple)
atoms = st.one_of(
    numbers,
    names.map(Parameter),
    st.just(Time()),
    st.builds(Variable, names, st.integers(0, 400), elements),
    st.builds(Start, names, elements),
)


def _is_time(node: Expression) -> bool:
    match node:
        case Number() | Time() | Binary("-", Time(), Number()):
            return True
        case _:
            return False


def _tables(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    """Tables at places that are no time, or at values before a time."""
    places = st.lists(inner.filter(lambda node: not _is_time(node)), min_size=1, max_size=3).map(tuple)
    timed = places.filter(lambda found: not all(isinstance(place, Parameter) for place in found))
    return st.builds(Parameter, names, places) | st.builds(lambda n, p: Parameter(n, (*p, Time())), names, timed)


def _calls(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    many = st.sampled_from(sorted(FUNCTIONS)).flatmap(
        lambda name: st.lists(
            inner, min_size=FUNCTIONS[name].fewest, max_size=FUNCTIONS[name].most or FUNCTIONS[name].fewest + 2
        ).map(lambda arguments: Call(name, tuple(arguments)))
    )
    over = st.lists(names, min_size=1, max_size=3).map(tuple)
    return many | st.builds(Aggregate, st.sampled_from(AGGREGATES), inner, over)


def _deeper(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.one_of(
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner),
        st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner),
        st.builds(Logical, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(Negate, inner),
        st.builds(Not, inner),
        st.builds(If, inner, inner, inner),
        _tables(inner),
        _calls(inner),
    )


expressions = st.recursive(atoms, _deeper, max_leaves=8)


@st.composite
def laws(draw: st.DrawFn, depth: int = 2) -> Law:
    """Any law, with other laws inside it down to a depth."""
    name = draw(st.sampled_from(sorted(name for name, family in LAWS.items() if depth or family.order is None)))
    family = LAWS[name]
    parts = 0 if family.order is None else draw(st.integers(2, 3)) if family.repeated else 1
    count = parts if name == "Mixture" else draw(st.integers(2, 4)) if family.repeated else len(family.slots)
    arguments = tuple(draw(expressions) for _ in range(count))
    return Law(name, arguments, tuple(draw(laws(depth - 1)) for _ in range(parts)))


paths = st.one_of(
    st.builds(Within, expressions, st.integers(1, 10_000)),
    st.builds(Throughout, expressions, st.integers(1, 10_000)),
    st.builds(Until, expressions, expressions, st.integers(1, 10_000)),
)


def _reads_back(node: Parsed, parse: Callable[[str], Parsed]) -> None:
    text = render(node)
    assert _parsed_or_too_large(parse, text) in (node, None), text


def _parsed_or_too_large(parse: Callable[[str], Parsed], text: str) -> Parsed | None:
    """None for a text that is beyond the limits, which a random tree may be."""
    try:
        return parse(text)
    except InputError as error:
        codes = {problem.code for problem in error.problems}
    if codes != {"too-large"}:
        pytest.fail(f"{text} is refused: {codes}")
    return None


@given(expressions)
def test_every_expression_reads_back(expression: Expression) -> None:
    _reads_back(expression, parse_expression)


@given(laws())
def test_every_law_reads_back(law: Law) -> None:
    _reads_back(law, parse_law)


@given(paths, st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([0.0, 0.05, 1.0]))
def test_every_formula_reads_back(path: Within | Throughout | Until, operator: str, bound: float) -> None:
    formula = Probability(path, operator, bound)  # type: ignore[arg-type]
    again = _parsed_or_too_large(parse_formula, render(formula))
    if again is not None:  # bare names have become variables
        assert parse_formula(render(again)) == again


@given(names, st.integers(0, 9), names, st.integers(0, 9), st.sampled_from(["increasing", "decreasing"]))
def test_every_claim_of_direction_reads_back(y: str, lag: int, x: str, other: int, direction: str) -> None:
    formula = Monotone(direction, Variable(y, lag), Variable(x, other))  # type: ignore[arg-type]
    assert parse_formula(render(formula)) == formula


# Words of formulas alone are names like any other.
places = st.builds(Variable, st.one_of(names, st.sampled_from(FORMULA_WORDS)), st.integers(0, 9))
levels = st.sampled_from([0.5, 0.9, 1e-05])
limits = st.tuples(st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from([0.0, -2.5, 20.0, 1e-07, -1e22]))
changes = st.one_of(
    st.builds(Binary, st.sampled_from(["+", "-", "*"]), places, numbers),
    st.builds(lambda x, n: Compare("==", x, Negate(n)), places, numbers),
    st.builds(lambda x, n: Compare("==", x, n), places, places),
)
claims = st.one_of(
    st.builds(Monotone, st.sampled_from(["increasing", "decreasing"]), places, places, levels),
    st.builds(lambda y, limit: Bounded("mean", y, None, *limit), places, limits),
    st.builds(lambda y, limit: Bounded("every", y, None, *limit), places, limits),
    st.builds(lambda y, level, limit: Bounded("quantile", y, level, *limit), places, levels, limits),
    st.builds(Independent, places, places, st.lists(places, max_size=3).map(tuple)),
    st.builds(
        lambda y, level, change, limit, steps: Effect(y, level, change, 8, *limit, *steps),
        places,
        st.one_of(st.none(), levels),
        changes,
        limits,
        st.sampled_from([(1, None), (3, None), (1, 4), (2, 2)]),
    ),
)


@given(claims)
def test_every_claim_reads_back(claim: Formula) -> None:
    assert parse_formula(render(claim)) == claim
    assert change_formula(claim, lambda node: node) == claim


@pytest.mark.parametrize("text", ["a[(t)]", "a[(0)]", "a[(t)-1]", "a[(1)]", "a[b, (t)]", "a[(t), b, t]", "a[(0), t]"])
def test_a_place_in_parentheses_is_no_time(text: str) -> None:
    """It would be shown as the time that it is not: `a[(0)]` as `a[0]`."""
    with pytest.raises(InputError, match="itself, as the last place"):
        parse_law(text)


@pytest.mark.parametrize("text", ["a[(t)*2]", "a[(1)+b]", "a[(t)-b]", "a[b+1, t]", "a[-t]", "a[(t)-1-b, t]"])
def test_other_places_read_back(text: str) -> None:
    assert parse_law(render(parse_law(text))) == parse_law(text)


@given(laws(), st.data())
def test_spaces_and_parentheses_mean_nothing(law: Law, data: st.DataObject) -> None:
    text = render(law)
    spaces = st.sampled_from(["", " ", "\n"])
    spaced = "".join(f"{data.draw(spaces)}{sign} " if sign in "(),*/" else sign for sign in text)
    for other in (spaced, f" {text}\n"):
        assert _parsed_or_too_large(parse_law, other) in (law, None)
