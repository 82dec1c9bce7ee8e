import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reviewer.behaviour.thickened import thickened_divergence


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.5, 20))
def test_between_points_it_is_the_squared_distance(a: float, b: float, width: float) -> None:
    found = thickened_divergence([a], [b], width)
    assert found.nats == pytest.approx((a - b) ** 2 / (2 * width**2), rel=1e-9, abs=1e-9)
    assert found.plain_is_infinite == (a != b)


def test_between_normals_it_is_the_closed_form() -> None:
    levels = (np.arange(2000) + 0.5) / 2000
    first, second = stats.norm(0, 1).ppf(levels), stats.norm(0.7, 1.5).ppf(levels)
    found = thickened_divergence(first, second, 0.5)
    s, t = np.hypot(1, 0.5), np.hypot(1.5, 0.5)
    assert found.nats == pytest.approx(np.log(t / s) + (s**2 + 0.49) / (2 * t**2) - 0.5, abs=2e-3)
    assert not found.plain_is_infinite


def test_it_shrinks_with_the_width_and_is_zero_for_equals() -> None:
    far = [thickened_divergence([0.0, 1.0], [2.0, 5.0], width).nats for width in (0.5, 1.0, 2.0)]
    assert far == sorted(far, reverse=True)
    assert thickened_divergence([0.0, 1.0], [1.0, 0.0], 0.1).nats == 0.0


def test_a_point_against_a_spread_is_infinite_unthickened() -> None:
    assert thickened_divergence([0.0], [-1.0, 1.0], 0.1).plain_is_infinite


def test_refuses_no_width() -> None:
    with pytest.raises(ValueError, match="width"):
        thickened_divergence([0.0], [1.0], 0.0)
