"""For random laws of one input: what is proved of them is never seen to fail in the simulator's own numbers."""

from typing import Any

import numpy as np
import torch
from hypothesis import event, given
from hypothesis import strategies as st
from torch import Tensor

from reviewer.claims.budget import Budget
from reviewer.claims.one_step import prove
from reviewer.claims.region import Key, Region
from tests.worldmodel.language_strategies import Names, laws
from worldmodel.language.ir import Bounded, Law, Monotone, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.moments import mean_expression
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import is_discrete, law_mean, law_quantile, law_valid

BUDGET = Budget(boxes=24, work=20_000)
X, Y = Variable("x", 1), Variable("y")
ONE = Names((), (("x", 1),), (), time=False)
LAWS = laws(ONE, composites=True)
BOXES = st.sampled_from([(0.0, 1.0), (-1.0, 1.0), (0.5, 2.0), (-4.0, -0.25), (0.0, np.inf), (-np.inf, np.inf)])
Ends = tuple[float, float]


def region(ends: Ends) -> Region:
    low, high = np.array([[ends[0]]]), np.array([[ends[1]]])
    return Region((Key("variable", "x", 1),), low, high, (False,), {})


def grid(ends: Ends) -> Tensor:
    """Values in order, the ends and the places where random laws like to bend among them."""
    low, high = max(ends[0], -12.0), min(ends[1], 12.0)
    even = torch.linspace(low, high, 97, dtype=torch.float64)
    special = torch.tensor([-3.0, -2.0, -1.0, -0.5, 0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 10.0], dtype=torch.float64)
    near = torch.cat([special - 1e-9, special, special + 1e-9])
    return torch.cat([even, near[(near >= low) & (near <= high)]]).sort().values


def environment(x: Tensor) -> Environment:
    return Environment(lambda _: torch.tensor(0.0), lambda _name, _lag: x, lambda _: x)


def valid_grid(law: Law, ends: Ends) -> Tensor:
    x = grid(ends)
    return x[law_valid(law, environment(x)).expand(x.shape)]


def values(law: Law, x: Tensor, level: float | None) -> Tensor:
    if level is None:
        return law_mean(law, environment(x)).expand(x.shape)
    return law_quantile(law, environment(x), torch.full_like(x, level))


def directions(law: Law, ends: Ends, level: float | None) -> set[str]:
    """The directions that are proved of a law."""
    both = ("increasing", "decreasing")
    return {way for way in both if prove(law, Monotone(way, Y, X, level), region(ends), BUDGET).proved}  # type: ignore[arg-type]


def assert_moves(way: str, found: Tensor, slack: float) -> None:
    steps = found.diff()
    allowed = slack * found.abs().clamp(min=1.0)[1:]
    assert (steps >= -allowed).all() if way == "increasing" else (steps <= allowed).all()


@given(LAWS, BOXES)
def test_a_proved_direction_of_a_mean_is_never_seen_to_fail(law: Law, ends: Ends) -> None:
    found = directions(law, ends, None)
    x = valid_grid(law, ends)
    if X in set(walk(law)) and mean_expression(law) is not None and len(x) > 1:
        event(f"proved: {len(found)}")
        for way in found:
            assert_moves(way, values(law, x, None), 1e-9)


@given(LAWS, BOXES, st.sampled_from([0.1, 0.5, 0.9]))
def test_a_proved_direction_of_a_quantile_is_never_seen_to_fail(law: Law, ends: Ends, level: float) -> None:
    if law.family in ("Mixture", "ZeroInflated") or is_discrete(law):
        return  # their draws at a level are no quantiles, or jump where rounding decides
    found = directions(law, ends, level)
    x = valid_grid(law, ends)
    if X in set(walk(law)) and len(x) > 1:
        event(f"proved: {len(found)}")
        for way in found:
            assert_moves(way, values(law, x, level), 1e-6)


@given(
    LAWS,
    BOXES,
    st.sampled_from(["mean", "every"]),
    st.sampled_from(["<=", ">="]),
    st.sampled_from([-9.0, -1.0, 0.0, 1.0, 9.0]),
)
def test_a_proved_bound_is_never_seen_broken(law: Law, ends: Ends, statistic: Any, operator: Any, bound: float) -> None:
    if statistic == "mean" and mean_expression(law) is None:
        return
    proved = prove(law, Bounded(statistic, Y, None, operator, bound), region(ends), BUDGET).proved
    event(f"proved: {proved}")
    x = valid_grid(law, ends)
    if proved and len(x):
        for level in [None] if statistic == "mean" else [1e-12, 0.01, 0.3, 0.7, 0.99, 1 - 1e-12]:
            found = values(law, x, level)
            slack = 1e-9 * max(1.0, abs(bound))
            assert (found <= bound + slack).all() if operator == "<=" else (found >= bound - slack).all()
