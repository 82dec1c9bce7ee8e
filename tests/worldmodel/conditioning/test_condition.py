"""Which method answers, that exact answers are exact, and that estimated ones agree with them or say that they fail."""

import itertools
import math

import numpy as np
import pyro
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyro.infer import MCMC, NUTS
from scipy import stats

from worldmodel.build import build_world
from worldmodel.conditioning.condition import condition
from worldmodel.conditioning.evidence import evidence_of_series
from worldmodel.errors import InputError, RefusedError
from worldmodel.readings.pyro_model import to_pyro
from worldmodel.simulation.intervention import parse_intervention

CHEST = {
    "smoke": "Categorical(0.7, 0.3)",
    "cancer": "Categorical(if smoke == yes then 0.8 else 0.99, if smoke == yes then 0.2 else 0.01)",
    "xray": "Bernoulli(if cancer == yes then 0.9 else 0.1)",
}
NAMED = {"smoke": "no yes", "cancer": "no yes", "xray": {"kind": "integer", "lower": 0, "upper": 1}}


def without_exact(monkeypatch):
    monkeypatch.setattr("worldmodel.conditioning.condition.EXACT_METHODS", ())


def test_a_static_network_by_hand(small):
    found = condition(small(CHEST, NAMED), {("xray", 1): 1.0}, ["cancer", "smoke"])
    joint = {(s, c): p * q * r for s, p in ((0, 0.7), (1, 0.3)) for c, q, r in (
        (0, 0.8 if s else 0.99, 0.1), (1, 0.2 if s else 0.01, 0.9))}  # fmt: skip
    total = sum(joint.values())
    assert (found.method, found.exact, found.trusted) == ("elimination", True, True)
    assert found.of("cancer").of("yes") == pytest.approx((joint[0, 1] + joint[1, 1]) / total, rel=1e-13)
    assert found.of("smoke").of("yes") == pytest.approx((joint[1, 0] + joint[1, 1]) / total, rel=1e-13)
    assert found.log_evidence == pytest.approx(math.log(total), rel=1e-13)


def test_names_numbers_and_interventions(small):
    world = small(CHEST, NAMED)
    by_name = condition(world, {("smoke", 1): "yes"}, ["cancer", "smoke"])
    assert by_name.marginals == condition(world, {("smoke", 1): 1.0}, ["cancer", "smoke"]).marginals
    assert by_name.of("cancer").of("yes") == pytest.approx(0.2)
    assert by_name.of("smoke").of("yes") == 1.0
    done = condition(world, {("cancer", 1): "yes"}, ["smoke"], interventions=[parse_intervention("cancer=1")])
    assert done.of("smoke").of("yes") == pytest.approx(0.3)  # what is set says nothing about its cause
    seen = condition(world, {("cancer", 1): "yes"}, ["smoke"])
    assert seen.of("smoke").of("yes") == pytest.approx(0.06 / 0.067)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_finite_worlds_equal_the_sum_over_all_their_states(small, seed):
    generator = np.random.default_rng(seed)
    count = int(generator.integers(2, 5))
    tables, laws = [], {}
    for place in range(count):
        reads = [other for other in range(place) if generator.uniform() < 0.6][:2]
        table = generator.dirichlet(np.ones(2), size=2 ** len(reads)).round(3).reshape([2] * len(reads) + [2])
        tables.append((reads, table))
        laws[f"v{place}"] = f"Bernoulli({_branches(table[..., 1], [f'v{other}' for other in reads])})"
    built = small(laws, {name: {"kind": "integer", "lower": 0, "upper": 1} for name in laws})
    seen = int(generator.integers(count))
    weights = np.zeros([2] * count)
    for state in itertools.product((0, 1), repeat=count):
        chance = [t[tuple(state[r] for r in reads)][1] for reads, t in tables]
        weights[state] = math.prod(p if v else 1 - p for p, v in zip(chance, state, strict=True))
    total = weights.take(1, axis=seen).sum()
    if total == 0:
        return
    found = condition(built, {(f"v{seen}", 1): 1.0}, list(laws))
    assert found.log_evidence == pytest.approx(math.log(total), abs=1e-12)
    for place in range(count):
        if place != seen:
            both = weights.sum(axis=tuple(a for a in range(count) if a not in (place, seen)))
            expected = (both[1, 1] if place < seen else both.T[1, 1]) / total
            assert found.of(f"v{place}").of("1") == pytest.approx(expected, abs=1e-12)


