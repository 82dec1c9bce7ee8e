"""What many trajectories have in common: quantiles of variables at each step, shares of finite variables' values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.simulation.simulate import Trajectories
from worldmodel.world import World

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Fan:
    """A variable's quantiles: `values` has one row for each of `levels`, one column for each step from `first` on."""

    levels: tuple[float, ...]
    values: Float[Tensor, "level time"]
    first: int = 1

    def at(self, step: int) -> list[float]:
        """The quantiles at one step."""
        return [float(value) for value in self.values[:, step - self.first]]


def fans(trajectories: Trajectories, names: Sequence[str], levels: tuple[float, ...] = LEVELS) -> Mapping[str, Fan]:
    """Each variable's fan from step 0 on, over all trajectories; those that failed count with their last values."""
    found = {}
    for name in names:
        quantiles = np.quantile(_from_start(trajectories, name).numpy(), levels, axis=0)
        found[name] = Fan(levels, torch.from_numpy(quantiles), first=0)
    return found


@dataclass(frozen=True)
class Shares:
    """How often a finite variable has each of its values: a row for each name, a column for each step from `first`."""

    names: tuple[str, ...]
    values: Float[Tensor, "name time"]
    first: int = 1

    def at(self, step: int) -> list[float]:
        """The shares at one step."""
        return [float(value) for value in self.values[:, step - self.first]]


def shares(trajectories: Trajectories, world: World) -> Mapping[str, Shares]:
    """The shares of every finite variable that was kept, from step 0 on, over all trajectories."""
    found = {}
    for name in world.order:
        names = world.variables[name].file.support.values
        if names and name in trajectories.values:
            whole = _from_start(trajectories, name)
            counted = [(whole == code).double().mean(dim=0) for code in range(len(names))]
            found[name] = Shares(names, torch.stack(counted), first=0)
    return found


def _from_start(trajectories: Trajectories, name: str) -> Float[Tensor, "trajectory time"]:
    series = trajectories.values[name].detach().flatten(end_dim=1)
    before = trajectories.before[name][0].detach().flatten()
    return torch.cat([before.unsqueeze(-1), series], dim=-1)
