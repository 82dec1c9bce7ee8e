"""What each part of a counterfactual answer rests on, from what was observed and what the laws read."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from worldmodel.questions.abduction import Invertibility, invertibility
from worldmodel.questions.factual import Factual
from worldmodel.world import World

Ground = Literal["inversion", "coupling", "inference", "no noise"]

WORDS: Mapping[Ground, str] = {
    "inversion": "exact by inversion",
    "coupling": "up to the coupling of a discrete law",
    "inference": "by inference",
    "no noise": "without noise",
}


def resting_on(world: World, factual: Factual, rules: Mapping[str, str]) -> dict[str, dict[Ground, int]]:
    """For each variable that has a mechanism, at how many steps its noise is known in which way, given parameters.

    `world` is grounded. A value counts as known where it was observed, or follows without noise from known values.
    """
    known = {(name, step) for name, series in factual.values.items() for step in series} | _given(world)
    found: dict[str, Counter[Ground]] = {}
    for step in range(1, factual.horizon + 1):
        for name in world.order:
            mechanisms = (rules[name],) if name in rules else tuple(world.weights_of(name))
            if name in world.actions and name not in rules:
                continue
            inputs = {entry for mechanism in mechanisms for entry in world.mechanisms[mechanism].inputs}
            places = {(entry.name, step - entry.lag) for entry in inputs}
            ways = {invertibility(world.mechanisms[mechanism].law) for mechanism in mechanisms}
            whole = len(mechanisms) == 1 and places <= known
            if whole and ways == {"deterministic"}:
                known.add((name, step))
            found.setdefault(name, Counter())[_ground(ways, whole, factual.at(name, step) is not None)] += 1
    return {name: dict(counts) for name, counts in found.items()}


def _given(world: World) -> set[tuple[str, int]]:
    """The values before step 1 that the initial laws leave no doubt about."""
    return {
        (name, -lag)
        for name, variable in world.variables.items()
        for lag in range(world.longest_lag if variable.initial else 0)
        if invertibility(variable.initial[min(lag, len(variable.initial) - 1)]) == "deterministic"
    }


def _ground(ways: set[Invertibility], whole: bool, observed: bool) -> Ground:
    if ways == {"deterministic"}:
        return "no noise"
    if not whole or not observed:
        return "inference"
    return "inversion" if ways == {"invertible"} else "coupling"