def _branches(table, names):
    if not names:
        return f"{float(table):.3f}"
    low, high = (_branches(part, names[1:]) for part in table)
    return f"(if {names[0]} > 0 then {high} else {low})"


def test_a_hidden_chain_with_real_measurements_equals_forward_and_backward(small):
    world = small(
        {"z": "Categorical(if z[t-1] == a then 0.9 else 0.2, if z[t-1] == a then 0.1 else 0.8)",
         "y": "Normal(if z[t] == a then -1 else 2, 0.5)"},
        {"z": "a b"}, step="day", initial={"z": ["a"]},
    )  # fmt: skip
    data = [-1.2, 0.4, 1.9, 2.2, -0.7, 30.0, -1.0]
    found = condition(world, evidence_of_series({"y": data}), ["z"])
    moves = np.array([[0.9, 0.1], [0.2, 0.8]])
    likely = np.array([stats.norm.logpdf(y, [-1, 2], 0.5) for y in data])
    forward, logs = np.array([0.0, -np.inf]), []
    for row in likely:
        forward = np.logaddexp.reduce(forward[:, None] + np.log(moves), axis=0) + row
        logs.append(forward)
    back = np.zeros(2)
    assert found.method == "elimination"
    assert found.log_evidence == pytest.approx(np.logaddexp.reduce(forward), rel=1e-12)
    for step in range(len(data), 0, -1):
        both = logs[step - 1] + back
        expected = np.exp(both - np.logaddexp.reduce(both))
        assert found.of("z", step).probabilities == pytest.approx(tuple(expected), abs=1e-12)
        back = np.logaddexp.reduce(np.log(moves) + likely[step - 1] + back, axis=1)


def test_counters_and_sums_of_finite_values_are_finite(small):
    world = small(
        {"heads": "Bernoulli(0.5)", "total": "Delta(total[t-1] + heads[t])"},
        {"heads": {"kind": "integer", "lower": 0, "upper": 1}, "total": {"kind": "integer", "lower": 0}}, step="day",
    )  # fmt: skip
    found = condition(world, {("total", 10): 7.0}, [("total", 4), ("heads", 10)])
    assert found.exact
    assert found.log_evidence == pytest.approx(stats.binom(10, 0.5).logpmf(7), rel=1e-12)
    assert found.of("total", 4).of("3") == pytest.approx(stats.hypergeom(10, 7, 4).pmf(3), rel=1e-12)
    assert found.of("heads", 10).of("1") == pytest.approx(0.7, rel=1e-12)


def test_a_walk_with_measurements_equals_the_joint_gaussian(small):
    world = small({"x": "Normal(0.8 * x[t-1] + 0.1, 1)", "y": "Normal(2 * x[t] - x[t-1], 0.5)"}, step="day",
                  initial={"x": ["Normal(1, 2)"]})  # fmt: skip
    data = [0.3, math.nan, 2.0, math.nan]
    found = condition(world, evidence_of_series({"y": data}), ["x", "y"], horizon=5)
    loading = np.zeros((6, 6))  # x0 … x5 of x0's noise and five more
    loading[0, 0], mean = 2.0, [1.0]
    for t in range(1, 6):
        loading[t] = 0.8 * loading[t - 1]
        loading[t, t], value = 1.0, 0.8 * mean[-1] + 0.1
        mean.append(value)
    design = np.zeros((2, 6))
    design[0, [1, 0]], design[1, [3, 2]] = (2, -1), (2, -1)
    covariance, mean = loading @ loading.T, np.array(mean)
    total = design @ covariance @ design.T + 0.25 * np.eye(2)
    apart = np.array([0.3, 2.0]) - design @ mean
    gain = np.linalg.solve(total, design @ covariance).T
    after, spread = mean + gain @ apart, covariance - gain @ design @ covariance
    assert (found.method, found.exact) == ("kalman", True)
    assert found.log_evidence == pytest.approx(stats.multivariate_normal([0, 0], total).logpdf(apart), rel=1e-10)
    for t in range(1, 6):
        assert found.of("x", t).mean == pytest.approx(after[t], abs=1e-10)
        assert found.of("x", t).sd == pytest.approx(math.sqrt(spread[t, t]), abs=1e-10)
    row = np.array([0, 0, 0, 0, -1, 2.0])
    assert found.of("y", 5).mean == pytest.approx(row @ after, abs=1e-10)
    assert found.of("y", 5).sd == pytest.approx(math.sqrt(row @ spread @ row + 0.25), abs=1e-10)
    assert found.of("y", 5).quantiles[2] == pytest.approx(found.of("y", 5).mean, abs=1e-9)
    assert found.of("y", 1).mean == 0.3


