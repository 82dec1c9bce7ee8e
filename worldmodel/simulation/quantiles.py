"""What many trajectories have in common: the quantiles of each variable at each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from worldmodel.simulation.simulate import Trajectories

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
        series = trajectories.values[name].detach().flatten(end_dim=1)
        before = trajectories.before[name][0].detach().flatten()
        whole = torch.cat([before.unsqueeze(-1), series], dim=-1)
        found[name] = Fan(levels, torch.from_numpy(np.quantile(whole.numpy(), levels, axis=0)), first=0)
    return found
