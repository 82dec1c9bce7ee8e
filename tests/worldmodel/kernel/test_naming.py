"""Texts that differ have kernels of different names, and a finite check misses nothing."""

import itertools
from collections.abc import Callable

import pytest
import torch

from worldmodel.kernel.plan import plan
from worldmodel.simulation.support import all_finite
from worldmodel.world import World

TEXTS = [
    "x[t-1] + 1",
    "x[t-1] - 1",
    "x[t-2] + 1",
    "1 + x[t-1]",
    "-x[t-1] + 1",
    "-(x[t-1] + 1)",
    "x[t-1] + 1 + 1",
    "x[t-1] + (1 + 1)",
    "min(x[t-1], 1, 1) + 1",
    "min(x[t-1], min(1, 1)) + 1",
    "if x[t-1] > 1 then x[t-1] else 1",
    "if not x[t-1] > 1 then x[t-1] else 1",
    "if x[t-1] > 1 and x[t-1] > 1 then x[t-1] else 1",
    "if x[t-1] > 1 or x[t-1] > 1 then x[t-1] else 1",
    "t",
    "Normal(x[t-1], 1)",
    "Mixture(1, Normal(x[t-1], 1), 1, Normal(1, 1))",
    "ZeroInflated(1, Normal(x[t-1], 1))",
]


def test_each_text_has_a_name_of_its_own(world_of: Callable[..., World]) -> None:
    names = {text: plan(world_of(laws={"x": text})).digest for text in TEXTS}
    for one, two in itertools.combinations(TEXTS, 2):
        assert names[one] != names[two], (one, two)
    assert plan(world_of(laws={"x": TEXTS[0]})).digest == names[TEXTS[0]]


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf, -torch.inf])
def test_a_number_that_is_none_is_seen_wherever_it_stands(wrong: float) -> None:
    for place in range(3):
        values = [torch.full((2, 9), 1e308, dtype=torch.float64) for _ in range(3)]
        values[place][1, 4] = wrong
        expected = torch.ones(2, 9, dtype=torch.bool)
        expected[1, 4] = False
        assert torch.equal(all_finite(values), expected)


def test_infinities_of_both_signs_do_not_cancel() -> None:
    values = [torch.full((1, 3), number, dtype=torch.float64) for number in (torch.inf, -torch.inf)]
    assert not bool(all_finite(values).any())
