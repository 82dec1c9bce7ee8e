"""Loops of known worlds: total lags, one for each choice of lags, and signs that are counted, never guessed."""

from collections.abc import Callable

import pytest
import torch

from worldmodel.questions.derivatives import Derivatives
from worldmodel.questions.graph import Edge
from worldmodel.questions.loops import feedback_loops, loop_signs
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

MakeWorld = Callable[..., World]


def test_loops_have_total_lags_and_one_for_each_choice(world_of: MakeWorld) -> None:
    world = world_of(laws={"a": "b[t-1] + a[t-1] + a[t-3]", "b": "a[t] + a[t-2]", "c": "a[t]"})
    found = feedback_loops(world)
    assert [(loop.variables, loop.lag) for loop in found.loops] == [
        (("a",), 1),
        (("a",), 3),
        (("a", "b"), 1),
        (("a", "b"), 3),
    ]
    assert found.complete
    assert not feedback_loops(world, most=3).complete
    assert [loop.variables for loop in feedback_loops(world, longest=1).loops] == [("a",), ("a",)]


def test_a_predator_balances_and_growth_reinforces(world_of: MakeWorld) -> None:
    world = world_of(
        laws={
            "prey": "LogNormal(log(prey[t-1]) + 0.1 - 0.1 * predator[t-1], 0.1)",
            "predator": "LogNormal(log(predator[t-1]) + 0.1 * prey[t-1] - 0.1, 0.1)",
        },
        initial={"prey": ["Delta(1)"], "predator": ["Delta(1)"]},
        supports={name: {"kind": "real", "lower": 0.0} for name in ("prey", "predator")},
    )
    run = simulate(world, None, 10, 50, seed=1)
    loops = feedback_loops(world).loops
    signs = dict(zip([loop.variables for loop in loops], loop_signs(world, loops, run), strict=True))
    assert signs["predator",].reinforcing == 1
    assert signs["predator", "prey"].balancing == 1
    assert signs["predator", "prey"].states == 50 * 8


def test_a_sign_that_depends_on_the_state_is_a_share(world_of: MakeWorld) -> None:
    world = world_of(laws={"x": "Normal(0.1 * x[t-1] * x[t-1], 1)", "s": "Normal(0, exp(s[t-1]))"})
    run = simulate(world, None, 40, 500, seed=2)
    x_loop, s_loop = sorted(feedback_loops(world).loops, key=lambda loop: loop.variables, reverse=True)
    shares = loop_signs(world, [x_loop, s_loop], run)
    before = torch.cat([run.before["x"][0].unsqueeze(-1), run.values["x"]], dim=-1)[..., :-1]
    alive = run.alive
    expected = [(mask & alive)[..., 1:].sum().item() / alive[..., 1:].sum().item() for mask in (before > 0, before < 0)]
    assert [shares[0].reinforcing, shares[0].balancing] == pytest.approx(expected)
    assert 0.3 < shares[0].balancing < 0.7
    assert shares[1].without_effect == 1


def test_counts_and_names_move_by_one_and_unordered_names_are_left_open(world_of: MakeWorld) -> None:
    world = world_of(
        laws={
            "n": "Poisson(if on[t-1] == yes then 3 else 1)",
            "on": "Bernoulli(1 / (1 + n[t-1]))",
            "kind": "Categorical(0.2, 0.3, 0.5)",
            "y": "Normal((if kind[t-1] == b then 1 else 0) + y[t-1], 1)",
        },
        supports={
            "n": {"kind": "integer", "lower": 0.0},
            "on": {"kind": "finite", "values": ["no", "yes"]},
            "kind": {"kind": "finite", "values": ["a", "b", "c"]},
        },
        initial={"on": ["Delta(no)"], "kind": ["Delta(a)"]},
    )
    run = simulate(world, None, 6, 20, seed=0)
    derivatives = Derivatives(world, run)
    assert bool((derivatives.of(Edge("on", 1, "n")) == 2).all())
    n = torch.cat([run.before["n"][0].unsqueeze(-1), run.values["n"]], dim=-1)[..., :-1]
    torch.testing.assert_close(derivatives.of(Edge("n", 1, "on")), 1 / (2 + n) - 1 / (1 + n))
    assert bool(torch.isnan(derivatives.of(Edge("kind", 1, "y"))).all())
    (loop, *_) = [loop for loop in feedback_loops(world).loops if loop.variables == ("n", "on")]
    assert loop_signs(world, [loop], run)[0].balancing == 1


def test_each_trajectory_counts_by_its_own_rival(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x.up": "Normal(0.5 * x[t-1], 1)", "x.down": "Normal(-0.5 * x[t-1], 1)"},
        rivals={"x": {"up": 1.0, "down": 3.0}},
    )
    run = simulate(world, None, 5, 400, seed=4)
    signs = loop_signs(world, feedback_loops(world).loops, run)[0]
    assert signs.balancing == pytest.approx((run.rivals["x"] == 0).double().mean().item())
    assert signs.balancing + signs.reinforcing == 1


def test_a_loop_through_an_action_counts_by_the_rule_in_force(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"x": "Normal(x[t-2] + a[t], 1)", "a.lean": "-0.5 * x[t-1]", "a.push": "0.5 * x[t-1]", "a.rest": "0"},
        actions=["a"],
        rivals={"a": {"lean": 1.0, "push": 0.5, "rest": 0.1}},
    )
    (loop,) = [loop for loop in feedback_loops(world).loops if len(loop.edges) == 2]
    for rules, expected in (((), "balancing"), (("push",), "reinforcing"), (("rest",), "without_effect")):
        run = simulate(world, rules or None, 4, 10)
        assert getattr(loop_signs(world, [loop], run, rules)[0], expected) == 1


def test_a_loop_that_no_derivative_tells_of_is_undecided_and_not_without_effect(world_of: MakeWorld) -> None:
    world = world_of(
        laws={"kind": "Categorical(if kind[t-1] == a then 0 else 1, if kind[t-1] == a then 1 else 0, 0)"},
        supports={"kind": {"kind": "finite", "values": ["a", "b", "c"]}},
        initial={"kind": ["Delta(a)"]},
    )
    (sign,) = loop_signs(world, feedback_loops(world).loops, simulate(world, None, 6, 5, seed=0))
    assert (sign.undecided, sign.without_effect) == (1, 0)
