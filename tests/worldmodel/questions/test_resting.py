"""What an answer rests on follows from what was observed and what the laws read."""

from collections.abc import Callable

from worldmodel.questions.factual import Factual
from worldmodel.questions.resting import resting_on
from worldmodel.world import World


def test_what_is_known_is_passed_on_where_no_noise_comes_in(world_of: Callable[..., World]) -> None:
    world = world_of(
        laws={
            "seen": "Normal(seen[t-1], 1)",
            "pile": "seen[t] + pile[t-1]",
            "after": "Normal(pile[t], 1)",
            "hidden": "Normal(0, 1)",
            "mixed": "Poisson(exp(hidden[t]))",
            "count": "Poisson(1)",
            "old.one": "Normal(0, 1)",
            "old.two": "Normal(1, 1)",
            "act.rule": "seen[t-1]",
        },
        actions=["act"],
        supports={name: {"kind": "integer"} for name in ("mixed", "count")},
        rivals={"old": {"one": 1.0, "two": 1.0}},
    )
    names = ("seen", "after", "mixed", "count", "old")
    factual = Factual({name: dict.fromkeys((1, 2), 1.0) for name in names}, 2)
    grounds = resting_on(world, factual, {})
    assert {name: next(iter(counts)) for name, counts in grounds.items()} == {
        "seen": "inversion",
        "pile": "no noise",
        "after": "inversion",
        "hidden": "inference",
        "mixed": "inference",
        "count": "coupling",
        "old": "inference",
    }
    assert all(sum(counts.values()) == 2 for counts in grounds.values())
    assert resting_on(world, factual, {"act": "rule"})["act"] == {"no noise": 2}


def test_an_uncertain_start_is_known_only_where_it_was_observed(world_of: Callable[..., World]) -> None:
    world = world_of(laws={"x": "Normal(x[t-2], 1)"}, initial={"x": ["Normal(0, 1)"]})
    late = Factual({"x": {0: 0.5, 1: 1.0, 2: 1.0}}, 2)
    assert resting_on(world, late, {})["x"] == {"inference": 1, "inversion": 1}
    early = Factual({"x": {-1: 0.1, 0: 0.5, 1: 1.0, 2: 1.0}}, 2)
    assert resting_on(world, early, {})["x"] == {"inversion": 2}
