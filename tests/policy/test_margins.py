"""The margin of a property says what the property says, with a sign."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from policy.margins import path_margin
from worldmodel.language.ir import Expression, Probability
from worldmodel.language.parser import parse_formula
from worldmodel.simulation.paths import path_holds, values_along
from worldmodel.simulation.simulate import Trajectories

PROPERTIES = (
    "P(x[t] >= 0 throughout 4) >= 0.5",
    "P(x[t] <= 0.5 within 3) >= 0.5",
    "P(x[t] > 0 until x[t] > 1 within 4) >= 0.5",
    "P(x[t] > 0 until x[t] > 1 within 1) >= 0.5",
    "P((x[t] > 0 or x[t-1] < 0) and not (x[t] > 1) throughout 4) >= 0.5",
    "P(x[t] >= x[0] - 1 throughout 4) >= 0.5",
)
series = st.lists(st.floats(-2, 2, width=32), min_size=5, max_size=5)


@given(st.sampled_from(PROPERTIES), st.lists(series, min_size=1, max_size=6))
def test_the_sign_of_the_margin_is_the_truth_of_the_property(text: str, rows: list[list[float]]) -> None:
    values = torch.tensor(rows, dtype=torch.float64)[:, None, :]
    trajectories = Trajectories(
        {"x": values[..., 1:]}, torch.ones(len(rows), 1, 4, dtype=torch.bool), {"x": (values[..., 0],)}, {}, {}
    )
    formula = parse_formula(text)
    assert isinstance(formula, Probability)

    def along(expression: Expression) -> torch.Tensor:
        return values_along(expression, trajectories, {})

    margin, holds = path_margin(formula.path, along), path_holds(formula.path, trajectories)
    assert bool((holds | (margin <= 0)).all())
    assert bool((~holds | (margin >= 0)).all())
