"""Agreement between reviewers beyond chance: Fleiss' kappa, and Cohen's for pairs [fleiss1971, cohen1960].

Fleiss' kappa wants as many ratings of every subject. Requests that were voted on by different numbers of people are
therefore taken in groups of equal number, and pairs of people are compared by Cohen's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

Ballots = Mapping[int, Mapping[str, str]]
"""For each request, what each person said."""


@dataclass(frozen=True)
class Kappa:
    """Agreement of a group: how many subjects and raters, and kappa (None where all said the same throughout)."""

    who: str
    subjects: int
    raters: int
    kappa: float | None


def fleiss(counts: Sequence[Sequence[int]]) -> float | None:
    """Fleiss' kappa of subjects × categories; None where only one category was ever used, which leaves it undefined."""
    table = np.asarray(counts)
    if table.size == 0 or int((table.sum(axis=0) > 0).sum()) < 2:
        return None
    return float(fleiss_kappa(table, method="fleiss"))


def agreement(ballots: Ballots) -> tuple[Kappa, ...]:
    """Fleiss' kappa for each number of raters that occurs, and Cohen's for each pair with two requests in common."""
    return (*_groups(ballots), *_pairs(ballots))


def _groups(ballots: Ballots) -> list[Kappa]:
    words = sorted({word for votes in ballots.values() for word in votes.values()})
    found = []
    for raters in sorted({len(votes) for votes in ballots.values()}):
        own = [votes for votes in ballots.values() if len(votes) == raters]
        if raters > 1 and len(own) > 1:
            counts = [[list(votes.values()).count(word) for word in words] for votes in own]
            found.append(Kappa(f"requests with {raters} voters", len(own), raters, fleiss(counts)))
    return found


def _pairs(ballots: Ballots) -> list[Kappa]:
    people = sorted({person for votes in ballots.values() for person in votes})
    found = []
    for one, other in combinations(people, 2):
        both = [(votes[one], votes[other]) for votes in ballots.values() if one in votes and other in votes]
        if len(both) > 1:
            found.append(Kappa(f"{one} and {other}", len(both), 2, _cohen(both)))
    return found


def _cohen(both: Sequence[tuple[str, str]]) -> float | None:
    words = sorted({word for pair in both for word in pair})
    if len(words) < 2:
        return None
    counted = Counter(both)
    table = np.array([[counted[(one, other)] for other in words] for one in words])
    return float(cohens_kappa(table, return_results=False))
