"""Claims about probabilities, effects and independence with known answers, and their counterexamples replayed."""

import json

import numpy as np
import pytest

from reviewer.claims.budget import Budget
from reviewer.claims.decision import Decision, decisions_digest
from reviewer.claims.replay import Replay, read_counterexample, replay
from tests.reviewer.claims.small_worlds import between, decided, small_world
from worldmodel.simulation.intervention import parse_interventions
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

COIN = {"y": "Bernoulli(0.3)"}
WHOLE = {"y": {"kind": "integer", "lower": 0, "upper": 1}}
POSTERIOR = {
    "order": ["p"],
    "parameters": {"p": {"scale": "logit", "mean": 0.0, "sd": 0.5, "grid": 0.25, "bits": 1.0}},
    "correlation": [[1.0]],
}


def coin(claim: str, steps: str = "within 1") -> World:
    return small_world(COIN, {"y": [claim.replace("$", steps)]}, supports=WHOLE)


def replayed(world: World, found: Decision) -> Replay:
    assert found.counterexample is not None
    return replay(world, read_counterexample(json.dumps(found.counterexample.to_json()).encode()))


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("P(y > 0 within 1) <= 0.33", "tested"),
        ("P(y > 0 within 1) <= 0.27", "refuted"),
        ("P(y > 0 within 1) <= 0.3", "undecided"),
        ("P(y > 0 within 1) >= 0.27", "tested"),
        ("P(y > 0 within 1) > 0.33", "refuted"),
        ("P(y > 0 within 3) >= 0.63", "tested"),  # 1 − 0.7³ = 0.657
        ("P(y < 1 throughout 3) < 0.32", "refuted"),  # 0.343
        ("P(y < 1 until y > 0 within 2) <= 0.56", "tested"),  # 0.51
        ("P(y > 2 within 3) <= 0", "undecided"),  # no sample shows that something never happens
    ],
)
def test_probabilities(claim: str, verdict: str) -> None:
    world = coin(claim)
    found = decided(world)
    assert found.verdict == verdict, found.bound
    assert "Clopper" in found.method
    assert "10000 trajectories with seed 0" in found.bound
    if verdict == "refuted":
        again = replayed(world, found)
        assert again.fails
        assert again.same
        assert any("glassworld simulate --horizon" in text for text in found.commands)


def test_trajectories_that_count_against_a_claim_do_so_alone() -> None:
    """Each one named is simulated by itself, from its number, and by the rule that the command names."""
    found = decided(coin("P(y > 0 within 2) <= 0.3"))
    assert found.counterexample is not None
    for number in found.counterexample.facts["against"]:
        one = simulate(coin("P(y > 0 within 2) <= 0.3"), None, 2, 1, seed=0, source="prior", first=number)
        assert (one.values["y"] > 0).any()


def test_a_claim_holds_of_what_is_known_after_data_and_the_priors_are_told_too() -> None:
    posterior = {**POSTERIOR, "parameters": {"p": {**POSTERIOR["parameters"]["p"], "mean": -4.0}}}  # type: ignore[index]
    claims = {"y": ["P(y > 0 within 1) <= 0.1"]}
    world = small_world({"y": "Bernoulli(p)"}, claims, {"y.p": "Beta(2, 2)"}, WHOLE, posteriors={"y": posterior})
    found = decided(world)
    assert found.verdict == "tested"
    assert found.bound.index("posterior:") < found.bound.index("prior:")
    before = small_world({"y": "Bernoulli(p)"}, claims, {"y.p": "Beta(2, 2)"}, WHOLE)
    assert decided(before).verdict == "refuted"


def test_a_claim_may_look_back_further_than_the_world_does() -> None:
    world = coin("P(y[t] + y[t-3] >= 2 within 1) <= 0.1")
    assert decided(world).verdict == "tested"  # y is 0 before step 1


def test_a_claim_of_a_rule_is_about_the_world_under_it() -> None:
    laws = {"y": "Normal(x[t], 0.1)", "x.low": "0", "x.high": "1"}
    claims = {"high": ["P(y > 0.5 within 1) >= 0.9"], "low": ["P(y > 0.5 within 1) <= 0.1"]}
    world = small_world(laws, claims, actions=["x"], supports={"x": between(0, 1)}, rivals={"x": {"low": 1.0}})
    assert [decided(world, place=place).verdict for place in (0, 1)] == ["tested", "tested"]


def test_a_budget_bounds_simulation() -> None:
    world = coin("P(y > 0 within 10000) >= 0.5")
    assert decided(world, Budget(steps=9_999)).verdict == "undecided"
    assert decided(world, Budget(values=1_000_000)).verdict == "undecided"
    few = decided(coin("P(y > 0 within 1) >= 0.1"), Budget(draws=500))
    assert "500 trajectories" in few.bound


