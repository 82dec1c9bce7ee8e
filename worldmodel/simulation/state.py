"""What the next step needs, and what a step has to tell."""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Bool, Float, Int
from torch import Tensor

Values = Float[Tensor, "draws batch"]
Observation = Float[Tensor, "draws batch observation"]
Action = Float[Tensor, "draws batch action"]


@dataclass(frozen=True)
class State:
    """A block of trajectories between two steps.

    `time` is the number of steps taken; `history` has each variable's last values, most recent first; `start` its value
    before step 1; `alive` says where every value has stayed within its support; `rivals` which of a variable's rival
    mechanisms holds in each trajectory, as a position in the sorted list of those with weight.
    """

    time: int
    history: Mapping[str, tuple[Values, ...]]
    start: Mapping[str, Values]
    alive: Bool[Tensor, "draws batch"]
    rivals: Mapping[str, Int[Tensor, "draws batch"]]


@dataclass(frozen=True)
class Info:
    """What happened in a step: its values, which trajectories failed in it, whose action was moved into its support."""

    values: Mapping[str, Values]
    failed: Bool[Tensor, "draws batch"]
    clamped: Bool[Tensor, "draws batch"]
