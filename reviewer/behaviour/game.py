"""The Shapley value of a game: what each player adds, on average over all orders in which players join [shapley1953].

It is the one division of what all players together are worth that adds up, treats equal players alike, gives nothing
to those who add nothing, and is linear in the game. With up to `EXACT` players every coalition is valued; with more,
orders are drawn and each value carries the standard error of its mean.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

EXACT = 10
"""The most players whose 2^n coalitions are all valued, unless told otherwise."""

Coalition = frozenset[str]
Worth = Callable[[Coalition], float]


@dataclass(frozen=True)
class Share:
    """One player's Shapley value; `error` is 0 where every coalition was valued."""

    player: str
    value: float
    error: float = 0.0


def shapley_values(
    players: Sequence[str], worth: Worth, orders: int = 200, seed: int = 0, exact: int = EXACT
) -> tuple[Share, ...]:
    """Each player's share of worth(all) − worth(nobody); `worth` is asked once for each coalition that is needed.

    Up to `exact` players are valued exactly; with more, `orders` orders are drawn, two at least.
    """
    known: dict[Coalition, float] = {}

    def valued(coalition: Coalition) -> float:
        if coalition not in known:
            known[coalition] = worth(coalition)
        return known[coalition]

    if len(players) <= exact:
        return tuple(Share(player, _exact(player, players, valued)) for player in players)
    return _sampled(players, valued, orders, seed)


def _exact(player: str, players: Sequence[str], worth: Worth) -> float:
    others = [other for other in players if other != player]
    return math.fsum(
        (worth(frozenset(joined) | {player}) - worth(frozenset(joined))) / (len(players) * math.comb(len(others), size))
        for size in range(len(players))
        for joined in combinations(others, size)
    )


def _sampled(players: Sequence[str], worth: Worth, orders: int, seed: int) -> tuple[Share, ...]:
    random = np.random.default_rng(seed)
    added = np.empty((orders, len(players)))
    for row in added:
        joined: Coalition = frozenset()
        for place in random.permutation(len(players)):
            before, joined = joined, joined | {players[place]}
            row[place] = worth(joined) - worth(before)
    errors = added.std(axis=0, ddof=1) / math.sqrt(orders)
    return tuple(
        Share(player, float(mean), float(error))
        for player, mean, error in zip(players, added.mean(axis=0), errors, strict=True)
    )
