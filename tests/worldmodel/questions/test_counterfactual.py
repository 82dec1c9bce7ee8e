"""Counterfactuals against closed forms, and the law that no edit gives back the record, bit for bit."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worldmodel.surface_worlds import SPRINKLER, world_from
from worldmodel import templates
from worldmodel.build import load_world
from worldmodel.errors import InputError
from worldmodel.grounding.ground import ground
from worldmodel.language.parser import parse_law
from worldmodel.questions.counterfactual import counterfactual, importance
from worldmodel.questions.factual import Factual
from worldmodel.readings.torch_law import is_discrete
from worldmodel.simulation.draws import draw_parameters
from worldmodel.simulation.intervention import parse_interventions
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.world import World

MakeWorld = Callable[..., World]


def record(run: Trajectories, names: "list[str] | None" = None, draw: int = 0) -> Factual:
    """One trajectory as if it had been observed, starts included."""
    values = {}
    for name in names or run.values:
        values[name] = {step + 1: value for step, value in enumerate(run.values[name][draw, 0].tolist())}
        values[name] |= {-lag: past[draw, 0].item() for lag, past in enumerate(run.before[name])}
    return Factual(values, run.horizon)


LAWS = {
    "a": st.sampled_from(
        [
            "Normal(0.5 * a[t-1], 1)",
            "StudentT(3, a[t-1], 0.5)",
            "Poisson(2 + abs(a[t-1]))",
            "Gamma(2, 1 + abs(a[t-1]))",
            "Truncated(Normal(a[t-1], 1), -1, 30)",
            "Mixture(1, Normal(a[t-1], 1), 2, Normal(3, 0.1))",
        ]
    ),
    "b": st.sampled_from(
        [
            "a[t] + b[t-1]",
            "Bernoulli(logistic(a[t]))",
            "Categorical(0.2, 0.3, 0.5)",
            "LogNormal(tanh(a[t]), 0.4)",
            "ZeroInflated(0.4, Poisson(2))",
            "ZeroInflated(0.4, Gamma(2, 1))",
        ]
    ),
    "c": st.sampled_from(
        ["Uniform(a[t], a[t] + 3)", "NegativeBinomial(1 + abs(b[t]), 2)", "Beta(1 + abs(a[t]), 2)", "Exponential(2)"]
    ),
    "d": st.sampled_from(["Binomial(7, logistic(c[t] - b[t-2]))", "HalfNormal(1 + abs(c[t]))", "Normal(1e6, 1e-3)"]),
}


@settings(max_examples=25)
@given(laws=st.fixed_dictionaries(LAWS), seed=st.integers(0, 1000))
def test_without_an_edit_the_record_comes_back_bit_for_bit(
    world_of: MakeWorld, laws: dict[str, str], seed: int
) -> None:
    whole = {name for name, law in laws.items() if is_discrete(parse_law(law))}
    world = world_of(
        laws=laws,
        initial={} if "b" in whole else {"b": ["Delta(0)", "Normal(0, 1)"]},
        supports={name: {"kind": "integer"} for name in whole},
    )
    factual = record(simulate(world, None, 6, 1, seed=seed))
    answer = counterfactual(world, factual, draws=3, seed=seed + 1)
    assert bool(answer.alive.all())
    for name, series in answer.values.items():
        expected = torch.tensor([factual.values[name][step] for step in range(1, 7)], dtype=torch.float64)
        assert torch.equal(series, expected.expand(3, 1, 6)), name
        assert torch.equal(answer.factual[name], series)
    assert answer.effective_draws == pytest.approx(3)


@settings(max_examples=12)
@given(seed=st.integers(0, 1000), seen=st.sets(st.sampled_from("xy")))
def test_without_an_edit_the_twin_is_the_factual_world_whatever_was_seen(
    world_of: MakeWorld, seed: int, seen: set[str]
) -> None:
    world = world_of(
        laws={"x.one": "Normal(0.5 * x[t-1], s)", "x.two": "Normal(1, 1)", "y": "Poisson(exp(0.3 * x[t]))"},
        supports={"y": {"kind": "integer"}},
        parameters={"one.s": "HalfNormal(1)"},
        rivals={"x": {"one": 1.0, "two": 2.0}},
    )
    factual = record(simulate(world, None, 4, 1, seed=seed), sorted(seen))
    factual = Factual(factual.values, 4)
    answer = counterfactual(world, factual, draws=50, batch=2, seed=seed + 1)
    for name, series in answer.values.items():
        assert torch.equal(answer.factual[name], series)


def test_pearls_linear_example(world_of: MakeWorld) -> None:
    """Primer, section 4.2.3: encouragement X, homework H = 0.5 X + U, score Y = 0.7 X + 0.4 H + U; H doubled: 1.9."""
    world = world_of(
        laws={"x": "Normal(0, 1)", "h": "Normal(0.5 * x[t], 1)", "y": "Normal(0.7 * x[t] + 0.4 * h[t], 1)"}
    )
    factual = Factual({"x": {1: 0.5}, "h": {1: 1.0}, "y": {1: 1.5}}, 1)
    answer = counterfactual(world, factual, parse_interventions(world, ["h=2"]), draws=1)
    assert answer.values["y"].item() == pytest.approx(1.90)
    assert answer.grounds == {"x": {"inversion": 1}, "h": {"inversion": 1}, "y": {"inversion": 1}}
    assert answer.reliable


def test_a_dynamic_linear_model_in_closed_form(world_of: MakeWorld) -> None:
    """A shift of d at step 2 of an autoregression with slope r is r^k d later, whatever was observed."""
    world = world_of(laws={"x": "Normal(0.8 * x[t-1] + push[t], 0.3)", "push.none": "0"}, actions=["push"])
    factual = record(simulate(world, None, 8, 1, seed=5))
    answer = counterfactual(world, factual, parse_interventions(world, ["push=2@2"]), draws=2)
    difference = (answer.values["x"] - answer.factual["x"])[0, 0].tolist()
    assert difference == pytest.approx([0, *(2 * 0.8**k for k in range(7))])


def test_necessity_of_a_binary_cause_is_the_lower_bound_of_tian_and_pearl(world_of: MakeWorld) -> None:
    """P(y = 0 without x | x = 1, y = 1) = 1 − p0 / p1 under the coupling; the bounds are [that, (1 − p0) / p1]."""
    world = world_of(
        laws={"x": "Bernoulli(0.5)", "y": "Bernoulli(if x[t] == 1 then 0.8 else 0.3)"},
        supports={name: {"kind": "integer"} for name in "xy"},
    )
    factual = Factual({"x": {1: 1.0}, "y": {1: 1.0}}, 1)
    answer = counterfactual(world, factual, parse_interventions(world, ["x=0"]), draws=20_000)
    necessity = 1 - answer.mean(answer.values["y"]).item()
    lower, upper = 1 - 0.3 / 0.8, (1 - 0.3) / 0.8
    assert necessity == pytest.approx(lower, abs=4 * (lower * (1 - lower) / 20_000) ** 0.5)
    assert necessity <= upper
    assert answer.grounds["y"] == {"coupling": 1}


def test_what_was_not_observed_is_inferred_in_closed_form(world_of: MakeWorld) -> None:
    """Y = Z + U, both standard normal: given y, each has mean y / 2 and variance 1 / 2; so has Y, had Z been 0."""
    world = world_of(laws={"z": "Normal(0, 1)", "y": "Normal(z[t], 1)"})
    factual = Factual({"y": {1: 2.0}}, 1)
    answer = counterfactual(world, factual, parse_interventions(world, ["z=0"]), draws=20_000, seed=3)
    assert answer.grounds == {"z": {"inference": 1}, "y": {"inference": 1}}
    assert answer.reliable
    error = 4 * (0.5 / answer.effective_draws) ** 0.5
    assert answer.mean(answer.factual["z"]).item() == pytest.approx(1.0, abs=error)
    assert answer.mean(answer.values["y"]).item() == pytest.approx(1.0, abs=error)
    quantiles = answer.quantiles(answer.values["y"], [0.16, 0.5, 0.84]).flatten().tolist()
    assert quantiles == pytest.approx([1 - 0.703, 1.0, 1 + 0.703], abs=0.06)


def test_parameters_learn_unless_they_are_kept(world_of: MakeWorld) -> None:
    """x ~ Normal(m, 1) with m ~ Normal(0, 1), seen once at 2: m has mean 1 after, and 0 where it is kept."""
    world = world_of(laws={"x": "Normal(m, 1)", "y": "m"}, parameters={"x.m": "Normal(0, 1)", "y.m": "Normal(0, 1)"})
    factual = Factual({"x": {1: 2.0}}, 1)
    edit = parse_interventions(world, ["x~Normal(m, 1)", "x+=1"])
    learned = counterfactual(world, factual, edit, draws=20_000, seed=2)
    kept = counterfactual(world, factual, edit, draws=20_000, seed=2, keep_parameters=True)
    assert learned.effective_draws < kept.effective_draws == pytest.approx(20_000)
    assert learned.mean(learned.values["x"]).item() == pytest.approx(3.0)
    assert kept.reliable


def test_a_rule_reacts_where_it_is_named_and_actions_stay_where_none_is(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(x[t-1] - rate[t], 1)", "rate.rule": "0.5 * x[t-1]"}, actions=["rate"])
    factual = record(simulate(world, None, 4, 1, seed=1))
    edit = parse_interventions(world, ["x+=1@1"])
    still = counterfactual(world, factual, edit, draws=1)
    reacting = counterfactual(world, factual, edit, draws=1, rule=["rule"])
    assert (still.values["x"] - still.factual["x"]).flatten().tolist() == pytest.approx([1, 1, 1, 1])
    assert (reacting.values["x"] - reacting.factual["x"]).flatten().tolist() == pytest.approx([1, 0.5, 0.25, 0.125])
    assert "rate" not in still.grounds
    assert reacting.grounds["rate"] == {"no noise": 4}


def test_another_law_takes_the_noise_that_was_inferred(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(0, 1)"})
    factual = Factual({"x": {1: 1.5, 2: -1.0}}, 2)
    answer = counterfactual(world, factual, parse_interventions(world, ["x~Normal(10, 2)@2"]), draws=1)
    assert answer.values["x"].flatten().tolist() == pytest.approx([1.5, 8.0])


def test_the_twin_may_fail(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(x[t-1], 1)"}, supports={"x": {"kind": "real", "lower": 0.0}})
    factual = Factual({"x": {0: 1.0, 1: 2.0, 2: 1.0, 3: 3.0}}, 3)
    answer = counterfactual(world, factual, parse_interventions(world, ["x-=1.5@2"]), draws=1)
    assert answer.alive.flatten().tolist() == [True, False, False]
    assert answer.values["x"].flatten().tolist() == [2.0, 2.0, 2.0]


def test_what_cannot_have_happened_is_refused(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "1", "n": "Poisson(1)"}, supports={"n": {"kind": "integer"}})
    with pytest.raises(InputError, match="impossible-evidence"):
        counterfactual(world, Factual({"x": {1: 2.0}}, 1), draws=5)
    with pytest.raises(InputError, match="data-outside-support"):
        counterfactual(world, Factual({"n": {1: 0.5}}, 1), draws=5)
    with pytest.raises(InputError, match="unknown-name"):
        counterfactual(world, Factual({"q": {1: 0.5}}, 1), draws=5)


def test_weights_that_a_few_trajectories_carry_are_not_reliable(world_of: MakeWorld) -> None:
    world = world_of(laws={"z": "Normal(z[t-1], 1)", "y": "Normal(z[t], 0.01)"})
    factual = Factual({"y": dict.fromkeys(range(1, 21), 5.0)}, 20)
    answer = counterfactual(world, factual, parse_interventions(world, ["z=0@3"]), draws=500)
    assert not answer.reliable
    weights, k_hat, _ = importance(torch.tensor([[0.0, 1.0], [-torch.inf, -torch.inf]], dtype=torch.float64), True)
    assert k_hat == torch.inf
    assert weights.sum().item() == pytest.approx(1)


def test_one_trajectory_a_draw_infers_nothing_and_many_do(world_of: MakeWorld) -> None:
    """With parameters kept, noise is weighed within each of their draws: by hand Z has mean y s² / (1 + s²)."""
    world = world_of(laws={"z": "Normal(0, s)", "y": "Normal(z[t], 1)"}, parameters={"z.s": "Uniform(0.5, 1.5)"})
    factual = Factual({"y": {1: 2.0}}, 1)
    single = counterfactual(world, factual, draws=2000, keep_parameters=True)
    assert not single.reliable
    many = counterfactual(world, factual, draws=40, batch=500, keep_parameters=True)
    assert many.reliable
    squares = draw_parameters(world, 0, 40, noise=Noise(0))["z.s"] ** 2
    expected = (2 * squares / (1 + squares)).mean().item()
    assert many.mean(many.factual["z"]).item() == pytest.approx(expected, abs=4 * (0.5 / many.effective_draws) ** 0.5)


@pytest.mark.parametrize("name", ["influenza", "rossi", "shallow_lake", "us_macro"])
def test_no_edit_changes_nothing_in_a_real_world(name: str) -> None:
    """Along what its observed variables did in a run, with everything else inferred."""
    world = load_world(Path(templates.__file__).parent / name)
    run = simulate(world, None, 5, 64, seed=3)
    draw = int(torch.nonzero(run.alive[:, 0, -1])[0])
    seen = [name for name, entry in ground(world).variables.items() if entry.file.observed]
    answer = counterfactual(world, record(run, seen, draw), draws=20, seed=9)
    for series, twin in zip(answer.factual.values(), answer.values.values(), strict=True):
        assert torch.equal(series, twin)


def test_a_static_world_of_named_values() -> None:
    """Wet grass without rain: the sprinkler was on, and without it the grass would have been dry."""
    world = world_from(SPRINKLER)
    factual = Factual({"grass": {1: 1.0}, "rain": {1: 0.0}}, 1)
    answer = counterfactual(world, factual, parse_interventions(world, ["sprinkler=off"]), draws=2000)
    assert answer.mean(answer.factual["sprinkler"]).item() == pytest.approx(1)
    assert answer.mean(answer.values["grass"]).item() == pytest.approx(0)
    assert answer.reliable
