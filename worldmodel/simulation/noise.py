"""Counter-based noise: one uniform number for each (seed, site, step, draw), whatever else is drawn, in whatever order.

Philox 4x64-10 [salmon2011], as NumPy ships it. The key is the first 128 bits (little end first) of the SHA-256 of the
canonical JSON of [seed, site]; the counter is (draw div 4, step, 0, 0), which NumPy's generator raises by one before it
is used; and draw mod 4 picks one of the block's four words. Of each word the upper 52 bits k become (k + 1/2) / 2^52:
every number is exact, strictly between 0 and 1, and its complement is as likely.

So an edit of one mechanism leaves every other site's noise as it was, and any split of the draws gives the same bits.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from worldmodel.canonical import canonical_json

_WORDS = 4
_UNUSED_BITS = np.uint64(12)
_ONE = np.float64(1.0).view(np.uint64)
_BELOW_ONE = 1.0 - 2.0**-53
_EMPTY = (0,) * _WORDS
_LARGEST_INTEGER = 2**53 - 1
_LITTLE = np.dtype("<u8")


class Uniform(Protocol):
    """Where numbers between 0 and 1 come from."""

    def uniform(self, site: str, step: int, draws: int, batch: int) -> Float[Tensor, "draws batch"]:
        """One number for each trajectory."""


@dataclass(frozen=True)
class Noise:
    """The noise of one seed. `first` is the number of the first trajectory, for a run that is split over several calls.

    Trajectory `draw, member` of a block of draws × batch has the number `first + draw · batch + member`. `edit(site,
    step, numbers)` is what becomes of a block of numbers: questions about the noise itself (a shock, a counterfactual,
    which noise matters) change it there. One instance belongs to one thread.
    """

    seed: int
    first: int = 0
    edit: Callable[[str, int, Tensor], Tensor] | None = None

    @cached_property
    def _generator(self) -> np.random.Philox:
        return np.random.Philox(0)

    def uniform(self, site: str, step: int, draws: int, batch: int) -> Float[Tensor, "draws batch"]:
        """One number in (0, 1) for each trajectory."""
        count = draws * batch
        skipped = self.first % _WORDS
        generator = self._generator
        generator.state = _state(site_key(self.seed, site), self.first // _WORDS, step)
        words = generator.random_raw(count + skipped)[skipped:]
        words >>= _UNUSED_BITS
        words |= _ONE  # now the bits of 1 + k / 2^52, from which less is to be taken than 1
        numbers = words.view(np.float64)
        numbers -= _BELOW_ONE
        block = torch.from_numpy(numbers).view(draws, batch)
        return block if self.edit is None else self.edit(site, step, block)


@lru_cache(maxsize=65536)
def site_key(seed: int, site: str) -> tuple[int, int]:
    """The generator's key for a site."""
    digest = hashlib.sha256(canonical_json([seed, site])).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:16], "little")


def site_words(seed: int, sites: tuple[str, ...]) -> NDArray[np.uint64]:
    """The keys of many sites, (site, 1, word); the same two words as `site_key` of each, sooner."""
    begin = (
        b"[%d," % seed if type(seed) is int and 0 <= seed <= _LARGEST_INTEGER else canonical_json([seed])[:-1] + b","
    )
    digests = [hashlib.sha256(begin + end).digest()[:16] for end in _endings(sites)]
    return np.frombuffer(b"".join(digests), _LITTLE).reshape(-1, 1, 2)


@lru_cache(maxsize=256)
def _endings(sites: tuple[str, ...]) -> tuple[bytes, ...]:
    """What follows the seed and a comma in the canonical JSON of [seed, site]."""
    return tuple(canonical_json([site])[1:] for site in sites)


def _state(key: tuple[int, int], block: int, step: int) -> Any:
    """What NumPy's Philox starts from: this counter, with no word of its buffer left."""
    return {
        "bit_generator": "Philox",
        "state": {"counter": (block, step, 0, 0), "key": key},
        "buffer": _EMPTY,
        "buffer_pos": _WORDS,
        "has_uint32": 0,
        "uinteger": 0,
    }
