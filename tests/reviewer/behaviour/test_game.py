import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.behaviour.game import Coalition, shapley_values


def test_security_council_has_its_published_values() -> None:
    # Five permanent members with a veto and ten others; nine votes pass.
    permanent, others = 5, 10
    names = [f"p{place}" for place in range(permanent)] + [f"o{place}" for place in range(others)]

    def worth(coalition: Coalition) -> float:
        vetoes = sum(name.startswith("p") for name in coalition)
        return float(vetoes == permanent and len(coalition) >= 9)

    shares = shapley_values(names, worth, orders=3000, seed=1)
    assert math.fsum(share.value for share in shares) == pytest.approx(1.0)
    for share in shares:
        wanted = 0.19627 if share.player.startswith("p") else 0.001865
        assert abs(share.value - wanted) < 4 * max(share.error, 1 / 3000)


def test_gloves() -> None:
    # One left glove, two right ones: the owner of the left one gets two thirds.
    shares = shapley_values(["left", "right", "other"], lambda joined: float("left" in joined and len(joined) > 1))
    assert [share.value for share in shares] == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert all(share.error == 0 for share in shares)


@given(st.lists(st.floats(-100, 100), min_size=16, max_size=16), st.lists(st.floats(-100, 100), min_size=4, max_size=4))
def test_shares_add_up_and_are_linear(bonus: list[float], own: list[float]) -> None:
    players = ["a", "b", "c", "d"]
    coalitions = [frozenset(joined) for size in range(5) for joined in combinations(players, size)]
    game = dict(zip(coalitions, bonus, strict=True))
    values = dict(zip(players, own, strict=True))

    def worth(joined: Coalition) -> float:
        return game[joined] + sum(values[player] for player in joined)

    with_both = shapley_values(players, worth)
    alone = shapley_values(players, game.__getitem__)
    whole = worth(frozenset(players)) - worth(frozenset())
    assert math.fsum(share.value for share in with_both) == pytest.approx(whole, abs=1e-9)
    for share, without in zip(with_both, alone, strict=True):
        assert share.value == pytest.approx(without.value + values[share.player], abs=1e-9)
