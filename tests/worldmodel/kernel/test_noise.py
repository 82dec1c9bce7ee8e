"""The kernel's generator is Philox 4x64-10, and its numbers are those of `worldmodel.simulation.noise`, bit for bit."""

import csv
from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from worldmodel.kernel import native
from worldmodel.kernel.noise import blocks_function, noise_function, round_keys
from worldmodel.kernel.normal_pieces import normal_pieces, offset
from worldmodel.simulation.noise import Noise, site_key

WIDTH = 32
needs_mulx = pytest.mark.skipif(not native.has_mulx(), reason="this processor has no mulx")
FULL = 2**64 - 1
# Known answers of Philox 4x64-10 (Random123, kat_vectors).
KNOWN = [
    ((0,) * 4, (0,) * 2, (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B)),
    ((FULL,) * 4, (FULL,) * 2, (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0)),
]


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=needs_mulx)], ids=["plain", "mulx"])
def library(request: pytest.FixtureRequest) -> native.Library:
    noise = noise_function(WIDTH, request.param).replace("define internal", "define")
    return native.load(native.compile_text(blocks_function() + noise), ("blocks", "noise"))


def signed(word: int) -> int:
    return word - 2**64 if word >= 2**63 else word


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_the_generator_gives_the_known_answers(
    counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...], library: native.Library
) -> None:
    keys, out = round_keys([key]), np.zeros(4, np.uint64)
    library.function("blocks", 7)(keys.ctypes.data, *map(signed, counter), 1, out.ctypes.data)
    assert tuple(map(int, out)) == words


@pytest.mark.parametrize("number", [1, 2])
def test_the_generator_gives_the_vectors_that_numpy_publishes(number: int, library: native.Library) -> None:
    path = Path(np.__file__).parent / f"random/tests/data/philox-testset-{number}.csv"
    if not path.exists():
        pytest.skip("this NumPy came without its tests")
    with path.open() as file:
        (_, seed), *rows = csv.reader(file)
    expected = [int(row[1].strip(), 16) for row in rows]
    key = np.random.Philox(int(seed.strip(), 16)).state["state"]["key"]
    keys, out = round_keys([(int(key[0]), int(key[1]))]), np.zeros(len(expected), np.uint64)
    library.function("blocks", 7)(keys.ctypes.data, 1, 0, 0, 0, len(expected) // 4, out.ctypes.data)
    assert out.tolist() == expected


@pytest.fixture(scope="module")
def drawn(library: native.Library) -> Callable[..., NDArray[np.float64]]:
    def draw(seed: int, sites: list[str], normal: int, block: int, step: int) -> NDArray[np.float64]:
        keys = round_keys([site_key(seed, site) for site in sites])
        memory = np.zeros(len(sites) * WIDTH + 8)
        out = memory[-memory.ctypes.data % 64 // 8 :][: len(sites) * WIDTH]
        pieces = normal_pieces()
        places = (pieces.ctypes.data - offset(), keys.ctypes.data, 0, normal, len(sites) - normal, block, step)
        library.function("noise", 8)(*places, out.ctypes.data)
        return out.reshape(len(sites), WIDTH).copy()

    return draw


@pytest.mark.parametrize("first", [0, 4, 2**40])
def test_uniform_numbers_are_those_of_the_torch_backend(first: int, drawn: Callable[..., NDArray[np.float64]]) -> None:
    sites = ["mechanism:tank", "mechanism:flow[north]"]
    found = drawn(11, sites, 0, first // 4 + 1, 7)
    for site, row in zip(sites, found, strict=True):
        assert row.tolist() == Noise(11, first).uniform(site, 7, 1, WIDTH).flatten().tolist()


def test_normal_numbers_are_the_quantiles_of_the_uniform_ones(drawn: Callable[..., NDArray[np.float64]]) -> None:
    sites = [f"mechanism:m{number}" for number in range(40)]
    numbers, normals = drawn(3, sites, 0, 1, 1), drawn(3, sites, len(sites), 1, 1)
    mpmath.mp.dps = 40
    for u, z in zip(numbers.ravel(), normals.ravel(), strict=True):
        true = mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(float(u)) - 1)
        assert abs(mpmath.mpf(float(z)) - true) < 1e-15 * abs(true)
