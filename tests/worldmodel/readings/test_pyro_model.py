"""The Pyro reading and the simulator are the same process: same densities, same draws in law, for every family."""

import re
import warnings
from collections.abc import Callable
from typing import Any

import pyro
import pytest
import scipy.stats as stats
import torch
from hypothesis import given
from hypothesis import strategies as st
from pyro.poutine import condition, trace
from pyro.poutine.trace_struct import Trace

from worldmodel.families.table import FAMILIES
from worldmodel.readings.log_density import log_density, log_prior
from worldmodel.readings.pyro_model import to_pyro
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

MakeWorld = Callable[..., World]

COUNT = {"kind": "integer", "lower": 0.0}
POSITIVE = {"kind": "real", "lower": 0.0}

# One small world for each family; together they cover every family, lags, and a second variable.
WORLDS: dict[str, dict[str, Any]] = {
    "Normal": {"laws": {"x": "Normal(a * x[t-1] + 1, 0.5)"}, "parameters": {"x.a": "Beta(4, 4)"}},
    "StudentT": {"laws": {"x": "StudentT(4, 0.5 * x[t-1], s)"}, "parameters": {"x.s": "HalfNormal(1)"}},
    "LogNormal": {"laws": {"x": "LogNormal(tanh(x[t-1] - 1), s)"}, "parameters": {"x.s": "Gamma(3, 6)"}},
    "HalfNormal": {"laws": {"x": "HalfNormal(1 + 0.5 * x[t-1])"}, "supports": {"x": POSITIVE}},
    "Beta": {"laws": {"x": "Beta(1 + 2 * x[t-1], b)"}, "parameters": {"x.b": "LogNormal(0.5, 0.3)"}},
    "Gamma": {"laws": {"x": "Gamma(k, 1 + x[t-1])"}, "parameters": {"x.k": "Uniform(1, 3)"}},
    "Exponential": {"laws": {"x": "Exponential(r + 0.1 * x[t-1])"}, "parameters": {"x.r": "Exponential(2)"}},
    "Uniform": {"laws": {"x": "Uniform(x[t-1] - w, x[t-1] + 2)"}, "parameters": {"x.w": "HalfNormal(1)"}},
    "Bernoulli": {"laws": {"x": "Bernoulli(logistic(2 * x[t-1] - 1))"}, "supports": {"x": COUNT}},
    "Categorical": {"laws": {"x": "Categorical(0.2 + 0.3 * x[t-1], 0.5, 0.3)"}, "supports": {"x": COUNT}},
    "Poisson": {
        "laws": {"x": "Poisson(m + 0.5 * x[t-1])"},
        "parameters": {"x.m": "Gamma(4, 2)"},
        "supports": {"x": COUNT},
    },
    "Binomial": {"laws": {"x": "Binomial(9, logistic(x[t-1] / 3 - 1))"}, "supports": {"x": COUNT}},
    "NegativeBinomial": {"laws": {"x": "NegativeBinomial(2 + 0.4 * x[t-1], 1.5)"}, "supports": {"x": COUNT}},
    "Delta": {
        "laws": {"x": "clip(y[t] + x[t-1], -2, 2)", "y": "Normal(0, 1)"},
        "initial": {"y": ["Normal(0, 3)", "Delta(1)"]},
    },
}

FITTED = {
    "order": ["b", "a"],
    "parameters": {
        "a": {"scale": "logit", "mean": -0.6, "sd": 0.6, "grid": 0.3, "bits": 0.0},
        "b": {"scale": "log", "mean": 0.6, "sd": 0.4, "grid": 0.2, "bits": 0.0},
    },
    "correlation": [[1.0, -0.7], [-0.7, 1.0]],
}


def traced(model: Callable[[], Any]) -> Trace:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=UserWarning)
        return trace(model).get_trace()


def agree(first: torch.Tensor, second: torch.Tensor) -> bool:
    return bool(stats.ks_2samp(first.flatten().numpy(), second.flatten().numpy(), method="asymp").pvalue > 0.001)


@pytest.mark.parametrize("family", WORLDS)
def test_draws_agree_in_law_with_the_simulator(family: str, world_of: MakeWorld) -> None:
    world = world_of(**WORLDS[family])
    simulated = simulate(world, None, horizon=4, draws=4000, seed=3)
    assert simulated.alive.all()
    pyro.set_rng_seed(3)
    sites = to_pyro(world, 4, draws=4000)()
    for step in range(1, 5):
        assert agree(sites[f"x_{step}"], simulated.values["x"][..., step - 1])


@pytest.mark.parametrize("family", [family for family in WORLDS if family != "Delta"])
def test_densities_agree_with_those_over_a_series(family: str, world_of: MakeWorld) -> None:
    world = world_of(**WORLDS[family])
    pyro.set_rng_seed(1)
    sites = traced(to_pyro(world, 6))
    sites.compute_log_prob()
    series = torch.stack([sites.nodes[f"x_{step}"]["value"].reshape(()) for step in range(7)])
    mechanism = world.mechanisms["x"]
    parameters = {name: sites.nodes[f"x.{name}"]["value"].reshape(1) for name in mechanism.priors}
    ours = log_density(mechanism, parameters, {"x": series}, skip=1)[0]
    theirs = torch.stack([sites.nodes[f"x_{step}"]["log_prob"].reshape(()) for step in range(1, 7)])
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    prior = sum((sites.nodes[f"x.{name}"]["log_prob_sum"] for name in mechanism.priors), torch.zeros(()))
    assert log_prior(mechanism, parameters).item() == pytest.approx(float(prior), rel=1e-9, abs=1e-9)


