"""Claims about one step with known answers: true ones are proved, false ones refuted by points that replay."""

import json

import pytest

from reviewer.claims.budget import Budget
from reviewer.claims.replay import read_counterexample, replay
from tests.reviewer.claims.small_worlds import between, decided, one_law, small_world
from worldmodel.world import World

RISES = "increasing(mean(y[t]), x[t-1])"
FALLS = "decreasing(mean(y[t]), x[t-1])"

PROVED = [
    ("Normal(a * x[t-1], 1)", RISES, {"a": "HalfNormal(1)"}),
    ("Normal(a * x[t-1], 1)", RISES, {"a": "LogNormal(0, 1)"}),
    ("Normal(-x[t-1] / a, 1)", FALLS, {"a": "Gamma(2, 1)"}),
    ("StudentT(5, mix(a, x[t-1], y[t-1]), 2)", RISES, {"a": "Beta(2, 2)"}),
    ("x[t-1] ^ 2 - x[t-1] ^ 3 / 4", RISES, {}),
    ("Exponential(exp(x[t-1]))", FALLS, {}),
    ("Truncated(Normal(2 * x[t-1], 1), 0, 5)", RISES, {}),
    ("Mixture(0.3, Normal(x[t-1], 1), 0.7, Normal(2 * x[t-1], 3))", RISES, {}),
    ("x[t-1] ^ a / (2 + x[t-1] ^ a)", RISES, {"a": "Gamma(3, 1)"}),
    ("if y[t-1] > 0 then -x[t-1] else -2 * x[t-1]", FALLS, {}),
    ("Normal(x[t-1], 1 + x[t-1])", "increasing(quantile(y[t], 0.9), x[t-1])", {}),
    ("Normal(-x[t-1], 1 + x[t-1])", "decreasing(quantile(y[t], 0.2), x[t-1])", {}),
    ("Beta(x[t-1], 2)", "increasing(quantile(y[t], 0.1), x[t-1])", {}),
    ("Normal(x[t-1] * (3 - x[t-1]), a)", "mean(y[t]) <= 2.2501", {"a": "HalfNormal(1)"}),
    ("Gamma(x[t-1], a)", "y[t] >= 0", {"a": "LogNormal(0, 1)"}),
    ("Uniform(x[t-1], 3)", "quantile(y[t], 0.5) <= 2.81", {}),
    ("LogNormal(x[t-1], a)", "mean(y[t]) > 1", {"a": "HalfNormal(1)"}),
]
REFUTED = [
    ("Normal(a * x[t-1], 1)", RISES, {"a": "Normal(1, 0.5)"}),
    ("x[t-1] * (3 - x[t-1])", RISES, {}),
    ("x[t-1] - 0.193 * x[t-1] ^ 2", RISES, {}),  # falls from 2.59067 on, in the last hundredth of its range
    ("abs(x[t-1] - 0.7)", RISES, {}),  # rises on nine tenths of the support
    ("if x[t-1] < 2.4 then x[t-1] else x[t-1] - 0.5", RISES, {}),
    ("Normal(-x[t-1], 1 + x[t-1])", "decreasing(quantile(y[t], 0.9), x[t-1])", {}),
    ("Normal(x[t-1] * (3 - x[t-1]), 1)", "mean(y[t]) <= 2.2499", {}),
    ("Normal(x[t-1], 0.2)", "y[t] >= 0", {}),
    ("Exponential(x[t-1])", "y[t] <= 10", {}),
    ("LogNormal(x[t-1], a)", "quantile(y[t], 0.99) <= 10", {"a": "HalfNormal(1)"}),
    ("Delta(2)", "mean(y[t]) < 2", {}),
]


def made(law: str, claim: str, priors: dict[str, str]) -> World:
    return one_law(law, claim, 0.5, 2.6, **priors)


@pytest.mark.parametrize(("law", "claim", "priors"), PROVED)
def test_true_claims_are_proved(law: str, claim: str, priors: dict[str, str]) -> None:
    found = decided(made(law, claim, priors))
    assert (found.verdict, found.counterexample) == ("proved", None), found.bound


@pytest.mark.parametrize(("law", "claim", "priors"), REFUTED)
def test_false_claims_are_refuted_and_replay(law: str, claim: str, priors: dict[str, str]) -> None:
    world = made(law, claim, priors)
    found = decided(world)
    assert found.verdict == "refuted", found.bound
    assert found.counterexample is not None
    again = replay(world, read_counterexample(json.dumps(found.counterexample.to_json()).encode()))
    assert again.fails
    assert again.same
    assert again.same_world


