"""For random laws: what is proved is never seen to fail, and what is refuted fails in the simulator's own numbers too."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from hypothesis import assume, event, given
from hypothesis import strategies as st

from reviewer.claims.budget import Budget
from reviewer.claims.one_step import prove
from reviewer.claims.region import Key, Region
from tests.worldmodel.language_strategies import boxes, laws, points_in
from worldmodel.language.ir import Bounded, Law, Monotone, Variable
from worldmodel.language.walk import walk
from worldmodel.readings.moments import mean_expression
from worldmodel.readings.torch_expression import Environment
from worldmodel.readings.torch_law import is_discrete, law_mean, law_quantile, law_valid

BUDGET = Budget(boxes=64)
BY = Variable("x", 1)
Point = Mapping[Any, float]


def region_from(box: Mapping[Any, tuple[float, float]]) -> Region:
    keys = [Key(kind, name, lag) for kind, name, lag in box]
    ends = np.array(list(box.values()))
    whole = tuple(key.kind == "time" for key in keys)
    return Region(tuple(keys), ends[:, :1], ends[:, 1:], whole, {})


def environment(point: Point) -> Environment:
    def at(kind: str, name: str, lag: int = 0) -> torch.Tensor:
        return torch.tensor(point[kind, name, lag], dtype=torch.float64)

    return Environment(
        lambda name: at("parameter", name),
        lambda name, lag: at("variable", name, lag),
        lambda name: at("start", name),
        lambda: at("time", ""),
    )


def mean_at(law: Law, point: Point) -> float:
    assume(bool(law_valid(law, environment(point))))
    return float(law_mean(law, environment(point)))


@given(laws(composites=True), boxes(), st.data(), st.sampled_from(["increasing", "decreasing"]))
def test_a_proved_direction_is_never_seen_to_fail(law: Law, box: Any, data: st.DataObject, direction: Any) -> None:
    formula = Monotone(direction, Variable("y"), BY)
    if mean_expression(law) is None or not prove(law, formula, region_from(box), BUDGET).proved:
        return
    event(f"proved for {law.family}, reads it: {BY in walk(law)}")
    for _ in range(4):
        first = data.draw(points_in(box))
        other = data.draw(points_in(box))["variable", "x", 1]
        second = {**first, ("variable", "x", 1): other}
        low, high = sorted([first, second], key=lambda point: point["variable", "x", 1])
        one, two = mean_at(law, low), mean_at(law, high)
        slack = 1e-9 * max(1.0, abs(one), abs(two))
        assert two >= one - slack if direction == "increasing" else two <= one + slack


@given(laws(), boxes(), st.data(), st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from(["increasing", "decreasing"]))
def test_a_proved_direction_of_a_quantile_is_never_seen_to_fail(
    law: Law, box: Any, data: st.DataObject, level: float, direction: Any
) -> None:
    if not prove(law, Monotone(direction, Variable("y"), BY, level), region_from(box), BUDGET).proved:
        return
    event(f"proved for {law.family}, reads it: {BY in walk(law)}")
    for _ in range(4):
        first = data.draw(points_in(box))
        second = {**first, ("variable", "x", 1): data.draw(points_in(box))["variable", "x", 1]}
        low, high = sorted([first, second], key=lambda point: point["variable", "x", 1])
        assume(bool(law_valid(law, environment(low))) and bool(law_valid(law, environment(high))))
        u = torch.tensor(level, dtype=torch.float64)
        one, two = (float(law_quantile(law, environment(point), u)) for point in (low, high))
        slack = 1e-7 * max(1.0, abs(one), abs(two))
        if is_discrete(law):
            continue  # a tie of a level with a step of the distribution function is one of rounding
        assert two >= one - slack if direction == "increasing" else two <= one + slack


@given(
    laws(composites=True),
    boxes(),
    st.data(),
    st.sampled_from(["mean", "every"]),
    st.sampled_from(["<=", "<", ">=", ">"]),
    st.sampled_from([-9.0, -1.0, 0.0, 1.0, 9.0]),
)
def test_a_proved_bound_is_never_seen_broken(
    law: Law, box: Any, data: st.DataObject, statistic: Any, operator: Any, bound: float
) -> None:
    formula = Bounded(statistic, Variable("y"), None, operator, bound)
    if (statistic == "mean" and mean_expression(law) is None) or not prove(
        law, formula, region_from(box), BUDGET
    ).proved:
        return
    event(f"proved {statistic} for {law.family}")
    for _ in range(4):
        point = data.draw(points_in(box))
        if statistic == "mean":
            value = mean_at(law, point)
        else:
            assume(bool(law_valid(law, environment(point))))
            u = torch.tensor(data.draw(st.floats(1e-9, 1 - 1e-9)), dtype=torch.float64)
            value = float(law_quantile(law, environment(point), u))
        slack = 1e-9 * max(1.0, abs(bound))
        assert value <= bound + slack if operator in ("<=", "<") else value >= bound - slack