def test_parameters_with_a_posterior_agree_with_the_simulators_draws(world_of: MakeWorld) -> None:
    laws, parameters = {"x": "Normal(a * x[t-1], b)"}, {"x.a": "Beta(4, 6)", "x.b": "Gamma(2, 2)"}
    world = world_of(laws=laws, parameters=parameters, posteriors={"x": FITTED})
    simulated = simulate(world, None, horizon=1, draws=4000, seed=2)
    pyro.set_rng_seed(2)
    sites = traced(to_pyro(world, 1, draws=4000))
    a, b = sites.nodes["x.a"]["value"], sites.nodes["x.b"]["value"]
    assert agree(a, simulated.parameters["x.a"])
    assert agree(b, simulated.parameters["x.b"])
    together = torch.stack([torch.logit(a).flatten(), torch.log(b).flatten()])
    assert torch.corrcoef(together)[0, 1].item() == pytest.approx(-0.7, abs=0.03)
    from_prior = traced(to_pyro(world, 1, draws=4000, source="prior"))
    assert not agree(from_prior.nodes["x.a"]["value"], a)


def test_rivals_and_rules_agree_with_the_simulator(world_of: MakeWorld) -> None:
    world = world_of(
        laws={
            "x.calm": "Normal(0.5 * x[t-1] + push[t], 0.3)",
            "x.wild": "StudentT(3, x[t-1] - push[t], 1)",
            "push.lean": "0 - 0.3 * x[t-1]",
            "push.still": "0.5",
        },
        actions=["push"],
        rivals={"x": {"calm": 0.7, "wild": 0.3}, "push": {"still": 1.0}},
    )
    for rules in ({}, {"push": "lean"}):
        simulated = simulate(world, list(rules.values()) or None, horizon=3, draws=500, batch=4, seed=5)
        pyro.set_rng_seed(5)
        sites = traced(to_pyro(world, 3, draws=500, batch=4, rules=rules))
        sites.compute_log_prob()
        assert sites.nodes["x_3"]["value"].shape == (500, 4)
        assert agree(sites.nodes["x_3"]["value"], simulated.values["x"][..., 2])
        assert sites.nodes["rival_x"]["value"].double().mean().item() == pytest.approx(0.3, abs=0.04)


def test_sites_can_be_conditioned_on(world_of: MakeWorld) -> None:
    world = world_of(**WORLDS["Normal"])
    seen = {"x_1": torch.tensor([[1.5]], dtype=torch.float64), "x.a": torch.tensor([[0.5]], dtype=torch.float64)}
    sites = traced(condition(to_pyro(world, 2), data=seen))
    assert sites.nodes["x_1"]["is_observed"]
    assert sites.nodes["x_2"]["fn"].mean.item() == pytest.approx(0.5 * 1.5 + 1)
    sites.compute_log_prob()
    assert float(sites.nodes["x_1"]["log_prob_sum"]) == pytest.approx(stats.norm(1, 0.5).logpdf(1.5))


REAL = st.recursive(
    st.sampled_from(["a", "x[t-1]", "x[t-2]", "0.5", "2", "y[t]"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"(if {p[0]} > {p[1]} then {p[1]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]}, tanh({p[1]}))"),
        st.tuples(inner, inner).map(lambda p: f"mix(logistic({p[0]}), {p[1]}, abs({p[0]}))"),
    ),
    max_leaves=6,
)
SLOTS = {
    "real": REAL.map(lambda text: f"clip({text}, -5, 5)"),
    "positive": REAL.map(lambda text: f"exp(clip({text}, -1, 2))"),
    "nonnegative": REAL.map(lambda text: f"(0.1 + clip({text}, 0, 9))"),
    "unit": REAL.map(lambda text: f"logistic(clip({text}, -3, 3))"),
    "count": st.sampled_from(["3", "12"]),
}


@st.composite
def law_texts(draw: st.DrawFn) -> str:
    """Any law of the grammar, with arguments that stay in their domains."""
    family = draw(st.sampled_from([name for name in FAMILIES if name not in ("Delta", "Uniform")]))
    slots = FAMILIES[family].slots(3 if family == "Categorical" else len(FAMILIES[family].signature.slots))
    return f"{family}({', '.join(draw(SLOTS[slot.domain]) for slot in slots)})"


@pytest.mark.stress
@given(law=law_texts())
def test_any_law_has_the_same_density_and_the_same_draws_in_law(law: str, world_of: MakeWorld) -> None:
    discrete = FAMILIES[law.partition("(")[0]].signature.discrete
    world = world_of(
        laws={"x": law, "y": "Normal(0, 1)"},
        parameters={"x.a": "Normal(0, 1)"} if re.search(r"\ba\b", law) else {},
        supports={"x": COUNT} if discrete else {},
    )
    pyro.set_rng_seed(7)
    sites = traced(to_pyro(world, 4, draws=300))
    sites.compute_log_prob()
    mechanism = world.mechanisms["x"]
    for draw in range(3):
        first = 1 - world.longest_lag
        series = {
            name: torch.stack(
                [sites.nodes[f"{name}_{step}"]["value"].expand(300, 1)[draw, 0] for step in range(first, 5)]
            )
            for name in "xy"
        }
        parameters = {name: sites.nodes[f"x.{name}"]["value"][draw] for name in mechanism.priors}
        ours = log_density(mechanism, parameters, series, skip=world.longest_lag)[0]
        theirs = torch.stack([sites.nodes[f"x_{step}"]["log_prob"][draw, 0] for step in range(1, 5)])
        torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-7)
    simulated = simulate(world, None, horizon=4, draws=300, seed=7)
    drawn = sites.nodes["x_4"]["value"].flatten().numpy()
    assert stats.ks_2samp(drawn, simulated.values["x"][..., 3].flatten().numpy(), method="asymp").pvalue > 1e-6
