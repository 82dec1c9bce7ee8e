"""Equations read as the language does: same precedence, subscripts for time, nothing that LaTeX would act on."""

from collections.abc import Callable

import pytest

from worldmodel.language.parser import parse_expression
from worldmodel.readings.latex import escaped, expression_to_latex, to_latex
from worldmodel.world import World


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x[t-1] + y[t]", r"x_{t-1} + y_{t}"),
        ("a - (b - c)", r"a - \left(b - c\right)"),
        ("a - b - c", r"a - b - c"),
        ("(a + b) * c", r"\left(a + b\right) \cdot c"),
        ("a * (b * c)", r"a \cdot \left(b \cdot c\right)"),
        ("(a + b) / (c * d)", r"\frac{a + b}{c \cdot d}"),
        ("(a / b)^2", r"\left(\frac{a}{b}\right)^{2}"),
        ("-a^2", r"-a^{2}"),
        ("(-a)^2", r"\left(-a\right)^{2}"),
        ("a - -b", r"a - \left(-b\right)"),
        ("-(a + b)", r"-\left(a + b\right)"),
        ("2^(a + b)", r"2^{a + b}"),
        ("alpha * sigma_x + inflation[0]", r"\alpha \cdot \sigma_{\text{x}} + \text{inflation}_{0}"),
        ("expected_inflation[t-2]", r"\text{expected\_inflation}_{t-2}"),
        ("beta_long[t-1]", r"\beta_{\text{long}, t-1}"),
        ("1e-7 * a", r"1 \cdot 10^{-7} \cdot a"),
        ("sqrt(abs(a))", r"\sqrt{\left|a\right|}"),
        ("max(a, tanh(b))", r"\max\left(a, \tanh\left(b\right)\right)"),
        ("clip(a, 0, 1)", r"\operatorname{clip}\left(a, 0, 1\right)"),
        (
            "if a <= 1 and not b != 2 then a else 2 * b",
            r"\begin{cases} a & \text{if } a \le 1 \land \lnot b \ne 2 \\ 2 \cdot b & \text{otherwise} \end{cases}",
        ),
        (
            "(if a < 1 or b > 1 then a else b) * 2",
            r"\left(\begin{cases} a & \text{if } a < 1 \lor b > 1 \\ b & \text{otherwise} \end{cases}\right) \cdot 2",
        ),
    ],
)
def test_expressions_read_as_they_mean(text: str, latex: str) -> None:
    assert expression_to_latex(parse_expression(text)) == latex


def test_mechanisms_are_equations(world_of: Callable[..., World]) -> None:
    world = world_of(
        laws={"x": "Normal(rho * x[t-1], sigma)", "y": "x[t] + 1"},
        parameters={"x.rho": "Beta(1, 1)", "x.sigma": "HalfNormal(1)"},
    )
    assert to_latex(world.mechanisms["x"], world) == r"x_{t} \sim \mathcal{N}\left(\rho \cdot x_{t-1}, \sigma\right)"
    assert to_latex(world.mechanisms["y"], world) == r"y_{t} = x_{t} + 1"


def test_units_stand_behind_and_special_characters_are_harmless(tank: Callable[..., dict[str, bytes]]) -> None:
    from worldmodel.build import build_world
    from worldmodel.files import parse_toml

    world = build_world({path: parse_toml(path, content) for path, content in tank().items()})
    assert to_latex(world.mechanisms["inflow"], world) == (
        r"\text{inflow}_{t} \sim \operatorname{LogNormal}\left(m, s\right) \quad [\text{m**3/minute}]"
    )
    assert escaped(r"\input{x}^~_%$#&") == (r"\textbackslash{}input\{x\}\textasciicircum{}\textasciitilde{}\_\%\$\#\&")