def test_a_static_linear_world_with_a_hidden_class_is_a_mixture(small):
    world = small({"kind": "Categorical(0.6, 0.4)", "size": "Normal(if kind == small then 1 else 3, 1)",
                   "seen": "Normal(size, 0.5)", "twice": "Delta(2 * size)"}, {"kind": "small large"})  # fmt: skip
    found = condition(world, {("seen", 1): 2.2}, ["kind", "size", "twice"])
    scale = math.sqrt(1.25)
    parts = np.array([0.6, 0.4]) * stats.norm([1, 3], scale).pdf(2.2)
    shares, means = parts / parts.sum(), np.array([1, 3]) + 0.8 * (2.2 - np.array([1, 3]))
    assert (found.method, found.exact) == ("kalman", True)
    assert found.of("kind").of("large") == pytest.approx(shares[1], rel=1e-12)
    assert found.log_evidence == pytest.approx(math.log(parts.sum()), rel=1e-12)
    mean = shares @ means
    assert found.of("size").mean == pytest.approx(mean, rel=1e-12)
    assert found.of("size").sd == pytest.approx(math.sqrt(shares @ (0.2 + (means - mean) ** 2)), rel=1e-12)
    low = found.of("size").quantiles[0]
    assert shares @ stats.norm(means, math.sqrt(0.2)).cdf(low) == pytest.approx(0.05, abs=1e-9)
    assert found.of("twice").sd == pytest.approx(2 * found.of("size").sd, rel=1e-12)


def test_identities_that_are_measured_agree_or_are_impossible(small):
    world = small({"a": "Normal(0, 1)", "b": "Normal(a, 1)", "c": "Delta(a + b)"})
    known = {("b", 1): 1.0, ("c", 1): 1.5}
    found = condition(world, known, ["a"])
    assert (found.of("a").mean, found.of("a").sd) == (pytest.approx(0.5), pytest.approx(0, abs=1e-7))
    with pytest.raises(InputError, match="impossible-evidence"):
        condition(world, {**known, ("a", 1): 0.7}, ["a"])


def test_rivals_are_weighed_by_how_well_they_predict(small):
    world = small({"y.calm": "Normal(0, 1)", "y.wild": "Normal(0, 3)"}, step="day",
                  rivals={"y": {"calm": 0.5, "wild": 0.5}})  # fmt: skip
    found = condition(world, {("y", 1): 3.0}, [("y", 2)])
    share = stats.norm(0, 3).pdf(3) / (stats.norm(0, 3).pdf(3) + stats.norm(0, 1).pdf(3))
    assert found.exact
    assert found.of("y", 2).sd == pytest.approx(math.sqrt(share * 9 + 1 - share), rel=1e-12)


def test_uncertain_parameters_are_averaged_over_and_it_says_so(small):
    world = small({"coin": "Bernoulli(p)", "again": "Bernoulli(0.3)"}, {n: {"kind": "integer", "lower": 0, "upper": 1}
                  for n in ("coin", "again")}, step="day", parameters={"coin.p": "Beta(1, 1)"})  # fmt: skip
    found = condition(world, {("coin", step): 1.0 for step in (1, 2, 3)}, [("coin", 4), ("again", 1)])
    assert (found.method, found.exact, found.trusted) == ("elimination", False, True)
    assert "draws of 1 parameter" in found.why
    assert found.of("coin", 4).of("1") == pytest.approx(0.8, abs=0.02)
    assert found.log_evidence == pytest.approx(math.log(0.25), abs=0.08)
    assert found.of("again", 1).of("1") == pytest.approx(0.3, rel=1e-12)


