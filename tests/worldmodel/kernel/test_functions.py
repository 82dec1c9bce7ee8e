"""The vector functions hold to the truth, element by element, and to IEEE where there is nothing to compute."""

from collections.abc import Callable

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from worldmodel.kernel import native
from worldmodel.kernel.assembly import Assembly, stored_numbers
from worldmodel.kernel.functions import ONE, definition
from worldmodel.kernel.normal_pieces import normal_pieces

Array = NDArray[np.float64]
WIDTH = 8
NAMES = (*ONE, "pow")
SPECIAL = np.array(
    [0.0, -0.0, 1, -1, 2, -2, 3, -3, 0.5, 2.5, -2.5, 1e17, 1e308, 5e-324, 1e-310, np.inf, -np.inf, np.nan]
)

mpmath.mp.dps = 40


def loop_over(name: str) -> str:
    """`@run_NAME(first, second, out, count)`."""
    code, two = Assembly(WIDTH), name == "pow"
    kind = code.reals
    with code.loop("%count") as place:
        first = code.whole("mul", place, str(WIDTH))
        x, y = (code.op(f"load {kind}, ptr {code.at(base, first)}, align 8") for base in ("%first", "%second"))
        arguments = f"{kind} {x}, {kind} {y}" if two else f"{kind} {x}"
        result = code.op(f"call {kind} @{name}.{WIDTH}({arguments})")
        code.do(f"store {kind} {result}, ptr {code.at('%out', first)}, align 8")
    code.do("ret void")
    return code.text(f"define void @run_{name}(ptr %first, ptr %second, ptr %out, i64 %count)")


@pytest.fixture(scope="module")
def call() -> Callable[..., Array]:
    parts = [definition(name, WIDTH, "noinline") for name in NAMES] + [loop_over(name) for name in NAMES]
    text = "\n".join([*parts, stored_numbers(parts), '!0 = !{!"branch_weights", i32 1, i32 200}\n'])
    library = native.load(native.compile_text(text), tuple(f"run_{name}" for name in NAMES))

    def run(name: str, x: Array, y: Array | None = None) -> Array:
        first = np.pad(np.asarray(x, np.float64), (0, -len(x) % WIDTH), constant_values=0.5)
        second = first if y is None else np.pad(np.asarray(y, np.float64), (0, -len(y) % WIDTH), constant_values=0.5)
        out = np.empty_like(first)
        places = (array.ctypes.data for array in (first, second, out))
        library.function(f"run_{name}", 4)(*places, len(first) // WIDTH)
        return out[: len(x)]

    return run


def units_off(found: Array, true: list[mpmath.mpf]) -> float:
    """The greatest distance in units of the last place of the true number."""
    return max(
        float(abs(mpmath.mpf(float(one)) - two) / mpmath.mpf(float(np.spacing(abs(float(two))))))
        for one, two in zip(found, true, strict=True)
    )


def normal(u: mpmath.mpf) -> mpmath.mpf:
    return mpmath.sqrt(2) * mpmath.erfinv(2 * u - 1)


def uniforms(random: np.random.Generator, count: int) -> Array:
    """Numbers of the noise's kind, many of them far out at both ends."""
    words = np.concatenate([random.integers(0, 2**52, count), (2.0 ** random.uniform(0, 51, count)).astype(np.int64)])
    words = np.concatenate([words, 2**52 - 1 - words, [0, 2**52 - 1, 2**51, 2**51 - 1]])
    return (words + 0.5) * 2.0**-52


CASES: dict[str, tuple[Callable[[mpmath.mpf], mpmath.mpf], Callable[[np.random.Generator], Array], float]] = {
    "exp": (mpmath.exp, lambda random: np.r_[random.uniform(-744, 709.7, 800), random.normal(size=800)], 1.5),
    "log": (mpmath.log, lambda random: np.r_[np.exp(random.uniform(-744, 709, 800)), random.normal(1, 0.1, 800)], 1.5),
    "tanh": (mpmath.tanh, lambda random: np.r_[random.normal(size=800), 10 ** random.uniform(-307, 2, 800)], 3.0),
    "logistic": (
        lambda x: 1 / (1 + mpmath.exp(-x)),
        lambda random: np.r_[random.normal(0, 5, 800), random.uniform(-700, 50, 800)],
        2.5,
    ),
    "normal_quantile": (normal, lambda random: uniforms(random, 150), 4.0),
    "half_normal_quantile": (lambda u: normal((1 + u) / 2), lambda random: uniforms(random, 150), 4.0),
}


@pytest.mark.parametrize("name", CASES)
def test_a_function_is_within_a_few_units_of_the_truth(name: str, call: Callable[..., Array]) -> None:
    truth, sample, bound = CASES[name]
    x = sample(np.random.default_rng(5))
    assert units_off(call(name, x), [truth(mpmath.mpf(float(entry))) for entry in x]) < bound


def test_powers_are_within_a_few_units_of_the_truth(call: Callable[..., Array]) -> None:
    random = np.random.default_rng(6)
    x = np.r_[np.exp(random.uniform(-30, 30, 800)), np.exp(random.uniform(-700, 700, 800)), random.normal(1, 1e-3, 800)]
    y = np.r_[random.normal(0, 5, 800), random.uniform(-1, 1, 800), random.normal(0, 1e4, 800)]
    true = [mpmath.mpf(float(base)) ** mpmath.mpf(float(exponent)) for base, exponent in zip(x, y, strict=True)]
    assert units_off(call("pow", x, y), true) < 2.0


@pytest.mark.parametrize(
    ("name", "numpy"),
    [("exp", np.exp), ("log", np.log), ("tanh", np.tanh), ("logistic", lambda x: 1 / (1 + np.exp(-x)))],
)
def test_special_numbers_are_as_in_numpy(
    name: str, numpy: Callable[[Array], Array], call: Callable[..., Array]
) -> None:
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(call(name, SPECIAL), numpy(SPECIAL), rtol=1e-15)


def test_powers_of_special_numbers_are_as_in_numpy(call: Callable[..., Array]) -> None:
    x, y = (grid.ravel() for grid in np.meshgrid(SPECIAL, SPECIAL))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(call("pow", x, y), x**y, rtol=1e-15)


@pytest.mark.parametrize("name", ["exp", "log", "tanh", "logistic"])
def test_nothing_comes_of_what_is_not_a_number_whatever_its_bits(name: str, call: Callable[..., Array]) -> None:
    bits = np.array([0x7FF8000000000123, 0xFFF80000000FFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFF8000000000001], np.uint64)
    assert np.isnan(call(name, bits.view(np.float64))).all()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "normal_tail"])
def test_a_lane_does_not_feel_its_neighbours(name: str, call: Callable[..., Array]) -> None:
    x = np.random.default_rng(7).uniform(1e-9, 1, 64)
    neighbours = np.tile([0.25, np.nan, np.inf, -1.0, 1e-300, 2.0**-53, 0.5, 1e300], (64, 1))
    neighbours[np.arange(64), np.arange(64) % 8] = x
    with np.errstate(all="ignore"):
        among = call(name, neighbours.ravel(), np.full(512, 0.7)).reshape(64, 8)[np.arange(64), np.arange(64) % 8]
    assert (among == call(name, x, np.full(64, 0.7))).all()


def test_the_table_of_normal_pieces_has_a_line_for_every_piece() -> None:
    table = normal_pieces()
    assert table.shape == (52 * 64, 8)
    assert np.isfinite(table).all()
    assert table.ctypes.data % 64 == 0
