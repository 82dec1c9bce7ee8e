"""Chains are the last resort: right against quadrature, refused where they disagree, and not begun in vain."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from worldmodel.conditioning import chains
from worldmodel.conditioning import condition as module
from worldmodel.conditioning.condition import condition
from worldmodel.conditioning.coordinates import LINE, ends_of, inward, log_slope, outward
from worldmodel.errors import RefusedError
from worldmodel.inference.nuts import traced
from worldmodel.language.parser import parse_law


@pytest.fixture
def only_chains(monkeypatch):
    """As if weights and Newton had failed."""
    weighed = module.by_importance

    def flagged(*arguments):
        found, logs = weighed(*arguments)
        return replace(found, flags=("not looked at",)), logs

    monkeypatch.setattr(module, "by_importance", flagged)
    monkeypatch.setattr(module, "by_fit", lambda *_: "not tried")


@pytest.mark.usefixtures("only_chains")
def test_a_skewed_law_seen_through_a_heavy_tail_equals_quadrature(small, monkeypatch):
    """x is log-normal and y is t₄ around x and half a coin, which is summed out: one integral for each of its faces."""
    monkeypatch.setattr(chains, "CHAINS", 2)
    monkeypatch.setattr(chains, "LENGTHS", ((100, 700),))
    monkeypatch.setattr(chains, "GOOD_EFFECTIVE_DRAWS", 200)
    laws = {"coin": "Bernoulli(0.3)", "x": "LogNormal(0, 0.8)", "y": "StudentT(4, x + 0.5 * coin, 1)"}
    world = small(laws, {"coin": {"kind": "integer", "lower": 0, "upper": 1}, "x": {"kind": "real", "lower": 0}})
    told = []
    found = condition(world, {("y", 1): 2.0}, ["x", "coin"], progress=lambda done, total: told.append((done, total)))

    def joint(x, coin):
        return stats.lognorm.pdf(x, 0.8) * stats.t.pdf(2 - x - 0.5 * coin, 4) * (0.3 if coin else 0.7)

    def total(of, faces=(0, 1)):
        return integrate.quad(lambda x: of(x) * sum(joint(x, coin) for coin in faces), 0, 200, points=[1, 3, 20])[0]

    evidence = total(lambda _: 1.0)
    mean = total(lambda x: x) / evidence
    sd = math.sqrt(total(lambda x: x * x) / evidence - mean * mean)
    error = sd / math.sqrt(found.diagnosis.effective_draws)
    assert (found.method, found.exact, found.flags) == ("nuts", False, ())
    assert found.of("x").mean == pytest.approx(mean, abs=4 * error)
    assert found.of("x").sd == pytest.approx(sd, rel=0.2)
    assert found.of("coin").of("1") == pytest.approx(total(lambda _: 1.0, (1,)) / evidence, abs=0.02)
    assert found.log_evidence == pytest.approx(math.log(evidence), abs=0.1)
    assert found.diagnosis.r_hat < 1.01
    assert "not tried: 2 chains of NUTS over 1 unknown numbers, with 2 joint values" in found.why
    assert told[-1] == (1600, 1600)


def test_hills_that_chains_do_not_leave_are_refused_after_two(small, monkeypatch):
    monkeypatch.setattr(chains, "LENGTHS", ((60, 60), (60, 60)))
    world = small({"x": "StudentT(4, 0, 3)", "y": "Normal(x^2, 0.2)"})
    told = []
    with pytest.raises(RefusedError, match=r"estimate-not-trusted.* R-hat .* the chains do not agree") as caught:
        condition(world, {("y", 1): 25.0}, ["x"], progress=lambda done, _: told.append(done))
    assert "2 chains of NUTS" in str(caught.value)
    assert max(told) == 2 * 120


@pytest.mark.usefixtures("only_chains")
def test_what_jumps_and_has_no_end_is_not_walked_through(small):
    world = small({"n": "Poisson(3)", "y": "StudentT(3, n, 0.5)"}, {"n": {"kind": "integer", "lower": 0}})
    found = condition(world, {("y", 1): 4.2}, ["n"])
    assert found.method == "importance"
    assert "chains cannot be run, since n at step 1 jumps between too many values" in found.why


ENDS = [LINE, (0.0, math.inf), (-math.inf, 2.0), (-1.0, 3.0)]


@pytest.mark.parametrize("ends", ENDS)
def test_intervals_are_mapped_there_and_back_with_their_slope(ends):
    z = torch.linspace(-4, 4, 9, dtype=torch.float64, requires_grad=True)
    value = outward(z, ends)
    (slope,) = torch.autograd.grad(value.sum(), z)
    assert bool((value > ends[0]).all() and (value < ends[1]).all())
    assert torch.allclose(inward(value, ends), z, atol=1e-9)
    assert torch.allclose(slope.abs().log(), log_slope(z, ends), atol=1e-12)


@pytest.mark.parametrize(
    ("law", "ends"),
    [
        ("Gamma(2, 1)", (0.0, math.inf)),
        ("Mixture(1, Normal(x[t-1], 1), 2, StudentT(3, 0, 1))", LINE),
        ("Mixture(1, Normal(0, 1), 2, Gamma(2, 1))", None),
        ("Truncated(LogNormal(0, 1), -1, 2)", (0.0, 2.0)),
        ("Truncated(Normal(0, 1), x[t-1], 2)", None),
        ("Poisson(2)", None),
    ],
)
def test_the_interval_of_a_law_is_known_or_it_is_not(law, ends):
    assert ends_of(parse_law(law)) == ends


def test_what_tracing_changes_is_not_traced():
    def steady(points):
        return -(points**2).sum(dim=1)

    def branching(points):
        value = float(points.detach()[0, 0])
        return -(points**2).sum(dim=1) * (value if value > 0 else 1.0)

    start = torch.tensor([0.5, 0.2], dtype=torch.float64)
    assert traced(steady, start) is not steady
    assert traced(branching, start) is branching
    assert np.isclose(float(traced(steady, start)(start.unsqueeze(0))), -0.29)
