"""Properties before and after, with exact bounds."""

from itertools import product

import pytest
from scipy.stats import binom

from reviewer.claims.exact import share_bounds
from reviewer.panes.pane import Sentence, Table
from reviewer.panes.properties import property_blocks
from reviewer.panes.subject import Settings, subject_of
from tests.reviewer.panes.line_world import FILES, SMALL, must, with_law

PATH = "properties/ends_high.toml"


def test_none_of_sixty_bounds_a_share_at_five_in_a_hundred() -> None:
    assert share_bounds(0, 60, 0.9) == (0.0, pytest.approx(0.0487, abs=1e-4))


@pytest.mark.parametrize(("share", "total"), [*product((0.02, 0.3, 0.5, 0.97), (5, 40))])
def test_the_interval_holds_the_truth_as_often_as_it_says(share: float, total: int) -> None:
    covered = 0.0
    for count in range(total + 1):
        low, high = share_bounds(count, total, 0.9)
        covered += binom.pmf(count, total, share) if low <= share <= high else 0.0
    assert covered >= 0.9


def test_a_half_that_becomes_nearly_sure_is_told_with_its_bounds_and_pairs() -> None:
    # At step 1 x is N(0, 1) before, above 0 with probability 1/2; then N(3, 1), above 0 with .99865.
    blocks = [*property_blocks(with_law("Normal(3 + 0.5 * x[t-1] + 0.8 * z[t-1], 1)"))]
    first, *rest = blocks
    assert isinstance(first, Sentence)
    assert first.text.startswith("After the change 1 of 1 properties hold")
    assert any(isinstance(one, Sentence) and "before, it does not hold" in one.text for one in rest)
    [table] = [one for one in blocks if isinstance(one, Table)]
    [(name, _, before, after, turned)] = table.rows
    assert name == "ends_high"
    assert abs(float(before.split(" ")[0]) - 0.5) < 0.08
    assert float(after.split(" ")[0]) > 0.98
    assert turned.endswith("0 to no (more than chance)")


def test_a_property_that_is_dropped_is_a_warning() -> None:
    blocks = [*property_blocks(subject_of(FILES, {PATH: None}, SMALL))]
    assert Sentence("ends_high is no longer asked for.", "bad") in blocks


def test_a_bound_that_moves_is_said() -> None:
    changed = must("ends_high", "P(x[t] > 0 within 1) >= 0.2")
    blocks = [*property_blocks(subject_of(FILES, {PATH: changed}, SMALL))]
    assert Sentence("ends_high: the bound moves from 0.9 to 0.2.", "unsure") in blocks


def test_a_property_is_looked_at_as_far_as_it_looks() -> None:
    longer = must("ends_high", "P(x[t] > 0 within 60) >= 0.9")
    blocks = [*property_blocks(subject_of(FILES, {PATH: longer}, SMALL))]
    [table] = [one for one in blocks if isinstance(one, Table)]
    assert table.rows[0][3].endswith("holds")


def test_what_would_take_too_long_is_not_computed_and_said() -> None:
    longer = must("ends_high", "P(x[t] > 0 within 10000) >= 0.9")
    blocks = [*property_blocks(subject_of(FILES, {PATH: longer}, Settings(draws=100, horizon=4, work=2000)))]
    assert any(isinstance(one, Sentence) and one.text.endswith("not computed.") for one in blocks)
    [table] = [one for one in blocks if isinstance(one, Table)]
    assert table.rows[0][3] == "none"