CHAIN = {
    "y": "Normal(0.5 * y[t-1] + 2 * m[t], 1)",
    "m": "Normal(x[t-1], 0.5)",
    "x": "Uniform(0, 1)",
    "z": "Normal(0, 1)",
}
BOUNDED = {"x": between(0, 9), "y": between(-60, 60)}


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("effect(mean(y), do(x + 1), 1) >= 0", "proved"),  # m reads x one step later
        ("effect(mean(y), do(x + 1), 1) > 0", "refuted"),
        ("effect(mean(y), do(z + 1), 8) <= 0", "proved"),
        ("effect(mean(y), do(x + 1), 3) >= 2.5", "tested"),  # 2 + 1 = 3
        ("effect(mean(y), do(x + 1), 3) <= 2.5", "refuted"),
        ("effect(mean(y), do(x + 1), 3) <= 3", "undecided"),
        ("effect(mean(y), do(x - 0.5, 2, 2), 4) <= 0", "tested"),  # −0.5
        ("effect(mean(y), do(m == 0), 2) < 0", "tested"),
        ("effect(quantile(y, 0.5), do(x + 1), 3) >= 2.99", "tested"),
        ("effect(quantile(y, 0.5), do(x + 1), 3) <= 2.99", "refuted"),
        ("effect(quantile(m, 0.2), do(x == 0), 3) < 0", "tested"),  # between −1 and 0
        ("effect(quantile(m, 0.2), do(x == 0), 3) < -0.75", "tested"),
        ("effect(quantile(m, 0.2), do(x == 0), 3) < -0.85", "refuted"),
        ("effect(mean(m), do(x * 2), 3) > 0", "undecided"),  # the support of m has no end
        ("effect(quantile(m, 0.5), do(x * 2), 3) > 0.4", "tested"),
    ],
)
def test_effects(claim: str, verdict: str) -> None:
    world = small_world(CHAIN, {"y": [claim]}, supports=BOUNDED)
    found = decided(world)
    assert found.verdict == verdict, found.bound
    if verdict == "refuted":
        again = replayed(world, found)
        assert again.fails
        assert again.same


def test_an_effect_is_the_difference_that_an_intervention_makes() -> None:
    """The differences that are counted are those of two plain simulations."""
    world = small_world(CHAIN, {"y": ["effect(mean(y), do(x + 1), 3) <= 2.5"]}, supports=BOUNDED)
    found = decided(world)
    assert found.counterexample is not None
    facts = found.counterexample.facts
    assert facts["do"] == "x+=1@1.."
    draws = facts["trajectories"]
    runs = [
        simulate(world, None, 3, draws, seed=0, source="prior", interventions=edits)
        for edits in (parse_interventions(world, ["x+=1@1.."]), ())
    ]
    made = runs[0].values["y"][:, 0, -1] - runs[1].values["y"][:, 0, -1]
    assert float(np.mean(made.numpy())) == pytest.approx(facts["mean"], rel=1e-12)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("independent(y[t], z[t])", "proved"),
        ("independent(x[t-1], z[t] given y[t])", "proved"),
        ("independent(y[t], x[t-1] given m[t], y[t-1])", "proved"),
        ("independent(y[t], x[t-1] given m[t])", "proved"),
        ("independent(y[t], x[t-1])", "refuted"),
        ("independent(y[t], y[t-1] given m[t])", "refuted"),
        ("independent(x[t-1], y[t-1] given y[t])", "refuted"),  # a common effect
        ("independent(y[t], y[t])", "undecided"),
    ],
)
def test_independence(claim: str, verdict: str) -> None:
    world = small_world(CHAIN, {"y": [claim]})
    found = decided(world)
    assert found.verdict == verdict, found.bound
    if verdict == "refuted":
        again = replayed(world, found)
        assert again.fails
        assert again.same
        assert found.commands[0].startswith("glassworld ask separated")


def test_an_open_path_shows_nothing_where_the_graph_has_changed() -> None:
    claim = {"y": ["independent(y[t], x[t-1])"]}
    broken = decided(small_world(CHAIN, claim))
    assert broken.counterexample is not None
    mended = small_world({**CHAIN, "m": "Normal(0, 0.5)"}, claim)
    assert not replay(mended, broken.counterexample).fails
    assert decided(mended).verdict == "proved"


def test_simulated_decisions_are_the_same_bytes_again() -> None:
    world = small_world(CHAIN, {"y": ["P(y > 3 within 4) <= 0.01", "effect(mean(y), do(x + 1), 3) <= 2.5"]})
    first, second = ([decided(world, place=place) for place in (0, 1)] for _ in range(2))
    assert [one.to_json() for one in first] == [one.to_json() for one in second]
    assert decisions_digest(first) == decisions_digest(second)
    assert decisions_digest(first) != decisions_digest(first[:1])
