"""MathML says what the text says: the same parentheses, the same order, and only elements that browsers know."""

import xml.etree.ElementTree as ET

import pytest

from worldmodel.language.ir import Lookup, Parameter, Start, Variable
from worldmodel.language.parser import parse_expression, parse_formula, parse_law
from worldmodel.markup import Html
from worldmodel.readings.mathml import to_mathml
from worldmodel.readings.mathml_block import definition_to_mathml, equation_to_mathml

NAMES = "math mrow mi mn mo mtext mfrac msub msup msqrt munder mtable mtr mtd mspace mpadded"
KNOWN = frozenset(NAMES.split())


def tree(markup: Html) -> ET.Element:
    return ET.fromstring(markup.text)


def flat(element: ET.Element) -> str:
    """The formula on one line, with marks where two dimensions say what brackets say in a text."""
    inner = [flat(child) for child in element]
    match element.tag:
        case "mfrac":
            return f"<{inner[0]}|{inner[1]}>"
        case "msup":
            return f"{inner[0]}^<{inner[1]}>"
        case "msub" | "munder":
            return f"{inner[0]}_<{inner[1]}>"
        case "msqrt":
            return f"√<{''.join(inner)}>"
        case "mtr":
            return " ".join(inner) + "; "
        case _:
            return (element.text or "").replace("\u00a0", " ") + "".join(inner)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x[t-1] + y[t]", "x_<t−1>+y_<t>"),
        ("a - (b - c)", "a−(b−c)"),
        ("a - b - c", "a−b−c"),
        ("(a + b) * c", "(a+b)·c"),
        ("a * (b * c)", "a·(b·c)"),
        ("(a + b) / (c * d)", "<a+b|c·d>"),
        ("(a / b)^2", "(<a|b>)^<2>"),
        ("-a^2", "−a^<2>"),
        ("(-a)^2", "(−a)^<2>"),
        ("a - -b", "a−(−b)"),
        ("2^(a + b)", "2^<a+b>"),
        ("alpha * sigma_x + inflation[0]", "α·σ_<x>+inflation_<0>"),
        ("expected_inflation[t-2]", "expected_inflation_<t−2>"),
        ("beta_long[t-1]", "β_<long,t−1>"),
        ("1e-7 * a", "1·10^<−7>·a"),
        ("sqrt(abs(a))", "√<|a|>"),
        ("exp(a)^2", "exp(a)^<2>"),
        ("max(a, tanh(b))", "max(a,tanh(b))"),
        ("if a <= 1 and not b != 2 then a else b", "{a if a≤1∧¬b≠2; b otherwise; "),
        ("if a < 1 then 1 else if a < 2 then 2 else 3", "{1 if a<1; 2 if a<2; 3 otherwise; "),
        ("sum(k[a, b] * x[b, t-1] over b) / n", "<∑_<b>k_<a,b>·x_<b,t−1>|n>"),
        ("sum(x[b, t] over b) * 2", "(∑_<b>x_<b,t>)·2"),
        ("mean(x[a, t] over a)", "mean_<a>(x_<a,t>)"),
        ("any(x[a, t] > 1 over a) or t > 3", "⋁_<a>(x_<a,t>>1)∨t>3"),
    ],
)
def test_expressions_read_as_they_mean(text: str, wanted: str) -> None:
    assert flat(tree(to_mathml(parse_expression(text)))) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Normal(a, 1)", "Normal(a,1)"),
        ("a + 1", "a+1"),
        ("Mixture(0.3, Normal(a, 1), 0.7, Delta(0))", "Mixture(0.3:Normal(a,1),0.7:0)"),
        ("Truncated(Normal(a, 1), 0, b)", "Truncated(Normal(a,1),0,b)"),
        ("ZeroInflated(p, Poisson(m))", "ZeroInflated(p,Poisson(m))"),
    ],
)
def test_laws_read_as_they_mean(text: str, wanted: str) -> None:
    assert flat(tree(to_mathml(parse_law(text)))) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("P(x > 1 within 4) <= 0.5", "P(x_<t>>1 at some step of 1 to 4)≤0.5"),
        ("P(x > 1 throughout 4) <= 0.5", "P(x_<t>>1 at every step of 1 to 4)≤0.5"),
        ("P(x > 1 until y < 2 within 4) <= 0.5", "P(x_<t>>1 until y_<t><2 by step 4)≤0.5"),
        ("increasing(mean(y[t]), x[t-1])", "mean(y_<t>) increasing in x_<t−1>"),
        ("decreasing(quantile(y[t], 0.9), x[t-1])", "quantile(y_<t>,0.9) decreasing in x_<t−1>"),
        ("mean(y[t]) >= -2", "mean(y_<t>)≥−2"),
        ("y[t] >= 0", "y_<t>≥0"),
        ("independent(y[t], x[t-1] given z, w)", "y_<t>⊥x_<t−1>|z_<t>,w_<t>"),
        (
            "effect(mean(y), do(x + 1, 1, 4), 8) <= 0",
            "do(x_<t>+1) at steps 1 to 4 changes mean(y_<t>) at step 8 by ≤0",
        ),
    ],
)
def test_formulas_read_as_they_mean(text: str, wanted: str) -> None:
    assert flat(tree(to_mathml(parse_formula(text)))) == wanted


def test_grounded_names_carry_their_elements() -> None:
    assert flat(tree(to_mathml(Variable("infected[north]", 1)))) == "infected_<north,t−1>"
    assert flat(tree(to_mathml(Start("infected[north]")))) == "infected_<north,0>"
    table = Lookup((1.0, 2.5), (2,), (Parameter("a"),))
    assert flat(tree(to_mathml(table))) == "(1,2.5)_<a>"


def test_names_cannot_become_markup() -> None:
    drawn = to_mathml(Parameter("<script>\u202e"))
    assert flat(tree(drawn)) == "<script>\\u202e"
    assert "<script" not in drawn.text


def test_only_known_elements_are_used_and_long_equations_break() -> None:
    law = parse_law(f"Normal({' + '.join(f'coefficient_{i} * variable_{i}[t-1]' for i in range(12))}, noise)")
    drawn = tree(equation_to_mathml("y", (), law))
    assert {element.tag for element in drawn.iter()} <= KNOWN
    assert len(drawn.findall(".//mtr")) > 3
    written = "".join(drawn.itertext())
    assert [written.index(f"variable_{i}") for i in range(12)] == sorted(
        written.index(f"variable_{i}") for i in range(12)
    )
    assert len(tree(equation_to_mathml("y", (), parse_law("Normal(a, 1)"))).findall(".//mtr")) == 0


def test_broken_products_and_quotients_keep_their_parentheses() -> None:
    long = " + ".join(f"a_rather_long_name_{i}" for i in range(8))
    drawn = flat(tree(definition_to_mathml("y", parse_expression(f"({long}) * b / c"))))
    letters = drawn.replace("; ", "").replace(" ", "")
    assert letters.startswith("y=(a_<rather_long_name_0>+")
    assert letters.endswith(")·b/c")


def test_static_and_family_equations_name_their_places() -> None:
    assert flat(tree(equation_to_mathml("x", ("a",), parse_law("Normal(0, 1)")))) == "x_<a,t>∼Normal(0,1)"
    assert flat(tree(equation_to_mathml("x", (), parse_law("Normal(0, 1)"), dynamic=False))) == "x∼Normal(0,1)"
