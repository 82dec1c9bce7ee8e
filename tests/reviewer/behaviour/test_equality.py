from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from reviewer.behaviour.equality import compare_variable
from worldmodel.build import build_world
from worldmodel.components.posterior import PosteriorFile
from worldmodel.world import World


def _world(law: str, parameters: Mapping[str, str] | None = None, **more: Any) -> World:
    variable = {"format": 1, "title": "v", "meaning": "v", "unit": "1", "support": {"kind": "real"}}
    mechanism = {"format": 1, "id": "own", "assigns": "y", "title": "own", "law": law, **more}
    mechanism["parameters"] = {name: {"prior": prior, "why": "w"} for name, prior in (parameters or {}).items()}
    return build_world(
        {
            "world.toml": {"format": 1, "language": 1, "name": "w", "summary": "w", "step": "day"},
            "variables/x.toml": {**variable, "id": "x", "role": "state", "initial": ["Normal(0, 1)"]},
            "variables/y.toml": {**variable, "id": "y", "role": "state", "initial": ["Delta(0)"]},
            "mechanisms/x.toml": {
                "format": 1,
                "id": "x",
                "assigns": "x",
                "title": "x",
                "law": "Normal(0.5 * x[t-1], 1)",
            },
            "mechanisms/own.toml": mechanism,
        }
    )


PRIORS = {"a": "Normal(0, 1)", "b": "HalfNormal(1)"}


@pytest.mark.parametrize(
    ("law", "parameters", "more"),
    [
        ("Normal(x[t-1] * a + y[t-1], b)", PRIORS, {}),
        ("Normal(y[t-1] + a * x[t-1] + 0, 1 * b)", PRIORS, {}),
        ("Normal(level, b)", PRIORS, {"let": {"level": {"value": "y[t-1] + a * x[t-1]", "why": "w"}}}),
        ("Normal(y[t-1] + effect * x[t-1], spread)", {"effect": "Normal(0, 1)", "spread": "HalfNormal(1)"}, {}),
    ],
)
def test_equal_behaviour_is_called_equal_whatever_the_text(
    law: str, parameters: Mapping[str, str], more: Mapping[str, Any]
) -> None:
    before = _world("Normal(y[t-1] + a * x[t-1], b)", PRIORS)
    found = compare_variable(before, _world(law, parameters, **more), "y")
    assert found.verdict == "equal", found


@pytest.mark.parametrize(
    ("law", "parameters"),
    [
        ("Normal(y[t-1] - a * x[t-1], b)", PRIORS),
        ("Normal(y[t-1] + a * x[t-2], b)", PRIORS),
        ("Normal(y[t-1] + a * x[t-1], b)", PRIORS | {"a": "Normal(0, 2)"}),
        ("Normal(y[t-1] + a * x[t-1], 1.001 * b)", PRIORS),
        ("StudentT(5, y[t-1] + a * x[t-1], b)", PRIORS),
    ],
)
def test_a_difference_has_a_witness(law: str, parameters: Mapping[str, str]) -> None:
    found = compare_variable(_world("Normal(y[t-1] + a * x[t-1], b)", PRIORS), _world(law, parameters), "y")
    assert (found.verdict, "quantile" in found.witness) == ("different", True), found


def test_what_algebra_cannot_tell_apart_is_left_undecided() -> None:
    before, after = _world("tanh(x[t-1])"), _world("1 - 2 / (exp(2 * x[t-1]) + 1)")
    found = compare_variable(before, after, "y")
    assert found.verdict == "undecided"
    assert "no proof" in found.method


def test_another_support_or_start_is_a_difference() -> None:
    before = _world("Normal(0, 1)")
    assert compare_variable(before, before, "y").verdict == "equal"
    assert compare_variable(before, before, "z").verdict == "different"


def test_another_posterior_is_a_difference_of_beliefs() -> None:
    before = _world("Normal(y[t-1] + a * x[t-1], b)", PRIORS)
    learned = PosteriorFile.model_construct(
        order=("a",),
        parameters={"a": "mean 1"},
        correlation=((1.0,),),  # only what is compared
    )
    after = replace(before, posteriors={"own": learned})
    found = compare_variable(before, after, "y")
    assert (found.verdict, found.method) == ("different", "by the posteriors")
    assert compare_variable(after, after, "y").verdict == "equal"


def _die(law: str) -> World:
    finite = {"kind": "finite", "values": ["one", "two", "three", "four", "five", "six"]}
    variable = {"format": 1, "title": "v", "meaning": "v", "unit": "1", "role": "state"}
    return build_world(
        {
            "world.toml": {"format": 1, "language": 1, "name": "die", "summary": "die"},
            "variables/coin.toml": {**variable, "id": "coin", "support": {"kind": "integer", "lower": 0, "upper": 1}},
            "variables/die.toml": {**variable, "id": "die", "support": finite},
            "mechanisms/coin.toml": {
                "format": 1, "id": "coin", "assigns": "coin", "title": "c", "law": "Bernoulli(0.5)",
            },
            "mechanisms/die.toml": {"format": 1, "id": "die", "assigns": "die", "title": "d", "law": law},
        }
    )  # fmt: skip


def test_finite_laws_are_compared_by_every_probability() -> None:
    uniform = _die("Categorical(1, 1, 1, 1, 1, 1)")
    weighed = _die("Categorical(0.5, 0.5, 0.5, 0.5, 0.5, 0.5)")
    branching = _die("Categorical(1, 1, 1, 1, 1, exp(0 * coin[t]))")
    loaded = _die("Categorical(1, 1, 1, 1, 1, 1 - 0.01 * coin[t])")
    assert compare_variable(uniform, weighed, "die").method.startswith("by algebra")
    found = compare_variable(uniform, branching, "die")
    assert (found.verdict, found.method[:14]) == ("equal", "by enumeration"), found
    found = compare_variable(uniform, loaded, "die")
    assert (found.verdict, "coin[t] = 1" in found.witness) == ("different", True), found
