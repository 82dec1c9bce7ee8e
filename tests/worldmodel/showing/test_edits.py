"""Texts are compared as trees: order and parentheses do not matter, and every other change is told."""

import random
import re

import pytest

from worldmodel.language.parser import parse_expression, parse_formula, parse_law
from worldmodel.showing.edits import Edit, edits

LAW = "StudentT(5, mix(inertia, inflation[t-1], expected_inflation[t]) - slope * slack[t-1], noise)"


def of_law(old: str, new: str) -> list[Edit]:
    return edits(parse_law(old), parse_law(new))


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        ("5", "10", "number", "has a number, df of StudentT, that doubled: 5 → 10"),
        ("- slope", "+ slope", "sign", "has a FLIPPED SIGN: it now adds “slope * slack[t-1]”"),
        (" - slope * slack[t-1]", "", "removed", "no longer subtracts “slope * slack[t-1]”"),
        ("mix(inertia", "2 * x[t] + mix(inertia", "added", "now adds “2 * x[t]”"),
        ("slope * slack", "slope * 3 * slack", "added", "now multiplies by “3”"),
        ("slope * slack", "slack", "removed", "no longer multiplies by “slope”"),
        ("slope * slack[t-1]", "slope / slack[t-1]", "sign", "now divides by “slack[t-1]”, the other way round"),
        ("slack[t-1]", "slack[t-3]", "lag", "reads slack 3 steps ago; it was 1 step ago"),
        ("slack[t-1]", "gap[t-1]", "replaced", "has “gap[t-1]” in the place of “slack[t-1]”"),
        ("noise)", "other)", "replaced", "has “other” in the place of “noise”"),
    ],
)
def test_each_kind_of_change_is_told(old: str, new: str, kind: str, words: str) -> None:
    assert of_law(LAW, LAW.replace(old, new)) == [Edit(kind, words)]  # type: ignore[arg-type]


def test_another_family_is_told_with_both_laws() -> None:
    (edit,) = of_law("Normal(a, 1)", "StudentT(5, a, 1)")
    assert edit.words == "is of the family StudentT, not Normal: “StudentT(5, a, 1)”; it was “Normal(a, 1)”"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a + b * c", "c * b + a"),
        ("a - (b - c)", "a - b + c"),
        ("a * (b * c)", "a * b * c"),
        ("-(a + b)", "-a - b"),
        ("-(a * b)", "-a * b"),
        ("-a * b", "a * -b"),
        ("c - a * b", "c + -a * b"),
        ("-a * -b", "a * b"),
        ("a / (b / c)", "a * c / b"),
    ],
)
def test_order_and_grouping_are_no_change(old: str, new: str) -> None:
    assert edits(parse_expression(old), parse_expression(new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a - (b - c)", "a - b - c"),
        ("a * (b + c)", "a * b + c"),
        ("a^2 * b", "a * b^2"),
        ("max(a, b)", "max(b, a)"),
        ("if a < b then 1 else 2", "if a <= b then 1 else 2"),
        ("if a < b then 1 else 2", "if a < b then 2 else 1"),
        ("not a < b", "a < b"),
        ("a < b and c < d", "a < b or c < d"),
        ("sum(x[a, t] over a)", "mean(x[a, t] over a)"),
        ("sum(x[a, t] over a)", "sum(x[a, t] over b)"),
        ("f[a]", "f[b]"),
        ("x[0]", "x[t]"),
        ("t", "t + 1"),
        ("a + a", "a"),
        ("2 * a", "-2 * a"),
        ("-a * b", "a * b"),
        ("-a^2", "(-a)^2"),
        ("a * -b + c", "a * b + c"),
    ],
)
def test_what_means_something_else_is_told(old: str, new: str) -> None:
    assert edits(parse_expression(old), parse_expression(new))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("40", "80", "has a horizon that doubled: 40 → 80 steps"),
        (">= 0.65", ">= 0.325", "has a bound that halved: 0.65 → 0.325"),
        (">= x[0]", "> x[0]", "has “x[t] > x[0]” in the place of “x[t] >= x[0]”"),
        ("throughout", "within", "has “x[t] >= x[0] within 40” in the place of “x[t] >= x[0] throughout 40”"),
    ],
)
def test_formulas(old: str, new: str, words: str) -> None:
    formula = "P(x >= x[0] throughout 40) >= 0.65"
    assert [edit.words for edit in edits(parse_formula(formula), parse_formula(formula.replace(old, new)))] == [words]


def test_monotone_claims() -> None:
    old = parse_formula("increasing(mean(y[t]), x[t-1])")
    assert edits(old, parse_formula("decreasing(mean(y[t]), x[t-1])"))
    assert edits(old, parse_formula("increasing(mean(y[t]), x[t-2])"))
    assert edits(old, old) == []
    assert edits(old, parse_formula("increasing(quantile(y[t], 0.5), x[t-1])"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("mean(y[t]) >= 2", "mean(y[t]) >= 4", ["has a bound that doubled: 2 → 4"]),
        ("y[t] >= 2", "mean(y[t]) >= 2", ["has “mean(y[t]) >= 2” in the place of “y[t] >= 2”"]),
        ("effect(mean(y), do(x - 1), 8) > 2", "effect(mean(y), do(x - 1), 8) > 1", ["has a bound that halved: 2 → 1"]),
        (
            "independent(x, y given z)",
            "independent(x, y)",
            ["has “independent(x[t], y[t])” in the place of “independent(x[t], y[t] given z[t])”"],
        ),
        ("independent(x, y given z)", "independent(x, y given z)", []),
    ],
)
def test_other_claims(old: str, new: str, words: list[str]) -> None:
    assert [edit.words for edit in edits(parse_formula(old), parse_formula(new))] == words


def test_composite_laws() -> None:
    old = "Mixture(0.3, Normal(a, 1), 0.7, Normal(b, 1))"
    assert of_law(old, old) == []
    assert of_law(old, old.replace("0.3", "0.2"))
    assert of_law(old, old.replace("Normal(b", "Normal(c"))


def test_random_trees_differ_from_every_mutation_of_a_leaf() -> None:
    source = random.Random(1)

    def tree(depth: int) -> str:
        if depth == 0:
            return source.choice(["a", "b", "x[t-1]", "y[t]", "2", "3.5"])
        left, right = tree(depth - 1), tree(depth - 1)
        return source.choice(
            [f"({left} + {right})", f"({left} - {right})", f"{left} * {right}", f"max({left}, {right})"]
        )

    for _ in range(200):
        text = tree(3)
        node = parse_expression(text)
        assert edits(node, parse_expression(text)) == []
        for old, new in (("a", "q"), ("b", "r"), ("x[t-1]", "x[t-2]"), ("3.5", "3.6")):
            mutant = re.sub(rf"(?<![a-z]){re.escape(old)}(?![a-z])", new, text, count=1)
            assert bool(edits(node, parse_expression(mutant))) == (mutant != text), (text, mutant)


def test_a_sign_in_front_of_a_product_is_a_sign() -> None:
    (edit,) = edits(parse_expression("-a * b"), parse_expression("a * b"))
    assert edit == Edit("sign", "has a FLIPPED SIGN: it now adds “a * b”")
