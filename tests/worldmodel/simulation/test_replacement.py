"""Soft interventions and other laws at chosen steps: the edit shows, and nothing else does."""

from collections.abc import Callable

import pytest
import torch

from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER, world_from
from worldmodel.errors import InputError
from worldmodel.simulation.intervention import parse_interventions
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.world import World

MakeWorld = Callable[..., World]


def small(world_of: MakeWorld) -> World:
    return world_of(
        laws={
            "a": "Normal(a[t-1], s)",
            "b": "Normal(0, 1)",
            "y": "a[t] + b[t]",
            "push.rule": "0.5 * a[t-1]",
            "push.other": "-1",
        },
        parameters={"a.s": "HalfNormal(1)"},
        actions=["push"],
        supports={"push": {"kind": "real", "lower": 0.0}},
    )


def run(world: World, *texts: str, rule: str = "rule") -> Trajectories:
    """By torch, since a soft intervention is, and another backend rounds otherwise."""
    return simulate(Simulator(world), rule, 6, 5, 2, seed=3, interventions=parse_interventions(world, texts))


def test_a_shift_moves_the_value_and_keeps_the_noise(world_of: MakeWorld) -> None:
    free, done = run(small(world_of)), run(small(world_of), "a+=1@3..4")
    moved = (done.values["a"] - free.values["a"])[0, 0].tolist()
    assert moved == pytest.approx([0, 0, 1, 2, 2, 2])
    assert torch.equal(done.values["b"], free.values["b"])


def test_a_scale_multiplies_what_would_have_been(world_of: MakeWorld) -> None:
    free, done = run(small(world_of)), run(small(world_of), "b*=3@2", "b+=1@2")
    torch.testing.assert_close(done.values["b"][..., 1], 3 * free.values["b"][..., 1] + 1)
    assert torch.equal(done.values["b"][..., 2:], free.values["b"][..., 2:])


def test_a_shifted_action_stays_in_its_support(world_of: MakeWorld) -> None:
    done = run(small(world_of), "push-=100@2..")
    assert bool(done.alive.all())
    assert bool((done.values["push"][..., 1:] == 0).all())


def test_another_law_takes_the_same_noise_and_may_read_what_came_later_in_the_order(world_of: MakeWorld) -> None:
    world = small(world_of)
    free, done = run(world), run(world, 'a ~ "Normal(10 + b[t] + b[t-3], s)" @ 4..5')
    own, other = free.values["a"], done.values["a"]
    noise = own[..., 3] - own[..., 2]
    torch.testing.assert_close(other[..., 3], 10 + free.values["b"][..., 3] + free.values["b"][..., 0] + noise)
    torch.testing.assert_close(other[..., 5] - other[..., 4], own[..., 5] - own[..., 4])
    assert torch.equal(own[..., :3], other[..., :3])
    torch.testing.assert_close(done.values["y"], done.values["a"] + done.values["b"])


def test_replacing_a_law_by_itself_changes_no_bit(world_of: MakeWorld) -> None:
    free, done = run(small(world_of)), run(small(world_of), "a~Normal(a[t-1], s)@2..4", "push~0.5*a[t-1]")
    for name in free.values:
        assert torch.equal(free.values[name], done.values[name])


def test_two_laws_together_may_turn_an_arrow_around(world_of: MakeWorld) -> None:
    world = world_of(laws={"a": "Normal(0, 1)", "b": "a[t] + 1"})
    done = simulate(world, None, 3, 4, interventions=parse_interventions(world, ["a~2*b[t]@2", "b~Normal(5, 1)@2"]))
    torch.testing.assert_close(done.values["a"][..., 1], 2 * done.values["b"][..., 1])
    torch.testing.assert_close(done.values["b"][..., 2], done.values["a"][..., 2] + 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a~Normal(y[t], s)", "cyclic-graph"),
        ("a~Normal(q[t-1], s)", "unknown-name"),
        ("a~Normal(0, other)", "unknown-name"),
        ("a~Normal(b[t] > 0, s)", "wrong-kind"),
        ("push~a[t]", "rule-sees-present"),
    ],
)
def test_a_law_without_a_place_in_the_world_is_refused(text: str, code: str, world_of: MakeWorld) -> None:
    with pytest.raises(InputError) as caught:
        run(small(world_of), text)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert all(problem.where == "--do" for problem in caught.value.problems)


