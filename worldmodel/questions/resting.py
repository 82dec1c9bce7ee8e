"""What each part of a counterfactual answer rests on, from what was observed and what the laws read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
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
    sites = {name: _site(world, rules, name) for name in world.order if name not in world.actions or name in rules}
    found: dict[str, Counter[Ground]] = {name: Counter() for name in sites}
    for step in range(1, factual.horizon + 1):
        for name, site in sites.items():
            whole = site.single and all((source, step - lag) in known for source, lag in site.reads)
            if whole and site.ways == {"deterministic"}:
                known.add((name, step))
            found[name][_ground(site.ways, whole, factual.at(name, step) is not None)] += 1
    return {name: dict(counts) for name, counts in found.items()}


@dataclass(frozen=True)
class _Site:
    """What a variable's mechanisms read, how their laws can be read backwards, and whether there is only one."""

    reads: frozenset[tuple[str, int]]
    ways: frozenset[Invertibility]
    single: bool


def _site(world: World, rules: Mapping[str, str], name: str) -> _Site:
    names = (rules[name],) if name in rules else tuple(world.weights_of(name))
    mechanisms = [world.mechanisms[mechanism] for mechanism in names]
    return _Site(
        frozenset((entry.name, entry.lag) for mechanism in mechanisms for entry in mechanism.inputs),
        frozenset(invertibility(mechanism.law) for mechanism in mechanisms),
        len(mechanisms) == 1,
    )


def _given(world: World) -> set[tuple[str, int]]:
    """The values before step 1 that the initial laws leave no doubt about."""
    return {
        (name, -lag)
        for name, variable in world.variables.items()
        for lag in range(world.longest_lag if variable.initial else 0)
        if invertibility(variable.initial[min(lag, len(variable.initial) - 1)]) == "deterministic"
    }


def _ground(ways: frozenset[Invertibility], whole: bool, observed: bool) -> Ground:
    if ways == {"deterministic"}:
        return "no noise"
    if not whole or not observed:
        return "inference"
    return "inversion" if ways == {"invertible"} else "coupling"
