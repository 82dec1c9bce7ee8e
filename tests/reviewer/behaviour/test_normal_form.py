import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from reviewer.behaviour.normal_form import Names, TooLargeError, number_form, truth_form
from worldmodel.language.ir import Expression
from worldmodel.language.parser import parse_expression
from worldmodel.readings.torch_expression import Environment, evaluate

NAMES = Names({}, {"two": 2.0})


def _form(text: str) -> object:
    return number_form(parse_expression(text), NAMES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a * (x[t] + b)", "b * a + x[t] * a"),
        ("0.1 + 0.2", "0.3"),
        ("two * a", "a + a"),
        ("(a + b)^2", "a^2 + 2 * a * b + b^2"),
        ("mix(a, x[t], b)", "b + a * (x[t] - b)"),
        ("a / (2 * b)", "0.5 * a / b"),
        ("max(a, max(b, 0))", "max(0, b, a)"),
        ("clip(a, 0, 1)", "min(1, max(0, a))"),
        ("abs(a - b)", "abs(b - a)"),
        ("if a > b then 1 else 2", "if a <= b then 2 else 1"),
        ("if a > b and b > 0 then 1 else 2", "if not (0 < b and b < a) then 2 else 1"),
        ("if 2 * a < 2 * b then 1 else 2", "if a - b < 0 then 1 else 2"),
        ("if a == b then x[t] else x[t]", "x[t]"),
        ("a - a", "0"),
    ],
)
def test_the_same_function_has_one_form(one: str, other: str) -> None:
    assert _form(one) == _form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a / a", "1"),
        ("0 * log(a)", "0"),
        ("sqrt(a) - sqrt(a)", "0"),
        ("x[t-1]", "x[t]"),
        ("a * b", "a + b"),
        ("abs(a)", "a"),
        ("if a < b then 1 else 2", "if a <= b then 1 else 2"),
        ("max(a, b)", "min(a, b)"),
    ],
)
def test_what_is_not_the_same_everywhere_has_another_form(one: str, other: str) -> None:
    assert _form(one) != _form(other)


def test_not_of_or_is_and_of_nots() -> None:
    one, other = (parse_expression(text) for text in ("not (a > 0 or b > 0)", "a <= 0 and b <= 0"))
    assert truth_form(one, NAMES) == truth_form(other, NAMES)


def test_a_large_product_is_given_up() -> None:
    text = " * ".join(["(a + b + c + d + e + f + g)"] * 8)
    with pytest.raises(TooLargeError):
        _form(text)


LEAVES = st.sampled_from(["a", "b", "x[t]", "0.5", "3"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(lambda part: f"{part[0]}({part[1]}, {part[2]})"),
        st.tuples(inner, inner, inner).map(lambda part: f"(if {part[0]} < {part[1]} then {part[2]} else {part[0]})"),
        inner.map(lambda part: f"abs({part})"),
        inner.map(lambda part: f"tanh({part})"),
    )


TEXTS = st.recursive(LEAVES, _grown, max_leaves=6)
POINTS = torch.linspace(-2.3, 2.9, 41, dtype=torch.float64)


def _values(expression: Expression) -> torch.Tensor:
    named = {"a": POINTS, "b": POINTS.flip(0) * 0.7 + 0.11}
    environment = Environment(lambda name: named[name], lambda _name, _lag: torch.sin(3 * POINTS), lambda _name: POINTS)
    return evaluate(expression, environment).expand(POINTS.shape)


@given(TEXTS, TEXTS)
def test_equal_forms_have_equal_values(one: str, other: str) -> None:
    first, second = parse_expression(one), parse_expression(other)
    try:
        same = number_form(first, NAMES) == number_form(second, NAMES)
    except TooLargeError:
        return
    if same:
        left, right = _values(first), _values(second)
        assert torch.equal(torch.isfinite(left), torch.isfinite(right))
        finite = torch.isfinite(left)
        assert torch.allclose(left[finite], right[finite], rtol=1e-9, atol=1e-9)


@given(TEXTS, TEXTS, TEXTS)
def test_sums_and_products_commute_and_distribute(a: str, b: str, c: str) -> None:
    try:
        assert _form(f"({a}) * (({b}) + ({c}))") == _form(f"({c}) * ({a}) + ({b}) * ({a})")
        assert _form(f"max({a}, {b})") == _form(f"max({b}, {a})")
    except TooLargeError:
        return
