"""Which of several policies is kept: first by floors, then by the objective, so that no utility can buy off a floor.

Where a floor's bound was reached by nobody, not even by the rules that come with the world, the least shortfall that
was found is the best there is, and the report says so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from policy.task import Requirement


@dataclass(frozen=True)
class Reading:
    """How a policy did on one set of trajectories.

    Its objective, and the share of trajectories that kept each floor.
    """

    objective: float
    kept: tuple[float, ...]
    alive: float
    trajectories: int


def shortfall(reading: Reading, requirements: Sequence[Requirement]) -> float:
    """By how much floors are missed.

    The sum over floors of wanted share − kept share, where positive, and of lost trajectories.
    """
    missing = (max(0.0, floor.share - kept) for floor, kept in zip(requirements, reading.kept, strict=True))
    return sum(missing) + (1 - reading.alive)


def resolution(readings: Sequence[Reading]) -> float:
    """The smallest difference in a share that counts: one standard error of a share of one half."""
    return 0.5 / math.sqrt(min(reading.trajectories for reading in readings))


def best(readings: Sequence[Reading], requirements: Sequence[Requirement]) -> int:
    """The index of the policy to keep.

    The highest objective among those whose shortfall is the least, up to `resolution`.
    """
    missed = [shortfall(reading, requirements) for reading in readings]
    least = min(missed)
    slack = 0.0 if least == 0 else resolution(readings)
    allowed = [index for index, value in enumerate(missed) if value <= least + slack]
    return max(allowed, key=lambda index: (readings[index].objective, -index))


def floors_out_of_reach(readings: Sequence[Reading], requirements: Sequence[Requirement]) -> tuple[str, ...]:
    """The floors that none of these policies and rules keeps as often as wanted."""
    return tuple(
        floor.name
        for place, floor in enumerate(requirements)
        if all(reading.kept[place] < floor.share for reading in readings)
    )
