"""How often planted mistakes pass unseen, with an exact interval: a team's miss rate.

The interval is Clopper and Pearson's [clopper1934]. With no miss in n, the one-sided 95 percent bound is 1 − .05^(1/n):
13.9, 4.9 and 3.0 percent for 20, 60 and 100.
"""

from dataclasses import dataclass

from scipy import stats


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
    low, high = stats.binomtest(misses, shown).proportion_ci(0.95, "exact")
    bound = stats.binomtest(misses, shown, alternative="less").proportion_ci(0.95, "exact").high
    return MissRate(misses, shown, float(low), float(high), float(bound))
