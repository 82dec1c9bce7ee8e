"""The states from which one step of both worlds is compared: where the old world rests, and where its paths lead.

A state at a quantile of a variable is one that was simulated, with all variables as they were then, and not a
combination of numbers that may never come together.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from reviewer.panes.distances import number
from reviewer.panes.runs import Behaviour, Pair, Side
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.simulate import Trajectories, simulate
from worldmodel.simulation.simulator import Simulator
from worldmodel.simulation.state import State

QUANTILES = (0.05, 0.5, 0.95)
_STILL = 0.01
"""The share of a variable's spread over which it must not move any more, in the last tenth of the steps."""


@dataclass(frozen=True)
class Reference:
    """A state: its past values by variable, most recent first, those before step 1, and the steps taken so far."""

    label: str
    time: int
    past: Mapping[str, tuple[float, ...]]
    start: Mapping[str, float]

    def state(self, simulator: Simulator, noise: Noise, draws: int) -> State:
        """The same for every draw, with rivals drawn as at the start of a run."""
        history = {
            name: tuple(torch.full((draws, 1), value, dtype=torch.float64) for value in self.past[name][:lag])
            for name, lag in simulator.lags.items()
        }
        start = {
            name: torch.full((draws, 1), self.start[name], dtype=torch.float64) for name in simulator.world.variables
        }
        alive = torch.ones(draws, 1, dtype=torch.bool)
        return State(self.time, history, start, alive, simulator.draw_rivals(noise, draws, 1))


def references(behaviour: Behaviour, variable: str) -> Iterator[Reference]:
    """Simulated states in which a variable is at its quantiles, or at each of its named values."""
    pair = behaviour.posterior
    side: Side = "before" if variable in pair.before.values else "after"
    values = pair.series(side, variable)[:, -1]
    alive = torch.nonzero(pair.both[:, -1]).flatten()
    if not len(alive):
        return
    world = behaviour.old if side == "before" else behaviour.new
    names = world.variables[variable].file.support.values
    if names:
        for code, name in list(enumerate(names))[:6]:
            found = alive[values[alive] == code]
            if len(found):
                yield _at(behaviour, pair, int(found[0]), f"a simulated state with {variable} = {name}")
        return
    ranked = alive[torch.argsort(values[alive], stable=True)]
    for level in QUANTILES:
        index = int(ranked[round(level * (len(ranked) - 1))])
        said = f"{variable} at its {level:.0%} ({number(float(values[index]))})"
        yield _at(behaviour, pair, index, said)


@lru_cache(maxsize=4)
def resting(behaviour: Behaviour) -> Reference:
    """Where the old world comes to rest with every draw at its median; or how far it came."""
    steps = behaviour.budget.resting
    runs = [_without_noise(behaviour, simulator, steps) for simulator in behaviour.simulators]
    moving = _moving(behaviour, runs[0])
    said = f"step {steps} without noise ({', '.join(moving[:3])} still moving)" if moving else "the resting state"
    return _at(behaviour, Pair(runs[0], runs[1]), 0, said)


def _without_noise(behaviour: Behaviour, simulator: Simulator, steps: int) -> Trajectories:
    """One trajectory in which every uniform number is one half."""
    middle = Noise(behaviour.seed, edit=lambda _site, _step, numbers: torch.full_like(numbers, 0.5))
    with torch.no_grad():
        return simulate(simulator, None, steps, 1, interventions=behaviour.holding(simulator.world), noise=middle)


def _moving(behaviour: Behaviour, run: Trajectories) -> list[str]:
    """The touched variables that have not stopped."""
    found = []
    for name in behaviour.touched:
        if name in run.values:
            path, spread = run.values[name][0, 0], behaviour.posterior.series("before", name)[:, -1].std(correction=0)
            late = path[-max(2, run.horizon // 10) :]
            if run.horizon < 2 or float(late.max() - late.min()) > _STILL * float(spread):
                found.append(name)
    return found


def _at(behaviour: Behaviour, pair: Pair, draw: int, label: str) -> Reference:
    """The last state of one trajectory: of the old world, and of the new one for what only that has."""
    past, start = {}, {}
    for run, simulator in zip((pair.after, pair.before), reversed(behaviour.simulators), strict=True):
        for name, lag in simulator.lags.items():
            series = _whole(run, name, draw)
            past[name] = tuple(float(value) for value in series.flip(0)[:lag])
            start[name] = float(run.before[name][0][draw, 0])
    return Reference(label, pair.before.horizon, past, start)


def _whole(run: Trajectories, name: str, draw: int) -> Float[Tensor, " time"]:
    """A variable's values from its first one before step 1 to the last."""
    earlier = torch.stack([value[draw, 0] for value in reversed(run.before[name])])
    return torch.cat([earlier, run.values[name][draw, 0]])
