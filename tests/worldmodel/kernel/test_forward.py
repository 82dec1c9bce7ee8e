"""A tile of trajectories gets the parameters of its own draws, whether they lie side by side or not."""

import numpy as np
import pytest

from worldmodel.kernel import native
from worldmodel.kernel.forward import parameters_function

WIDTH = 32


@pytest.fixture(scope="module")
def library() -> native.Library:
    text = parameters_function(WIDTH).replace("define internal", "define")
    return native.load(native.compile_text(text), ("load_parameters",))


@pytest.mark.parametrize(
    ("draws", "batch", "first"),
    [
        (70, 1, 0),
        (70, 1, 32),
        (70, 1, 38),
        (70, 1, 39),
        (70, 1, 64),
        (32, 1, 0),
        (33, 1, -3),
        (1, 100, 32),
        (20, 7, 64),
    ],
)
def test_each_lane_gets_the_draw_of_its_trajectory(draws: int, batch: int, first: int, library: native.Library) -> None:
    given = np.arange(3.0 * draws).reshape(3, draws)
    memory = np.zeros(3 * WIDTH + 8)
    found = memory[-memory.ctypes.data % 64 // 8 :][: 3 * WIDTH].reshape(3, WIDTH)
    library.function("load_parameters", 6)(given.ctypes.data, draws, 3, first, batch, found.ctypes.data)
    draw = np.clip(np.maximum(np.arange(first, first + WIDTH), 0) // batch, 0, draws - 1)
    assert found.tolist() == given[:, draw].tolist()