def test_parameters_that_prior_draws_do_not_reach_are_inferred_by_the_exact_likelihood(small):
    world = small({"x": "Normal(m, 0.1)"}, step="day", parameters={"x.m": "Normal(0, 30)"})
    data = [7.1, 6.9, 7.05, 6.95] * 4
    found = condition(world, evidence_of_series({"x": data}), [("x", 20)], draws=500)
    assert (found.method, found.exact, found.trusted) == ("kalman", False, True), found.why
    assert "posterior by newton-psis" in found.why
    precision = 16 / 0.01 + 1 / 900
    mean = sum(data) / 0.01 / precision
    assert found.of("x", 20).mean == pytest.approx(mean, abs=0.01)
    assert found.of("x", 20).sd == pytest.approx(math.sqrt(0.01 + 1 / precision), rel=0.05)
    joint = stats.multivariate_normal(np.zeros(16), 900 * np.ones((16, 16)) + 0.01 * np.eye(16))
    assert found.log_evidence == pytest.approx(joint.logpdf(data), abs=0.1)


def test_sampled_answers_agree_with_exact_ones(small, monkeypatch):
    finite = small(CHEST, NAMED)
    linear = small({"x": "Normal(0.8 * x[t-1], 1)", "y": "Normal(x[t], 0.5)"}, step="day")
    questions = [
        (finite, {("xray", 1): 1.0}, [("cancer", 1)]),
        (linear, {("y", 1): 0.4, ("y", 2): -0.3}, [("x", 1), ("x", 3)]),
    ]
    exact = [condition(*question) for question in questions]
    without_exact(monkeypatch)
    sampled = [condition(*question, draws=20_000) for question in questions]
    assert [answer.method for answer in sampled] == ["importance", "importance"]
    assert sampled[0].of("cancer").of("yes") == pytest.approx(exact[0].of("cancer").of("yes"), abs=0.02)
    for step in (1, 3):
        assert sampled[1].of("x", step).mean == pytest.approx(exact[1].of("x", step).mean, abs=0.05)
        assert sampled[1].of("x", step).sd == pytest.approx(exact[1].of("x", step).sd, abs=0.05)
    for one, other in zip(exact, sampled, strict=True):
        assert one.log_evidence == pytest.approx(other.log_evidence, abs=0.05)


def test_noise_is_inferred_where_trajectories_do_not_suffice(small, monkeypatch):
    # Seven standard deviations away: no prior draw comes near; a hidden class is summed out.
    laws = {"kind": "Categorical(0.5, 0.5)", "x": "Normal(if kind == a then 0 else 1, 1)", "y": "Normal(x, 0.05)"}
    world = small(laws, {"kind": "a b"})
    question = ({("y", 1): 8.0}, ["x", "kind"])
    exact = condition(world, *question)
    without_exact(monkeypatch)
    found = condition(world, *question, draws=1000)
    assert (found.method, found.trusted) == ("noise-posterior", True), found.why
    assert "newton-psis over 1 unknown numbers, with 2 joint values" in found.why
    assert found.of("x").mean == pytest.approx(exact.of("x").mean, abs=0.01)
    assert found.of("x").sd == pytest.approx(exact.of("x").sd, rel=0.1)
    assert found.of("kind").of("a") == pytest.approx(exact.of("kind").of("a"), abs=0.02)
    assert found.log_evidence == pytest.approx(exact.log_evidence, abs=0.1)


def test_an_answer_that_fails_its_diagnosis_says_so(small):
    laws = {f"x{place}": "StudentT(3, 0, 1)" for place in range(70)}
    laws["y"] = "Normal(" + " + ".join(list(laws)) + ", 0.001)"
    found = condition(small(laws), {("y", 1): 60.0}, ["x0"], draws=500)
    assert not found.trusted
    assert not found.exact
    assert "70 unknown numbers are more than" in found.why