def test_a_world_that_a_kernel_runs_is_edited_to_the_last_digits(world_of: MakeWorld) -> None:
    """The kernel runs a world without soft interventions and torch one with them; both are the same process."""
    world = small(world_of)
    free = simulate(world, "rule", 6, 5, 2, seed=3)
    done = simulate(world, "rule", 6, 5, 2, seed=3, interventions=parse_interventions(world, ["a+=1@5"]))
    torch.testing.assert_close(done.values["a"][..., :4], free.values["a"][..., :4], rtol=1e-12, atol=1e-12)


def test_a_policy_has_no_law_to_replace(world_of: MakeWorld) -> None:
    world = small(world_of)
    still = torch.zeros(5, 1, 1, dtype=torch.float64)
    with pytest.raises(InputError, match="no-mechanism"):
        simulate(world, lambda _: still, 2, 5, interventions=parse_interventions(world, ["push~1"]))


def test_families_are_set_shifted_and_given_laws_by_element() -> None:
    world = world_from(EPIDEMIC)
    texts = [
        "infected[*]=2@1",
        "infected[north]*=2@2",
        "infected[*]~LogNormal(log(10 * beta[region] * (if weather[t-1] == dry then 1 else 1)), noise)@3",
        "infected[south] ~ sum(infected[r, t-1] over r) @ 4",
        "weather=wet@2",
    ]
    free = simulate(Simulator(world), None, 4, 6, seed=1)
    done = simulate(world, None, 4, 6, seed=1, interventions=parse_interventions(world, texts))
    north, south, east = (done.values[f"infected[{name}]"] for name in ("north", "south", "east"))
    assert bool((torch.stack([north, south, east])[..., 0] == 2).all())
    assert bool((done.values["weather"][..., 1] == 1).all())
    assert torch.equal(done.values["weather"][..., 0], free.values["weather"][..., 0])
    beta = done.parameters["spread.beta[east]"]
    noise = Noise(1).uniform("mechanism:spread[east]", 3, 6, 1)
    expected = 10 * beta * torch.exp(done.parameters["spread.noise"] * torch.special.ndtri(noise))
    torch.testing.assert_close(east[..., 2], expected)
    torch.testing.assert_close(south[..., 3], north[..., 2] + south[..., 2] + east[..., 2])
    for name in ("spread.beta[north]", "spread.centre"):
        assert torch.equal(done.parameters[name], free.parameters[name])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("infected[west]=1", "unknown-name"),
        ("infected=1", "unknown-name"),
        ("infected[north]~beta[region, region]", "wrong-index"),
        ("infected[north]~infected[t-1]", "wrong-index"),
        ("infected[north]~gamma", "unknown-name"),
        ("weather~Categorical(0.2, 0.3, 0.5)", "wrong-kind"),
        ("weather~Normal(0, 1)", "wrong-kind"),
        ("infected[north]~Dirichlet(1)", "wrong-kind"),
        ("total~if weather[t] == 1 then 1 else 0", "wrong-kind"),
    ],
)
def test_what_a_family_has_no_place_for_is_refused(text: str, code: str) -> None:
    world = world_from(EPIDEMIC)
    with pytest.raises(InputError) as caught:
        simulate(world, None, 2, 2, interventions=parse_interventions(world, [text]))
    assert code in [problem.code for problem in caught.value.problems]


def test_a_static_world_takes_bare_names() -> None:
    world = world_from(SPRINKLER)
    done = simulate(
        world,
        None,
        1,
        500,
        interventions=parse_interventions(world, ["sprinkler~Bernoulli(if rain == yes then 1 else 0)", "rain=yes"]),
    )
    assert bool((done.values["sprinkler"] == 1).all())
