"""The exact law of a variable of a finite world after some steps, and whether two worlds give it the same one.

Two finite worlds whose inner workings have nothing in common (a die thrown, and one made of fair coins) are equal for
whoever sees this variable alone.
"""

from collections import Counter
from collections.abc import Mapping

from reviewer.behaviour.verdict import TOLERANCE, Equality
from worldmodel.exchange.chain import Chain, Distribution, explore
from worldmodel.exchange.finite import FiniteWorld
from worldmodel.language.ir import Variable
from worldmodel.world import World

FAILED = "left its support"


def law_after(world: World, name: str, steps: int) -> Mapping[str, float]:
    """The probability of each value of a variable after `steps` steps under the world's own rules, 0 left out.

    The variable must be one that a law reads later on, as a state is. Raises InputError where the world is not finite
    or too large, KeyError where nothing reads the variable.
    """
    chain = explore(FiniteWorld.of(world, steps=steps), tuple(_rules(world)))
    place = chain.slots.index(Variable(name, 0)) if Variable(name, 0) in chain.slots else None
    if place is None:
        raise KeyError(name)
    labels = dict(zip(chain.finite.ranges[name], chain.finite.labels(name), strict=True))
    found: Counter[str] = Counter()
    for state, probability in _after(chain, steps).items():
        found[FAILED if state.failed else labels[state.values[place]]] += probability  # type: ignore[assignment]
    return {label: probability for label, probability in sorted(found.items()) if probability > 0}


def compare_after(before: World, after: World, name: str, steps: int) -> Equality:
    """Whether a variable has the same law in both worlds after `steps` steps."""
    laws = [law_after(world, name, steps) for world in (before, after)]
    gaps = {label: laws[1].get(label, 0.0) - laws[0].get(label, 0.0) for label in {*laws[0], *laws[1]}}
    label, gap = max(gaps.items(), key=lambda entry: (abs(entry[1]), entry[0]))
    if abs(gap) <= TOLERANCE:
        return Equality("equal", f"exactly, after {steps} steps: {len(gaps)} probabilities agree within {TOLERANCE:g}")
    told = f"P({name} = {label}) is {laws[0].get(label, 0.0):.6g} before, {laws[1].get(label, 0.0):.6g} after"
    return Equality("different", f"exactly, after {steps} steps", told)


def _rules(world: World) -> list[str]:
    return [rule for action in world.actions for rule in list(world.weights_of(action))[:1]]


def _after(chain: Chain, steps: int) -> Distribution:
    now: Distribution = chain.initial
    for _ in range(steps):
        after: Counter[object] = Counter()
        for state, probability in now.items():
            for target, share in chain.transitions[state][()].items():
                after[target] += probability * share  # type: ignore[assignment]
        now = after  # type: ignore[assignment]
    return now