def test_a_counterexample_shows_nothing_of_a_mended_law() -> None:
    broken = decided(made("x[t-1] * (3 - x[t-1])", RISES, {}))
    assert broken.counterexample is not None
    again = replay(made("x[t-1] * (6 - x[t-1])", RISES, {}), broken.counterexample)
    assert (again.fails, again.same, again.same_world) == (False, False, False)


@pytest.mark.parametrize(
    ("law", "claim", "why"),
    [
        ("Normal(y[t-1], 1)", RISES, "does not read"),
        ("if x[t-1] < 1 then 0 else 1", RISES, "leave it open"),  # true, and a jump that bounds on slopes cannot follow
        ("Truncated(Normal(0, x[t-1]), 0, 9)", RISES, "leave it open"),
        ("x[t-1]", "mean(y[t-1]) >= 0", "y[t]"),
    ],
)
def test_what_is_open_says_why(law: str, claim: str, why: str) -> None:
    found = decided(made(law, claim, {}), Budget(boxes=200, points=64))
    assert found.verdict == "undecided"
    assert why in found.bound


def test_a_student_t_without_a_mean_is_not_proved() -> None:
    assert decided(made("StudentT(a, x[t-1], 1)", RISES, {"a": "Gamma(2, 1)"}), Budget(boxes=50)).verdict == "undecided"
    assert decided(made("StudentT(1 + a, x[t-1], 1)", RISES, {"a": "Gamma(2, 1)"})).verdict == "undecided"
    assert decided(made("StudentT(1.5 + a, x[t-1], 1)", RISES, {"a": "Gamma(2, 1)"})).verdict == "proved"
    assert decided(made("StudentT(0.5, x[t-1], 1)", "mean(y[t]) >= 0", {})).verdict == "undecided"


def test_points_of_whole_numbers_are_whole() -> None:
    law, support = "x[t-1] + 3 * abs(x[t-1] - 2.5)", {"kind": "integer", "lower": 0, "upper": 6}
    world = small_world({"y": law, "x": "Binomial(6, 0.5)"}, {"y": [RISES]}, supports={"x": support})
    assert decided(world).verdict == "refuted"
    points = decided(world).counterexample
    assert points is not None
    assert all(float(point["x[t-1]"]).is_integer() for point in points.facts["points"])


def test_unbounded_supports() -> None:
    free = {"y": "Normal(0.9 * y[t-1] + x[t-1], 1)", "x": "Normal(0, 1)"}
    assert decided(small_world(free, {"y": [RISES]})).verdict == "proved"
    wild = {"y": "y[t-1] / x[t-1]", "x": "Normal(0, 1)"}
    assert decided(small_world(wild, {"y": [RISES]})).verdict == "refuted"


def test_what_falls_on_either_side_of_a_pole_does_not_fall() -> None:
    for law in ("x[t-1] ^ -1", "1 / x[t-1]"):
        assert decided(one_law(law, FALLS, -1, 1)).verdict == "refuted"
        assert decided(one_law(law, FALLS, 0.001, 1)).verdict == "proved"


def test_a_prior_that_overflows_hides_no_counterexample() -> None:
    """Half of its draws are infinite, which are no numbers that a law can be given."""
    assert decided(made("Normal(-x[t-1], 1 + a)", RISES, {"a": "LogNormal(709, 2)"})).verdict == "refuted"


def test_every_law_that_may_hold_counts_for_a_claim_of_another_mechanism() -> None:
    laws = {"y.one": "Normal(x[t-1], 1)", "y.two": "Normal(-x[t-1], 1)", "x": "Uniform(0, 1)"}
    supports = {"x": between(0, 1)}
    claims = {"x": ["increasing(mean(y[t]), x[t-1])"], "one": ["increasing(mean(y[t]), x[t-1])"]}
    rivals = {"y": {"one": 0.5, "two": 0.5}}
    world = small_world(laws, claims, supports=supports, rivals=rivals)
    assert [decided(world, place=place).verdict for place in (0, 1)] == ["proved", "refuted"]
    alone = small_world(laws, claims, supports=supports, rivals={"y": {"one": 1.0, "two": 0.0}})
    assert decided(alone, place=1).verdict == "proved"


def test_decisions_are_the_same_bytes_again() -> None:
    for law, claim, priors in (PROVED[4], REFUTED[0], REFUTED[2]):
        first, second = (decided(made(law, claim, priors)).to_json() for _ in range(2))
        assert json.dumps(first) == json.dumps(second)


def test_a_budget_ends_the_search() -> None:
    law = "x[t-1] ^ 2 - x[t-1] ^ 3 / 4"
    assert decided(made(law, RISES, {})).verdict == "proved"
    assert decided(made(law, RISES, {}), Budget(boxes=1)).verdict == "undecided"
    none = decided(made(law, RISES, {}), Budget(work=5))
    assert none.verdict == "undecided"
    assert "terms" in none.bound