def test_nothing_but_an_exact_answer_where_that_is_asked_for(small):
    world = small({"x": "StudentT(3, 0, 1)", "y": "Normal(x, 1)"})
    with pytest.raises(RefusedError, match="no-exact-method: condition: x at step 1 is drawn from StudentT"):
        condition(world, {("y", 1): 1.0}, ["x"], exactly=True)
    assert condition(world, {("x", 1): 1.0}, ["y"], exactly=True).of("y").mean == 1.0


def test_a_filter_that_would_ignore_a_support_is_not_used(small):
    near = small({"x": "Normal(1, 1)", "y": "Normal(x, 1)"}, {"x": {"kind": "real", "lower": 0}})
    found = condition(near, {("y", 1): 0.5}, ["x"], draws=20_000)
    assert found.method == "importance"
    assert "outside their supports with probability 0.14" in found.why
    cut = stats.truncnorm((0 - 0.75) / math.sqrt(0.5), math.inf, 0.75, math.sqrt(0.5))
    assert found.of("x").mean == pytest.approx(cut.mean(), abs=0.02)
    far = small({"x": "Normal(100, 1)", "y": "Normal(x, 1)"}, {"x": {"kind": "real", "lower": 0}})
    assert condition(far, {("y", 1): 100.5}, ["x"]).exact


def test_known_values_may_have_any_law_and_enter_others_in_any_way(small):
    laws = {"x": "StudentT(3, 0.5 * x[t-1], 1)", "z": "Normal(z[t-1] * x[t], 1)", "y": "Normal(z[t] + x[t]^2, 1)"}
    world = small(laws, step="day")
    found = condition(world, {("x", 1): 2.0, ("x", 2): -1.0, ("y", 1): 5.0, ("y", 2): 0.3}, ["z"])
    assert found.exact
    mean, variance = np.zeros(1), 0.0
    for x, y in ((2.0, 5.0), (-1.0, 0.3)):
        mean, variance = mean * x, variance * x * x + 1
        gain = variance / (variance + 1)
        mean, variance = mean + gain * (y - x * x - mean), variance * (1 - gain)
    assert found.of("z", 2).mean == pytest.approx(float(mean[0]), rel=1e-12)
    assert found.of("z", 2).sd == pytest.approx(math.sqrt(variance), rel=1e-12)


def test_actions_need_a_rule_or_a_value(small):
    world = small({"x": "Normal(x[t-1] + a[t], 1)"}, step="day", roles={"a": "action"})
    found = condition(world, {("a", 1): 2.0}, [("x", 1)])
    assert (found.of("x", 1).mean, found.log_evidence) == (2.0, 0.0)
    with pytest.raises(InputError, match="no-rule"):
        condition(world, {("a", 1): 2.0}, [("x", 2)])


def test_everything_wrong_is_said_at_once(small):
    world = small(CHEST, NAMED)
    with pytest.raises(InputError) as caught:
        condition(world, {("smoke", 1): "maybe", ("age", 1): 3.0, ("cancer", 2): "yes"}, ["xray"])
    assert {problem.code for problem in caught.value.problems} == {
        "evidence-outside-support", "unknown-name", "no-such-step",
    }  # fmt: skip
    with pytest.raises(InputError, match="malformed-evidence"):
        condition(world, {}, [])
    with pytest.raises(RefusedError, match="evidence-not-reached"):
        condition(small({"x": "StudentT(3, 0, 1)", "y": "Delta(x * x)"}), {("y", 1): -1.0}, ["x"])


def test_equal_questions_have_equal_answers(small):
    world = small({"x": "Normal(m, 1)"}, step="day", parameters={"x.m": "Normal(0, 3)"})
    first, second = (condition(world, {("x", 1): 1.0}, [("x", 2)], seed=5) for _ in range(2))
    assert first == second
    assert condition(world, {("x", 1): 1.0}, [("x", 2)], seed=6) != first


