"""How much work a claim is worth: counts of work and never times, so that one claim has one answer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """Limits on one claim.

    `boxes` into which the values that a law reads may be cut, `work` in terms times boxes or points, `points` to try
    for a counterexample, `draws` of trajectories, `steps` in terms times steps of one run, `values` in terms times
    steps times trajectories, `elements` of a family. `level` is the coverage of intervals, `seed` names the noise.
    """

    boxes: int = 20_000
    work: int = 20_000_000
    points: int = 4_096
    draws: int = 10_000
    steps: int = 400_000
    values: int = 400_000_000
    elements: int = 64
    level: float = 0.999
    seed: int = 0


DEFAULT = Budget()
