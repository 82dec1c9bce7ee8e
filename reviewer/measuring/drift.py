"""How one reviewer's reviewing changes over time: approvals, remarks and questions a request, early and late.

People who see many proposals of machines approve more and remark less as time goes by. What is computed here is shown
to the reviewer alone, beside their own past and nobody else's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

FEWEST = 6
"""Requests without which halves mean nothing."""


@dataclass(frozen=True)
class Reviewed:
    """What one person did in one request: whether they approved in the end, and how often they said something else."""

    number: int
    approved: bool
    remarks: int


@dataclass(frozen=True)
class Half:
    """Some requests in a row: the share approved, and remarks a request."""

    requests: int
    approved: float
    remarks: float


@dataclass(frozen=True)
class Drift:
    """The earlier and the later half, and how likely differences as large are by chance (Fisher, Mann–Whitney)."""

    early: Half
    late: Half
    approved_p: float
    remarks_p: float


def drift(reviewed: Sequence[Reviewed]) -> Drift | None:
    """One reviewer's drift over requests in order; None for fewer than `FEWEST`."""
    if len(reviewed) < FEWEST:
        return None
    middle = len(reviewed) // 2
    early, late = reviewed[:middle], reviewed[middle:]
    table = np.array([[sum(one.approved is word for one in side) for word in (True, False)] for side in (early, late)])
    before, after = ([float(one.remarks) for one in side] for side in (early, late))
    alike = len({*before, *after}) == 1
    return Drift(
        _half(early),
        _half(late),
        float(stats.fisher_exact(table).pvalue),
        1.0 if alike else float(stats.mannwhitneyu(before, after).pvalue),
    )


def _half(side: Sequence[Reviewed]) -> Half:
    count = len(side)
    return Half(count, sum(one.approved for one in side) / count, sum(one.remarks for one in side) / count)