def test_families_tables_and_rivals_of_families():
    variable = {"format": 1, "title": "x", "meaning": "x", "unit": "1", "role": "state"}
    mechanism = {"format": 1, "title": "x"}
    low, high = (f"Normal(if state[region, t] == ill then {mean} else 0, 1)" for mean in (1, 5))
    family = {**variable, "over": ["region"]}
    sick = {"kind": "finite", "values": ["well", "ill"]}
    world = build_world(
        {
            "world.toml": {
                "format": 1, "language": 1, "name": "small", "summary": "small", "step": "day",
                "indices": {"region": ["north", "south"]}, "rivals": {"level": {"low": 0.5, "high": 0.5}},
            },
            "variables/state.toml": {**family, "id": "state", "support": sick, "initial": ["well"]},
            "variables/level.toml": {
                **family, "id": "level", "support": {"kind": "real"}, "initial": ["Delta(0)"],
            },
            "mechanisms/state.toml": {
                **mechanism, "id": "state", "assigns": "state", "law": "Categorical(chance[state[region, t-1]])",
                "tables": {"chance": {"by": ["state"], "rows": {"well": [0.8, 0.2], "ill": [0.1, 0.9]}, "why": "test"}},
            },
            "mechanisms/low.toml": {
                **mechanism, "id": "low", "assigns": "level", "law": low,
            },
            "mechanisms/high.toml": {
                **mechanism, "id": "high", "assigns": "level", "law": high,
            },
        }
    )  # fmt: skip
    found = condition(world, {("level[north]", 1): 5.0, ("state[south]", 1): "ill"}, ["state[north]"], horizon=1)
    ill, well = (sum(0.5 * stats.norm(m, 1).pdf(5) for m in means) for means in ((1, 5), (0, 0)))
    assert found.method == "elimination"
    assert found.of("state[north]").of("ill") == pytest.approx(0.2 * ill / (0.2 * ill + 0.8 * well), rel=1e-12)
    # What one element's level says of the rival counts for the other's: a rival is a view of the whole mechanism.
    other = condition(world, {("level[north]", 1): 5.0, ("state[south]", 1): "ill"}, [("level[south]", 1)])
    share = (0.2 * stats.norm(5, 1).pdf(5) + 0.8 * stats.norm(0, 1).pdf(5)) / (0.2 * ill * 2 + 0.8 * well * 2)
    assert other.method == "kalman"
    assert other.of("level[south]").mean == pytest.approx(share * 5 + (1 - share), rel=1e-12)


def test_heavy_tails_equal_quadrature(small):
    world = small({"x": "StudentT(4, 0, 1)", "y": "Normal(x, 0.0005)"})
    found = condition(world, {("y", 1): 3.5}, ["x"], draws=1000)
    assert (found.method, found.trusted) == ("noise-posterior", True), found.why
    points = np.linspace(3.495, 3.505, 20_001)
    density = stats.t(4).pdf(points) * stats.norm(points, 0.0005).pdf(3.5)
    total = np.trapezoid(density, points)
    mean = np.trapezoid(points * density, points) / total
    assert found.log_evidence == pytest.approx(math.log(total), abs=0.1)
    assert found.of("x").mean == pytest.approx(mean, abs=5e-5)
    assert found.of("x").sd == pytest.approx(0.0005, rel=0.1)


@pytest.mark.stress
def test_pyros_own_sampler_on_the_pyro_model_agrees(small):
    world = small({"x": "StudentT(4, a, 1)", "y": "Normal(x, 0.3)"}, parameters={"x.a": "Normal(0, 1)"})
    found = condition(world, {("y", 1): 2.5}, ["x"], draws=20_000)
    known = {"y_1": torch.full((1, 1), 2.5, dtype=torch.float64)}
    with pyro.util.ignore_jit_warnings(), torch.random.fork_rng():
        pyro.set_rng_seed(1)
        kernel = NUTS(pyro.condition(to_pyro(world, 1), known))
        sampler = MCMC(kernel, num_samples=2000, warmup_steps=500, disable_progbar=True)
        sampler.run()
    draws = sampler.get_samples()["x_1"].flatten()
    assert found.of("x").mean == pytest.approx(float(draws.mean()), abs=0.05)
    assert found.of("x").sd == pytest.approx(float(draws.std()), rel=0.1)
