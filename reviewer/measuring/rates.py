"""How often planted mistakes pass unseen, with an exact interval: a team's miss rate.

The interval is Clopper and Pearson's [clopper1934]. With no miss in n, the one-sided 95 percent bound is 1 − .05^(1/n):
13.9, 4.9 and 3.0 percent for 20, 60 and 100.
"""

from dataclasses import dataclass

from reviewer.claims.exact import share_bounds


@dataclass(frozen=True)
class MissRate:
    """Misses of so many planted proposals; `low` to `high` is a two-sided 95 percent interval, `at_most` one-sided."""

    misses: int
    shown: int
    low: float
    high: float
    at_most: float


def miss_rate(misses: int, shown: int) -> MissRate:
    """The rate of misses; with nothing shown nothing is known."""
    if not shown:
        return MissRate(0, 0, 0.0, 1.0, 1.0)
    low, high = share_bounds(misses, shown, 0.95)
    _, at_most = share_bounds(misses, shown, 0.9)  # five percent on one side are ten on two
    return MissRate(misses, shown, low, high, at_most)
