"""Elimination against the sum over all joint states, with logarithms far apart, batches and gradients."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from worldmodel.inference.elimination import (
    BATCH,
    Factor,
    joint,
    log_sum,
    marginals,
    observe,
    plan_elimination,
    sizes_of,
)

ONE = torch.tensor(1.0, dtype=torch.float64)


def brute(factors):
    """Every joint state with its log weight, over the sorted variables."""
    sizes = sizes_of(factors)
    names = sorted(sizes)
    states = list(itertools.product(*(range(sizes[name]) for name in names)))
    logs = []
    for state in states:
        at = dict(zip(names, state, strict=True))
        logs.append(sum(float(factor.logs[tuple(at[name] for name in factor.variables)]) for factor in factors))
    return names, sizes, states, np.array(logs)


@st.composite
def networks(draw):
    """Factors with random scopes over up to seven variables, some entries 0 and some astronomically small."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    names = [f"v{place}" for place in range(draw(st.integers(1, 7)))]
    sizes = {name: int(generator.integers(1, 4)) for name in names}
    spread = draw(st.sampled_from([1.0, 30.0, 2000.0]))
    factors = []
    for name in names:
        others = [other for other in names if other != name]
        count = int(generator.integers(0, min(3, len(others)) + 1))
        scope = (*generator.permutation(others)[:count].tolist(), name)
        logs = generator.normal(size=[sizes[one] for one in scope]) * spread
        logs[generator.uniform(size=logs.shape) < draw(st.sampled_from([0.0, 0.1]))] = -math.inf
        factors.append(Factor(scope, torch.from_numpy(logs)))
    return factors


@settings(max_examples=150, deadline=None)
@given(networks())
def test_sums_marginals_and_joints_are_those_of_all_joint_states(factors):
    names, sizes, states, logs = brute(factors)
    top = logs.max()
    if top == -math.inf:
        assert float(log_sum(factors)) == -math.inf
        return
    expected = top + math.log(np.exp(logs - top).sum())
    assert float(log_sum(factors)) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    shares = np.exp(logs - expected)
    found = marginals(factors, names, ONE)
    for place, name in enumerate(names):
        wanted = [
            sum(s for s, state in zip(shares, states, strict=True) if state[place] == v) for v in range(sizes[name])
        ]
        assert np.allclose(found[name], wanted, atol=1e-9)
    both = joint(factors, [names[-1], names[0]] if len(names) > 1 else names)
    wanted = np.zeros(both.shape)
    for share, state in zip(shares, states, strict=True):
        wanted[(state[-1], state[0]) if len(names) > 1 else state] += share
    assert np.allclose(both, wanted, atol=1e-9)


def test_evidence_less_likely_than_the_smallest_number_keeps_its_digits():
    # A chain of 400 binary variables whose measurements have likelihoods of about 1e-5 each: 1e-2000 in all.
    generator = np.random.default_rng(1)
    moves = torch.log(torch.tensor([[0.9, 0.1], [0.2, 0.8]], dtype=torch.float64))
    emissions = torch.from_numpy(np.log(generator.uniform(0.1, 1, size=(400, 2)) * 1e-5))
    factors = [Factor((0,), torch.log(torch.tensor([0.5, 0.5], dtype=torch.float64)))]
    factors += [Factor((place, place + 1), moves) for place in range(399)]
    factors += [Factor((place,), logs) for place, logs in enumerate(emissions)]
    state = factors[0].logs + emissions[0]
    for logs in emissions[1:]:
        state = torch.logsumexp(state.unsqueeze(1) + moves, dim=0) + logs
    assert float(log_sum(factors)) == pytest.approx(float(torch.logsumexp(state, 0)), rel=1e-13)
    assert float(log_sum(factors)) < -4000


def test_a_term_that_other_evidence_rescues_is_not_lost():
    # The second value is e^-2000 less likely by the first factor, and the only possible one by the second.
    factors = [
        Factor(("a",), torch.tensor([0.0, -2000.0], dtype=torch.float64)),
        Factor(("a", "b"), torch.tensor([[-math.inf, -math.inf], [-1.0, -2.0]], dtype=torch.float64)),
    ]
    assert float(log_sum(factors)) == pytest.approx(-2000 + math.log(math.exp(-1) + math.exp(-2)), rel=1e-15)
    found = marginals(factors, ["a", "b"], ONE)
    assert found["a"].tolist() == [0.0, 1.0]
    assert float(found["b"][0]) == pytest.approx(1 / (1 + math.exp(-1)))


def test_a_batch_is_each_one_alone_and_has_gradients():
    generator = np.random.default_rng(0)
    chance = torch.from_numpy(generator.uniform(0.1, 0.9, size=5)).requires_grad_(True)

    def factors(p):
        first = Factor((BATCH, "a"), torch.log(torch.stack([1 - p, p], dim=-1)))
        second = Factor(("a", "b"), torch.log(torch.tensor([[0.7, 0.3], [0.1, 0.9]], dtype=torch.float64)))
        return [first, observe(second, {"b": 1})]

    found = log_sum(factors(chance))
    expected = torch.log((1 - chance) * 0.3 + chance * 0.9)
    assert torch.allclose(found, expected, rtol=1e-14)
    (slope,) = torch.autograd.grad(found.sum(), chance)
    assert torch.allclose(slope, 0.6 / torch.exp(expected.detach()), rtol=1e-12)
    weights = torch.from_numpy(generator.dirichlet(np.ones(5)))
    table = marginals(factors(chance.detach()), ["a"], weights)["a"]
    assert float(table[1]) == pytest.approx(
        float((weights * chance.detach() * 0.9 / torch.exp(expected.detach())).sum())
    )


def test_the_order_of_a_grid_is_no_wider_than_its_width():
    side = 7
    factors = []
    for row, column in itertools.product(range(side), repeat=2):
        here = (row, column)
        ahead = [(row + 1, column), (row, column + 1)]
        factors += [
            Factor((here, other), torch.zeros(2, 2, dtype=torch.float64)) for other in ahead if max(other) < side
        ]
    plan = plan_elimination(factors)
    assert plan.largest <= 2 ** (side + 1)
    assert float(log_sum(factors, plan)) == pytest.approx(side**2 * math.log(2))
