"""The grammar: what is in it means one thing, and what is not in it gets an error that says where."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.language.ir import (
    Binary,
    Bounded,
    Call,
    Compare,
    Effect,
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
    Until,
    Variable,
    Within,
)
from worldmodel.language.parser import parse_expression, parse_formula, parse_law
from worldmodel.language.render import render
from worldmodel.language.signatures import FAMILIES, FUNCTIONS, RESERVED
from worldmodel.language.walk import walk

_SET = Compare("==", Variable("y"), Number(4.0))
_INDEPENDENT = Independent(Variable("given"), Variable("do"), (Variable("x"), Variable("y")))


def test_a_law_reads_as_its_tree() -> None:
    law = parse_law("StudentT(5, mix(w, x[t-1], y[t]) + b * z[t-2], s)")
    mean = Binary(
        "+",
        Call("mix", (Parameter("w"), Variable("x", 1), Variable("y", 0))),
        Binary("*", Parameter("b"), Variable("z", 2)),
    )
    assert law == Law("StudentT", (Number(5.0), mean, Parameter("s")))


def test_nodes_know_where_they_stand() -> None:
    text = "Normal(a + x[t-1], s)"
    law = parse_law(text)
    spans = {text[node.at.start : node.at.end] for node in walk(law)}
    assert {text, "a + x[t-1]", "a", "x[t-1]", "s"} <= spans


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a - b - c", "(a - b) - c"),
        ("a / b * c", "(a / b) * c"),
        ("a ^ b ^ c", "a ^ (b ^ c)"),
        ("-a ^ 2", "-(a ^ 2)"),
        ("a * -b", "a * (-b)"),
        ("2 ^ -1", "2 ^ (-1)"),
        ("if a < b and not c > d or e == f then 1 else 2", "if ((a < b) and (not (c > d))) or (e == f) then 1 else 2"),
        ("if a < b then 1 else if b < c then 2 else 3", "if a < b then 1 else (if b < c then 2 else 3)"),
    ],
)
def test_precedence(text: str, same: str) -> None:
    assert parse_expression(text) == parse_expression(same)


def test_a_law_without_a_family_is_a_delta() -> None:
    assert parse_law("x[t-1]") == Law("Delta", (Variable("x", 1),)) == parse_law("Delta(x[t-1])")


def test_formulas() -> None:
    small = Compare("<", Variable("x"), Number(1.0))
    assert parse_formula("P(x < 1 within 4) <= 0.05") == Probability(Within(small, 4), "<=", 0.05)
    assert parse_formula("P(x[t] < 1 throughout 4) > 0") == Probability(Throughout(small, 4), ">", 0.0)
    path = Until(small, Compare(">=", Variable("y"), Start("y")), 9)
    assert parse_formula("P(x < 1 until y >= y[0] within 9) >= 1") == Probability(path, ">=", 1.0)
    monotone = Monotone("increasing", Variable("x"), Variable("y", 1))
    assert parse_formula("increasing(mean(x[t]), y[t-1])") == monotone


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("decreasing(quantile(x, 0.9), y[t-1])", Monotone("decreasing", Variable("x"), Variable("y", 1), 0.9)),
        ("mean(x) >= -1", Bounded("mean", Variable("x"), None, ">=", -1.0)),
        ("quantile(x[t], 0.5) < 2", Bounded("quantile", Variable("x"), 0.5, "<", 2.0)),
        ("x[t] <= -0", Bounded("every", Variable("x"), None, "<=", 0.0)),
        ("independent(x, y[t-1])", Independent(Variable("x"), Variable("y", 1))),
        ("independent(given, do given x, y)", _INDEPENDENT),
        ("effect(mean(x), do(y == 4), 8) > 0", Effect(Variable("x"), None, _SET, 8, ">", 0.0)),
        ("effect(quantile(x, 0.1), do(y == 4, 2, 3), 8) > 0", Effect(Variable("x"), 0.1, _SET, 8, ">", 0.0, 2, 3)),
    ],
)
def test_claims(text: str, wanted: Formula) -> None:
    assert parse_formula(text) == wanted


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("x", 2),
        ("x == 1", 3),
        ("mean(x) >= y", 12),
        ("mean(x + 1) >= 0", 8),
        ("quantile(x) >= 0", 11),
        ("quantile(x, 1) >= 0", 13),
        ("increasing(x, y)", 12),
        ("independent(x)", 14),
        ("independent(x, y, z)", 17),
        ("independent(x, y given )", 24),
        ("effect(x, do(y + 1), 8) > 0", 8),
        ("effect(mean(x), y + 1, 8) > 0", 17),
        ("effect(mean(x), do(1), 8) > 0", 20),
        ("effect(mean(x), do(y + z), 8) > 0", 20),
        ("effect(mean(x), do(y * 2, 3, 2), 8) > 0", 30),
        ("effect(mean(x), do(y * 2), 0) > 0", 28),
    ],
)
def test_claims_that_are_none(text: str, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_formula(text)
    assert [(problem.code, problem.column) for problem in caught.value.problems] == [("syntax", column)]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("", 1),
        ("a +", 4),
        ("a b", 3),
        ("(a", 3),
        ("a < b < c", 7),
        ("__import__('os')", 12),
        ("a.b", 2),
        ("ｅｘｐ(a)", 1),
        ("x[t+1]", 4),
        ("x[t-0]", 5),
        ("x[1]", 3),
        ("exp", 4),
        ("exp(a, b)", 1),
        ("foo(a)", 1),
        ("1 + Normal(0, 1)", 5),
        ("Normal(1)", 1),
        ("Categorical(1)", 1),
        ("1e999", 1),
        ("if a < 1 then 2", 16),
        ("t[t]", 2),
        ("Mixture(a)", 1),
        ("Mixture(a, b)", 1),
        ("Mixture(0.5, Normal(0, 1))", 1),
        ("lambda: 1", 7),
        ("a; b", 2),
        ("'a'", 1),
        ("x[t-99999]", 5),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_at_its_column(text: str, column: int) -> None:
    with pytest.raises(InputError) as caught:
        parse_law(text)
    (problem,) = caught.value.problems
    assert (problem.code, problem.column) == ("syntax", column)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + "a",
        "-" * 3999 + "a",
        "not " * 900 + "a",
        "a^" * 1900 + "a",
        "+".join("a" * 400),
        "if a<b then 1 else " * 150 + "1",
        "a" * 4001,
        "min(" * 900 + "a",
    ],
)
def test_oversized_texts_are_refused_without_exhausting_the_stack(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_law(text)
    assert caught.value.problems[0].code == "too-large"


def test_what_stands_side_by_side_is_not_deep() -> None:
    text = f"max({', '.join(['min((a), -b)'] * 45)})"
    assert len(parse_expression(text).arguments) == 45  # type: ignore[union-attr]
    mixture = f"Mixture({', '.join(['0.1, Truncated(Normal(a^b, 1), 0, 1)'] * 20)})"
    assert len(parse_law(mixture).parts) == 20


def test_a_number_of_too_many_digits_is_refused() -> None:
    with pytest.raises(InputError, match="digits"):
        parse_law("1" * 31)


@given(st.text(max_size=200))
def test_any_text_parses_or_gives_problems(text: str) -> None:
    for parse in (parse_law, parse_expression, parse_formula):
        with suppress(InputError):
            parse(text)


@given(st.text(alphabet="ab1.+-*/^<>=()[]t, PNormalifthenelsdwu0", max_size=80))
def test_texts_made_of_the_language_characters_parse_or_give_problems(text: str) -> None:
    for parse in (parse_law, parse_formula):
        with suppress(InputError):
            assert parse(render(parse(text))) == parse(text)


names = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(lambda n: n not in RESERVED and n not in FUNCTIONS)
numbers = st.floats(min_value=0, allow_nan=False, allow_infinity=False, width=64).map(Number)
leaves = numbers | names.map(Parameter) | st.builds(Variable, names, st.integers(0, 400)) | names.map(Start)


def _deeper(inner: st.SearchStrategy) -> st.SearchStrategy:
    compare = st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner)
    truth = compare | st.builds(Not, compare) | st.builds(Logical, st.sampled_from(["and", "or"]), compare, compare)
    return (
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner)
        | st.builds(Negate, inner)
        | st.builds(If, truth, inner, inner)
        | st.builds(lambda a: Call("exp", (a,)), inner)
        | st.builds(lambda a, b, c: Call("clip", (a, b, c)), inner, inner, inner)
        | st.builds(lambda a: Call("max", tuple(a)), st.lists(inner, min_size=2, max_size=4))
    )


expressions = st.recursive(leaves, _deeper, max_leaves=20)


@given(expressions)
def test_parse_after_render_is_identity(expression: object) -> None:
    assert parse_expression(render(expression)) == expression  # type: ignore[arg-type]


@given(st.sampled_from(sorted(FAMILIES)), st.data())
def test_parse_after_render_is_identity_for_laws(family: str, data: st.DataObject) -> None:
    signature = FAMILIES[family]
    count = data.draw(st.integers(2, 5)) if signature.repeated else len(signature.slots)
    law = Law(family, tuple(data.draw(expressions) for _ in range(count)))
    assert parse_law(render(law)) == law


def test_walking_goes_from_left_to_right_parents_first() -> None:
    law = parse_law("Normal(a + b * c, min(d, e[f, t-1]))")
    names = [node.name for node in walk(law) if isinstance(node, Parameter | Variable)]
    assert names == ["a", "b", "c", "d", "e"]
    assert next(walk(law)) is law


def test_who_misspells_a_distribution_is_shown_the_distributions() -> None:
    with pytest.raises(InputError) as caught:
        parse_law("LogNorml(0, 1)")
    assert "LogNormal" in caught.value.problems[0].wanted
    with pytest.raises(InputError) as caught:
        parse_law("sqr(2)")
    assert "sqrt" in caught.value.problems[0].wanted
