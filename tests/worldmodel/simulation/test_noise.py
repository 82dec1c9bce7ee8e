"""Noise is NumPy's Philox, keyed by seed, site, step and draw, and nothing else moves it."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
import scipy.stats as stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.canonical import canonical_json
from worldmodel.simulation.noise import Noise

# Known answers of Philox 4x64-10 (Random123, kat_vectors): counter and key all zeros, all ones, digits of pi.
KNOWN = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B),
    ),
    (
        (2**64 - 1,) * 4,
        (2**64 - 1,) * 2,
        (0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_the_generator_gives_the_known_answers(
    counter: tuple[int, ...], key: tuple[int, ...], words: tuple[int, ...]
) -> None:
    whole = sum(word << (64 * place) for place, word in enumerate(counter))
    before = (whole - 1) % 2**256  # NumPy raises the counter before it uses it
    split = [before >> (64 * place) & (2**64 - 1) for place in range(4)]
    generator = np.random.Philox(key=np.array(key, np.uint64), counter=np.array(split, np.uint64))
    assert tuple(map(int, generator.random_raw(4))) == words


@pytest.mark.parametrize("number", [1, 2])
def test_the_generator_gives_the_vectors_that_numpy_publishes(number: int) -> None:
    path = Path(np.__file__).parent / f"random/tests/data/philox-testset-{number}.csv"
    if not path.exists():
        pytest.skip("this NumPy came without its tests")
    with path.open() as file:
        (_, seed), *rows = csv.reader(file)
    expected = [int(row[1].strip(), 16) for row in rows]
    assert np.random.Philox(int(seed.strip(), 16)).random_raw(len(expected)).tolist() == expected


def test_a_number_is_what_the_definition_says() -> None:
    digest = hashlib.sha256(canonical_json([7, "mechanism:tank"])).digest()
    generator = np.random.Philox(
        key=np.frombuffer(digest[:16], "<u8"), counter=np.array([0, 12, 0, 0], dtype=np.uint64)
    )
    expected = [((int(word) >> 12) + 0.5) / 2**52 for word in generator.random_raw(6)]
    assert Noise(7).uniform("mechanism:tank", 12, 2, 3).flatten().tolist() == expected


@given(first=st.integers(0, 2**40), sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5), batch=st.integers(1, 5))
def test_any_split_of_the_draws_gives_the_same_bits(first: int, sizes: list[int], batch: int) -> None:
    whole = Noise(3, first * batch).uniform("site", 2, sum(sizes), batch)
    parts, start = [], first
    for size in sizes:
        parts.append(Noise(3, start * batch).uniform("site", 2, size, batch))
        start += size
    assert torch.equal(torch.cat(parts), whole)


def test_the_order_of_asking_changes_nothing_and_every_part_of_the_key_counts() -> None:
    noise = Noise(1)
    first, later = noise.uniform("a", 1, 3, 5), noise.uniform("b", 2, 3, 5)
    assert torch.equal(noise.uniform("a", 1, 3, 5), first)
    assert torch.equal(Noise(1).uniform("b", 2, 3, 5), later)
    others = [Noise(2).uniform("a", 1, 3, 5), noise.uniform("a", 2, 3, 5), noise.uniform("b", 1, 3, 5)]
    assert not any((first == other).any() for other in others)


def test_numbers_are_uniform_and_strictly_inside() -> None:
    numbers = Noise(5).uniform("site", 1, 200, 500).flatten()
    assert ((numbers > 0) & (numbers < 1)).all()
    assert stats.kstest(numbers.numpy(), "uniform").pvalue > 0.01
    across = torch.stack([Noise(5).uniform("site", step, 1, 1) for step in range(2000)]).flatten()
    assert stats.kstest(across.numpy(), "uniform").pvalue > 0.01
