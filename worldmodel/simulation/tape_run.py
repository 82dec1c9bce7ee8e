"""Runs of a tape: noise some steps ahead, one check of a step's values, and nothing kept that is not asked for."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, reduce
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.noise_ahead import NoiseAhead
from worldmodel.simulation.state import State
from worldmodel.simulation.support import Within, all_finite
from worldmodel.simulation.tape import SHAPE, TIME, Operation, Tape

_SMALL = 2**16
"""Numbers of a step up to which it is sooner to copy them all to one place and to check them there."""


@dataclass(frozen=True)
class Checks:
    """What every value has to be, in the order of the variables' places."""

    places: tuple[int, ...]
    supports: tuple[Within, ...]

    @cached_property
    def ends(self) -> tuple[Float[Tensor, "variable 1 1"], Float[Tensor, "variable 1 1"]]:
        """The supports' ends, the largest numbers where there are none: whatever lies between is finite."""
        most = sys.float_info.max
        lower = torch.tensor([max(-most, support.lower) for support in self.supports], dtype=torch.float64)
        upper = torch.tensor([min(most, support.upper) for support in self.supports], dtype=torch.float64)
        return lower[:, None, None], upper[:, None, None]

    @cached_property
    def whole(self) -> tuple[int, ...]:
        """Which variables take whole numbers only."""
        return tuple(place for place, support in enumerate(self.supports) if support.whole)

    @cached_property
    def bounded(self) -> tuple[tuple[int, Within], ...]:
        """The variables with ends, and the others' places in `free`."""
        pairs = zip(self.places, self.supports, strict=True)
        return tuple((place, support) for place, support in pairs if not support.unbounded)

    @cached_property
    def free(self) -> tuple[int, ...]:
        """The places of variables that may be any finite number."""
        pairs = zip(self.places, self.supports, strict=True)
        return tuple(place for place, support in pairs if support.unbounded)

    def good(self, places: Sequence[Any], count: int) -> Bool[Tensor, "draws batch"] | None:
        """Where every value is in its support; None where all of them are everywhere."""
        if count * len(self.places) <= _SMALL:
            values = torch.stack([places[place] for place in self.places])
            if not self.bounded and torch.dot(values.view(-1), _zeros(values.numel())).item() == 0.0:
                return None  # 0 · x is 0 for finite numbers only
            inside = torch.clamp(values, *self.ends).eq(values)
            for place in self.whole:
                inside[place] &= values[place] == torch.round(values[place])
            return None if bool(inside.all()) else inside.all(dim=0)
        masks = [support.contains(places[place]) for place, support in self.bounded]
        if self.free:
            masks.append(all_finite([places[place] for place in self.free]))
        return _unless_all(reduce(torch.logical_and, masks))


@lru_cache(maxsize=8)
def _zeros(count: int) -> Float[Tensor, " number"]:
    return torch.zeros(count, dtype=torch.float64)


def _unless_all(mask: Bool[Tensor, "draws batch"]) -> Bool[Tensor, "draws batch"] | None:
    return None if bool(mask.all()) else mask


class TapeRun:
    """Runs of one tape; holds nothing that a run changes."""

    def __init__(self, tape: Tape, keep: Sequence[str]) -> None:
        self._tape, self._keep = tape, tuple(keep)
        self._moves = tuple(_moves(tape))
        self._current = tuple(tape.current.items())
        supports = tape.simulator.supports
        self._checks = Checks(tuple(tape.current.values()), tuple(supports[name] for name in tape.current))
        self._sites = (*tape.normal_sites, *tape.uniform_sites)
        self._site_places = (*tape.normal_sites.values(), *tape.uniform_sites.values())

    def __call__(
        self, state: State, parameters: Parameters, noise: Noise, horizon: int
    ) -> tuple[Mapping[str, Float[Tensor, "draws batch time"]], Bool[Tensor, "draws batch time"]]:
        """The series of what is kept, and who was alive after each step; for parameters without gradients."""
        shape = (state.alive.shape[0], state.alive.shape[1])
        with torch.no_grad():
            places = self._begin(state, parameters, shape)
            _do(self._tape.once, places)
            ahead = NoiseAhead(noise, self._sites, len(self._tape.normal_sites), shape, horizon)
            kept: list[list[Tensor]] = [[] for _ in self._keep]
            lived = []
            alive, all_alive = state.alive, bool(state.alive.all())
            for step in range(state.time + 1, state.time + horizon + 1):
                self._step(places, ahead, step)
                good = self._good(places, shape)
                if good is not None or not all_alive:
                    alive, all_alive = alive if good is None else alive & good, False
                    self._freeze(places, alive)
                lived.append(alive)
                for values, name in zip(kept, self._keep, strict=True):
                    values.append(places[self._tape.current[name]])
                self._pass_on(places)
            series = {name: _along(values) for name, values in zip(self._keep, kept, strict=True)}
            return series, _along(lived)

    def _begin(self, state: State, parameters: Parameters, shape: tuple[int, int]) -> list[Any]:
        tape = self._tape
        places: list[Any] = [None] * tape.size
        places[SHAPE] = shape
        for place, value in tape.constants.items():
            places[place] = value
        for name, place in tape.parameters.items():
            places[place] = parameters[name].detach()
        for name, place in tape.starts.items():
            places[place] = state.start[name]
        for name, own in tape.history.items():
            for place, value in zip(own, state.history[name], strict=True):
                places[place] = value
        return places

    def _step(self, places: list[Any], ahead: NoiseAhead, step: int) -> None:
        places[TIME] = torch.tensor(float(step), dtype=torch.float64) if self._tape.timed else None
        if self._sites:
            for place, numbers in zip(self._site_places, ahead.at(step), strict=True):
                places[place] = numbers
        _do(self._tape.each, places)

    def _good(self, places: list[Any], shape: tuple[int, int]) -> Bool[Tensor, "draws batch"] | None:
        """Where all that was drawn is good; None where that is everywhere."""
        good = self._checks.good(places, shape[0] * shape[1])
        for place in self._tape.valid:
            valid = _unless_all(places[place])
            good = good if valid is None else valid if good is None else good & valid
        return good

    def _freeze(self, places: list[Any], alive: Bool[Tensor, "draws batch"]) -> None:
        """Where a trajectory has failed, its values stay at the last good ones."""
        for name, place in self._current:
            places[place] = torch.where(alive, places[place], places[self._tape.history[name][0]])

    def _pass_on(self, places: list[Any]) -> None:
        """Makes this step's values those of the step before."""
        for older, newer in self._moves:
            places[older] = places[newer]


def _moves(tape: Tape) -> Iterator[tuple[int, int]]:
    """From which place to which values go between two steps, the oldest first."""
    for name, own in tape.history.items():
        yield from reversed([*zip(own, (tape.current[name], *own[:-1]), strict=True)])


def _do(operations: Sequence[Operation], places: list[Any]) -> None:
    for function, first, second, others, result in operations:
        if others:
            places[result] = function(*[places[place] for place in others])
        elif second < 0:
            places[result] = function(places[first])
        else:
            places[result] = function(places[first], places[second])


def _along(steps: Sequence[Tensor]) -> Float[Tensor, "draws batch time"]:
    """One tensor of a run's steps, which lie one after the other in memory."""
    return torch.stack(tuple(steps)).movedim(0, -1)
