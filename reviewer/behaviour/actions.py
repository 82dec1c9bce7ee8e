"""The best of a declared list of simple actions: the world's rules, and each action held at one of nine levels.

No search over policies: that is the trainer's, with the approved model and with nothing else. The list is short enough
to be read, and the same before and after a change, so that another winner is the change's doing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from reviewer.behaviour.worth import Setting, Worth, worth
from worldmodel.errors import GlassworldError
from worldmodel.grounding.ground import ground
from worldmodel.simulation.intervention import Intervention
from worldmodel.simulation.simulate import simulate
from worldmodel.simulation.support import Within
from worldmodel.world import World

LEVELS = 9


@dataclass(frozen=True)
class Option:
    """One thing to do: a rule by name (None for the world's own), or an action held at a value."""

    name: str
    rule: str | None = None
    held: Intervention | None = None


@dataclass(frozen=True)
class Rated:
    """An option with its worth; None where the world cannot be run so."""

    option: Option
    worth: Worth | None


def options(world: World, setting: Setting) -> tuple[Option, ...]:
    """What is compared in a world: its own rules, every named rule, and each action held at a level."""
    grounded = ground(world)
    rules = sorted({one.owner for one in grounded.mechanisms.values() if one.assigns in grounded.actions})
    held = [option for action in grounded.actions for option in _held(world, action, setting)]
    return (Option("the world's own rules"), *(Option(name, name) for name in rules), *held)


def rate(world: World, option: Option, setting: Setting, disagreement: torch.Tensor) -> Rated:
    """What one option is worth."""
    interventions = () if option.held is None else (option.held,)
    try:
        return Rated(option, worth(world, setting, disagreement, option.rule, interventions))
    except GlassworldError:
        return Rated(option, None)


def best(rated: tuple[Rated, ...]) -> Rated | None:
    """The option of most worth, the first of several; None where nothing could be rated."""
    known = [entry for entry in rated if entry.worth is not None and entry.worth.value == entry.worth.value]
    return max(known, key=lambda entry: entry.worth.value if entry.worth else 0.0, default=None)


def _held(world: World, action: str, setting: Setting) -> Iterator[Option]:
    low, high = _range(world, action, setting)
    for value in dict.fromkeys(_levels(low, high, Within.of(ground(world).variables[action].file.support).whole)):
        yield Option(f"{action} held at {value:.6g}", held=Intervention(action, value))


def _levels(low: float, high: float, whole: bool) -> Iterator[float]:
    for place in range(LEVELS):
        value = low + (high - low) * place / (LEVELS - 1)
        yield float(round(value)) if whole else float(f"{value:.4g}")


def _range(world: World, action: str, setting: Setting) -> tuple[float, float]:
    """The ends of an action's support, or where it has none the middle 98 % of what the world's rules do."""
    allowed = Within.of(ground(world).variables[action].file.support)
    low, high = allowed.lower, allowed.upper
    if abs(low) == float("inf") or abs(high) == float("inf"):
        with torch.no_grad():
            steps = 1 if world.static else setting.steps
            done = simulate(world, None, steps, setting.draws, 1, setting.seed, keep=(action,)).values[action]
        ends = torch.tensor([0.01, 0.99], dtype=torch.float64)
        near, far = torch.quantile(done.flatten()[:1_000_000], ends).tolist()
        low, high = (near if abs(low) == float("inf") else low), (far if abs(high) == float("inf") else high)
    return low, high
